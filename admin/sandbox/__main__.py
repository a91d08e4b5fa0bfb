"""``python -m admin.sandbox``: the child. It reads the file that is open as descriptor 0, and ends."""

import os
import sys
from typing import BinaryIO

from admin.sandbox import confine
from admin.sandbox.answer import Kind, PartHead, Reading, write_frame
from admin.sandbox.kinds import kind_of
from admin.sandbox.read import read, warm_up

NOT_CONFINED = 3


def main(memory_mib: int, seconds: int, whole: int, previews: int, strip_metadata: int) -> int:
    """Give everything up, then read; return the exit status."""
    confine.leave_network()
    warm_up()
    out: BinaryIO = sys.stdout.buffer
    try:
        confine.limit(memory_mib, seconds)
        confine.filter_calls()
    except (confine.NotConfined, ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return NOT_CONFINED
    content = sys.stdin.buffer.read()
    kind = kind_of(content)
    write_frame(out, Kind(kind))
    found = read(
        kind, content, whole=bool(whole), previews=bool(previews), strip_metadata=bool(strip_metadata)
    )
    heads = [PartHead(p.role, p.type, p.width, p.height, len(p.content)) for p in found.parts]
    write_frame(out, Reading(found.text, found.problem, found.pages, found.width, found.height, heads))
    out.writelines(part.content for part in found.parts)
    out.flush()
    return 0


if __name__ == "__main__":
    # Threads of a library must not keep a child alive that is done.
    os._exit(main(*(int(argument) for argument in sys.argv[1:])))
