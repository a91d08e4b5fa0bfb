"""A finding can be called wrong by whoever it is about, once; nothing else changes, and no text leaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.archive.presenting import present
from core.errors import Conflict, NotFound
from core.schema import chat as tables
from core.types import ItemId
from tests.factories.archive import make_evidence
from tests.factories.chat import ANA, BEN, CLEO, DAN, Chat, make_chat


def test_a_stopped_message_is_reported_once_and_stays_as_it_is(chat: Chat) -> None:
    room = chat.direct()
    stopped = chat.send(room, "[quarantine] canary")
    chat.delivery.frames.clear()
    answer = chat.messaging.report(ANA, "r", room, stopped["decision"])
    assert answer["id"] == stopped["id"]
    assert chat.messaging.report(ANA, "r", room, stopped["decision"]) == answer
    with pytest.raises(Conflict) as refused:
        chat.messaging.report(ANA, chat.ids(), room, stopped["decision"])
    assert refused.value.code == "already_reported"
    (waiting,) = chat.messaging.stopped(ANA, room)["items"]
    assert (waiting["state"], waiting["view"]["text"]) == ("quarantined", "[quarantine] canary")
    assert chat.delivery.frames == []
    assert chat.messaging.withdraw(ANA, chat.ids(), room, ItemId(stopped["id"]))["ok"]


def test_a_reported_message_that_waits_still_lapses_at_its_time(chat: Chat) -> None:
    room = chat.direct()
    stopped = chat.send(room, "[quarantine]")
    before = chat.rows(tables.items)[-1].expires_ms
    chat.messaging.report(ANA, chat.ids(), room, stopped["decision"])
    assert chat.rows(tables.items)[-1].expires_ms == before is not None


def test_only_what_was_found_in_ones_own_words_is_reported(chat: Chat) -> None:
    room = chat.direct()
    stopped = chat.send(room, "[block]")["decision"]
    chat.send(room, "nothing was found")
    clean = chat.rows(tables.receipts)[-1].decision_id
    for person, where, decision in (
        (BEN, room, stopped),
        (DAN, room, stopped),
        (ANA, chat.direct(ANA, CLEO), stopped),
        (ANA, room, "nowhere"),
        (ANA, room, clean),
    ):
        with pytest.raises(NotFound):
            chat.messaging.report(person, chat.ids(), where, decision)


def test_officers_find_the_report_beside_the_message(tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path)
    room = evidence.chat.direct()
    stopped = evidence.chat.send(room, "[block] canary")
    evidence.chat.messaging.report(ANA, "r", room, stopped["decision"])
    evidence.worker().archiver.run_until_idle()
    create, report = map(present, evidence.desk().reader.versions_of(ItemId(stopped["id"])))
    assert (report.kind, report.rules, report.body) == ("report", ("[block]",), ())
    assert "".join(part.text for part in create.body) == "[block] canary"
    evidence.close()


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
