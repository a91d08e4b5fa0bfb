"""Files that are to be sent later wait for their message, go with it once, or are their sender's again."""

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import Conflict, InvalidInput, Limited
from core.messaging.scheduled import Later
from core.messaging.scheduled_sender import ScheduledSender
from core.types import new_id, to_ms
from tests.admin.test_file_reconcile import kept, reconciled
from tests.factories.desk import House
from tests.factories.files import FileHouse

CARD = "4111 1111 1111 1111"


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture
def files(house: House) -> FileHouse:
    return FileHouse(house)


def test_files_go_with_their_message_at_its_time(files: FileHouse) -> None:
    entry = schedule(files, "as promised", upload(files))
    assert [file["name"] for file in entry["files"]] == ["plan.txt"]
    go(files, 30)
    assert files.seen() == []
    go(files, 60)
    assert scheduled(files) == [], "it is on its way"
    files.check()
    (seen,) = files.seen()
    assert (seen["view"]["text"], seen["view"]["files"][0]["name"]) == ("as promised", "plan.txt")
    assert files.bytes_of("ben", seen["view"]["files"][0]["id"]) == b"the walrus plan"


def test_files_go_without_a_word(files: FileHouse) -> None:
    schedule(files, "", upload(files))
    go(files, 60)
    files.check()
    assert len(files.seen()) == 1


def test_what_stands_in_a_file_is_decided_when_it_goes(files: FileHouse) -> None:
    schedule(files, "", files.upload("cards.txt", f"pay {CARD}".encode()))
    go(files, 60)
    files.check()
    assert files.seen() == []
    assert files.own()["state"] == "quarantined"


def test_a_file_waits_as_long_as_its_message_and_is_open_to_its_sender_alone(files: FileHouse) -> None:
    file = upload(files)
    schedule(files, "next week", file, seconds=7 * 86_400)
    files.house.clock.advance(3 * 86_400)
    files.chores.sweep.run()
    assert files.bytes_of("ana", file) == b"the walrus plan"
    assert reconciled(files)["differences"] == []
    files.house.clock.advance(5 * 86_400)
    files.house.work()
    go(files, 5 * 86_400)
    files.check()
    assert len(files.seen()) == 1


def test_a_reserved_file_is_sent_with_its_message_only_and_counts_as_unsent(files: FileHouse) -> None:
    file = upload(files)
    schedule(files, "later", file)
    with pytest.raises(Conflict) as refused:
        files.house.send(files.room, "ana", "now", files=(file,))
    assert refused.value.code == "file_scheduled"
    with pytest.raises(Conflict) as refused:
        files.files.uploads.cancel(files.house.people["ana"], file)
    assert refused.value.code == "file_scheduled"
    with pytest.raises(Conflict):
        schedule(files, "twice", file)
    count = files.house.settings.files_unfinished_count
    for number in range(count - 1):
        files.upload(f"{number}.txt", b"x")
    with pytest.raises(Limited):
        files.upload("one too many.txt", b"x")


def test_taken_back_the_files_are_dropped_or_their_senders_again(files: FileHouse) -> None:
    talk, ana = files.house.chat.messaging, files.house.people["ana"]
    dropped, again = upload(files), upload(files)
    first, second = schedule(files, "one", dropped), schedule(files, "two", again)
    talk.unschedule(ana, first["id"])
    talk.unschedule(ana, second["id"], keep_files=True)
    files.chores.sweep.run()
    assert len(kept(files)) == 1
    assert files.house.send(files.room, "ana", "now", files=(again,))["state"] == "checking"
    go(files, 60)
    files.check()
    assert [seen["view"]["text"] for seen in files.seen()] == ["now"]


def test_a_refused_request_reserves_nothing(files: FileHouse) -> None:
    file = upload(files)
    with pytest.raises(InvalidInput) as refused:
        schedule(files, "too late", file, seconds=0)
    assert refused.value.code == "bad_time"
    assert files.house.send(files.room, "ana", "now", files=(file,))["state"] == "checking"


def test_what_could_not_go_keeps_its_files_until_it_is_put_away(files: FileHouse) -> None:
    house, file = files.house, upload(files)
    entry = schedule(files, "farewell", file)
    house.chat.gate.refresh()
    house.chat.messaging.leave(house.people["ana"], new_id(), files.room)
    go(files, 60)
    (failed,) = scheduled(files)
    assert failed["state"] == "failed"
    house.chat.messaging.unschedule(house.people["ana"], entry["id"])
    files.chores.sweep.run()
    assert kept(files) == []


@pytest.mark.parametrize("point", ["scheduled.before_sending", "scheduled.after_sending"])
def test_a_process_that_dies_anywhere_sends_the_files_once(files: FileHouse, point: str) -> None:
    schedule(files, "once", upload(files))
    files.house.clock.advance(60)
    with pytest.raises(Killed):
        sender(files, die_at(point)).run()
    go(files, 1)
    go(files, 1)
    files.check()
    assert [seen["view"]["text"] for seen in files.seen()] == ["once"]
    assert scheduled(files) == []


def upload(files: FileHouse) -> str:
    return files.upload("plan.txt", b"the walrus plan")


def schedule(files: FileHouse, text: str, file: str, seconds: int = 60) -> dict[str, Any]:
    house = files.house
    due = to_ms(house.clock.now()) + seconds * 1_000
    later = Later(new_id(), files.room, text, due, files=(file,))
    return house.chat.messaging.schedule(house.people["ana"], later)


def scheduled(files: FileHouse) -> list[dict[str, Any]]:
    answer = files.house.chat.messaging.scheduled_by(files.house.people["ana"])
    entries: list[dict[str, Any]] = answer["entries"]
    return entries


def go(files: FileHouse, seconds: int) -> None:
    """Let time pass, and what is due then be sent."""
    files.house.clock.advance(seconds)
    sender(files).run()


def sender(files: FileHouse, reach: Callable[[str], None] = lambda _: None) -> ScheduledSender:
    chat = files.house.chat
    chat.gate.refresh()
    return ScheduledSender(
        store=chat.store,
        scheduled=chat.messaging.scheduled,
        messaging=chat.messaging,
        clock=chat.clock,
        check_sender=lambda *_: None,
        record_not_sent=lambda *_: None,
        reach=reach,
    )


def die_at(point: str) -> Callable[[str], None]:
    def reach(reached: str) -> None:
        if reached == point:
            raise Killed

    return reach
