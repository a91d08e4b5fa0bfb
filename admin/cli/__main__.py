"""``python -m admin.cli``: the same as ``chancery``."""

from admin.cli import main

main()
