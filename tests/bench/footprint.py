"""What a house takes: memory of each process and connection, bytes on disk for each message.

``python -m tests.bench.footprint`` serves a house on embedded stores, opens ``--connections`` websockets,
sends ``--messages`` messages in one round, as many again in a second one, and prints what the second took.
"""

import argparse
import sqlite3
import tempfile
from contextlib import closing
from itertools import cycle
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.types import new_id
from tests.bench.dlp import read_texts
from tests.bench.throughput import SENDERS, Listeners, drained, send_all
from tests.factories.suite import Suite, make_suite

MIB = 1024 * 1024
PAGE = 4096


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.footprint", description=__doc__)
    parser.add_argument("--connections", type=int, default=100, help="websockets beside the senders")
    parser.add_argument("--messages", type=int, default=1000, help="messages of each round")
    parser.add_argument("--text", type=Path, help="JSON lines with a text")
    given = parser.parse_args()
    texts = cycle(read_texts(given.text, 100_000))
    with tempfile.TemporaryDirectory() as folder:
        suite = make_suite(Path(folder) / "home", CHANCERY_LIMITS_PER_PERSON="1000")
        people = [suite.add(f"sender{number}") for number in range(SENDERS)]
        names = [f"listener{number}" for number in range(given.connections)]
        for name in names:
            suite.add(name)
        suite.start()
        try:
            idle = memory(suite)
            listeners = Listeners(suite, names)
            connected = memory(suite)
            sockets = [suite.connect(f"sender{number}") for number in range(SENDERS)]
            request = {"client_id": new_id(), "kind": "private", "people": people[1:], "name": "bench"}
            room = str(sockets[0].ask("open", request)["conversation"])
            sizes = []
            for _ in range(2):
                sent = len(send_all(sockets, room, texts, given.messages))
                drained(suite)
                sizes.append(on_disk(suite.home))
            busy = memory(suite)
            listeners.stop()
        finally:
            suite.stop()
    of_memory = Table("process", "idle MiB", f"{given.connections} more sockets MiB", "after talk MiB")
    for role in sorted(idle):
        of_memory.add_row(role, *(f"{found[role] / MIB:.0f}" for found in (idle, connected, busy)))
    of_disk = Table("on disk", "bytes a message")
    for place in sorted(sizes[1]):
        of_disk.add_row(place, f"{(sizes[1][place] - sizes[0].get(place, 0)) / sent:,.0f}")
    each = (connected["realtime"] - idle["realtime"]) / given.connections / 1024
    console = Console(width=110)
    console.print(of_memory, f"one websocket takes {each:.0f} KiB of realtime", of_disk)


def memory(suite: Suite) -> dict[str, int]:
    """Return the memory that each role alone has (USS, bytes), with the processes it started."""
    return {
        role: sum(each.memory_full_info().uss for each in (child, *child.children(recursive=True)))
        for role, child in suite.children().items()
    }


def on_disk(home: Path) -> dict[str, int]:
    """Return the bytes of each database, and of what else grows below the home folder."""
    found = {}
    for path in (home / "stores").glob("*.db"):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            # Not the size of the files: what was written ahead is written over again.
            found[path.stem] = sum(
                connection.execute(f"PRAGMA {pragma}").fetchone()[0] * size
                for pragma, size in (("page_count", PAGE), ("freelist_count", -PAGE))
            )
    for place in ("index", "ledger"):
        found[place] = sum(path.stat().st_size for path in (home / place).rglob("*") if path.is_file())
    return found


if __name__ == "__main__":
    main()
