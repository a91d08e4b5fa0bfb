"""Gives up what a child that reads a file does not need: for good, and before it sees the file.

Limits of memory, time and written files (setrlimit), a network namespace of its own where the kernel
lets it, and a filter of system calls (seccomp): no file is opened any more, no socket, no process.
What a library wants to open later than its first use fails, so everything is imported before.
"""

import ctypes
import errno
import os
import platform
import resource
import struct
from collections.abc import Mapping
from typing import Final

_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000
_ERRNO: Final = 0x00050000
_KILL: Final = 0x80000000
_NEWNET, _NEWUSER, _THREAD = 0x40000000, 0x10000000, 0x00010000
_X32_BIT: Final = 0x40000000

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16

# Numbers of system calls: files, sockets, processes, the kernel's other doors.
_SAME_EVERYWHERE: Final = frozenset({424, 428, 429, 430, 432, 440, 442, 452})
"""What came after Linux gave all machines the same numbers: signals by descriptor, mounts, modes."""
_X86_64: Final = frozenset(
    {2, 85, 257, 437, 304, 89, 267, 41, 53, 42, 43, 49, 50, 288, 44, 46, 307, 59, 322, 57, 58, 101, 310, 311}
    | {434, 438, 62, 200, 87, 263, 82, 264, 316, 83, 258, 84, 86, 265, 88, 266, 90, 91, 268, 92, 93, 94, 260}
    | {76, 165, 166, 155, 161, 308, 272, 321, 425, 426, 427, 250, 248, 249, 298, 323, 319, 133, 259, 280, 188}
    | {129, 297, 302, 160, 141, 142, 144, 203, 314, 251, 256, 279, 240, 29, 30, 64, 68, 69, 254, 189, 190}
    | _SAME_EVERYWHERE
)
_AARCH64: Final = frozenset(
    {56, 437, 265, 78, 198, 199, 200, 201, 202, 203, 206, 211, 242, 269, 221, 281, 117, 270, 271, 434, 438}
    | {129, 130, 35, 38, 276, 34, 37, 36, 52, 53, 54, 55, 45, 40, 39, 41, 51, 268, 97, 280, 425, 426, 427}
    | {219, 217, 218, 241, 282, 279, 33, 88, 5, 138, 240, 261, 164, 140, 118, 119, 122, 274, 30, 238, 239}
    | {180, 194, 196, 190, 186, 189, 27, 6, 7}
    | _SAME_EVERYWHERE
)
_MACHINES: Final[Mapping[str, tuple[int, frozenset[int], int, int]]] = {
    "x86_64": (0xC000003E, _X86_64, 56, 234),
    "aarch64": (0xC00000B7, _AARCH64, 220, 131),
}
"""Of each machine: its number for the kernel, what is denied, the numbers of ``clone`` and ``tgkill``."""
_CLONE3: Final = 435


class NotConfined(Exception):
    """This machine does not let the child give everything up; then it must not read anything."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def limit(memory_mib: int, seconds: int) -> None:
    """Bound memory and time of this process; it writes no file and leaves no image of its memory."""
    memory = memory_mib * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    for nothing in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(nothing, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def leave_network() -> bool:
    """Go into an empty network where the kernel lets us; the filter of system calls holds in any case."""
    libc = ctypes.CDLL(None, use_errno=True)
    return any(libc.unshare(flags) == 0 for flags in (_NEWNET, _NEWUSER | _NEWNET))


def filter_calls() -> None:
    """Give up all system calls that reach beyond what is open.

    Raises:
        NotConfined: the kernel or the machine knows no such filter.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        raise NotConfined(f"There is no filter for {platform.machine()}.")
    code = _filter(*machine, own=os.getpid())
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        _PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0
    ):
        raise NotConfined(os.strerror(ctypes.get_errno()))


def _filter(architecture: int, denied: frozenset[int], clone: int, signal: int, own: int) -> bytes:
    """Return the filter: only threads are made, what is denied says that it is not permitted.

    A library that aborts signals its own process; that alone is left, for ``own`` and no other.
    """
    refuse, allow = (_RETURN, 0, 0, _ERRNO | errno.EPERM), (_RETURN, 0, 0, _ALLOW)
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_JUMP_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_JUMP_AT_LEAST, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _KILL),
        # The C library then makes threads with ``clone``, whose flags can be looked at.
        (_JUMP_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
    ]
    for number in sorted(denied):
        lines += [(_JUMP_EQUAL, 0, 1, number), refuse]
    lines += [
        (_JUMP_EQUAL, 0, 4, signal),
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        (_JUMP_EQUAL, 0, 1, own),
        allow,
        refuse,
        (_JUMP_EQUAL, 0, 3, clone),
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        (_JUMP_SET, 1, 0, _THREAD),
        refuse,
        allow,
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
