"""The console: what IT and policy authors need, and no content of any conversation."""
