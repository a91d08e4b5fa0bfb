"""The tests of the scripts' stores and of their socket, which run in Node without a browser."""

import subprocess
from pathlib import Path

import pytest

from tests.services.node import find_node

FILES = sorted(Path(__file__).parent.glob("*.test.mjs"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_stores_and_socket_keep_their_promises_in_node(path: Path) -> None:
    ran = subprocess.run([find_node(), "--test", str(path)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]
