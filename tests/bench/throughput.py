"""How many messages a second, and how long until the sender knows? ``python -m tests.bench.throughput``.

Serves a whole suite (four processes, synchronous commits, policies and detectors on, archiving and
indexing running) and sends into groups of 1, 10 and 100 listeners, in turn, several rounds: only
ratios within one run are claims. Senders keep a fixed number of messages in flight; an *ack* is the
time from sending to the acknowledgement after the commit, *seen* until the last listener has it.
``--text FILE`` takes messages from JSON lines with a ``text``.
"""

import argparse
import json
import multiprocessing
import selectors
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import websocket
from rich.console import Console
from rich.table import Table

from core.types import new_id
from tests.bench.dlp import read_texts
from tests.factories.socket import SocketClient
from tests.factories.suite import Suite, make_suite, wait_for

FANOUTS = (1, 10, 100)
SENDERS = 4


@dataclass
class Round:
    """What one fan-out did, over all rounds."""

    acks: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    seconds: float = 0.0


def listen(address: str, cookies: Sequence[str], origin: str, pipe: Connection) -> None:
    """Be many listeners in one process; tell for each message how many have it, and when the last did."""
    selector = selectors.DefaultSelector()
    for cookie in cookies:
        sock = websocket.create_connection(address, cookie=cookie, origin=origin, timeout=60)
        sock.recv()
        sock.send("40")
        sock.recv()
        assert sock.sock is not None
        selector.register(sock.sock, selectors.EVENT_READ, sock)
    pipe.send("ready")
    had: dict[str, int] = defaultdict(int)
    while not pipe.poll():
        for key, _ in selector.select(0.1):
            frame = key.data.recv()
            if frame == "2":
                key.data.send("3")
            elif frame.startswith('42["item"'):
                item = json.loads(frame[2:])[1]["id"]
                had[item] += 1
                if had[item] == len(cookies):
                    pipe.send((item, time.monotonic()))
    for key in list(selector.get_map().values()):
        key.data.close()


class Listeners:
    """The listeners of one group, in a process of their own."""

    def __init__(self, suite: Suite, names: Sequence[str]) -> None:
        self.seen: dict[str, float] = {}
        self._ours, theirs = multiprocessing.Pipe()
        address = (
            suite.settings.realtime_url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        )
        cookies = [f"__Host-chancery={suite.session(name)}" for name in names]
        self._process = multiprocessing.get_context("spawn").Process(
            target=listen, args=(address, cookies, suite.settings.chat_url, theirs)
        )
        self._process.start()
        assert self._ours.recv() == "ready"

    def take(self) -> None:
        """Take in what the listeners told."""
        while self._ours.poll():
            item, at = self._ours.recv()
            self.seen[item] = at

    def stop(self) -> None:
        """Hang up."""
        self._ours.send("stop")
        self._process.join(10)


def send_all(
    sockets: Sequence[SocketClient], room: str, texts: Iterator[str], count: int
) -> dict[str, tuple[float, float]]:
    """Send ``count`` messages, one in flight for each socket; return when each was sent and acknowledged."""
    done: dict[str, tuple[float, float]] = {}
    left = list(range(count))
    lock = threading.Lock()

    def work(socket: SocketClient) -> None:
        while True:
            with lock:
                if not left:
                    return
                left.pop()
                text = next(texts)
            before = time.monotonic()
            answer = socket.emit("send", {"client_id": new_id(), "conversation": room, "text": text})
            if answer["ok"]:
                done[answer["id"]] = (before, time.monotonic())

    threads = [threading.Thread(target=work, args=(socket,)) for socket in sockets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def measure(suite: Suite, texts: Iterator[str], count: int, rounds: int) -> dict[int, Round]:
    """Send into each group in turn."""
    names = [f"listener{number}" for number in range(max(FANOUTS))]
    sockets = [suite.connect(f"sender{number}") for number in range(SENDERS)]
    senders = [suite.people[f"sender{number}"] for number in range(SENDERS)]
    rooms, listeners = {}, {}
    for fanout in FANOUTS:
        people = senders[1:] + [suite.people[name] for name in names[:fanout]]
        request = {"client_id": new_id(), "kind": "private", "people": people, "name": f"fan out {fanout}"}
        rooms[fanout] = sockets[0].emit("open", request)["conversation"]
        listeners[fanout] = Listeners(suite, names[:fanout])
    found = {fanout: Round() for fanout in FANOUTS}
    for _ in range(rounds):
        for fanout in FANOUTS:
            before = time.monotonic()
            done = send_all(sockets, rooms[fanout], texts, count)
            found[fanout].seconds += time.monotonic() - before
            heard = listeners[fanout]

            def all_seen(done: dict[str, tuple[float, float]] = done, heard: Listeners = heard) -> bool:
                heard.take()
                return done.keys() <= heard.seen.keys()

            wait_for(all_seen, 120, "every listener having everything")
            found[fanout].acks += [acked - sent for sent, acked in done.values()]
            found[fanout].seen += [heard.seen[item] - sent for item, (sent, _) in done.items()]
    for heard in listeners.values():
        heard.stop()
    return found


def drained(suite: Suite) -> float:
    """Return how long the worker needs until everything is archived and indexed."""
    before, told_ms = time.monotonic(), time.time() * 1000
    path = suite.home / "worker-status.json"

    def empty() -> bool:
        status: dict[str, Any] = json.loads(path.read_bytes())
        return status["at_ms"] >= told_ms and not status["sealing"] and not status["indexing"]

    wait_for(empty, 600, "the archive having everything")
    return time.monotonic() - before


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.throughput", description=__doc__)
    parser.add_argument("--messages", type=int, default=200, help="in each group and round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--text", type=Path, help="JSON lines with a text")
    given = parser.parse_args()
    texts = cycle(read_texts(given.text, 100_000))
    with tempfile.TemporaryDirectory() as folder:
        suite = make_suite(Path(folder) / "home", policy="first")
        for name in (
            f"{who}{n}"
            for who, many in (("sender", SENDERS), ("listener", max(FANOUTS)))
            for n in range(many)
        ):
            suite.add(name)
        suite.start()
        try:
            found = measure(suite, texts, given.messages, given.rounds)
            rest = drained(suite)
        finally:
            suite.stop()
    table = Table(
        "listeners",
        "messages/s",
        "ack p50 ms",
        "ack p99 ms",
        "all seen p50 ms",
        "all seen p99 ms",
        "ack p50 ×",
    )
    base = statistics.median(found[FANOUTS[0]].acks)
    for fanout, one in found.items():
        acks, seen = (statistics.quantiles(values, n=100) for values in (one.acks, one.seen))
        table.add_row(
            str(fanout),
            f"{len(one.acks) / one.seconds:.0f}",
            *(f"{1000 * value:.1f}" for value in (acks[49], acks[98], seen[49], seen[98])),
            f"{acks[49] / base:.2f}",
        )
    Console(width=100).print(table)
    whole = sum(len(one.acks) for one in found.values())
    print(f"{whole} messages; archived and indexed within {rest:.1f} s of the last acknowledgement")


if __name__ == "__main__":
    main()
