"""What a sender let others see lately: all that counts is found, and little is read for it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, select, text

from core.messaging.said import COUNT, LOOKED_AT, said_since
from core.messaging.state import SAYS
from core.schema import chat as schema
from core.schema.chat.messaging import SAID_AGAIN
from core.store import Statement, Tx
from core.types import ConversationId, ItemId, PersonId, to_ms
from tests.factories.chat import ANA, BEN, Chat, make_chat
from tests.factories.stores import Chosen
from tests.services.postgresql import PostgresqlMaker

_i, _v = schema.items.c, schema.versions.c
SHOWN = Statement(
    select(_v.item_id, _v.kind, _v.at_ms)
    .join(schema.items, _i.id == _v.item_id)
    .where(_v.conversation_id == bindparam("conv"), _i.sender_id == bindparam("who"), _v.cseq.is_not(None))
    .order_by(_v.cseq)
)
FETCHED = Statement(
    text(
        "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables "
        "WHERE relname IN ('items', 'versions')"
    )
)
ACTS = st.lists(
    st.tuples(st.sampled_from(["send", "edit", "react", "delete", "wait"]), st.sampled_from([ANA, BEN])),
    max_size=40,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_the_last_texts_of_a_sender_are_found_whatever_was_written_between(
    talk: Chat, acts: list[tuple[str, PersonId]]
) -> None:
    room = talk.group()
    sent: dict[PersonId, list[ItemId]] = {ANA: [], BEN: []}
    for number, (act, person) in enumerate(acts):
        own = sent[person]
        if act == "wait":
            talk.clock.advance(120)
        elif act == "send" or not own:
            own.append(ItemId(talk.send(room, f"text {number}", person)["id"]))
            talk.clock.advance(1)
        elif act == "edit":
            talk.messaging.edit(person, talk.ids(), room, own[number % len(own)], f"edited {number}")
        elif act == "react":
            talk.messaging.react(person, talk.ids(), room, own[-1], "+1", add=True)
        else:
            talk.messaging.delete(person, talk.ids(), room, own.pop())
    for person in (ANA, BEN):
        assert _found(talk, room, person) == _brute(talk, room, person)


def test_every_kind_in_which_something_is_said_is_looked_for() -> None:
    assert set(re.findall(r"'(\w+)'", SAID_AGAIN)) == set(SAYS) - {"create"}


def test_a_clock_that_went_back_hides_nothing(talk: Chat) -> None:
    room = talk.group()
    for number in range(COUNT):
        talk.send(room, f"text {number}")
    talk.clock.advance(-60)
    last = talk.send(room, "said on a clock that went back")
    assert _found(talk, room, ANA)[-1][0] == last["id"]


def test_an_edit_of_a_late_message_counts_however_much_others_edit_after_it(talk: Chat) -> None:
    room = talk.group()
    mine, other = ItemId(talk.send(room, "mine")["id"]), ItemId(talk.send(room, "other", BEN)["id"])
    talk.messaging.edit(ANA, talk.ids(), room, mine, "half of a number")
    for number in range(LOOKED_AT):
        talk.messaging.edit(BEN, talk.ids(), room, other, f"edit {number}")
    assert len(_found(talk, room, ANA)) == 2


@pytest.mark.services
def test_a_server_reads_few_rows_for_it_though_it_planned_when_there_were_none(
    postgresql_maker: PostgresqlMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Chosen, "maker", postgresql_maker)
    talk = make_chat(tmp_path)
    room = talk.group()
    for _ in range(12):
        _found(talk, room, ANA)  # prepared, and planned for good
    for number in range(300):
        talk.send(room, f"text {number}", ANA if number % 2 else BEN)
        talk.clock.advance(1)

    def work(tx: Tx) -> int:
        before = int(tx.value(FETCHED))
        said_since(tx, talk.messaging.vault, room, ANA, talk.clock.now() - timedelta(minutes=10))
        return int(tx.value(FETCHED)) - before

    assert talk.store.read(work) <= 2 * COUNT


def _found(talk: Chat, room: ConversationId, person: PersonId) -> list[tuple[str, int]]:
    since = talk.clock.now() - timedelta(minutes=10)
    said = talk.store.read(lambda tx: said_since(tx, talk.messaging.vault, room, person, since))
    return [(one.item, to_ms(one.at)) for one in said]


def _brute(talk: Chat, room: ConversationId, person: PersonId) -> list[tuple[str, int]]:
    since = to_ms(talk.clock.now() - timedelta(minutes=10))
    rows = talk.store.read(lambda tx: tx.rows(SHOWN, conv=room, who=person))
    said = [(row.item_id, row.at_ms) for row in rows if row.kind in SAYS and row.at_ms >= since]
    return said[-COUNT:]


@pytest.fixture
def talk(tmp_path: Path) -> Chat:
    return make_chat(tmp_path)
