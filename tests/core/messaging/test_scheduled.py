"""What is said later is said once, at its time, as if its sender said it then, or its sender is told why not."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Conflict, InvalidInput, NotFound, Unavailable
from core.messaging.own_changes import own_changes
from core.messaging.scheduled import PER_PERSON, Later
from core.schema import chat as tables
from core.types import ConversationId, ItemId, to_ms
from tests.factories.chat import ANA, BEN, CLEO, DAN, Chat, make_chat

DAY = 86_400_000


class Killed(BaseException):
    """The process dies here."""


def test_a_message_goes_at_its_time_and_not_before(chat: Chat) -> None:
    room = chat.direct()
    entry = _schedule(chat, room, "good morning @ben", seconds=60)
    assert (entry["state"], entry["text"]) == ("waiting", "good morning @ben")
    assert chat.sender().run() == 0
    assert _texts(chat, room) == []
    chat.clock.advance(60)
    assert chat.sender().run() == 1
    (item,) = [i for i in chat.messaging.history(BEN, room)["items"] if i["type"] == "message"]
    assert (item["sender"], item["view"]["text"], item["view"]["mentions"]) == (
        ANA,
        "good morning @ben",
        [BEN],
    )
    assert chat.messaging.scheduled_by(ANA)["entries"] == []
    changes = [c for c in chat.store.read(lambda tx: own_changes(tx, 0)) if c.event == "scheduled"]
    assert [(c.person, c.payload["state"], c.payload["item"]) for c in changes] == [(ANA, "sent", item["id"])]
    chat.clock.advance(2 * DAY // 1000)
    assert chat.sender().run() == 0
    assert chat.rows(tables.scheduled) == []


@pytest.mark.parametrize("point", ["scheduled.before_sending", "scheduled.after_sending"])
def test_a_process_that_dies_anywhere_sends_it_once(chat: Chat, point: str) -> None:
    room = chat.direct()
    _schedule(chat, room, "once")
    chat.clock.advance(60)
    with pytest.raises(Killed):
        chat.sender(reach=_die_at(point)).run()
    chat.sender().run()
    chat.sender().run()
    assert _texts(chat, room) == ["once"]
    assert chat.messaging.scheduled_by(ANA)["entries"] == []


def test_a_quote_is_read_when_the_message_goes(chat: Chat) -> None:
    room = chat.direct()
    said = chat.send(room, "the price is nine", sender=BEN)["id"]
    entry = _schedule(chat, room, "too much", quotes=said)
    assert (entry["quotes"], entry["quote"]["text"]) == (said, "the price is nine")
    chat.clock.advance(60)
    chat.sender().run()
    assert _last(chat, room)["view"]["quote"]["text"] == "the price is nine"


@pytest.mark.parametrize("point", ["", "scheduled.before_sending", "scheduled.after_sending"])
def test_what_quotes_a_message_that_is_gone_goes_without_the_quote_and_once(chat: Chat, point: str) -> None:
    room = chat.direct()
    said = chat.send(room, "the price is nine", sender=BEN)["id"]
    _schedule(chat, room, "too much", quotes=said)
    chat.messaging.delete(BEN, chat.ids(), room, said)
    (entry,) = chat.messaging.scheduled_by(ANA)["entries"]
    assert (entry["quotes"], entry["quote"]) == (said, None)
    chat.clock.advance(60)
    if point:
        with pytest.raises(Killed):
            chat.sender(reach=_die_at(point)).run()
    chat.sender().run()
    chat.sender().run()
    assert _texts(chat, room).count("too much") == 1
    assert "quote" not in _last(chat, room)["view"]


def test_what_was_sent_with_its_quote_is_not_sent_again_when_that_is_gone(chat: Chat) -> None:
    room = chat.direct()
    said = chat.send(room, "the price is nine", sender=BEN)["id"]
    _schedule(chat, room, "too much", quotes=said)
    chat.clock.advance(60)
    with pytest.raises(Killed):
        chat.sender(reach=_die_at("scheduled.after_sending")).run()
    chat.messaging.delete(BEN, chat.ids(), room, said)
    chat.sender().run()
    assert _texts(chat, room).count("too much") == 1
    assert chat.messaging.scheduled_by(ANA)["entries"] == []


def test_what_cannot_be_quoted_now_is_refused_at_once(chat: Chat) -> None:
    with pytest.raises(NotFound):
        _schedule(chat, chat.direct(), "too much", quotes=ItemId("nowhere"))


def test_all_windows_learn_in_every_process_that_one_was_taken_back(chat: Chat) -> None:
    room = chat.direct()
    entry = _schedule(chat, room, "canary")
    told = chat.messaging.unschedule(ANA, entry["id"])
    changes = [c for c in chat.store.read(lambda tx: own_changes(tx, 0)) if c.event == "scheduled"]
    assert [(c.person, c.payload) for c in changes] == [(ANA, told)]
    assert (told["id"], told["state"]) == (entry["id"], "removed")
    assert chat.rows(tables.scheduled)[0].body == b"", "nothing of it is kept"
    with pytest.raises(NotFound):
        chat.messaging.unschedule(ANA, entry["id"])
    chat.clock.advance(2 * DAY // 1000)
    chat.sender().run()
    assert chat.rows(tables.scheduled) == []


def test_what_is_being_sent_cannot_be_taken_back_and_what_waits_can(chat: Chat) -> None:
    room = chat.direct()
    first, second = (_schedule(chat, room, text)["id"] for text in ("one", "two"))
    chat.messaging.unschedule(ANA, first)
    chat.clock.advance(60)
    with pytest.raises(Killed):
        chat.sender(reach=_die_at("scheduled.before_sending")).run()
    with pytest.raises(Conflict) as refused:
        chat.messaging.unschedule(ANA, second)
    assert refused.value.code == "already_sent"
    chat.sender().run()
    assert _texts(chat, room) == ["two"]


@pytest.mark.parametrize(
    ("word", "code"),
    [("[block]", "blocked"), ("[warn]", "needs_confirmation"), ("[quarantine]", "quarantined")],
)
def test_it_is_decided_when_it_goes_and_what_is_stopped_stays_with_its_sender(
    chat: Chat, word: str, code: str
) -> None:
    room = chat.direct()
    _schedule(chat, room, f"canary {word}")
    chat.clock.advance(60)
    chat.sender().run()
    (entry,) = chat.messaging.scheduled_by(ANA)["entries"]
    (stopped,) = chat.messaging.stopped(ANA, room)["items"]
    assert (entry["state"], entry["code"], entry["item"]) == ("stopped", code, stopped["id"])
    assert "canary" not in str([frame.payload for frame in chat.delivery.frames])
    chat.messaging.unschedule(ANA, entry["id"])
    assert chat.messaging.scheduled_by(ANA)["entries"] == []


def test_whoever_left_the_conversation_or_the_firm_says_nothing_and_it_is_on_record(chat: Chat) -> None:
    group, direct = chat.group(ANA, BEN, CLEO), chat.direct()
    for room in (group, direct):
        _schedule(chat, room, "too late")
    chat.messaging.leave(ANA, chat.ids(), group)
    chat.clock.advance(60)
    chat.sender(gone=()).run()
    assert _texts(chat, direct) == ["too late"]
    _schedule(chat, direct, "from the grave")
    chat.clock.advance(60)
    chat.sender(gone=(ANA,)).run()
    assert _texts(chat, direct) == ["too late"]
    assert chat.not_sent == [(ANA, group, "no_conversation"), (ANA, direct, "sender_left")]
    codes = [(entry["state"], entry["code"]) for entry in chat.messaging.scheduled_by(ANA)["entries"]]
    assert codes == [("failed", "no_conversation"), ("failed", "sender_left")]


def test_what_cannot_be_decided_now_waits_and_keeps_nobody_else_waiting(chat: Chat) -> None:
    room = chat.direct()
    for text in ("stuck", "fine"):
        _schedule(chat, room, text)

    def refuse(_facts: object, text: str) -> None:
        if text == "stuck":
            raise Unavailable("Not now.", code="policy_unavailable")

    chat.gate.on_ask = refuse
    chat.clock.advance(60)
    chat.sender().run()
    assert _texts(chat, room) == ["fine"]
    assert [entry["state"] for entry in chat.messaging.scheduled_by(ANA)["entries"]] == ["waiting"]
    chat.gate.on_ask = lambda _facts, _text: None
    chat.sender().run()
    assert _texts(chat, room) == ["fine", "stuck"]


def test_one_that_breaks_keeps_nobody_else_waiting_and_is_seen(chat: Chat) -> None:
    room = chat.direct()
    for text in ("broken", "fine"):
        _schedule(chat, room, text)

    def break_down(_facts: object, text: str) -> None:
        if text == "broken":
            raise RuntimeError(text)

    chat.gate.on_ask = break_down
    chat.clock.advance(60)
    with pytest.raises(RuntimeError, match="broken"):
        chat.sender().run()
    assert _texts(chat, room) == ["fine"]
    chat.gate.on_ask = lambda _facts, _text: None
    chat.sender().run()
    assert _texts(chat, room) == ["fine", "broken"]


def test_the_same_request_twice_is_kept_once(chat: Chat) -> None:
    room = chat.direct()
    later = Later("same", room, "x", to_ms(chat.clock.now()) + 1_000)
    assert chat.messaging.schedule(ANA, later) == chat.messaging.schedule(ANA, later)
    with pytest.raises(Conflict) as refused:
        chat.messaging.schedule(ANA, Later("same", room, "y", later.due_ms))
    assert refused.value.code == "client_id_reused"
    assert len(chat.messaging.scheduled_by(ANA)["entries"]) == 1


def test_nobody_sees_or_takes_back_what_somebody_else_wants_to_say(chat: Chat) -> None:
    which = _schedule(chat, chat.direct(), "surprise")["id"]
    assert chat.messaging.scheduled_by(BEN)["entries"] == []
    with pytest.raises(NotFound):
        chat.messaging.unschedule(BEN, which)


def test_what_can_never_be_sent_is_refused_at_once(chat: Chat) -> None:
    room, now = chat.direct(), to_ms(chat.clock.now())
    bad: dict[str, Later] = {
        "bad_time": Later("a", room, "x", now),
        "empty_text": Later("b", room, " ", now + 1),
        "bad_client_id": Later("", room, "x", now + 1),
    }
    for code, later in bad.items():
        with pytest.raises(InvalidInput) as refused:
            chat.messaging.schedule(ANA, later)
        assert refused.value.code == code
    with pytest.raises(InvalidInput):
        chat.messaging.schedule(ANA, Later("c", room, "x", now + 400 * DAY))
    with pytest.raises(NotFound):
        chat.messaging.schedule(DAN, Later("d", room, "x", now + 1))
    with pytest.raises(NotFound):
        chat.messaging.schedule(ANA, Later("e", room, "x", now + 1, ItemId("nowhere")))
    for number in range(PER_PERSON):
        chat.messaging.schedule(ANA, Later(f"n{number}", room, "x", now + DAY))
    with pytest.raises(InvalidInput) as refused:
        chat.messaging.schedule(ANA, Later("one too many", room, "x", now + DAY))
    assert refused.value.code == "too_many_scheduled"


STEPS = st.lists(
    st.sampled_from(["schedule", "wait", "send", "die before", "die after", "take back"]), max_size=14
)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_whatever_happens_each_is_said_once_or_taken_back(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    chat = make_chat(tmp_path_factory.mktemp("chat"))
    room = chat.direct()
    waiting: dict[str, str] = {}
    back: set[str] = set()
    for number, step in enumerate([*steps, "wait", "send"]):
        if step == "schedule":
            waiting[_schedule(chat, room, f"text {number}")["id"]] = f"text {number}"
        elif step == "wait":
            chat.clock.advance(60)
        elif step == "take back" and waiting:
            which = min(waiting)
            try:
                chat.messaging.unschedule(ANA, which)
                back.add(waiting.pop(which))
            except (Conflict, NotFound):
                continue
        elif step == "send":
            chat.sender().run()
        elif step.startswith("die"):
            with contextlib.suppress(Killed):
                chat.sender(reach=_die_at(f"scheduled.{step.removeprefix('die ')}_sending")).run()
    assert sorted(_texts(chat, room)) == sorted(waiting.values())
    assert not back & set(_texts(chat, room))
    chat.store.close()


def test_no_text_of_it_stands_in_the_store_in_the_clear(chat: Chat, tmp_path: Path) -> None:
    _schedule(chat, chat.direct(), "canary")
    assert b"canary" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def _schedule(
    chat: Chat, room: ConversationId, text: str, *, seconds: int = 30, quotes: ItemId | None = None
) -> dict[str, Any]:
    due = to_ms(chat.clock.now()) + seconds * 1_000
    return chat.messaging.schedule(ANA, Later(chat.ids(), room, text, due, quotes=quotes))


def _last(chat: Chat, room: ConversationId) -> dict[str, Any]:
    last: dict[str, Any] = [i for i in chat.messaging.history(BEN, room)["items"] if i["type"] == "message"][
        -1
    ]
    return last


def _texts(chat: Chat, room: ConversationId) -> list[str]:
    items = chat.messaging.history(BEN, room)["items"]
    return [item["view"]["text"] for item in items if item["type"] == "message"]


def _die_at(point: str) -> Callable[[str], None]:
    def reach(reached: str) -> None:
        if reached == point:
            raise Killed

    return reach


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
