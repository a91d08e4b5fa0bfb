"""Recalling what was delivered: inside a matter, by somebody else, with a reason, once; and taking it back."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from admin.cli.steps.evidence import reconcile_at_worker
from admin.desk_jobs import DeskJobs
from admin.wiring.recall import RECALL
from core.errors import NotFound
from core.jobs import Job
from core.schema import archive
from core.store import Statement
from core.types import ConversationId, ItemId
from tests.factories.desk import House
from tests.factories.files import FileHouse, upload
from tests.web.desk.conftest import Browser


def test_a_recalled_message_is_gone_from_the_chat_and_every_version_stays(
    house: House, room: ConversationId, olga: Browser
) -> None:
    item, record = said(house, room, olga, "a marbled canary")
    assert "Being carried out" in olga.follow(decide(olga, record, "recall")).text
    house.work()
    assert "marbled" not in str(house.chat.messaging.history(house.people["ben"], room, None))
    assert shown(house, room, item)["state"] == "recalled"
    page = olga.get(record).text
    assert "Removed under company policy" in page
    assert "<mark>marbled</mark> canary" in page
    assert re.search(r"by Olga Sand", page)
    assert 'value="restore"' in page


def test_chat_archive_index_and_ledger_agree_on_a_recall_and_on_what_was_restored(
    house: House, room: ConversationId, olga: Browser
) -> None:
    item, record = said(house, room, olga, "a brindled gnu")
    settle(house)
    # Other tests of this house break it on purpose.
    before = reconcile_at_worker(house.settings, {})["differences"]
    decide(olga, record, "recall")
    house.work()
    assert versions_logged(house, item) == [1, 2]
    decide(olga, record, "restore")
    settle(house)
    assert versions_logged(house, item) == [1, 2, 3]
    # What the officer did is numbered in the trail; it comes over with the desk's own outbox.
    house.work_at_desk()
    settle(house)
    assert reconcile_at_worker(house.settings, {})["differences"] == before
    for publisher in house.worker.publishers:
        assert publisher.published() is not None


def test_files_of_a_recalled_message_are_given_to_nobody_until_it_is_restored(
    house: House, room: ConversationId, olga: Browser
) -> None:
    house.chat.gate.refresh()
    file = upload(house.worker.files, house.people["ana"], room, "plan.txt", b"the ocelot sleeps")
    item = str(house.send(room, "ana", "see inside", files=(file,))["id"])
    FileHouse.check_in(house)
    settle(house)
    record = found(olga, "ocelot", item)
    given = house.worker.files.shown.get
    assert given(house.people["ben"], file).file.id == file
    decide(olga, record, "recall")
    house.work()
    for name in ("ana", "ben"):
        with pytest.raises(NotFound):
            given(house.people[name], file)
    assert house.worker.files.shown.list(house.people["ben"], room, None)["files"] == []
    decide(olga, record, "restore")
    house.work()
    assert given(house.people["ben"], file).file.id == file
    assert [each["id"] for each in shown(house, room, item)["view"]["files"]] == [file]


def test_a_restored_message_is_in_the_chat_again(house: House, room: ConversationId, olga: Browser) -> None:
    item, record = said(house, room, olga, "a speckled egg")
    decide(olga, record, "recall")
    house.work()
    assert "Being carried out" in olga.follow(decide(olga, record, "restore")).text
    house.work()
    assert shown(house, room, item)["view"]["text"] == "a speckled egg"
    page = olga.get(record).text
    assert "Restored" in page
    assert 'value="recall"' in page


def test_a_released_message_is_restored_with_what_was_approved(
    house: House, room: ConversationId, olga: Browser
) -> None:
    item = house.send(room, "ana", "Kestrel nests under the eaves")["id"]
    house.work()
    keys = re.findall(r'name="approved" value="([^"]+)"', olga.get(f"/queue/{item}").text)
    olga.post(f"/queue/{item}", {"decision": "release", "approved": keys, "reason": "public"})
    house.work()
    house.work()
    record = found(olga, "eaves")
    decide(olga, record, "recall")
    house.work()
    decide(olga, record, "restore")
    house.work()
    assert shown(house, room, item)["view"]["text"] == "Kestrel nests under the eaves"


def test_what_was_deleted_meanwhile_is_not_recalled_and_the_page_says_so(
    house: House, room: ConversationId, olga: Browser
) -> None:
    item, record = said(house, room, olga, "a brindled stone")
    assert decide(olga, record, "recall").status_code == 303
    house.delete(room, "ana", ItemId(item))
    house.jobs.run()
    page = olga.get(record).text
    assert "It could not be recalled. The sender deleted it in the meantime" in page
    house.work()
    assert "Kept with the decision" not in olga.get(record).text
    assert decide(olga, record, "recall").status_code == 409


@pytest.mark.parametrize(
    ("decision", "reason", "status"),
    [("recall", "  ", 400), ("recall", "r" * 2_001, 400), ("", "sure", 400), ("restore", "sure", 409)],
)
def test_what_is_incomplete_or_does_not_fit_changes_nothing(
    house: House, room: ConversationId, olga: Browser, decision: str, reason: str, status: int
) -> None:
    item, record = said(house, room, olga, f"a dappled pony {status}{len(reason)}{decision}")
    assert decide(olga, record, decision, reason).status_code == status
    house.work()
    assert shown(house, room, item)["state"] == "sent"


def test_a_decision_that_is_under_way_is_not_decided_again(
    house: House, room: ConversationId, olga: Browser, at_desk: Callable[[str], Browser]
) -> None:
    _, record = said(house, room, olga, "a mottled leaf")
    assert decide(olga, record, "recall").status_code == 303
    other = found(at_desk("otto"), "mottled")
    assert decide(at_desk("otto"), other, "recall").status_code == 409
    assert decide(olga, record, "recall").status_code == 409
    house.work()
    assert decide(olga, record, "recall").status_code == 409


def test_nobody_recalls_their_own_message(house: House, olga: Browser) -> None:
    own = house.channel("an officer talks", "olga", "ben")
    house.send(own, "olga", "a piebald horse")
    settle(house)
    record = found(olga, "piebald")
    assert "This is your own message" in olga.get(record).text
    assert decide(olga, record, "recall").status_code == 403


def test_nothing_is_recalled_in_a_closed_matter(house: House, room: ConversationId, olga: Browser) -> None:
    item, record = said(house, room, olga, "a freckled toad")
    assert olga.post(record.partition("/searches")[0] + "/close").status_code == 303
    assert decide(olga, record, "recall").status_code == 403
    house.work()
    assert shown(house, room, item)["state"] == "sent"


@pytest.mark.parametrize("username", ["petra", "carl", "paul", "audra"])
def test_only_compliance_officers_recall(
    house: House, room: ConversationId, olga: Browser, at_desk: Callable[[str], Browser], username: str
) -> None:
    item, record = said(house, room, olga, f"a ringed moth {username}")
    assert decide(at_desk(username), record, "recall").status_code == 403
    house.work()
    assert shown(house, room, item)["state"] == "sent"


def test_a_recall_stands_on_record_with_its_matter_before_it_is_done(
    house: House, room: ConversationId, olga: Browser, at_desk: Callable[[str], Browser]
) -> None:
    item, record = said(house, room, olga, "a tabby cat")
    decide(olga, record, "recall", "because of its stripes")
    house.worker.archiver.run_until_idle()
    assert shown(house, room, item)["state"] == "sent"
    trail = at_desk("audra").get("/trail").text
    assert "Recall decided" in trail
    assert "because of its stripes" in trail
    house.work()
    assert "Recall decision carried out" in at_desk("audra").get("/trail").text
    assert "a tabby cat" not in trail


@pytest.mark.parametrize("point", ["before", "after"])
def test_a_worker_that_dies_recalls_once(
    house: House, room: ConversationId, olga: Browser, point: str
) -> None:
    item, record = said(house, room, olga, f"a spotted newt {point}")
    decide(olga, record, "recall")
    dying = DeskJobs(house.worker)
    carry = dying.handlers[RECALL]

    def die(job: Job, payload: Mapping[str, Any]) -> str:
        if point == "after":
            carry(job, payload)
        raise SystemExit

    dying.handlers[RECALL] = die
    with pytest.raises(SystemExit):
        dying.run()
    assert shown(house, room, item)["state"] == ("recalled" if point == "after" else "sent")
    house.clock.advance(120)
    house.work()
    assert shown(house, room, item)["state"] == "recalled"
    assert shown(house, room, item)["version"] == 2
    assert 'value="restore"' in olga.get(record).text


def versions_logged(house: House, item: str) -> list[int]:
    """Return the versions of an item that the ledger of the archive has, in its order."""
    entries = house.worker.archive.read(
        lambda tx: tx.rows(
            Statement(
                select(archive.ledger_entries.c.entry)
                .where(archive.ledger_entries.c.log == "archive")
                .order_by(archive.ledger_entries.c.seq)
            )
        )
    )
    parsed = [orjson.loads(row.entry) for row in entries]
    return [entry["ver"] for entry in parsed if entry["obj"] == item]


def said(house: House, room: ConversationId, olga: Browser, text: str) -> tuple[str, str]:
    """Let Ana say something and Olga find it; return its id and the address of its record."""
    item = str(house.send(room, "ana", text)["id"])
    settle(house)
    return item, found(olga, text.split()[1] if " " in text else text, item)


def settle(house: House) -> None:
    house.work()
    house.work()


def found(olga: Browser, word: str, item: str = "") -> str:
    """Search in a matter of one's own; return the address of the record."""
    results = olga.search(olga.open_matter(), word).text
    addresses = [one.partition("#")[0] for one in re.findall(r'href="([^"]+/items/[^"]+)"', results)]
    return str(next(one for one in addresses if item in one))


def decide(olga: Browser, record: str, decision: str, reason: str = "a complaint"):  # type: ignore[no-untyped-def]
    return olga.post(record, {"decision": decision, "reason": reason})


def shown(house: House, room: ConversationId, item: str) -> dict:  # type: ignore[type-arg]
    items = house.chat.messaging.history(house.people["ben"], room, None)["items"]
    return next(each for each in items if each["id"] == item)
