"""What sending a message promises."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from core.blocking import InlineBlocking
from core.errors import Conflict, InvalidInput, NotFound, TooLarge, Unavailable
from core.messaging.attempt import Confirmation
from core.messaging.paging import PAGE_ITEMS
from core.schema import chat as tables
from core.types import ConversationId
from tests.factories.chat import ANA, BEN, CLEO, DAN, Chat, at_once, make_chat
from tests.fakes.delivery import RecordingDelivery

T = TypeVar("T")


def test_a_message_is_acknowledged_with_its_number_and_reaches_the_other(chat: Chat) -> None:
    conversation = chat.direct()
    answer = chat.send(conversation, "Hello *Ben*")
    assert answer["ok"]
    assert answer["cseq"] == 2
    frame = chat.delivery.frames[-1]
    assert frame.payload["view"]["text"] == "Hello *Ben*"
    assert frame.payload["view"]["tokens"] == [{"t": "p", "c": ["Hello ", {"t": "em", "c": ["Ben"]}]}]


def test_an_acknowledged_message_was_committed_before(chat: Chat) -> None:
    conversation = chat.direct()
    answer = chat.send(conversation, "kept")
    assert [row.id for row in chat.rows(tables.items) if row.id == answer["id"]] == [answer["id"]]
    assert len(chat.rows(tables.outbox)) == 2


def test_a_message_that_waits_over_the_turn_of_the_month_is_sent(tmp_path: Path) -> None:
    blocking = SlowCommits()
    chat = make_chat(tmp_path, blocking=blocking)
    conversation = chat.direct()
    chat.send(conversation, "in March")
    to_april = datetime(2026, 4, 1, tzinfo=UTC) - chat.clock.now()
    chat.clock.advance(to_april.total_seconds() - 1)
    blocking.wait = lambda: chat.clock.advance(1)
    assert chat.send(conversation, "in April")["ok"]
    assert [row.month for row in chat.rows(tables.items)][-1] == "2026-04"


@pytest.mark.parametrize("word", ["[warn]", "[justify]", "[quarantine]", "[block]"])
def test_a_stopped_message_reaches_no_recipient_and_is_kept_as_evidence(chat: Chat, word: str) -> None:
    conversation = chat.direct()
    before = len(chat.delivery.frames)
    answer = chat.send(conversation, f"secret {word}")
    assert not answer["ok"]
    assert answer["state"] in {"needs_confirmation", "needs_reason", "quarantined", "blocked"}
    assert len(chat.delivery.frames) == before
    assert chat.messaging.since(BEN, {conversation: 0})["conversations"][conversation]["through"] == 1
    assert [i["view"]["text"] for i in chat.messaging.stopped(ANA, conversation)["items"]] == [
        f"secret {word}"
    ]
    assert chat.messaging.stopped(BEN, conversation)["items"] == []
    assert len(chat.rows(tables.outbox)) == 2


def test_stopped_messages_leave_no_hole_in_what_others_see(chat: Chat) -> None:
    conversation = chat.direct()
    chat.send(conversation, "one")
    chat.send(conversation, "[block]")
    assert chat.send(conversation, "two")["cseq"] == 3
    room = chat.rows(tables.conversations)[0]
    assert (room.cseq, room.stop_seq) == (3, 1)


def test_a_redacted_message_shows_only_the_redacted_text(chat: Chat) -> None:
    conversation = chat.direct()
    answer = chat.send(conversation, "card [redact] here")
    assert answer["state"] == "redacted"
    assert chat.delivery.frames[-1].payload["view"]["text"] == "card ▮▮▮ here"
    assert "[redact]" not in str(chat.messaging.history(BEN, conversation, None))


def test_the_same_request_again_gets_the_same_answer_and_is_sent_once(chat: Chat) -> None:
    conversation = chat.direct()
    first = chat.messaging.send(ANA, "same", conversation, "once")
    assert chat.messaging.send(ANA, "same", conversation, "once") == first
    assert len([f for f in chat.delivery.frames if f.payload["type"] == "message"]) == 1


def test_a_stopped_attempt_again_gets_the_same_answer(chat: Chat) -> None:
    conversation = chat.direct()
    first = chat.messaging.send(ANA, "same", conversation, "[block]")
    assert chat.messaging.send(ANA, "same", conversation, "[block]") == first
    assert len(chat.messaging.stopped(ANA, conversation)["items"]) == 1


def test_an_id_used_for_another_text_is_refused(chat: Chat) -> None:
    conversation = chat.direct()
    chat.messaging.send(ANA, "same", conversation, "once")
    with pytest.raises(Conflict) as refused:
        chat.messaging.send(ANA, "same", conversation, "something else")
    assert refused.value.code == "client_id_reused"


def test_twenty_senders_at_once_commit_in_fewer_transactions_than_messages(chat: Chat) -> None:
    conversation = chat.group(ANA, BEN, CLEO)
    works = [
        lambda n=n: chat.messaging.send(ANA if n % 2 else BEN, f"b{n}", conversation, f"m{n}")
        for n in range(20)
    ]
    answers = at_once(*works)
    writer = chat.messaging.pipeline._writer
    assert sorted(a["cseq"] for a in answers) == list(range(2, 22))
    assert writer.commits < writer.writes


def test_a_delivery_that_fails_holds_nobody_up(tmp_path: Path) -> None:
    class Failing(RecordingDelivery):
        def committed(self, conversation: ConversationId, frames: Sequence[Any]) -> None:
            raise RuntimeError("a socket library had a bad day")

    chat = make_chat(tmp_path, delivery=Failing())
    conversation = chat.direct()
    assert [chat.send(conversation, text)["cseq"] for text in ("one", "two")] == [2, 3]
    chat.store.close()


def test_the_same_id_twice_at_once_is_one_message(chat: Chat) -> None:
    conversation = chat.direct()
    answers = at_once(*[lambda: chat.messaging.send(ANA, "twin", conversation, "one only")] * 4)
    assert len({a["id"] for a in answers}) == 1
    assert len([f for f in chat.delivery.frames if f.payload["type"] == "message"]) == 1


def test_a_number_split_over_two_messages_sent_at_once_is_found(chat: Chat) -> None:
    conversation = chat.direct()
    answers = at_once(
        lambda: chat.messaging.send(ANA, "h1", conversation, "4111 1111"),
        lambda: chat.messaging.send(ANA, "h2", conversation, "1111 1111"),
    )
    delivered = [a for a in answers if a["ok"]]
    preceding = [f.preceding for f, text in chat.gate.asked if text == "1111 1111"]
    assert len(delivered) == 1 or any(preceding) or answers[1]["cseq"] < answers[0]["cseq"]


def test_a_confirmed_warning_is_decided_again_and_sent(chat: Chat) -> None:
    conversation = chat.direct()
    warned = chat.send(conversation, "careful [warn]")
    assert warned["code"] == "needs_confirmation"
    answer = chat.send(conversation, "careful [warn]", confirms=Confirmation(warned["decision"]))
    assert answer["ok"]


def test_a_confirmation_does_not_hold_for_another_text(chat: Chat) -> None:
    conversation = chat.direct()
    warned = chat.send(conversation, "careful [warn]")
    answer = chat.send(conversation, "other [warn]", confirms=Confirmation(warned["decision"]))
    assert answer["code"] == "needs_confirmation"


def test_a_reason_is_asked_for_and_kept(chat: Chat) -> None:
    conversation = chat.direct()
    asked = chat.send(conversation, "[justify] x")
    with pytest.raises(InvalidInput) as refused:
        chat.send(conversation, "[justify] x", confirms=Confirmation(asked["decision"], "  "))
    assert refused.value.code == "needs_reason"
    assert chat.send(conversation, "[justify] x", confirms=Confirmation(asked["decision"], "client asked"))[
        "ok"
    ]


def test_nobody_confirms_the_warning_of_somebody_else(chat: Chat) -> None:
    conversation = chat.direct()
    warned = chat.send(conversation, "[warn]")
    with pytest.raises(InvalidInput) as refused:
        chat.send(conversation, "[warn]", sender=BEN, confirms=Confirmation(warned["decision"]))
    assert refused.value.code == "nothing_to_confirm"


def test_a_stranger_cannot_tell_that_a_conversation_exists(chat: Chat) -> None:
    conversation = chat.direct()
    for target in (conversation, ConversationId("nowhere")):
        with pytest.raises(NotFound) as refused:
            chat.send(target, "hello", sender=DAN)
        assert refused.value.code == "no_conversation"


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty_text"), (" \n ", "empty_text"), ("a\x00b", "bad_text"), ("\ud800", "bad_text")],
)
def test_a_text_that_cannot_be_sent_is_refused_with_its_reason(chat: Chat, text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        chat.send(chat.direct(), text)
    assert refused.value.code == code


def test_a_text_over_the_limit_is_refused_whole(tmp_path: Path) -> None:
    chat = make_chat(tmp_path, message_max_chars=10)
    with pytest.raises(TooLarge) as refused:
        chat.send(chat.direct(), "12345678901")
    assert refused.value.params["limit"] == 10
    chat.store.close()


def test_an_unavailable_policy_writes_nothing(chat: Chat) -> None:
    conversation = chat.direct()

    def refuse(*_: object) -> None:
        raise Unavailable("The policy cannot be confirmed.", code="policy_unavailable")

    before = len(chat.rows(tables.items))
    chat.gate.on_ask = refuse
    with pytest.raises(Unavailable):
        chat.send(conversation, "hello")
    assert len(chat.rows(tables.items)) == before
    assert not [row for row in chat.rows(tables.attempts) if row.conversation_id != conversation]


def test_a_member_who_left_between_decision_and_commit_cannot_send(chat: Chat) -> None:
    conversation = chat.group(ANA, BEN, CLEO)
    left = False

    def leave_once(_facts: object, text: str) -> None:
        nonlocal left
        if not left and text == "late":
            left = True
            chat.messaging.leave(ANA, "leaving", conversation)

    chat.gate.on_ask = leave_once
    with pytest.raises(NotFound):
        chat.send(conversation, "late")
    assert "late" not in str([f.payload for f in chat.delivery.frames])


def test_a_long_thread_comes_in_pages_without_a_hole(chat: Chat) -> None:
    conversation = chat.direct()
    root = chat.send(conversation, "root")["id"]
    sent = [chat.send(conversation, f"reply {n}", thread_root=root)["id"] for n in range(PAGE_ITEMS + 1)]
    first = chat.messaging.thread(BEN, conversation, root)
    assert first["more"]
    rest = chat.messaging.thread(BEN, conversation, root, first["items"][-1]["created_cseq"])
    assert not rest["more"]
    assert [item["id"] for item in (*first["items"], *rest["items"])] == [root, *sent[:-1], root, sent[-1]]


def test_a_reply_belongs_to_a_first_message_of_the_same_conversation(chat: Chat) -> None:
    conversation, elsewhere = chat.direct(), chat.direct(ANA, CLEO)
    root = chat.send(conversation, "root")["id"]
    reply = chat.send(conversation, "reply", sender=BEN, thread_root=root)
    assert reply["ok"]
    assert [i["view"]["text"] for i in chat.messaging.thread(ANA, conversation, root)["items"]] == [
        "root",
        "reply",
    ]
    with pytest.raises(NotFound):
        chat.send(elsewhere, "reply", thread_root=root)
    with pytest.raises(InvalidInput):
        chat.send(conversation, "reply", thread_root=reply["id"])


def test_who_is_mentioned_is_counted_until_they_have_read(chat: Chat) -> None:
    conversation = chat.direct()
    answer = chat.send(conversation, "look @ben and @nobody")
    head = chat.messaging.head(BEN, conversation)
    assert (head["mentions"], head["unread"]) == (1, 1)
    chat.messaging.mark(BEN, conversation, answer["cseq"])
    head = chat.messaging.head(BEN, conversation)
    assert (head["mentions"], head["unread"]) == (0, 0)


def test_no_text_stands_in_the_store_in_the_clear(chat: Chat, tmp_path: Path) -> None:
    conversation = chat.channel(ANA, BEN, name="canary-name")
    chat.send(conversation, "canary-body")
    chat.send(conversation, "canary-stopped [block]")
    chat.messaging.set_topic(ANA, "t", conversation, "canary-topic")
    raw = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"canary" not in raw


class SlowCommits(InlineBlocking):
    """Lets time pass before each commit."""

    def __init__(self) -> None:
        super().__init__()
        self.wait: Callable[[], None] = lambda: None

    def commit(self, work: Callable[[], T]) -> T:
        self.wait()
        return work()


@pytest.fixture
def chat(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = make_chat(tmp_path)
    yield made
    made.store.close()
