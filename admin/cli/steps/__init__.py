"""What commands do in the process of a role; each function is a step of :mod:`admin.steps`.

An argument holds ``as`` and ``password`` where somebody acts: they are checked here, in the process
that may know them, and nowhere else. Answers hold names, ids and numbers, never content.
"""
