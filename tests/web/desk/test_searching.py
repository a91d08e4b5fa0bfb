"""Searching and reading at the desk: inside a matter, with a reason, and on record before any text."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from admin.wiring.desk_pages import desk_pages
from core.errors import Unavailable
from core.schema import archive
from core.store import Statement
from core.types import ConversationId
from tests.factories.desk import House, with_search
from tests.web.desk.conftest import Browser, first_link
from web.app import create_desk


def test_an_officer_finds_a_message_by_phrase_and_sees_the_words_marked(
    house: House, room: ConversationId, olga: Browser
) -> None:
    house.send(room, "ana", "lunch at the quiet harbour tomorrow")
    house.work()
    page = olga.search(olga.open_matter(), '"quiet harbour"')
    assert "<mark>quiet harbour</mark>" in page.text
    assert "1 match<" in page.text
    assert "Understood as “quiet harbour”" in page.text


def test_a_match_in_a_talk_without_a_name_tells_with_whom(house: House, olga: Browser) -> None:
    house.send(house.group("ana", "ben", "cleo"), "ben", "the corduroy parasol")
    house.work()
    page = olga.search(olga.open_matter(), '"corduroy parasol"').text
    assert "Group with Ana and Cleo" in page


def test_who_was_added_and_removed_by_whom_is_told_around_a_message(house: House, olga: Browser) -> None:
    room = house.channel("visitors", "ana", "ben")
    house.send(room, "ana", "the wooden spinning top")
    house.invite(room, "ana", "cleo")
    house.remove(room, "ana", "cleo")
    house.work()
    page = olga.read_first(olga.search(olga.open_matter(), '"spinning top"')).text
    assert "Added Cleo" in page
    assert "Removed Cleo" in page


def test_a_reaction_is_shown_by_its_sign_and_its_name(
    house: House, room: ConversationId, olga: Browser
) -> None:
    sent = house.send(room, "ana", "the ginger cat")
    house.react(room, "ben", sent["id"], "cat_face")
    house.work()
    page = olga.read_first(olga.search(olga.open_matter(), '"ginger cat"')).text
    assert "🐱" in page
    assert "cat_face" in page


def test_all_versions_are_read_after_edit_and_delete_with_their_proof(
    house: House, room: ConversationId, olga: Browser
) -> None:
    sent = house.send(room, "ana", "meet at the amber pier")
    house.edit(room, "ana", sent["id"], "meet somewhere else")
    house.delete(room, "ana", sent["id"])
    house.work()
    page = olga.read_first(olga.search(olga.open_matter(), '"amber pier"'))
    assert page.status_code == 200
    assert [word for word in ("Sent", "Edited", "Deleted") if f"<strong>{word}</strong>" in page.text] == [
        "Sent",
        "Edited",
        "Deleted",
    ]
    assert "meet somewhere else" in page.text
    assert page.text.count("Inclusion verified") == 3
    assert "Ana, Ben, Cleo" in page.text


def test_what_was_said_around_a_message_is_shown_in_order(
    house: House, room: ConversationId, olga: Browser
) -> None:
    for text in ("before one", "the copper kettle", "after one"):
        house.send(room, "ben", text)
    house.work()
    context = olga.read_first(olga.search(olga.open_matter(), '"copper kettle"')).text.partition("around it")[
        2
    ]
    assert context.index("before one") < context.index("This item") < context.index("after one")
    assert "copper kettle" not in context


@pytest.mark.parametrize("reason", ["", "   "])
def test_nothing_is_searched_without_a_reason(olga: Browser, reason: str) -> None:
    response = olga.post(f"{olga.open_matter()}/searches", {"query": "lunch", "reason": reason})
    assert response.status_code == 400
    assert "every reading is on record" in response.text


def test_nobody_reads_in_a_matter_that_is_not_theirs(
    house: House, room: ConversationId, olga: Browser, at_desk: Callable[[str], Browser]
) -> None:
    house.send(room, "ana", "the hidden lantern")
    house.work()
    matter, otto = olga.open_matter(), at_desk("otto")
    found = olga.search(matter, "lantern")
    assert otto.get(matter).status_code == 404
    assert otto.post(f"{matter}/searches", {"query": "lantern", "reason": "curious"}).status_code == 404
    refused = otto.get(first_link(found, "/items/"))
    assert refused.status_code == 404
    assert "lantern" not in refused.text


def test_an_officer_who_is_added_reads_with_a_reason_of_their_own(
    house: House, room: ConversationId, olga: Browser, at_desk: Callable[[str], Browser]
) -> None:
    house.send(room, "ana", "the silver ladder")
    house.work()
    matter, otto = olga.open_matter("Shared"), at_desk("otto")
    response = olga.post(f"{matter}/searches", {"query": "ladder", "reason": "hers"})
    officer = re.search(r'value="([a-z2-7]{24})"> Otto Brandt', olga.get(matter).text)
    assert officer is not None
    assert olga.post(f"{matter}/officers", {"officer": officer[1]}).status_code == 303
    page = otto.get(response.headers["Location"])
    assert 'value="ladder"' in page.text
    assert "silver" not in page.text
    assert "<mark>ladder</mark>" in otto.search(matter, "ladder", "his").text


def test_nothing_more_is_read_in_a_closed_matter(house: House, olga: Browser) -> None:
    matter = olga.open_matter("Soon closed")
    search = olga.post(f"{matter}/searches", {"query": "lunch", "reason": "routine"}).headers["Location"]
    assert "closed" in olga.follow(olga.post(f"{matter}/close")).text
    assert olga.get(search).status_code == 403
    assert olga.post(f"{matter}/searches", {"query": "lunch", "reason": "more"}).status_code == 403


def test_what_cannot_be_put_on_record_is_not_read(house: House, room: ConversationId, olga: Browser) -> None:
    house.send(room, "ana", "a paper crane")
    house.work()
    matter = olga.open_matter()
    found = olga.search(matter, '"paper crane"')
    blind = Browser(create_desk(desk_pages(with_search(house, record=refuse_to_record))).test_client())
    assert blind.sign_in("olga").status_code == 303
    for address in (first_link(found, "/items/"), first_link(found, "/items/").partition("/items/")[0]):
        refused = blind.get(address)
        assert refused.status_code == 503
        assert "crane" not in refused.text.replace("“paper crane”", "").replace(
            'value="&#34;paper crane&#34;"', ""
        )


def test_links_carry_ids_and_never_words(house: House, room: ConversationId, olga: Browser) -> None:
    house.send(room, "ana", "meridian plan")
    house.work()
    matter = olga.open_matter("Purpose nobody may read in a link")
    response = olga.post(f"{matter}/searches", {"query": "meridian", "reason": "secretreason"})
    page = olga.get(response.headers["Location"])
    links = " ".join(re.findall(r'(?:href|action)="([^"]+)"', page.text)) + response.headers["Location"]
    for word in ("meridian", "secretreason", "Purpose"):
        assert word not in links


def test_what_is_kept_of_a_search_is_ciphertext(house: House, olga: Browser) -> None:
    olga.search(olga.open_matter("Purple purpose"), "tangerine", "plausiblereason")
    stored = (house.settings.home / "stores").rglob("desk.db*")
    octets = b"".join(path.read_bytes() for path in stored)
    for word in (b"tangerine", b"plausiblereason", b"Purple purpose"):
        assert word not in octets


def test_a_malformed_query_is_refused_where_it_goes_wrong(olga: Browser) -> None:
    matter = olga.open_matter()
    response = olga.post(f"{matter}/searches", {"query": 'lunch "harbour', "reason": "routine"})
    assert response.status_code == 400
    assert "not closed" in response.text
    assert "At character 7" in response.text
    assert 'value="lunch &#34;harbour"' in response.text


def test_an_or_in_lower_case_and_a_word_that_occurs_nowhere_are_pointed_out(
    house: House, room: ConversationId, olga: Browser
) -> None:
    house.send(room, "ana", "numbers of the third quarter")
    house.work()
    page = olga.search(olga.open_matter(), "quarter or nmubers").text
    assert "capitals" in page
    assert "occurs nowhere" in page
    assert "numbers" in page


def test_the_trail_names_a_matter_by_its_number_and_reasons_in_the_language_of_the_page(
    house: House, room: ConversationId, olga: Browser, at_desk: Callable[[str], Browser]
) -> None:
    matter = olga.open_matter("Marzipan")
    olga.search(matter, "marzipan")
    house.work()
    number = re.search(r"<h1>(\d+) · Marzipan", olga.get(matter).text)
    assert number is not None
    audra = at_desk("audra")
    trail = audra.get("/trail").text
    assert f"matter <q>{number[1]}</q>" in trail
    assert matter.rpartition("/")[2] not in trail
    assert "officers <q>Olga Sand</q>" in trail
    assert f"Fall <q>{number[1]}</q>" in audra.get("/trail", **{"Accept-Language": "de"}).text


def test_days_narrow_a_search(house: House, room: ConversationId, olga: Browser) -> None:
    house.send(room, "ana", "velvet curtain")
    house.work()
    today = house.clock.now().date().isoformat()
    matter = olga.open_matter()
    assert "1 match<" in olga.search(matter, "velvet", first=today, last=today).text
    assert "0 matches" in olga.search(matter, "velvet", last="2026-03-01").text
    response = olga.post(f"{matter}/searches", {"query": "velvet", "reason": "r", "first": "soon"})
    assert response.status_code == 400
    assert "Write days as" in response.text


def test_every_page_of_results_says_what_it_was_drawn_from(
    house: House, room: ConversationId, olga: Browser
) -> None:
    sent = house.send(room, "ana", "granite steps")
    house.work()
    matter = olga.open_matter()
    before = olga.search(matter, "granite").text
    assert re.search(r"Searched ([\d,]+) of \1\.", before)
    (record,) = [row for row in _records(house) if row.item_id == sent["id"]]
    house.worker.index.delete(record.partition_id, [record.rid])
    assert "1 is not indexed yet" in olga.search(matter, "granite").text


def test_many_results_come_in_pages(house: House, room: ConversationId, olga: Browser) -> None:
    for number in range(30):
        house.send(room, "ana", f"porcelain {number}")
    house.work()
    first = olga.search(olga.open_matter(), "porcelain")
    assert "30 matches" in first.text
    assert first.text.count('class="result"') == 25
    second = olga.get(first_link(first, "after=").replace("&amp;", "&"))
    assert second.text.count('class="result"') == 5
    assert "Searched" in second.text


def test_markup_in_a_message_is_shown_as_text(house: House, room: ConversationId, olga: Browser) -> None:
    house.send(room, "ana", "<script>alert(1)</script> saffron")
    house.work()
    page = olga.search(olga.open_matter(), "saffron").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def refuse_to_record(*_: Any) -> None:
    raise Unavailable("The trail cannot be written.", code="trail_unavailable")


def _records(house: House) -> list[Any]:
    return house.services.archive.read(lambda tx: tx.rows(Statement(select(archive.records))))
