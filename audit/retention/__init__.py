"""How long what was said is kept, what a legal hold keeps beyond that, and how the rest is destroyed."""
