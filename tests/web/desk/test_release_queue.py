"""The release queue: an entry opens its own message, is decided by somebody else, once, with a reason."""

import re
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import bindparam, delete, insert

from audit.archive.release_queue import WAITING
from core.schema import desk
from core.store import Statement
from core.types import ConversationId, ItemId
from tests.factories.desk import House
from tests.web.desk.conftest import Browser, first_link


def test_an_entry_shows_the_message_what_was_found_in_it_and_who_it_was_meant_for(
    entry: str, olga: Browser
) -> None:
    page = olga.get(entry).text
    assert '<span class="found">Kestrel</span> signs on Friday' in page
    assert "Meant for" in page
    assert "Only Ana has seen this version" in page
    assert "Inclusion verified" in page
    assert "What was said around it" not in page


def test_a_released_message_is_delivered_once_and_the_entry_says_by_whom(
    house: House, room: ConversationId, entry: str, olga: Browser
) -> None:
    decided = olga.post(
        entry, {"decision": "release", "approved": keys(olga.get(entry).text), "reason": "public"}
    )
    assert "Being carried out" in olga.follow(decided).text
    house.work()
    page = olga.get(entry).text
    assert "Released" in page
    assert "Decided by Olga Sand" in page
    assert olga.post(entry, {"decision": "reject", "reason": "late"}).status_code == 409
    shown = house.chat.messaging.history(house.people["ben"], room, None)["items"]
    assert [item["view"].get("text") for item in shown].count("Kestrel signs on Friday") == 1


def test_a_rejected_message_is_delivered_to_nobody(
    house: House, room: ConversationId, entry: str, olga: Browser
) -> None:
    assert olga.post(entry, {"decision": "reject", "reason": "not public"}).status_code == 303
    house.work()
    assert "Nobody but the sender will see it" in olga.get(entry).text
    shown = house.chat.messaging.history(house.people["ben"], room, None)["items"]
    assert "Kestrel signs on Friday" not in [item["view"].get("text") for item in shown]


def test_what_is_not_approved_stops_it_again_at_release(house: House, entry: str, olga: Browser) -> None:
    assert olga.post(entry, {"decision": "release", "reason": "looked at nothing"}).status_code == 303
    house.work()
    assert "At release a policy stopped it anew" in olga.get(entry).text


@pytest.mark.parametrize("decision", ["release", "reject"])
def test_nothing_is_decided_without_a_reason(entry: str, olga: Browser, decision: str) -> None:
    refused = olga.post(entry, {"decision": decision, "reason": "  "})
    assert refused.status_code == 400
    assert "Waiting" in olga.get(entry).text


def test_a_finding_of_another_message_cannot_be_approved(entry: str, olga: Browser) -> None:
    sent = {"decision": "release", "approved": "made-up", "reason": "sure"}
    assert olga.post(entry, sent).status_code == 400


def test_neither_release_nor_reject_is_asked_about_again(entry: str, olga: Browser) -> None:
    refused = olga.post(entry, {"decision": "", "reason": "sure"})
    assert refused.status_code == 400
    assert "Choose to release or to reject" in refused.text


def test_nobody_decides_on_their_own_message(
    house: House, olga: Browser, at_desk: Callable[[str], Browser]
) -> None:
    room = house.channel("with an officer", "olga", "ben", "cleo")
    sent = house.send(room, "olga", "Kestrel is mine")
    house.work()
    entry = f"/queue/{sent['id']}"
    assert "This is your own message" in olga.get(entry).text
    for decision in ("release", "reject"):
        assert olga.post(entry, {"decision": decision, "reason": "mine"}).status_code == 403
    otto = at_desk("otto")
    assert otto.post(entry, {"decision": "reject", "reason": "seen"}).status_code == 303


def test_an_entry_opens_no_other_message(
    house: House, room: ConversationId, entry: str, olga: Browser
) -> None:
    other = house.send(room, "ben", "an ordinary word")
    house.work()
    assert olga.get(f"/queue/{other['id']}").status_code == 404


def test_a_withdrawn_message_cannot_be_released(
    house: House, room: ConversationId, entry: str, olga: Browser
) -> None:
    item = ItemId(entry.rpartition("/")[2])
    found = keys(olga.get(entry).text)
    house.withdraw(room, "ana", item)
    house.work()
    assert olga.post(entry, {"decision": "release", "approved": found, "reason": "late"}).status_code == 409
    page = olga.get(entry).text
    assert "The sender took it back" in page
    assert "Kestrel signs" not in page


def test_opening_an_entry_is_on_record(
    house: House, entry: str, olga: Browser, at_desk: Callable[[str], Browser]
) -> None:
    olga.get(entry)
    house.work()
    trail = at_desk("audra").get("/trail").text
    assert "Record read" in trail
    assert "To decide on a quarantined message." in trail
    assert '<span class="pair">release queue</span>' in trail
    assert "queue/" not in trail
    assert "Kestrel signs" not in trail


def test_the_list_tells_who_where_why_and_how_urgent_and_no_text(
    house: House, room: ConversationId, entry: str, olga: Browser
) -> None:
    page = olga.get("/queue").text
    row = row_of(page, entry)
    for told in ("Ana", "room", "code name", "Waiting"):
        assert told in row, row
    assert re.search(r"Waits for\D+\d+ s", row)
    assert re.search(r"in \d+ h", row)
    assert "Kestrel" not in page


def test_looking_at_the_list_is_on_record_before_names_are_read(
    house: House, entry: str, olga: Browser, at_desk: Callable[[str], Browser]
) -> None:
    olga.get("/queue")
    house.work()
    trail = at_desk("audra").get("/trail").text
    assert "Release queue looked at" in trail
    assert "To see who waits for a decision." in trail


def test_of_an_entry_that_was_decided_the_list_tells_no_names(
    house: House, entry: str, olga: Browser
) -> None:
    olga.post(entry, {"decision": "reject", "reason": "not public"})
    house.work()
    assert entry not in olga.get("/queue").text
    row = row_of(olga.get("/queue?ended").text, entry)
    assert "Rejected" in row
    assert "Olga Sand" in row
    assert "Ana" not in row


def test_the_list_is_in_the_order_that_one_chooses(
    house: House, room: ConversationId, entry: str, olga: Browser
) -> None:
    later = f"/queue/{house.send(room, 'ana', 'Kestrel signs on Monday')['id']}"
    house.work()
    for order in ("", "?order=expires"):
        page = olga.get(f"/queue{order}").text
        assert page.index(entry) < page.index(later)
    olga.post(later, {"decision": "reject", "reason": "end of the test"})


def test_after_a_decision_one_goes_on_to_the_next_that_waits(
    house: House, room: ConversationId, entry: str, olga: Browser
) -> None:
    later = f"/queue/{house.send(room, 'ana', 'Kestrel signs on Monday')['id']}"
    house.work()
    decided = olga.follow(olga.post(entry, {"decision": "reject", "reason": "not public"})).text
    assert "Next that waits" in decided
    assert later in decided
    last = olga.follow(olga.post(later, {"decision": "reject", "reason": "end of the test"})).text
    assert "Next that waits" not in last


def test_where_a_conversation_has_no_name_the_list_says_for_whom(house: House, olga: Browser) -> None:
    sent = house.send(house.group("ana", "ben", "cleo", "olga"), "ana", "Kestrel between us")
    house.work()
    entry = f"/queue/{sent['id']}"
    row = row_of(olga.get("/queue").text, entry)
    assert "Group" in row
    assert "with Ben, Cleo and 1 more" in row
    olga.post(entry, {"decision": "reject", "reason": "end of the test"})


def test_a_long_queue_comes_in_pages_and_a_row_without_its_record_says_so(
    house: House, olga: Browser
) -> None:
    held = [f"held-{number:02}" for number in range(60)]
    row = {"conversation_id": "c", "stop_seq": 1, "state": WAITING, "since_ms": 1, "expires_ms": 2**41}
    add = Statement(insert(desk.queue).values(item_id=bindparam("item"), rid=bindparam("item"), **row))
    take = Statement(delete(desk.queue).where(desk.queue.c.conversation_id == "c"))
    house.services.store.write(lambda tx: [tx.run(add, item=item) for item in held])
    try:
        first = olga.get("/queue")
        assert "Not in the archive yet." in first.text
        second = olga.get(first_link(first, "start=50").replace("&amp;", "&"))
        assert "First page" in second.text
        found = re.findall(r"/queue/(held-[0-9]+)", first.text + second.text)
        assert sorted(found) == held
    finally:
        house.services.store.write(lambda tx: tx.run(take))


def row_of(page: str, entry: str) -> str:
    """Return the row of an entry in the list."""
    return next(row for row in page.split("<tr>") if entry in row)


def keys(page: str) -> list[str]:
    """Return the findings that an entry lets one approve."""
    return re.findall(r'name="approved" value="([^"]+)"', page)


@pytest.fixture
def entry(house: House, room: ConversationId, olga: Browser) -> Iterator[str]:
    """The address of a fresh entry; whatever a test left is rejected."""
    sent = house.send(room, "ana", "Kestrel signs on Friday")
    house.work()
    address = f"/queue/{sent['id']}"
    assert first_link(olga.get("/queue"), sent["id"]) == address
    yield address
    olga.post(address, {"decision": "reject", "reason": "end of the test"})
    house.work()
