"""The promises, mirrored package by package."""
