"""Every way by which something leaves a person for others is decided first. A new one fails here."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from core.messaging.carried import BREAK
from core.messaging.scheduled import Later
from core.types import ConversationId, ConversationKind, ItemId, PersonId, Surface, to_ms
from tests.factories.chat import ANA, BEN, CLEO, DAN, Chat, make_chat
from web.realtime import wire
from web.realtime.handlers import EVENTS

WORD = "forbiddencanary"
"""The gate of these tests blocks it; it is a possible alias of a reaction, too."""

Way = Callable[[Chat, ConversationId, ItemId], dict[str, Any]]

WAYS_OUT: dict[str, tuple[Surface, Way]] = {
    "send": (Surface.MESSAGE, lambda c, room, _: c.send(room, WORD)),
    "forward": (
        Surface.MESSAGE,
        lambda c, room, item: c.messaging.forward(ANA, c.ids(), room, (room, item), WORD),
    ),
    "schedule": (Surface.MESSAGE, lambda c, room, _: _said_later(c, room)),
    "edit": (Surface.EDIT, lambda c, room, item: c.messaging.edit(ANA, c.ids(), room, item, WORD)),
    "react": (
        Surface.REACTION,
        lambda c, room, item: c.messaging.react(ANA, c.ids(), room, item, WORD, add=True),
    ),
    "open": (
        Surface.CONVERSATION_NAME,
        lambda c, _, __: c.messaging.open(ANA, c.ids(), ConversationKind.PUBLIC, [BEN], WORD),
    ),
    "rename": (Surface.CONVERSATION_NAME, lambda c, room, _: c.messaging.rename(ANA, c.ids(), room, WORD)),
    "topic": (Surface.TOPIC, lambda c, room, _: c.messaging.set_topic(ANA, c.ids(), room, WORD)),
}
"""Events that carry words to others."""

TO_NOBODY = {
    "people": "looks names up; the words go nowhere",
    "draft": "answers the author while typing; nothing is stored",
}
"""Events that carry words, and to whom they do not go."""

BY_THE_WORKER = {Surface.FILE, Surface.FILE_NAME, Surface.PREVIEW}
"""Asked about once the files of a message were read (``tests/admin/test_file_chores.py``), or its link
followed (``tests/admin/test_preview_chores.py``)."""

BRINGS_PEOPLE = {
    "open": lambda c, room: c.messaging.open(ANA, c.ids(), ConversationKind.DIRECT, [CLEO]),
    "invite": lambda c, room: c.messaging.invite(ANA, c.ids(), room, CLEO),
    "join": lambda c, room: c.messaging.invite(CLEO, c.ids(), room, CLEO),
}
"""Events that let somebody see what others say."""


ASKS_ABOUT = {"profile", "remove"}
"""Events that name somebody and bring them nowhere."""


def test_every_event_that_carries_words_is_named_here() -> None:
    carrying = {name for name, event in EVENTS.items() if _has_words(event.form)}
    assert carrying == WAYS_OUT.keys() | TO_NOBODY.keys()


def test_every_event_that_names_or_adds_a_person_is_named_here() -> None:
    naming = {name for name, event in EVENTS.items() if _fields(event.form) & {"person", "people"}}
    assert naming - ASKS_ABOUT | {"join"} == BRINGS_PEOPLE.keys()


def test_every_surface_is_reached_by_an_event() -> None:
    reached = {surface for surface, _ in WAYS_OUT.values()} | {Surface.MEMBERSHIP} | BY_THE_WORKER
    assert reached == set(Surface)


@pytest.mark.parametrize("event", WAYS_OUT)
def test_words_on_their_way_to_others_are_decided_and_stopped(chat: Chat, event: str) -> None:
    surface, way = WAYS_OUT[event]
    room = chat.channel(ANA, BEN)
    item = ItemId(chat.send(room, "before")["id"])
    chat.gate.asked.clear()
    chat.delivery.frames.clear()
    answer = way(chat, room, item)
    assert not answer["ok"] or answer["state"] == "blocked"
    assert (surface, WORD) in [(facts.surface, text.partition(BREAK)[0]) for facts, text in chat.gate.asked]
    assert "canary" not in _all_that_others_get(chat, BEN)


@pytest.mark.parametrize("event", BRINGS_PEOPLE)
def test_bringing_people_together_is_decided_and_stopped(chat: Chat, event: str) -> None:
    room = chat.channel(ANA, BEN, kind=ConversationKind.PUBLIC)
    chat.send(room, "canary")
    chat.gate.asked.clear()
    chat.gate.barred.add(frozenset({ANA, CLEO}))
    answer = BRINGS_PEOPLE[event](chat, room)
    assert not answer["ok"]
    assert Surface.MEMBERSHIP in {facts.surface for facts, _ in chat.gate.asked}
    assert "canary" not in _all_that_others_get(chat, CLEO)
    assert "canary" not in _all_that_others_get(chat, DAN)


def _said_later(chat: Chat, room: ConversationId) -> dict[str, Any]:
    """Schedule the word, let its time come, and return what became of it."""
    due = to_ms(chat.clock.now()) + 60_000
    chat.messaging.schedule(ANA, Later(chat.ids(), room, WORD, due))
    assert WORD not in [text for _, text in chat.gate.asked]
    chat.clock.advance(61)
    chat.sender().run()
    (entry,) = chat.messaging.scheduled_by(ANA)["entries"]
    return {"ok": False, "state": entry["code"]}


def _all_that_others_get(chat: Chat, person: PersonId) -> str:
    """Return all that was delivered to anybody but the author, and all that resync and heads would tell one."""
    asked = [chat.messaging.overview(person), chat.messaging.since(person, {})["conversations"]]
    frames = chat.delivery.frames if person is BEN else []
    return json.dumps([asked, frames], default=repr)


def _fields(form: type[msgspec.Struct]) -> set[str]:
    return {field.name for field in msgspec.structs.fields(form)}


def _has_words(form: type[msgspec.Struct]) -> bool:
    for field in msgspec.structs.fields(form):
        kinds = (field.type, *get_args(field.type))
        if wire.Text in kinds or wire.Short in kinds:
            return True
    return False


@pytest.fixture
def chat(tmp_path: Path) -> Chat:
    return make_chat(tmp_path)
