"""Servers for tests, from Debian's packages."""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path


def install(*packages: str) -> None:
    """Install packages where we may; whether they are there afterwards, the caller sees."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # Tests run side by side, and Debian's packages are installed by one at a time.
    with (Path(tempfile.gettempdir()) / "chancery-apt.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            subprocess.run(["apt-get", "-qq", *command], env=environment, check=False, capture_output=True)


def as_user(user: str) -> Sequence[str]:
    """Return what begins a command that is to run as ``user``, for servers that refuse root."""
    return ["runuser", "-u", user, "--"] if os.geteuid() == 0 else []


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
