"""Detectors, evasions, bounds."""
