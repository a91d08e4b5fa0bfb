"""The deeper checks of ``chancery doctor``, each in a process of the role that may open what it looks at.

They read, and never change anything; each has a time limit of its own.
"""
