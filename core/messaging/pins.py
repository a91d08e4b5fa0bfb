"""Pins: messages that the members of a conversation keep at hand, for everybody in it.

Pinning says nothing new, so there is nothing to decide; it is a version like any other change.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, insert, select

from core.errors import Conflict, InvalidInput
from core.messaging.attempt import Question
from core.messaging.changes import Change, do_unpin
from core.messaging.model import Before, Conversation, ItemState, Outcome, VersionKind
from core.messaging.rooms import Rooms
from core.messaging.showing import Showing
from core.schema import chat
from core.store import Statement, Tx
from core.types import ConversationId, Decision, Facts, PersonId, rfc3339, to_ms

_i, _p = chat.items.c, chat.pins.c

_COUNT = Statement(select(func.count()).where(_p.conversation_id == bindparam("conv")))
_PIN = Statement(insert(chat.pins))
_PINNED = Statement(
    select(chat.items)
    .join(chat.pins, _p.item_id == _i.id)
    .where(
        _p.conversation_id == bindparam("conv"),
        _i.created_cseq > bindparam("sees_from"),
        _i.state.in_((ItemState.SENT, ItemState.EDITED, ItemState.REDACTED)),
    )
    .order_by(_p.at_ms.desc(), _i.id)
)

PINS_PER_CONVERSATION = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin(Change):
    """A member pins a message, or takes a pin off, whoever put it there."""

    on: bool

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return json.dumps(["pin", self.item, self.on])

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Any member pins what everybody can see."""
        row = self.item_of(tx, conversation)
        pinned = "pinned" in self.view_of(row)
        if self.on and pinned:
            raise Conflict("This message is pinned already.", code="already_pinned")
        if not self.on and not pinned:
            raise Conflict("This message is not pinned any more.", code="not_pinned")
        if self.on and tx.value(_COUNT, conv=conversation.id) >= PINS_PER_CONVERSATION:
            raise InvalidInput(
                f"A conversation has at most {PINS_PER_CONVERSATION} pinned messages. Take one off first.",
                code="too_many_pins",
            )
        return ()

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Pin it, or take the pin off."""
        self.check(tx, before.conversation)
        row = self.item_of(tx, before.conversation)
        view, at = self.view_of(row), self.writing.clock.now()
        if self.on:
            view["pinned"] = {"by": self.sender, "at": rfc3339(at)}
            tx.run(_PIN, item_id=self.item, conversation_id=self.conversation, at_ms=to_ms(at))
        else:
            del view["pinned"]
            do_unpin(tx, self.item)
        return self.apply(
            tx, before, row, kind=VersionKind.PIN if self.on else VersionKind.UNPIN,
            state=ItemState(row.state), view=view, record={"client_id": self.client_id},
        )  # fmt: skip


class Pins:
    """Reads the pinned messages of a conversation."""

    def __init__(self, rooms: Rooms, showing: Showing) -> None:
        self._rooms = rooms
        self._showing = showing

    def of(self, tx: Tx, person: PersonId, conversation: ConversationId) -> list[dict[str, Any]]:
        """Return what is pinned and was said since the reader joined, the last pinned first."""
        self._rooms.load_for(tx, conversation, person)
        sees_from = self._rooms.sees_from(tx, conversation, person)
        rows = tx.rows(_PINNED, conv=conversation, sees_from=sees_from)
        return [self._showing.payload(tx, row, sees_from, reader=person) for row in rows]
