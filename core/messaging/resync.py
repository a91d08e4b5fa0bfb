"""What a client asks for: its conversations, a page of history, and everything since it was last here.

An answer to *everything since* says ``through`` which ``cseq`` it reaches, so that a client never
has a silent hole. History begins at one's joining: a later version of an older item arrives as a
bare ``cseq``. All reads are pages of at most 200 items or 256 kB.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import bindparam, func, select

from core.errors import InvalidInput, NotFound
from core.messaging.model import ItemState
from core.messaging.rooms import Rooms
from core.messaging.vault import Vault
from core.messaging.versions import VIEW, item_payload
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, ItemId, PersonId

_c, _i, _k, _n = chat.conversations.c, chat.items.c, chat.marks.c, chat.mentions.c

_COUNTERS = Statement(select(_c.cseq, _c.created_by, _c.created_ms).where(_c.id == bindparam("conv")))
_SINCE = Statement(
    select(chat.items)
    .where(_i.conversation_id == bindparam("conv"), _i.cseq > bindparam("after"))
    .order_by(_i.cseq)
    .limit(bindparam("count"))
)
_BEFORE = Statement(
    select(chat.items)
    .where(
        _i.conversation_id == bindparam("conv"),
        _i.created_cseq > bindparam("sees_from"),
        _i.created_cseq < bindparam("before"),
        _i.thread_root.is_(None),
    )
    .order_by(_i.created_cseq.desc())
    .limit(bindparam("count"))
)
_THREAD = Statement(
    select(chat.items)
    .where(_i.thread_root == bindparam("root"), _i.created_cseq > bindparam("after"))
    .order_by(_i.created_cseq)
    .limit(bindparam("count"))
)
_ONE = Statement(select(chat.items).where(_i.id == bindparam("item")))
_REPLIES = Statement(
    select(_i.thread_root, func.count())
    .where(_i.conversation_id == bindparam("conv"), _i.thread_root.is_not(None), _i.created_cseq.is_not(None))
    .group_by(_i.thread_root)
)
_MARK = Statement(
    select(_k.cseq).where(_k.conversation_id == bindparam("conv"), _k.person_id == bindparam("who"))
)
_UNREAD = Statement(
    select(func.count()).where(
        _i.conversation_id == bindparam("conv"),
        _i.created_cseq > bindparam("mark"),
        _i.sender_id != bindparam("who"),
        _i.type == "message",
    )
)
_MENTIONS = Statement(
    select(func.count()).where(
        _n.person_id == bindparam("who"), _n.conversation_id == bindparam("conv"), _n.cseq > bindparam("mark")
    )
)
_STOPPED = Statement(
    select(chat.items)
    .where(
        _i.conversation_id == bindparam("conv"),
        _i.sender_id == bindparam("who"),
        _i.created_cseq.is_(None),
        _i.type == "message",
    )
    .order_by(_i.created_ms.desc())
    .limit(bindparam("count"))
)
_PUBLIC = Statement(select(_c.id).where(_c.kind == "public", _c.closed_ms.is_(None)).order_by(_c.created_ms))

PAGE_ITEMS = 200
PAGE_BYTES = 256 * 1024
HISTORY_ITEMS = 50


class Resync:
    """Reads for one person at a time, always checked against their membership."""

    def __init__(self, rooms: Rooms, vault: Vault) -> None:
        self._rooms = rooms
        self._vault = vault

    def overview(self, tx: Tx, person: PersonId) -> list[dict[str, Any]]:
        """Return the person's conversations with names, members, unread and mention counts."""
        return [self.head(tx, conversation, person) for conversation in self._rooms.of_person(tx, person)]

    def head(self, tx: Tx, conversation: ConversationId, person: PersonId) -> dict[str, Any]:
        """Return one conversation as its member sees it in the list."""
        room = self._rooms.load_for(tx, conversation, person)
        counters = tx.sole(_COUNTERS, conv=conversation)
        joined = self._rooms.sees_from(tx, conversation, person)
        mark = max(int(tx.value(_MARK, conv=conversation, who=person) or 0), joined)
        return {
            "id": room.id,
            "kind": room.kind,
            "name": room.name,
            "topic": room.topic,
            "closed": room.closed,
            "opener": counters.created_by,
            "cseq": counters.cseq,
            "sees_from": joined,
            "mark": mark,
            "unread": int(tx.value(_UNREAD, conv=conversation, mark=mark, who=person)),
            "mentions": int(tx.value(_MENTIONS, conv=conversation, mark=mark, who=person)),
            "members": [
                {"id": m.id, "username": m.username, "name": m.display_name, "external": m.facts.external}
                for m in sorted(room.members.values(), key=lambda m: m.display_name.casefold())
            ],
        }

    def sees_from(self, tx: Tx, conversation: ConversationId, person: PersonId) -> int:
        """Return the ``cseq`` after which a person sees what is said in a conversation."""
        return self._rooms.sees_from(tx, conversation, person)

    def public_channels(self, tx: Tx) -> list[ConversationId]:
        """Return all open public channels; barriers decide who is shown which, and who joins."""
        return [row.id for row in tx.rows(_PUBLIC)]

    def since(self, tx: Tx, person: PersonId, known: Mapping[ConversationId, int]) -> dict[str, Any]:
        """Return, for each conversation, what came after the ``cseq`` that the client knows.

        Raises:
            InvalidInput: ``bad_cseq`` for a number that was never given.
        """
        answers: dict[str, Any] = {}
        room_left = PAGE_BYTES
        for conversation, after in known.items():
            try:
                room = self._rooms.load_for(tx, conversation, person)
            except NotFound:
                answers[conversation] = {"gone": True}
                continue
            answer = self._since(tx, person, room.id, after, room_left)
            room_left = max(0, room_left - len(orjson.dumps(answer["items"])))
            answers[conversation] = answer
        return answers

    def _since(
        self, tx: Tx, person: PersonId, conversation: ConversationId, after: int, budget: int
    ) -> dict[str, Any]:
        head = int(tx.sole(_COUNTERS, conv=conversation).cseq)
        if not 0 <= after <= head:
            raise InvalidInput("The client knows a number that was never given.", code="bad_cseq", cseq=after)
        sees_from = self._rooms.sees_from(tx, conversation, person)
        rows = tx.rows(_SINCE, conv=conversation, after=max(after, sees_from), count=PAGE_ITEMS)
        items: list[dict[str, Any]] = []
        size, through = 0, head
        for row in rows:
            payload = self.payload(row, sees_from)
            size += len(orjson.dumps(payload))
            if items and size > budget:
                through = int(items[-1]["cseq"])
                break
            items.append(payload)
        else:
            if len(rows) == PAGE_ITEMS:
                through = int(items[-1]["cseq"])
        return {"items": items, "through": through, "more": through < head}

    def history(
        self,
        tx: Tx,
        person: PersonId,
        conversation: ConversationId,
        before: int | None,
        count: int = HISTORY_ITEMS,
    ) -> dict[str, Any]:
        """Return a page of what stands before ``before`` (None: the newest), oldest first."""
        room = self._rooms.load_for(tx, conversation, person)
        sees_from = self._rooms.sees_from(tx, conversation, person)
        head = int(tx.sole(_COUNTERS, conv=conversation).cseq)
        rows = tx.rows(
            _BEFORE,
            conv=conversation,
            sees_from=sees_from,
            before=before if before is not None else head + 1,
            count=min(max(1, count), PAGE_ITEMS),
        )
        replies = {row[0]: row[1] for row in tx.rows(_REPLIES, conv=room.id)}
        items = [self.payload(row, sees_from) for row in reversed(rows)]
        for item in items:
            item["replies"] = replies.get(item["id"], 0)
        return {"items": items, "more": len(rows) == count, "through": head}

    def thread(
        self, tx: Tx, person: PersonId, conversation: ConversationId, root: ItemId, after: int = 0
    ) -> dict[str, Any]:
        """Return a thread's first message and a page of the replies after ``after``, oldest first."""
        self._rooms.load_for(tx, conversation, person)
        sees_from = self._rooms.sees_from(tx, conversation, person)
        first = tx.one(_ONE, item=root)
        if first is None or first.conversation_id != conversation or first.created_cseq is None:
            raise NotFound("There is no such message here.", code="no_message")
        rows = tx.rows(_THREAD, root=root, after=max(after, sees_from), count=PAGE_ITEMS)
        items = [self.payload(row, sees_from) for row in [first, *rows]]
        return {"items": items, "more": len(rows) == PAGE_ITEMS}

    def stopped(
        self, tx: Tx, person: PersonId, conversation: ConversationId, count: int = 20
    ) -> list[dict[str, Any]]:
        """Return the person's own stopped messages, newest first; nobody else sees them here."""
        self._rooms.load_for(tx, conversation, person)
        return [
            self.payload(row, 0, own=True)
            for row in tx.rows(_STOPPED, conv=conversation, who=person, count=count)
        ]

    def after(self, tx: Tx, conversation: ConversationId, cseq: int) -> list[dict[str, Any]]:
        """Return what others are shown after ``cseq``, for delivery to live connections."""
        return [
            self.payload(row, 0) for row in tx.rows(_SINCE, conv=conversation, after=cseq, count=PAGE_ITEMS)
        ]

    def payload(self, row: Row, sees_from: int, *, own: bool = False) -> dict[str, Any]:
        """Return an item's wire form; a bare ``cseq`` where it began before the reader joined."""
        if not own and (row.created_cseq is None or row.created_cseq <= sees_from):
            return {"id": row.id, "conversation": row.conversation_id, "cseq": row.cseq, "bare": True}
        view: dict[str, Any] = {}
        if row.state != ItemState.EXPIRED and row.view is not None:
            view = self._vault.open(VIEW, row.conversation_id, row.month, row.id, row.view)
        return item_payload(
            item=row.id,
            conversation=row.conversation_id,
            sender=row.sender_id,
            type_=row.type,
            state=row.state,
            version=row.version,
            thread_root=row.thread_root,
            at_ms=row.created_ms,
            cseq=row.cseq,
            created_cseq=row.created_cseq,
            view=view,
        )
