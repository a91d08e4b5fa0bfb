"""PostgreSQL beside SQLite: messages a second, and how long until the sender knows.

``python -m tests.bench.databases`` serves two whole suites on the same machine, one on files and one on
a PostgreSQL server with its commits forced to disk, and sends into both in turn, round by round: only
the ratios of one run are claims. ``--text FILE`` takes messages from JSON lines with a ``text``.
"""

import argparse
import statistics
import tempfile
import time
from itertools import cycle
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.types import new_id
from tests.bench.dlp import read_texts
from tests.bench.throughput import Round, drained, send_all
from tests.factories.suite import Suite, make_suite, make_suite_on
from tests.services.postgresql import start_postgresql

SENDERS = 8


class Talk:
    """One suite with people who send into one group."""

    def __init__(self, name: str, suite: Suite) -> None:
        self.name, self.suite, self.round = name, suite, Round()
        names = [f"sender{number}" for number in range(SENDERS)]
        people = [suite.add(name) for name in names]
        suite.start()
        self.sockets = [suite.connect(name) for name in names]
        request = {"client_id": new_id(), "kind": "private", "people": people[1:], "name": "bench"}
        self.room = str(self.sockets[0].emit("open", request)["conversation"])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.databases", description=__doc__)
    parser.add_argument("--messages", type=int, default=200, help="in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--text", type=Path, help="JSON lines with a text")
    given = parser.parse_args()
    texts = cycle(read_texts(given.text, 100_000))
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as data:
        server = start_postgresql(Path(data), durable=True)
        talks = [
            Talk("SQLite", make_suite(Path(folder) / "sqlite")),
            Talk("PostgreSQL", make_suite_on(server, Path(folder) / "postgresql", policy="first")),
        ]
        try:
            for _ in range(given.rounds):
                for talk in talks:
                    before = time.monotonic()
                    done = send_all(talk.sockets, talk.room, texts, given.messages)
                    talk.round.seconds += time.monotonic() - before
                    talk.round.acks += [acked - sent for sent, acked in done.values()]
            rests = [drained(talk.suite) for talk in talks]
        finally:
            for talk in talks:
                talk.suite.stop()
            server.control("stop", "-m", "fast")
    _print(talks, rests)


def _print(talks: list[Talk], rests: list[float]) -> None:
    table = Table("database", "messages/s", "ack p50 ms", "ack p99 ms", "messages/s ×", "archived after s")
    base = len(talks[0].round.acks) / talks[0].round.seconds
    for talk, rest in zip(talks, rests, strict=True):
        rate = len(talk.round.acks) / talk.round.seconds
        acks = statistics.quantiles(talk.round.acks, n=100)
        table.add_row(
            talk.name,
            f"{rate:.0f}",
            f"{1000 * acks[49]:.1f}",
            f"{1000 * acks[98]:.1f}",
            f"{rate / base:.2f}",
            f"{rest:.1f}",
        )
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
