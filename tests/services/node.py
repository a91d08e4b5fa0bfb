"""Node, which runs scripts of the chat without a browser."""

import shutil

from tests.services.missing import cannot_be_had


def find_node() -> str:
    """Return where Node is; without it a test is skipped, but fails under ``CI=true``."""
    node = shutil.which("node")
    if node is None:
        cannot_be_had("Node 20 is missing. Install it, or put it on the PATH.")
    return node
