"""Two websocket processes beside one: messages a second, and how long until the sender knows.

``python -m tests.bench.processes`` serves one house on PostgreSQL with a bus, and sends into one group
in turn: everybody on one process, then half of them on a second one, round by round. Only the ratios of
one run are claims. ``--text FILE`` takes messages from JSON lines with a ``text``.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.settings import load_settings
from core.types import new_id
from tests.bench.dlp import read_texts
from tests.bench.throughput import Round, send_all
from tests.factories.socket import SocketClient
from tests.factories.suite import ROOT, Suite, answers_at, make_suite_on, wait_for
from tests.services.debian import free_ports
from tests.services.postgresql import start_postgresql
from tests.services.redis import PASSWORD, bus_server

SENDERS = 8


@dataclass
class Way:
    """One way to spread the senders."""

    name: str
    sockets: list[SocketClient]
    round: Round = field(default_factory=Round)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.processes", description=__doc__)
    parser.add_argument("--messages", type=int, default=200, help="in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--text", type=Path, help="JSON lines with a text")
    given = parser.parse_args()
    texts = cycle(read_texts(given.text, 100_000))
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as data:
        server = start_postgresql(Path(data), durable=True)
        with bus_server(Path(folder)) as bus:
            suite = make_suite_on(
                server,
                Path(folder) / "home",
                policy="first",
                CHANCERY_BUS_URL=bus.url,
                CHANCERY_BUS_PASSWORD=PASSWORD,
            )
            names = [f"sender{number}" for number in range(SENDERS)]
            people = [suite.add(name) for name in names]
            suite.start()
            second, process = _second(suite)
            try:
                here = [suite.connect(name) for name in names]
                there = [(second if n % 2 else suite).connect(name) for n, name in enumerate(names)]
                request = {"client_id": new_id(), "kind": "private", "people": people[1:], "name": "bench"}
                room = str(here[0].ask("open", request)["conversation"])
                ways = [Way("one", here), Way("two", there)]
                for _ in range(given.rounds):
                    for way in ways:
                        before = time.monotonic()
                        done = send_all(way.sockets, room, texts, given.messages)
                        way.round.seconds += time.monotonic() - before
                        way.round.acks += [acked - sent for sent, acked in done.values()]
            finally:
                process.kill()
                process.wait()
                for client in second._sockets:
                    client.close()
                suite.stop()
                server.control("stop", "-m", "fast")
    _print(ways)


def _second(suite: Suite) -> tuple[Suite, "subprocess.Popen[bytes]"]:
    """Start a second websocket process; return the house as seen through it."""
    port = free_ports(1)[0]
    environ = {**suite.environ, "CHANCERY_REALTIME_LISTEN": f"127.0.0.1:{port}"}
    process = subprocess.Popen([sys.executable, "-m", "web.realtime"], cwd=ROOT, env=environ)
    settings = load_settings({**environ, "CHANCERY_REALTIME_URL": f"http://127.0.0.1:{port}"})
    wait_for(lambda: answers_at(("127.0.0.1", port), suite.settings.realtime_url), 60, "the second process")
    return replace(suite, settings=settings, _sockets=[]), process


def _print(ways: list[Way]) -> None:
    table = Table("websocket processes", "messages/s", "ack p50 ms", "ack p99 ms", "messages/s ×")
    base = len(ways[0].round.acks) / ways[0].round.seconds
    for way in ways:
        rate = len(way.round.acks) / way.round.seconds
        acks = statistics.quantiles(way.round.acks, n=100)
        table.add_row(
            way.name, f"{rate:.0f}", f"{1000 * acks[49]:.1f}", f"{1000 * acks[98]:.1f}", f"{rate / base:.2f}"
        )
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
