"""Legal holds at the desk: placed inside a matter with a reason, seen by its officers, released without loss."""

import re
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from core.types import ConversationId
from tests.factories.desk import House
from tests.web.desk.conftest import Browser, first_link


def test_a_hold_on_a_person_pins_what_they_said_and_heard(
    house: House, room: ConversationId, olga: Browser
) -> None:
    house.add("hedda", "operations", name="Hedda Ray")
    house.send(house.channel("held", "hedda", "ben"), "ben", "said to hedda")
    house.work()
    page = olga.follow(hold(olga, person="hedda"))
    assert "Hedda Ray" in page.text
    assert "2 records, and whatever is added to its scope" in page.text
    assert "In force" in page.text
    assert "March 2026" in page.text


def test_a_hold_on_a_conversation_is_placed_from_one_of_its_records(
    house: House, room: ConversationId, olga: Browser
) -> None:
    house.send(room, "ana", "an amber lamp")
    house.work()
    matter = olga.open_matter("Preservation")
    record = olga.read_first(olga.search(matter, '"amber lamp"'))
    form = olga.get(first_link(record, "conversation=").replace("&amp;", "&"))
    assert f'value="{room}"' in form.text
    page = olga.follow(hold(olga, matter, conversation=room))
    assert "2 records" in page.text
    assert f'value="{matter.rpartition("/")[2]}" selected' in form.text


def test_the_list_of_holds_tells_them_apart_by_their_reasons_to_officers_of_the_matter(
    olga: Browser, at_desk: Callable[[str], Browser]
) -> None:
    hold(olga, person="ana", reason="Letter of the regulator about Harbour")
    assert "Letter of the regulator about Harbour" in olga.get("/holds").text
    assert "Letter of the regulator" not in at_desk("otto").get("/holds").text


def test_a_hold_says_which_conversation_it_covers_as_it_is_called(
    house: House, olga: Browser, at_desk: Callable[[str], Browser]
) -> None:
    channel, group = house.channel("north pier", "ana", "ben"), house.group("ana", "ben", "cleo")
    house.send(channel, "ana", "an anchor")
    house.send(group, "ana", "a buoy")
    house.work()
    matter = olga.open_matter("Names")
    named = olga.get(f"/holds?matter={matter.rpartition('/')[2]}&conversation={channel}")
    assert "<bdi>Public channel north pier</bdi>" in named.text
    addresses = [hold(olga, matter, conversation=each).headers["Location"] for each in (channel, group)]
    listed = olga.get("/holds").text
    for place in ("Public channel north pier", "Group with Ana, Ben and 1 more"):
        assert f">{place}</bdi>" in listed
    assert "Public channel north pier" in olga.get(addresses[0]).text
    otto = at_desk("otto")
    for page in ("/holds", *addresses, f"/holds?matter={matter.rpartition('/')[2]}&conversation={channel}"):
        assert "north pier" not in otto.get(page).text
    house.work()
    audra = at_desk("audra")
    assert "To show which conversation a hold covers." in audra.get("/trail").text
    german = audra.get("/trail", **{"Accept-Language": "de"}).text
    assert "Um zu zeigen, welche Unterhaltung eine Sperre betrifft." in german


def test_a_hold_of_a_closed_matter_opens_no_record_for_a_name(house: House, olga: Browser) -> None:
    channel = house.channel("south pier", "ana", "ben")
    house.send(channel, "ana", "a rope")
    house.work()
    matter = olga.open_matter("Closed")
    address = hold(olga, matter, conversation=channel).headers["Location"]
    olga.post(f"{address}/release", {"reason": "settled"})
    assert "south pier" in olga.get(address).text
    olga.post(f"{matter}/close")
    page = olga.get(address).text
    assert "south pier" not in page
    assert channel[:8] in page


def test_a_hold_reaches_the_retention_page_by_its_number(
    house: House, room: ConversationId, olga: Browser, at_desk: Callable[[str], Browser]
) -> None:
    page = olga.follow(hold(olga, person="ana"))
    number = page.text.partition("<h1>Hold ")[2].partition("<")[0]
    retention = at_desk("audra").get("/retention").text
    assert "March 2026" in retention
    held_by = re.findall(r'Held by">hold ([\d, ]+)', retention)
    assert any(number in numbers.split(", ") for numbers in held_by)


def test_releasing_takes_a_reason_and_deletes_nothing(
    house: House, room: ConversationId, olga: Browser
) -> None:
    house.send(room, "ana", "a brass key")
    house.work()
    matter = olga.open_matter("Short")
    address = str(hold(olga, matter, conversation=room).headers["Location"])
    assert olga.post(f"{address}/release", {"reason": " "}).status_code == 400
    assert (
        "Nothing was deleted by that"
        in olga.follow(olga.post(f"{address}/release", {"reason": "settled"})).text
    )
    assert "1 match<" in olga.search(matter, '"brass key"').text
    again = olga.post(f"{address}/release", {"reason": "again"})
    assert again.status_code == 409
    assert "released already" in again.text


def test_holding_and_releasing_are_on_record(
    house: House, olga: Browser, at_desk: Callable[[str], Browser]
) -> None:
    address = str(hold(olga, person="ben", reason="Letter of today").headers["Location"])
    olga.post(f"{address}/release", {"reason": "Letter withdrawn"})
    house.work()
    trail = at_desk("audra").get("/trail").text
    assert "Hold added" in trail
    assert "Letter of today" in trail
    assert "Hold released" in trail
    assert "Letter withdrawn" in trail


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"person": "ana", "reason": ""}, "Say why this is held"),
        ({"person": "nobody.at.all"}, "Nobody is called nobody.at.all"),
        ({"conversation": "nowhere"}, "Nothing is kept of such a conversation"),
        ({}, "names a person or a conversation"),
        ({"person": "ana", "first": "2026-05-02", "last": "2026-05-01"}, "The first day lies after the last"),
        ({"person": "ana", "first": "soon"}, "Write days as"),
        ({"person": "ana", "last": "9999-12-31"}, "Leave the last day open"),
    ],
)
def test_a_hold_that_cannot_be_placed_says_why_and_keeps_what_was_typed(
    olga: Browser, fields: dict[str, str], says: str
) -> None:
    before = olga.get("/holds").text.count("data-row")
    refused = hold(olga, **fields)
    assert refused.status_code == 400
    assert says in refused.text
    for name in ("person", "conversation"):
        if name in fields:
            assert f'value="{fields[name]}"' in refused.text
    assert olga.get("/holds").text.count("data-row") == before


def test_a_hold_is_placed_in_a_matter_of_ones_own_only(
    olga: Browser, at_desk: Callable[[str], Browser]
) -> None:
    matter = olga.open_matter("Olga's")
    assert hold(at_desk("otto"), matter, person="ana").status_code == 403


def test_others_see_that_there_is_a_hold_but_not_on_whom_or_why(
    olga: Browser, at_desk: Callable[[str], Browser]
) -> None:
    address = str(hold(olga, person="cleo", reason="delicate reason").headers["Location"])
    otto = at_desk("otto")
    page = otto.get(address)
    assert page.status_code == 200
    for word in ("Cleo", "delicate", 'name="reason"'):
        assert word not in page.text
    assert "not yours" in otto.get("/holds").text
    assert otto.post(f"{address}/release", {"reason": "mine now"}).status_code == 404


def test_a_matter_with_a_hold_in_force_stays_open(olga: Browser) -> None:
    matter = olga.open_matter("With a hold")
    address = str(hold(olga, matter, person="ana").headers["Location"])
    refused = olga.post(f"{matter}/close")
    assert refused.status_code == 409
    assert "is in force. Release it first" in refused.text
    olga.post(f"{address}/release", {"reason": "done"})
    assert "closed" in olga.follow(olga.post(f"{matter}/close")).text


def hold(browser: Browser, matter: str = "", **fields: str) -> TestResponse:
    """Place a hold as the form does."""
    matter = matter or browser.open_matter("Preservation")
    return browser.post("/holds", {"reason": "a letter", "matter": matter.rpartition("/")[2]} | fields)
