"""A forwarded message brings its files: decided for whoever is there, and of a fate of their own."""

from contextlib import suppress
from typing import Any

import pytest

from admin.cli.steps.evidence import reconcile_at_worker
from audit.archive.search_service import Purpose
from audit.retention.legal_holds import HoldScope
from core.blobs.sealed import blob_of
from core.errors import InvalidInput, NotFound
from core.identity.permissions import Role
from core.messaging.attempt import Confirmation
from core.types import ConversationId, ItemId, new_id
from tests.factories.desk import House
from tests.factories.files import PLACE, FileHouse, png

CARD = "4111 1111 1111 1111"
DAY = 86_400


@pytest.fixture
def files(house: House) -> FileHouse:
    return FileHouse(house)


@pytest.fixture
def elsewhere(files: FileHouse) -> ConversationId:
    files.house.add("dora")
    return files.house.channel("harbour", "ben", "dora")


def test_files_go_along_and_are_opened_by_whoever_is_there(
    files: FileHouse, elsewhere: ConversationId
) -> None:
    told = sent(files, "plan.txt", b"the walrus plan", "see this")
    answer = forward(files, elsewhere, told["id"], "for you")
    assert answer["state"] == "checking"
    assert messages(files, elsewhere, "dora") == [], "nobody else sees it before"
    files.check()
    (seen,) = messages(files, elsewhere, "dora")
    assert (seen["view"]["text"], seen["view"]["forwarded"]["text"]) == ("for you", "see this")
    (file,) = seen["view"]["files"]
    assert file["id"] != told["files"][0]["id"]
    assert (file["name"], files.bytes_of("dora", file["id"])) == ("plan.txt", b"the walrus plan")
    assert "source" not in seen["view"]
    with pytest.raises(NotFound):
        files.bytes_of("dora", told["files"][0]["id"])


def test_a_message_of_nothing_but_files_is_forwarded_and_forwarded_again(
    files: FileHouse, elsewhere: ConversationId
) -> None:
    told = sent(files, "plan.txt", b"the walrus plan")
    forward(files, elsewhere, told["id"])
    files.check()
    (seen,) = messages(files, elsewhere, "dora")
    assert (seen["view"]["text"], seen["view"]["forwarded"]["sender"]) == ("", files.house.people["ana"])
    files.house.add("eli")
    third = files.house.channel("far away", "dora", "eli")
    forward(files, third, seen["id"], sender="dora", of=elsewhere)
    files.check()
    (again,) = messages(files, third, "eli")
    assert again["view"]["forwarded"]["sender"] == files.house.people["ana"]
    assert files.bytes_of("eli", again["view"]["files"][0]["id"]) == b"the walrus plan"


def test_what_others_are_given_is_passed_on_and_not_what_was_taken_out(
    files: FileHouse, elsewhere: ConversationId
) -> None:
    told = sent(files, "here.png", png(900, 600, text=PLACE))
    forward(files, elsewhere, told["id"])
    files.check()
    (seen,) = messages(files, elsewhere, "dora")
    (file,) = seen["view"]["files"]
    assert file["thumb"]
    assert PLACE not in files.bytes_of("dora", file["id"])


def test_files_are_decided_anew_for_whoever_is_there(house: House) -> None:
    files = FileHouse(house)
    house.add("ruth", "research")
    wall = house.group("ben", "ruth", "cleo")
    told = sent(files, "plan.txt", b"The Blue Heron opens in May.")
    forward(files, wall, told["id"])
    files.check()
    assert messages(files, wall, "ruth") == []
    stopped = own(files, wall)
    assert stopped["state"] == "quarantined"
    assert stopped["view"]["source"] == {"conversation": files.room, "item": told["id"]}


def test_a_barrier_holds_for_whose_file_it_is(house: House) -> None:
    files = FileHouse(house)
    house.add("rita", "research")
    house.add("tim", "trading")
    files.room = house.group("rita", "ben", "cleo")
    told = sent(files, "notes.txt", b"harmless", sender="rita")
    wall = house.group("ben", "tim", "cleo")
    forward(files, wall, told["id"])
    files.check()
    assert messages(files, wall, "tim") == []
    assert own(files, wall)["state"] == "blocked"


def test_a_reason_sends_the_files_of_another(files: FileHouse, elsewhere: ConversationId) -> None:
    text = b"We guarantee a profit of 10 percent."
    file = files.send("offer.txt", text)["files"][0]["id"]
    files.check()
    confirms = Confirmation(files.own()["view"]["decision"], "The client asked for it.")
    told = files.house.send(files.room, "ana", "", files=(file,), confirms=confirms)
    files.check()
    forward(files, elsewhere, told["id"])
    files.check()
    asked = own(files, elsewhere)
    assert asked["state"] == "needs_reason"
    forward(files, elsewhere, told["id"], confirms=Confirmation(asked["view"]["decision"], "He asked, too."))
    files.check()
    (seen,) = messages(files, elsewhere, "dora")
    assert files.bytes_of("dora", seen["view"]["files"][0]["id"]) == text


@pytest.mark.parametrize("first", ["source", "forwarded"])
def test_deleting_one_message_leaves_the_files_of_the_other(
    files: FileHouse, elsewhere: ConversationId, first: str
) -> None:
    told = sent(files, "plan.txt", b"the walrus plan")
    forward(files, elsewhere, told["id"])
    files.check()
    (seen,) = messages(files, elsewhere, "dora")
    here, there = told["files"][0]["id"], seen["view"]["files"][0]["id"]
    if first == "source":
        files.house.delete(files.room, "ana", ItemId(told["id"]))
    else:
        files.house.delete(elsewhere, "ben", ItemId(seen["id"]))
    files.chores.sweep.run()
    files.house.work()
    left, reader, gone = (there, "dora", here) if first == "source" else (here, "ben", there)
    assert files.bytes_of(reader, left) == b"the walrus plan"
    with pytest.raises(NotFound):
        files.bytes_of("ben", gone)
    assert differences(files) == []


def test_a_recalled_message_keeps_nothing_from_what_was_passed_on(
    files: FileHouse, elsewhere: ConversationId
) -> None:
    told = sent(files, "plan.txt", b"the walrus plan")
    forward(files, elsewhere, told["id"])
    files.house.delete(files.room, "ana", ItemId(told["id"]))
    files.chores.sweep.run()
    files.check()
    (seen,) = messages(files, elsewhere, "dora")
    assert files.bytes_of("dora", seen["view"]["files"][0]["id"]) == b"the walrus plan"


@pytest.mark.parametrize(("kind", "days"), [("group", 2_557 - 140), ("public", 1_827 + 40)])
def test_bytes_are_destroyed_with_the_last_partition_that_needs_them(
    files: FileHouse, elsewhere: ConversationId, kind: str, days: int
) -> None:
    house = files.house
    to = elsewhere if kind == "public" else house.group("ben", "dora", "cleo")
    told = sent(files, "plan.txt", b"the walrus plan")
    house.work()
    # The forwarding message is archived in another partition, half a year later.
    house.clock.advance(180 * DAY)
    forward(files, to, told["id"])
    files.check()
    house.work()
    (seen,) = messages(files, to, "dora")
    first = ("ben", told["files"][0]["id"])
    second = ("dora", seen["view"]["files"][0]["id"])
    destroy(files, days * DAY)
    gone, left = (first, second) if kind == "group" else (second, first)
    with pytest.raises(NotFound):
        files.bytes_of(*gone)
    assert files.bytes_of(*left) == b"the walrus plan"
    assert differences(files) == []
    destroy(files, 800 * DAY)
    assert kept(files) == set()


def test_a_hold_on_the_forwarding_message_keeps_the_bytes(
    files: FileHouse, elsewhere: ConversationId
) -> None:
    house = files.house
    officer = house.officer("olga", Role.COMPLIANCE_OFFICER)
    told, seen = passed_on(files, elsewhere)
    purpose = Purpose(officer, house.services.matters.open(officer, "x").id, "asked by the regulator")
    house.services.holds.add(purpose, HoldScope(conversation=elsewhere))
    destroy(files, 2_600 * DAY)
    with pytest.raises(NotFound):
        files.bytes_of("ben", told["files"][0]["id"])
    assert files.bytes_of("dora", seen["view"]["files"][0]["id"]) == b"the walrus plan"
    assert differences(files) == []


def test_what_was_passed_on_and_is_not_archived_yet_keeps_its_bytes(
    files: FileHouse, elsewhere: ConversationId
) -> None:
    house = files.house
    told = sent(files, "plan.txt", b"the walrus plan")
    house.work()
    house.clock.advance(2_600 * DAY)
    forward(files, elsewhere, told["id"])
    files.check()
    destroy(files, 0, archiving=False)
    with pytest.raises(NotFound):
        files.bytes_of("ben", told["files"][0]["id"])
    (seen,) = messages(files, elsewhere, "dora")
    assert files.bytes_of("dora", seen["view"]["files"][0]["id"]) == b"the walrus plan"
    house.work()
    assert differences(files) == []


def test_an_officer_gets_the_file_of_the_message_that_forwarded_it(
    files: FileHouse, elsewhere: ConversationId
) -> None:
    house = files.house
    officer = house.officer("olga", Role.COMPLIANCE_OFFICER)
    told, seen = passed_on(files, elsewhere)
    purpose = Purpose(officer, house.services.matters.open(officer, "x").id, "looking")
    assert {row.item for row in house.services.search.search(purpose, "walrus").rows} == {
        told["id"],
        seen["id"],
    }
    found = house.services.search.file(purpose, seen["id"], seen["view"]["files"][0]["id"])
    assert b"".join(files.files.blobs.read(found.blob)) == b"the walrus plan"


def test_what_can_no_longer_be_opened_is_refused_and_nothing_is_left_half_done(
    files: FileHouse, elsewhere: ConversationId
) -> None:
    told = sent(files, "plan.txt", b"the walrus plan")
    files.house.delete(files.room, "ana", ItemId(told["id"]))
    with pytest.raises(NotFound) as refused:
        forward(files, elsewhere, told["id"])
    assert refused.value.code == "no_message"
    lost = sent(files, "plan.txt", b"the walrus plan")
    for name in kept(files):
        files.files.blobs.delete(name, 10)
    forward(files, elsewhere, lost["id"])
    files.check()
    assert own(files, elsewhere)["state"] == "lapsed"
    assert messages(files, elsewhere, "dora") == []


def test_nobody_passes_on_a_file_of_a_message_that_they_may_not_see(
    files: FileHouse, elsewhere: ConversationId
) -> None:
    told = sent(files, "plan.txt", b"the walrus plan")
    with pytest.raises(NotFound) as refused:
        forward(files, elsewhere, told["id"], sender="dora")
    assert refused.value.code == "no_conversation"
    with pytest.raises(InvalidInput) as empty:
        files.house.chat.messaging.send(files.house.people["ben"], new_id(), elsewhere, "")
    assert empty.value.code == "empty_text"


def test_a_repeated_forward_is_answered_alike_also_when_the_first_message_is_gone(
    files: FileHouse, elsewhere: ConversationId
) -> None:
    told = sent(files, "plan.txt", b"the walrus plan")
    answer = forward(files, elsewhere, told["id"], request="same")
    files.house.delete(files.room, "ana", ItemId(told["id"]))
    assert forward(files, elsewhere, told["id"], request="same") == answer
    files.check()
    assert len(messages(files, elsewhere, "dora")) == 1


class Killed(BaseException):
    """The worker died here."""


@pytest.mark.parametrize("step", ["files.after_parts", "files.after_reading", "files.after_deciding"])
def test_a_worker_killed_at_any_step_passes_on_once(
    files: FileHouse, elsewhere: ConversationId, step: str
) -> None:
    told = sent(files, "plan.txt", b"the walrus plan")
    forward(files, elsewhere, told["id"])
    dies = [step]

    def reach(point: str) -> None:
        if point in dies:
            dies.remove(point)
            raise Killed

    files.chores = type(files.chores)(files.house.chat, files.files, reach)
    with suppress(Killed):
        files.check()
    assert not dies
    files.house.clock.advance(61)
    files.check()
    (seen,) = messages(files, elsewhere, "dora")
    assert files.bytes_of("dora", seen["view"]["files"][0]["id"]) == b"the walrus plan"


def sent(files: FileHouse, name: str, content: bytes, text: str = "", sender: str = "ana") -> dict[str, Any]:
    """Let somebody send a file, and the others see it."""
    told = files.house.send(files.room, sender, text, files=(files.upload(name, content, sender),))
    files.check()
    return told


def forward(
    files: FileHouse,
    to: ConversationId,
    item: str,
    text: str = "",
    *,
    sender: str = "ben",
    of: ConversationId | None = None,
    request: str = "",
    confirms: Confirmation | None = None,
) -> dict[str, Any]:
    files.house.chat.gate.refresh()
    return files.house.chat.messaging.forward(
        files.house.people[sender], request or new_id(), to, (of or files.room, ItemId(item)), text,
        confirms=confirms,
    )  # fmt: skip


def passed_on(files: FileHouse, elsewhere: ConversationId) -> tuple[dict[str, Any], dict[str, Any]]:
    """Let a file be sent, forwarded and archived; return Ana's message, and the other as Dora sees it."""
    told = sent(files, "plan.txt", b"the walrus plan")
    forward(files, elsewhere, told["id"])
    files.check()
    files.house.work()
    (seen,) = messages(files, elsewhere, "dora")
    return told, seen


def messages(files: FileHouse, room: ConversationId, who: str) -> list[dict[str, Any]]:
    history = files.house.chat.messaging.history(files.house.people[who], room, None)
    return [item for item in history["items"] if item["type"] == "message"]


def own(files: FileHouse, room: ConversationId, who: str = "ben") -> dict[str, Any]:
    found: dict[str, Any] = files.house.chat.messaging.stopped(files.house.people[who], room)["items"][0]
    return found


def kept(files: FileHouse) -> set[str]:
    return {blob_of(name) for name in files.files.blobs.store.names()}


def differences(files: FileHouse) -> list[dict[str, str]]:
    found: list[dict[str, str]] = reconcile_at_worker(files.house.settings, {})["differences"]
    return found


def destroy(files: FileHouse, seconds: int, *, archiving: bool = True) -> None:
    """Let time pass, and everything that is due then go."""
    house = files.house
    house.clock.advance(seconds)
    for _ in range(3):
        house.work_at_desk()
        house.chat.gate.refresh()
        house.worker.partitions.accept_offers()
        house.mirror.run()
        house.jobs.run()
        if archiving:
            house.worker.archiver.run_until_idle()
        house.worker.expiry.post_due()
        house.clock.advance(600)
    files.chores.sweep.run()
