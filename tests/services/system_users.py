"""System users for tests, made from the list that is shipped, under names of their own, and removed again."""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from admin.system_users import UMASK, SystemUsers
from core.crypto.rings import ProcessRole
from tests.services.debian import install
from tests.services.missing import cannot_be_had

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "admin" / "deploy" / "systemd" / "chancery.sysusers.conf"

_HARDEN = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
for option in (PR_SET_NO_NEW_PRIVS := 38, PR_SET_MDWE := 65):
    if libc.prctl(option, 1, 0, 0, 0) != 0 and option != PR_SET_MDWE:  # older kernels lack the latter
        sys.exit(os.strerror(ctypes.get_errno()))
os.execv(sys.argv[1], sys.argv[1:])
"""


@contextmanager
def system_users(folder: Path) -> Iterator[SystemUsers]:
    """Make the users and groups that the shipped list names, with a prefix of this process."""
    if os.geteuid() != 0:
        cannot_be_had("Only root can make system users.")
    if shutil.which("systemd-sysusers") is None:
        install("systemd")
    if shutil.which("systemd-sysusers") is None or shutil.which("userdel") is None:
        cannot_be_had("There is no systemd-sysusers: run `apt-get install systemd` as root.")
    users = SystemUsers(f"cht{os.getpid()}")
    listed = folder / "sysusers.conf"
    listed.write_text(SHIPPED.read_text().replace("chancery", users.prefix))
    subprocess.run(["systemd-sysusers", str(listed)], check=True, capture_output=True)
    try:
        yield users
    finally:
        for role in ProcessRole:
            subprocess.run(["userdel", users.user(role)], check=False, capture_output=True)
        for group in {name for role in ProcessRole for name in (users.user(role), *users.groups(role))}:
            subprocess.run(["groupdel", group], check=False, capture_output=True)


def as_user(user: str) -> Mapping[str, Any]:
    """Return the arguments of :class:`subprocess.Popen` for a child that is ``user``, as systemd starts one."""
    entry = pwd.getpwnam(user)
    groups = os.getgrouplist(user, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": groups, "umask": UMASK}


def hardened(command: Sequence[str]) -> list[str]:
    """Return ``command`` without new privileges and without memory that is written and run (prctl(2)).

    That is what NoNewPrivileges and MemoryDenyWriteExecute of the shipped units do.
    """
    return [command[0], "-c", _HARDEN, *command]


def run_as(user: str, command: Sequence[str], **given: Any) -> "subprocess.CompletedProcess[str]":
    """Run ``command`` as ``user`` and return what it said."""
    return subprocess.run(
        list(command), check=False, capture_output=True, text=True, cwd=ROOT, **as_user(user), **given
    )


def interpreter(users: SystemUsers, folder: Path) -> str:
    """Return this Python, with all packages, where other users can run it: often it is below somebody's home."""
    user = users.user(ProcessRole.DESK)
    python = sys.executable if _runs(user, sys.executable) else _copied(folder)
    if not _runs(user, python):
        cannot_be_had(f"Other users cannot read {ROOT}: put it where they can.")
    return python


def _copied(folder: Path) -> str:
    """Copy the interpreter and its library, and let an environment of it find the packages where they are."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    source, base, made = Path(sys.base_prefix), folder / "base", folder / "environment"
    left = shutil.ignore_patterns("site-packages", "test", "tests", "config-*", "idlelib")
    shutil.copytree(source / "lib" / name, base / "lib" / name, ignore=left, symlinks=True)
    for library in (source / "lib").glob("libpython*.so*"):
        shutil.copy(library, base / "lib" / library.name)
    (base / "bin").mkdir()
    shutil.copy(source / "bin" / name, base / "bin" / name)
    subprocess.run([base / "bin" / name, "-m", "venv", "--without-pip", made], check=True)
    packages = sysconfig.get_path("purelib")
    (made / "lib" / name / "site-packages" / "ours.pth").write_text(
        f"import site; site.addsitedir({packages!r})\n"
    )
    # A shared library that is where others cannot go would be taken from the machine's own Python.
    wrapper = folder / "python"
    wrapper.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH={base / "lib"} exec {made / "bin" / name} "$@"\n')
    wrapper.chmod(0o755)
    return str(wrapper)


def _runs(user: str, python: str) -> bool:
    try:
        return run_as(user, [python, "-c", "import core.types, flask"]).returncode == 0
    except PermissionError:
        return False
