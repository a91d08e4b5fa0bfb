"""What was said, kept, and can be proved."""
