"""The archive: what was said, sealed, in an order that can be proved, and found again."""
