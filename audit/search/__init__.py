"""Blind search: what was written is found without the search engine ever seeing a word of it."""
