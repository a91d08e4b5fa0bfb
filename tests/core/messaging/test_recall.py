"""What Compliance recalls is gone for everybody at once, kept for who restores it, and decided again then."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from core.errors import Conflict, NotFound
from core.messaging.model import Person
from core.messaging.prune import Pruner
from core.schema import chat as schema
from core.store import Statement
from core.types import ConversationId, ConversationKind, ItemId, PersonFacts, PersonId
from tests.factories.chat import ANA, BEN, CLEO, Chat, at_once, make_chat

OLGA = Person(PersonId("olga"), "olga", "Olga Sand", "", PersonFacts(PersonId("olga")))


def test_a_recalled_message_shows_everybody_a_tombstone_and_no_word(chat: Chat) -> None:
    room, item = _said(chat, "canary")
    chat.messaging.react(BEN, chat.ids(), room, item, "eyes", add=True)
    answer = _recall(chat, room, item)
    assert answer["state"] == "recalled"
    frame = chat.delivery.frames[-1]
    assert (frame.payload["id"], frame.payload["state"]) == (item, "recalled")
    for reader in (ANA, BEN):
        read = [
            frame.payload,
            chat.messaging.history(reader, room),
            chat.messaging.since(reader, {room: 0})["conversations"],
            chat.messaging.around(reader, room, item=item),
        ]
        assert "canary" not in str(read)
        assert "olga" not in str(read).casefold()
        assert _item(chat, room, item, reader)["view"]["reactions"] == {}


def test_its_sender_is_told_until_they_read_on_and_nobody_else_is(chat: Chat) -> None:
    room, item = _said(chat, "canary")
    chat.messaging.mark(ANA, room, 1_000)
    _recall(chat, room, item)
    cseq = chat.delivery.frames[-1].cseq
    assert chat.messaging.recalled_unseen(ANA) == {room: [item]}
    assert chat.messaging.recalled_unseen(BEN) == {}
    chat.messaging.mark(ANA, room, cseq)
    assert chat.messaging.recalled_unseen(ANA) == {}


def test_whoever_left_and_whose_message_is_shown_again_is_told_nothing(chat: Chat) -> None:
    room, item = _said(chat, "canary", chat.group())
    _recall(chat, room, item)
    _restore(chat, room, item)
    assert chat.messaging.recalled_unseen(ANA) == {}
    _recall(chat, room, item)
    chat.messaging.leave(ANA, chat.ids(), room)
    assert chat.messaging.recalled_unseen(ANA) == {}


def test_what_quoted_a_recalled_message_shows_it_no_more_and_what_forwarded_it_is_a_message_of_its_own(
    chat: Chat,
) -> None:
    room, item = _said(chat, "canary")
    other = chat.direct(ANA, CLEO)
    quoting = chat.send(room, "about that", quotes=item)["id"]
    forwarded = chat.messaging.forward(ANA, chat.ids(), other, (room, item))["id"]
    _recall(chat, room, item)
    assert _item(chat, room, quoting)["view"]["quote"] == {"empty": True}
    assert _item(chat, other, forwarded, CLEO)["view"]["forwarded"]["text"] == "canary"
    with pytest.raises(NotFound):
        chat.send(room, "again", quotes=item)
    with pytest.raises(NotFound):
        chat.messaging.forward(ANA, chat.ids(), other, (room, item))


def test_nothing_changes_a_recalled_message_and_its_thread_stays(chat: Chat) -> None:
    room, item = _said(chat, "canary")
    reply = chat.send(room, "a reply", thread_root=item)["id"]
    chat.messaging.pin(BEN, chat.ids(), room, item, on=True)
    _recall(chat, room, item)
    changes: tuple[Callable[[], Any], ...] = (
        lambda: chat.messaging.edit(ANA, chat.ids(), room, item, "better"),
        lambda: chat.messaging.delete(ANA, chat.ids(), room, item),
        lambda: chat.messaging.react(BEN, chat.ids(), room, item, "eyes", add=True),
        lambda: chat.messaging.pin(BEN, chat.ids(), room, item, on=True),
    )
    for change in changes:
        with pytest.raises(Conflict):
            change()
    assert chat.messaging.pinned(BEN, room)["items"] == []
    assert [each["id"] for each in chat.messaging.thread(BEN, room, item)["items"]][-1] == reply
    assert chat.send(room, "one more", thread_root=item)["ok"]


def test_a_recall_beats_an_edit_and_not_a_deletion(chat: Chat) -> None:
    room, item = _said(chat, "old canary")
    chat.messaging.edit(ANA, chat.ids(), room, item, "new canary")
    assert _recall(chat, room, item)["ok"]
    _, deleted = _said(chat, "gone", room)
    chat.messaging.delete(ANA, chat.ids(), room, deleted)
    assert _refused(lambda: _recall(chat, room, deleted)) == "already_gone"


def test_a_recall_and_an_edit_at_once_leave_no_word(chat: Chat) -> None:
    room, item = _said(chat, "old canary")
    at_once(
        lambda: _recall(chat, room, item),
        lambda: chat.messaging.edit(ANA, chat.ids(), room, item, "new canary"),
    )
    assert _item(chat, room, item)["state"] == "recalled"
    assert "canary" not in str(chat.messaging.history(BEN, room))


def test_only_what_was_delivered_is_recalled_and_once(chat: Chat) -> None:
    room, item = _said(chat, "canary")
    waiting = ItemId(chat.send(room, "[quarantine]")["id"])
    opened = chat.messaging.history(ANA, room)["items"][0]
    assert opened["type"] == "event"
    for which in (waiting, ItemId(opened["id"]), ItemId("nothing")):
        assert _refused(lambda: _recall(chat, room, which)) == "no_message"  # noqa: B023 - called at once
    assert _refused(lambda: _recall(chat, chat.direct(ANA, CLEO), item)) == "no_message"
    assert _refused(lambda: _restore(chat, room, item)) == "not_recalled"
    _recall(chat, room, item)
    assert _refused(lambda: _recall(chat, room, item)) == "already_recalled"


def test_the_same_job_again_is_the_same_recall(chat: Chat) -> None:
    room, item = _said(chat, "canary")
    first = _recall(chat, room, item, job="job-1")
    assert _recall(chat, room, item, job="job-1") == first
    assert _item(chat, room, item)["version"] == 2


def test_whoever_has_left_and_a_closed_conversation_keep_nothing_from_a_recall(chat: Chat) -> None:
    room = chat.channel(ANA, BEN, kind=ConversationKind.PUBLIC)
    item = ItemId(chat.send(room, "canary", sender=BEN)["id"])
    chat.messaging.leave(BEN, chat.ids(), room)
    chat.messaging.close(ANA, chat.ids(), room)
    assert _recall(chat, room, item, sender=BEN)["ok"]
    assert _restore(chat, room, item, sender=BEN)["ok"]
    assert _item(chat, room, item, ANA)["view"]["text"] == "canary"


def test_a_restored_message_shows_again_what_it_showed_last(chat: Chat) -> None:
    room, item = _said(chat, "old")
    chat.messaging.edit(ANA, chat.ids(), room, item, "new canary")
    chat.messaging.react(BEN, chat.ids(), room, item, "eyes", add=True)
    before = _item(chat, room, item)
    quoting = chat.send(room, "about that", quotes=item)["id"]
    _recall(chat, room, item)
    answer = _restore(chat, room, item)
    after = _item(chat, room, item)
    assert (answer["state"], after["state"]) == ("edited", "edited")
    assert after["view"] == before["view"]
    assert chat.delivery.frames[-1].payload["view"] == before["view"]
    assert _item(chat, room, quoting)["view"]["quote"]["text"] == "new canary"
    chat.messaging.edit(ANA, chat.ids(), room, item, "changed again")
    _recall(chat, room, item)
    _restore(chat, room, item)
    assert _item(chat, room, item)["view"]["text"] == "changed again"


def test_a_restored_message_is_decided_again_for_who_is_there_now(chat: Chat) -> None:
    room, item = _said(chat, "canary")
    _recall(chat, room, item)
    chat.gate.barred.add(frozenset({ANA, BEN}))
    answer = _restore(chat, room, item)
    assert (answer["ok"], answer["code"]) == (False, "stopped_again")
    assert "canary" not in str(chat.messaging.history(BEN, room))
    chat.gate.barred.clear()
    assert _restore(chat, room, item)["ok"]


def test_what_was_found_at_first_and_approved_does_not_stop_a_restore(chat: Chat) -> None:
    room = chat.direct()
    waiting = ItemId(chat.send(room, "[quarantine] canary")["id"])
    approved = frozenset({"[quarantine]"})
    chat.messaging.release(
        ANA, chat.ids(), room, waiting, approved=approved, officer=OLGA, reason="it may be said"
    )
    _recall(chat, room, waiting)
    assert _restore(chat, room, waiting)["code"] == "stopped_again"
    assert _restore(chat, room, waiting, approved=approved)["ok"]


def test_a_covered_message_is_restored_as_it_was_covered(chat: Chat) -> None:
    room, item = _said(chat, "number [redact] here")
    _recall(chat, room, item)
    assert _restore(chat, room, item)["state"] == "redacted"
    assert _item(chat, room, item)["view"]["text"] == "number ▮▮▮ here"


def test_what_a_recalled_message_said_is_kept_until_it_is_restored_and_sealed(
    chat: Chat, tmp_path: Path
) -> None:
    room, item = _said(chat, "canary")
    _recall(chat, room, item)
    pruner = Pruner(chat.store, chat.clock, lambda: chat.usage[-1])
    _archived(chat)
    chat.clock.advance(timedelta(days=3).total_seconds())
    pruner.run()
    assert not [row.version for row in chat.rows(schema.versions) if row.body and row.version == 1]
    assert b"canary" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*.db*"))
    assert _restore(chat, room, item)["ok"]
    assert _item(chat, room, item)["view"]["text"] == "canary"
    _archived(chat)
    chat.clock.advance(timedelta(days=3).total_seconds())
    pruner.run()
    assert [row.version for row in chat.rows(schema.versions) if row.body and row.item_id == item] == []


def _said(chat: Chat, text: str, room: ConversationId | None = None) -> tuple[ConversationId, ItemId]:
    room = room or chat.direct()
    return room, ItemId(chat.send(room, text)["id"])


def _recall(
    chat: Chat, room: ConversationId, item: ItemId, *, job: str = "", sender: PersonId = ANA
) -> dict[str, Any]:
    return chat.messaging.recall(sender, job or chat.ids(), room, item, officer=OLGA, reason="a complaint")


def _restore(
    chat: Chat,
    room: ConversationId,
    item: ItemId,
    *,
    approved: frozenset[str] = frozenset(),
    sender: PersonId = ANA,
) -> dict[str, Any]:
    return chat.messaging.restore(
        sender, chat.ids(), room, item, approved=approved, officer=OLGA, reason="a mistake"
    )


def _refused(work: Any) -> str:
    with pytest.raises((Conflict, NotFound)) as refused:
        work()
    return str(refused.value.code)


def _item(chat: Chat, room: ConversationId, item: str, reader: PersonId = BEN) -> dict[str, Any]:
    items = chat.messaging.history(reader, room)["items"]
    return next(each for each in items if each["id"] == item)


def _archived(chat: Chat) -> None:
    """Take everything out of the outbox, as the archiver does."""
    chat.store.write(lambda tx: tx.run(Statement(delete(schema.outbox))))


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
