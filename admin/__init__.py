"""Puts the suite together and runs it; holds no rules of its own."""
