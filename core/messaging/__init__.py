"""Talk: conversations, messages, and the one path on which every one of them is written."""
