"""A conversation as long as one likes, in moments: a hundred thousand messages in less than a minute.

Said through the pipeline that many would take half an hour, and the archive as long again. So the
messages are written here as the pipeline writes what policy allows: by the same writer, sealed under
the same keys, into the same tables, five hundred in a transaction. What the archive and the search
index take is taken away at once, as if they had done their work.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import bindparam, delete

from core.crypto.chat_keys import month_of
from core.messaging.model import Conversation, ItemState, ItemType, NewVersion, VersionKind
from core.messaging.send import message_view
from core.messaging.service import Messaging
from core.schema import chat
from core.store import Statement, Store, Tx
from core.types import Clock, ConversationId, ItemId, PersonId, new_id

BATCH = 500
_TAKEN = [
    Statement(delete(table).where(table.c.conversation_id == bindparam("conv")))
    for table in (chat.outbox, chat.unindexed)
]


class House(Protocol):
    """Where people talk."""

    @property
    def messaging(self) -> Messaging: ...

    @property
    def store(self) -> Store: ...

    @property
    def clock(self) -> Clock: ...


def fill(
    house: House,
    conversation: ConversationId,
    people: Sequence[PersonId],
    texts: Sequence[str],
    watch: Callable[[Sequence[int]], Iterable[int]] = iter,
) -> list[ItemId]:
    """Have ``people`` say ``texts`` in turn, a second apart up to now; return the messages' ids.

    ``watch`` is handed the batches as they are walked through, as for a bar of progress.
    """
    room = house.store.read(lambda tx: house.messaging.rooms.load(tx, conversation))
    new = list(_versions(house, room, people, texts))
    for month in {each.month for each in new}:
        house.messaging.vault.ensure(conversation, month, room.kind)

    def write(tx: Tx, begin: int) -> None:
        for each in new[begin : begin + BATCH]:
            assert each.view is not None
            actor, text = room.members[each.sender], each.view["text"]
            house.messaging.writing.versions.write(tx, room, each, actor, text=text)
        for statement in _TAKEN:
            tx.run(statement, conv=room.id)

    for begin in watch(range(0, len(new), BATCH)):
        house.store.write(partial(write, begin=begin))
    return [each.item for each in new]


def _versions(
    house: House, room: Conversation, people: Sequence[PersonId], texts: Sequence[str]
) -> Iterator[NewVersion]:
    began = house.clock.now() - timedelta(seconds=len(texts))
    for number, text in enumerate(texts):
        at = began + timedelta(seconds=number)
        view, _, has_link = message_view(room, text, at)
        who = people[number % len(people)]
        yield NewVersion(
            item=ItemId(new_id()), version=1, kind=VersionKind.CREATE, type=ItemType.MESSAGE,
            state=ItemState.SENT, sender=who, actor=who, at=at, month=month_of(at), delivered=True,
            view=view, record={"has_link": has_link, "source": "seeded"},
        )  # fmt: skip
