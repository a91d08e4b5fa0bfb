"""Encrypted files: random names, a key of its own for each, in a folder or in a bucket."""
