"""A websocket process that is stopped: everybody is sent elsewhere, and nothing that was answered is lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from websocket import WebSocketException

from admin.processes import listen_address
from core.settings import load_settings
from core.types import new_id
from tests.factories.suite import ROOT, Suite, answers_at, wait_for
from tests.services.debian import free_ports

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(180)]

WITHIN = 2.0


def test_whoever_is_told_to_go_comes_back_elsewhere_and_missed_nothing(suite: Suite) -> None:
    with another(suite) as second:
        ana, ben = suite.connect("ana"), second.connect("ben")
        people = [suite.people[name] for name in ("ben", "cleo")]
        request = {"client_id": new_id(), "kind": "group", "people": people}
        room = ana.ask("open", request)["conversation"]
        ben.wait(lambda: ben.heard("conversation_added"))
        assert ana.ask("send", {"client_id": new_id(), "conversation": room, "text": "before"})["ok"]
        seen = ben.wait(lambda: "before" in str(ben.items(room)) and ben.items(room))[-1]["cseq"]
        assert second.process is not None
        second.process.send_signal(signal.SIGTERM)
        (told,) = ben.wait(lambda: ben.heard("drain"))
        assert told == {"within_seconds": WITHIN}
        # Who is still there is still answered, and nobody else is let in.
        answer = ben.ask("send", {"client_id": new_id(), "conversation": room, "text": "on my way out"})
        assert answer["ok"]
        with pytest.raises((OSError, WebSocketException)):
            second.connect("cleo")
        ben.close()
        back = suite.connect("ben")
        since = back.ask("sync", {"known": {room: seen}})
        assert "on my way out" in str(since)
        assert second.process.wait(WITHIN) == 0


def test_whoever_does_not_go_is_hung_up_on(suite: Suite) -> None:
    with another(suite) as second:
        stays = second.connect("ben")
        assert second.process is not None
        second.process.send_signal(signal.SIGTERM)
        assert second.process.wait(WITHIN + 10) == 0
        stays.wait(lambda: stays.closed)


@contextmanager
def another(suite: Suite) -> Iterator[Suite]:
    """Run one more websocket process of the house, as a machine's service manager does.

    Its monitor cannot listen, as the first one has the address: it works all the same.
    """
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    environ = {
        **suite.environ,
        "CHANCERY_REALTIME_LISTEN": url.removeprefix("http://"),
        "CHANCERY_REALTIME_DRAIN_SECONDS": str(WITHIN),
    }
    settings = load_settings({**environ, "CHANCERY_REALTIME_URL": url})
    with (suite.home / "another.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "web.realtime"], cwd=ROOT, env=environ, stdout=log, stderr=log
        )
    made = replace(suite, settings=settings, process=process, _sockets=[])
    try:
        wait_for(
            lambda: process.poll() is not None or answers_at(listen_address("", url), url),
            120,
            "the second process answering",
        )
        assert process.poll() is None, (suite.home / "another.log").read_text()
        yield made
    finally:
        for client in made._sockets:
            client.close()
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
