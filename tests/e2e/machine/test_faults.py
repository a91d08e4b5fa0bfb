"""A disk that is full, a clock that jumps, a directory server in trouble, while people talk."""

import time

import pytest

from core.crypto.rings import ProcessRole
from core.types import new_id
from tests.e2e.machine.conftest import Machine
from tests.e2e.trial import trial
from tests.factories.suite import PASSWORD, wait_for
from tests.factories.visitor import Visitor
from tests.services.disk import filled_up
from tests.services.forwarder import NONSENSE

pytestmark = [pytest.mark.e2e, pytest.mark.services, pytest.mark.faults, pytest.mark.timeout(400)]

TROUBLE_S = 3.0


def test_a_full_disk_loses_and_doubles_nothing(machine: Machine) -> None:
    refused: list[str] = []

    def fill_up() -> None:
        tom = machine.suite.connect("tom")

        def open_channel() -> bool:
            request = {"client_id": new_id(), "kind": "public", "people": [], "name": f"Channel {new_id()}"}
            answer = tom.emit("open", request)
            refused.extend([] if answer["ok"] else [answer["code"]])
            return bool(refused)

        with filled_up(machine.disk):
            # Databases have some room of their own in files that were longer before.
            wait_for(open_channel, 30, "the first that is refused")
            time.sleep(TROUBLE_S)  # for so long people try

    trial(machine.house, "disk", fill_up)
    assert refused[0] in {"store_unavailable", "keys_unavailable"}
    wait_for(lambda: set(machine.suite.children()) == set(ProcessRole), 30, "every role running")


def test_a_clock_that_jumps_loses_and_doubles_nothing(machine: Machine) -> None:
    def jump() -> None:
        for offset in (3_000, -600, 0):
            machine.clock.set(offset)
            time.sleep(TROUBLE_S)  # for so long they live in another hour

    trial(machine.house, "clock", jump)


def test_a_directory_that_stops_crawls_and_talks_nonsense_ends_no_session_and_no_account(
    machine: Machine,
) -> None:
    directory, stays = machine.directory, machine.suite.connect("tom")
    told: list[tuple[int, str]] = []

    def sign_in() -> None:
        visitor = Visitor(machine.suite.settings.chat_url)
        visitor.get("/signin")
        page = visitor.post("/signin", {"username": "ben", "password": PASSWORD})
        told.append((page.status, page.text))

    def trouble() -> None:
        directory.open = False
        directory.cut()
        sign_in()
        time.sleep(TROUBLE_S)  # for so many syncs it is away
        directory.open, directory.nonsense = True, NONSENSE
        sign_in()
        time.sleep(TROUBLE_S)
        directory.nonsense, directory.delay = b"", 0.3
        time.sleep(TROUBLE_S)
        directory.delay = 0.0
        directory.cut()

    trial(machine.house, "directory", trouble)
    for status, text in told:
        assert status == 503
        assert "directory does not answer. Try again" in text
        assert "localhost" not in text, "a stranger learns nothing of the servers"
    assert not stays.closed, "nobody who is in is put out"
    assert stays.emit("hello")["ok"]
