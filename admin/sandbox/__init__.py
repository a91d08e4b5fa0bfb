"""Reads files that people send, in a child of its own that can do nothing else.

The child gets one file, answers with its type, its text and small pictures of it, and ends. Before it
looks at the file it gives up network, files, other processes, and all memory and time beyond its limits.
"""
