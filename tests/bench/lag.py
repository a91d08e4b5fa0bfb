"""How far the archive is behind: under sustained load, and after a search engine that was away.

``python -m tests.bench.lag`` serves a house on a real Elasticsearch, sends for some seconds as fast as
it goes, cuts the engine off for ``--away`` seconds while people go on talking, and lets it come back.
"""

import argparse
import json
import tempfile
import threading
import time
from itertools import cycle
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.types import new_id
from tests.bench.dlp import read_texts
from tests.bench.throughput import drained
from tests.factories.socket import SocketClient
from tests.factories.suite import Suite, make_suite
from tests.services.elasticsearch import started
from tests.services.forwarder import forwarding

SENDERS = 4
PAUSE_AWAY_S = 1.0


class Talk:
    """Senders who talk until told to stop, and what the worker says of itself meanwhile."""

    def __init__(self, suite: Suite, sockets: list[SocketClient], room: str, texts: Path | None) -> None:
        self._suite, self._sockets, self._room = suite, sockets, room
        self._texts = cycle(read_texts(texts, 100_000))
        self.sent = 0
        self.worst = {"sealing_age_ms": 0, "indexing_age_ms": 0}

    def run(self, seconds: float, pause: float) -> None:
        """Talk for so long, each with a pause after each message."""
        over = threading.Event()

        def work(socket: SocketClient) -> None:
            while not over.is_set():
                request = {"client_id": new_id(), "conversation": self._room, "text": next(self._texts)}
                self.sent += bool(socket.emit("send", request)["ok"])
                over.wait(pause)

        self.sent = 0
        self.worst = dict.fromkeys(self.worst, 0)
        threads = [threading.Thread(target=work, args=(socket,)) for socket in self._sockets]
        for thread in threads:
            thread.start()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            status = json.loads((self._suite.home / "worker-status.json").read_bytes())
            self.worst = {name: max(worst, status[name]) for name, worst in self.worst.items()}
            time.sleep(0.5)
        over.set()
        for thread in threads:
            thread.join()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lag", description=__doc__)
    parser.add_argument("--load", type=float, default=60.0, help="seconds of sustained load")
    parser.add_argument("--away", type=float, default=600.0, help="seconds without the search engine")
    parser.add_argument("--text", type=Path, help="JSON lines with a text")
    given = parser.parse_args()
    table = Table(
        "phase", "seconds", "messages", "oldest unsealed s", "oldest unindexed s", "all there after s"
    )
    with tempfile.TemporaryDirectory() as folder, started() as url, forwarding(port_of(url)) as between:
        suite = make_suite(
            Path(folder) / "home",
            CHANCERY_SEARCH_ENGINE="elasticsearch",
            CHANCERY_ELASTICSEARCH_URLS=f"http://127.0.0.1:{between.port}",
            CHANCERY_ELASTICSEARCH_TIMEOUT_SECONDS="5",
        )
        people = [suite.add(f"sender{number}") for number in range(SENDERS)]
        suite.start()
        try:
            sockets = [suite.connect(f"sender{number}") for number in range(SENDERS)]
            request = {"client_id": new_id(), "kind": "private", "people": people[1:], "name": "bench"}
            talk = Talk(suite, sockets, str(sockets[0].ask("open", request)["conversation"]), given.text)
            for phase, seconds, pause in (("load", given.load, 0.0), ("away", given.away, PAUSE_AWAY_S)):
                between.open = phase == "load"
                if not between.open:
                    between.cut()
                talk.run(seconds, pause)
                between.open = True
                table.add_row(
                    phase,
                    f"{seconds:.0f}",
                    f"{talk.sent:,}",
                    *(f"{worst / 1000:.1f}" for worst in talk.worst.values()),
                    f"{drained(suite):.1f}",
                )
        finally:
            suite.stop()
    Console(width=110).print(table)


def port_of(url: str) -> int:
    """Return the port of an address."""
    return int(url.rstrip("/").rpartition(":")[2])


if __name__ == "__main__":
    main()
