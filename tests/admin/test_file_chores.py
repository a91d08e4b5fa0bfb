"""A message with files is delivered once it was read and decided, and to nobody before."""

import threading
from contextlib import suppress

import pytest
from sqlalchemy import select

from admin.file_chores import FileChores
from admin.wiring.desk_pages.searching import Ask
from admin.wiring.replaying import replay_archive
from audit.archive.search_service import Purpose
from core.errors import Conflict, NotFound
from core.identity.permissions import Principal, PrincipalKind, Role
from core.messaging.attempt import Confirmation
from core.schema import archive
from core.store import Statement
from core.types import ItemId
from policies.replay import Outcome
from tests.factories.desk import House
from tests.factories.files import PLACE, FileHouse, docx, packed, pdf, png

CARD = "4111 1111 1111 1111"


@pytest.fixture
def files(house: House) -> FileHouse:
    return FileHouse(house)


def test_a_text_file_is_delivered_and_can_be_opened_once_it_was_read(files: FileHouse) -> None:
    told = files.send("notes.txt", b"The minutes of Monday.", "as promised")
    assert told["state"] == "checking"
    assert files.seen() == [], "nobody else sees it before"
    assert files.own()["view"]["files"][0]["name"] == "notes.txt"
    files.check()
    (seen,) = files.seen()
    assert (seen["state"], seen["view"]["text"]) == ("sent", "as promised")
    (file,) = seen["view"]["files"]
    assert (file["type"], file["excerpt"]) == ("text/plain", "The minutes of Monday.")
    assert files.bytes_of("cleo", file["id"]) == b"The minutes of Monday."


def test_nobody_but_its_sender_opens_a_file_that_is_being_checked(files: FileHouse) -> None:
    file = files.send("notes.txt", b"draft")["files"][0]["id"]
    assert files.bytes_of("ana", file) == b"draft"
    with pytest.raises(NotFound) as refused:
        files.bytes_of("ben", file)
    assert refused.value.code == "no_file"


def test_whoever_is_no_member_is_told_that_there_is_no_such_file(files: FileHouse) -> None:
    files.house.add("dan")
    file = files.send("notes.txt", b"minutes")["files"][0]["id"]
    files.check()
    with pytest.raises(NotFound):
        files.bytes_of("dan", file)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plan.txt", b"The Blue Heron opens in May."),
        ("plan.pdf", pdf("The Blue Heron opens in May.")),
        ("plan.docx", docx("The Blue Heron opens in May.")),
        ("Blue Heron.txt", b"nothing in it"),
    ],
)
def test_what_stands_in_a_file_or_its_name_is_decided_like_a_message(
    house: House, name: str, content: bytes
) -> None:
    files = FileHouse(house)
    house.add("ruth", "research")
    files.room = house.group("ana", "ruth", "ben")
    files.send(name, content)
    files.check()
    assert files.seen("ruth") == []
    assert files.own()["state"] == "quarantined"
    assert "deal" in files.own()["view"]["notice"]["title"]


def test_a_card_number_in_a_file_cannot_be_covered_so_the_file_waits(files: FileHouse) -> None:
    files.send("cards.txt", f"pay {CARD}".encode())
    files.check()
    assert files.seen() == []
    assert files.own()["state"] == "quarantined"
    assert files.own()["view"]["notice"]["title"].startswith("Waiting for Compliance: payment card number")


def test_a_card_number_in_the_text_is_covered_and_the_file_goes_along(files: FileHouse) -> None:
    files.send("notes.txt", b"harmless", f"pay {CARD}")
    files.check()
    (seen,) = files.seen()
    assert seen["state"] == "redacted"
    assert "4111" not in str(seen)
    assert seen["view"]["files"][0]["name"] == "notes.txt"


def test_a_file_that_cannot_be_read_is_a_finding_of_its_own(files: FileHouse) -> None:
    files.send("things.zip", packed({"a.txt": "hidden"}))
    files.check()
    assert files.own()["state"] == "quarantined"
    assert "a file cannot be read" in files.own()["view"]["notice"]["title"]


def test_of_several_files_a_sender_is_told_which_cannot_be_read_and_others_are_not(files: FileHouse) -> None:
    ids = (files.upload("plain.txt", b"hello"), files.upload("things.zip", packed({"a.txt": "hidden"})))
    files.house.send(files.room, "ana", "both", files=ids)
    files.check()
    told = {file["name"]: file.get("unread", False) for file in files.own()["view"]["files"]}
    assert told == {"plain.txt": False, "things.zip": True}
    assert files.seen() == []


def test_a_reason_lets_a_file_pass_whose_text_asks_for_one(files: FileHouse) -> None:
    text = b"We guarantee a profit of 10 percent."
    file = files.send("offer.txt", text, "We guarantee a profit to you too.")["files"][0]["id"]
    files.check()
    asked = files.own()
    assert asked["state"] == "needs_reason"
    confirms = Confirmation(asked["view"]["decision"], "The client asked for the brochure.")
    files.house.send(files.room, "ana", "We guarantee a profit to you too.", files=(file,), confirms=confirms)
    files.check()
    (seen,) = files.seen()
    assert seen["state"] == "sent"
    assert files.bytes_of("ben", file) == text


def test_metadata_is_taken_out_of_pictures_and_small_pictures_are_made(files: FileHouse) -> None:
    picture = png(900, 600, text=PLACE)
    files.send("holiday.png", picture)
    files.check()
    (file,) = files.seen()[0]["view"]["files"]
    given = files.bytes_of("ben", file["id"])
    assert given.startswith(b"\x89PNG")
    assert PLACE not in given
    assert (file["width"], file["height"], file["thumb"]) == (900, 600, [480, 320])


def test_a_sender_takes_a_message_back_while_it_is_being_checked(files: FileHouse) -> None:
    told = files.send("notes.txt", b"minutes")
    files.house.withdraw(files.room, "ana", ItemId(told["id"]))
    files.check()
    assert files.seen() == []
    assert files.own()["state"] == "withdrawn"
    with pytest.raises(NotFound):
        files.bytes_of("ana", told["files"][0]["id"])


def test_a_deleted_message_takes_its_files_along(files: FileHouse) -> None:
    told = files.send("notes.txt", b"minutes")
    files.check()
    files.house.delete(files.room, "ana", ItemId(told["id"]))
    with pytest.raises(NotFound):
        files.bytes_of("ben", told["files"][0]["id"])


def test_a_file_is_sent_once(files: FileHouse) -> None:
    file = files.send("notes.txt", b"minutes")["files"][0]["id"]
    files.check()
    with pytest.raises(Conflict) as refused:
        files.house.send(files.room, "ana", "again", files=(file,))
    assert refused.value.code == "file_sent"


def test_a_repeated_request_is_answered_alike_and_delivers_once(files: FileHouse) -> None:
    file = files.upload("notes.txt", b"minutes")
    talk, ana = files.house.chat.messaging, files.house.people["ana"]
    first = talk.send(ana, "same", files.room, "", files=(file,))
    assert talk.send(ana, "same", files.room, "", files=(file,)) == first
    files.check()
    files.check()
    assert len(files.seen()) == 1


def test_nobody_waits_for_all_the_files_of_another(files: FileHouse) -> None:
    mine = [files.send(f"{number}.txt", b"one of many")["id"] for number in range(3)]
    other = files.house.send(files.room, "ben", "", files=(files.upload("one.txt", b"just one", "ben"),))[
        "id"
    ]
    waiting = [*mine, other]
    order = []
    while files.chores.read_next():
        files.house.chat.gate.refresh()
        files.chores.decide()
        stopped = [
            files.house.chat.messaging.stopped(files.house.people[who], files.room)["items"]
            for who in ("ana", "ben")
        ]
        still = {item["id"] for items in stopped for item in items}
        order += [item for item in waiting if item not in still]
        waiting = [item for item in waiting if item in still]
    assert order == [mine[0], other, *mine[1:]]


def test_several_files_are_read_at_the_same_time(files: FileHouse) -> None:
    together = threading.Barrier(2, timeout=60)

    def reach(point: str) -> None:
        if point == "files.after_parts":
            together.wait()

    files.send("one.txt", b"the first")
    files.send("two.txt", b"the second")
    chores = FileChores(files.house.chat, files.files, reach)
    readers = [threading.Thread(target=chores.read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(60)
    assert not together.broken, "neither waited for the other to end"
    files.check()
    assert len(files.seen()) == 2


def test_trouble_of_any_reader_is_told(files: FileHouse) -> None:
    chores = FileChores(files.house.chat, files.files)
    assert len(chores.threads) > 1
    files.house.chat.store.close()
    lost = files.house.settings.home / "stores" / "chat.db"
    lost.rename(lost.with_suffix(".lost"))
    chores.threads[-1].run_due()
    assert chores.failing() == ["read files"]
    for thread in chores.threads:
        thread.run_due()
    assert chores.failing().count("read files") == 1, "named once"


class Killed(BaseException):
    """The worker died here."""


@pytest.mark.parametrize("step", ["files.after_parts", "files.after_reading", "files.after_deciding"])
def test_a_worker_killed_at_any_step_loses_nothing_and_doubles_nothing(files: FileHouse, step: str) -> None:
    dies = [step]

    def reach(point: str) -> None:
        if point in dies:
            dies.remove(point)
            raise Killed

    files.send("holiday.png", png(900, 600))
    files.chores = FileChores(files.house.chat, files.files, reach)
    with suppress(Killed):
        files.check()
    assert not dies, f"{step} was reached"
    files.house.clock.advance(61)
    files.check()
    files.check()
    (seen,) = files.seen()
    assert seen["view"]["files"][0]["thumb"] == [480, 320]


def test_a_released_file_is_delivered_and_found_at_the_desk_by_its_text(files: FileHouse) -> None:
    house = files.house
    officer = house.officer("olga", Role.COMPLIANCE_OFFICER)
    told = files.send("cards.txt", f"the walrus card {CARD}".encode(), "for the file")
    files.check()
    house.work()
    entry = house.pages.queue.read(_principal(officer), told["id"])
    keys = [finding.key for finding in entry.findings]
    house.pages.queue.release(_principal(officer), told["id"], keys, "checked with the client")
    house.work()
    (seen,) = files.seen()
    assert files.bytes_of("ben", seen["view"]["files"][0]["id"]).startswith(b"the walrus")
    matter = house.services.matters.open(officer, "walrus")
    purpose = Purpose(officer, matter.id, "looking")
    for query in ("walrus", "has:file", "has:file from:ana"):
        found = house.services.search.search(purpose, query)
        assert {row.item for row in found.rows} == {told["id"]}
        assert found.total_exact
    others = house.services.search.search(purpose, "NOT has:file").rows
    assert (told["id"], "create") not in {(row.item, row.kind) for row in others}


def test_a_file_that_is_stopped_again_at_release_is_given_to_nobody_any_more(files: FileHouse) -> None:
    house = files.house
    officer = house.officer("olga", Role.COMPLIANCE_OFFICER)
    told = files.send("cards.txt", f"the walrus card {CARD}".encode())
    files.check()
    house.work()
    file = told["files"][0]["id"]
    assert files.bytes_of("ana", file)
    house.pages.queue.release(_principal(officer), told["id"], [], "it looked harmless")
    house.work()
    assert files.seen() == []
    with pytest.raises(NotFound):
        files.bytes_of("ana", file)
    files.chores.sweep.run()
    kept = {name.partition(".")[0] for name in files.files.blobs.store.names()}
    assert len(kept) == 1, "the evidence stays, what was read from it went with the message"


def _principal(officer: str) -> Principal:
    return Principal(PrincipalKind.DESK, officer, frozenset({Role.COMPLIANCE_OFFICER}))


DAY = 86_400


def test_an_officer_gets_a_file_inside_a_matter_and_the_trail_says_so(files: FileHouse) -> None:
    house = files.house
    officer = house.officer("olga", Role.COMPLIANCE_OFFICER)
    told = files.send("plan.txt", b"the walrus plan", "see the plan")
    files.check()
    house.work()
    by = _principal(officer)
    matter = house.pages.matters.open(by, "the plan", [])
    search = house.pages.matters.keep(by, matter, Ask("walrus", "asked by the regulator"))
    (row,) = house.pages.matters.run(by, matter, search).rows
    assert row.item == told["id"]
    file = told["files"][0]["id"]
    given = house.pages.matters.file(by, matter, search, row.item, file)
    assert (given.name, b"".join(given.read(0, given.size))) == ("plan.txt", b"the walrus plan")
    house.work_at_desk()
    house.work()
    kinds = house.services.archive.read(
        lambda tx: [bytes(row.entry) for row in tx.rows(Statement(select(archive.ledger_entries.c.entry)))]
    )
    assert any(b"archive:file_read" in entry for entry in kinds)


def test_an_officer_opens_the_file_of_an_entry_that_waits(files: FileHouse) -> None:
    house = files.house
    officer = house.officer("olga", Role.COMPLIANCE_OFFICER)
    told = files.send("cards.txt", f"pay {CARD}".encode())
    files.check()
    house.work()
    given = house.pages.queue.file(_principal(officer), told["id"], told["files"][0]["id"])
    assert b"".join(given.read(0, given.size)) == f"pay {CARD}".encode()


def test_a_file_outlives_the_chat_copy_that_its_sender_deleted(files: FileHouse) -> None:
    house = files.house
    officer = house.officer("olga", Role.COMPLIANCE_OFFICER)
    told = files.send("holiday.png", png(900, 600))
    files.check()
    house.work()
    house.delete(files.room, "ana", ItemId(told["id"]))
    house.work()
    files.chores.sweep.run()
    kept = {name.partition(".")[0] for name in files.files.blobs.store.names()}
    assert len(kept) == 1, "small pictures went with the message; the evidence stays"
    purpose = Purpose(officer, house.services.matters.open(officer, "x").id, "looking")
    found = house.services.search.file(purpose, told["id"], told["files"][0]["id"])
    assert b"".join(files.files.blobs.read(found.blob)).startswith(b"\x89PNG")


def test_a_file_is_destroyed_with_the_partition_of_its_message(files: FileHouse) -> None:
    house = files.house
    told = files.send("plan.txt", b"the walrus plan")
    files.check()
    house.work()
    assert list(files.files.blobs.store.names())
    house.clock.advance(2_557 * DAY + 40 * DAY)
    for _ in range(3):
        house.work_at_desk()
        house.work()
        house.worker.expiry.post_due()
        house.clock.advance(600)
    files.chores.sweep.run()
    assert list(files.files.blobs.store.names()) == []
    with pytest.raises(NotFound):
        files.bytes_of("ana", told["files"][0]["id"])


def test_what_was_never_sent_is_removed_after_its_time(files: FileHouse) -> None:
    files.upload("draft.txt", b"never sent")
    files.chores.sweep.run()
    assert list(files.files.blobs.store.names())
    files.house.clock.advance(25 * 3_600)
    files.chores.sweep.run()
    assert list(files.files.blobs.store.names()) == []


def test_a_decision_on_files_replays_to_the_same_answers(files: FileHouse) -> None:
    house = files.house
    officer = house.officer("olga", Role.COMPLIANCE_OFFICER)
    files.send("cards.txt", f"pay {CARD}".encode(), f"as I said, {CARD}")
    files.send("things.zip", packed({"a.txt": "hidden"}))
    files.send("notes.txt", b"harmless", "for you")
    files.check()
    house.work()
    counts = replay_archive(house.services, officer, first_month="", last_month="")
    assert counts[Outcome.DIFFERENT] == 0
    assert counts[Outcome.SAME] >= 3
