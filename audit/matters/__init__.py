"""Matters: why somebody may read, and who."""
