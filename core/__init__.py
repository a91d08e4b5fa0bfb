"""The messaging core: people, talk and keys. It imports nothing of the packages above it."""

__version__ = "0.1.0"
