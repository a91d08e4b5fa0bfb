"""What a sender let others see lately, for decisions on a number split over several texts.

Counted by versions and not by what the chat shows now: whoever read a text has read it, also after
its sender edited or deleted it, and an edit of an old message says something now.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from core.messaging.vault import Vault
from core.messaging.versions import BODY
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, ItemId, PersonId, Preceding, from_ms, to_ms

_i, _v = chat.items.c, chat.versions.c

_SAYS = ("create", "edit", "release")
_COLUMNS = (_v.item_id, _v.version, _v.cseq, _v.at_ms, _i.month)
_OF_RECENT_ITEMS = Statement(
    select(*_COLUMNS)
    .join(chat.items, _i.id == _v.item_id)
    .where(
        _i.conversation_id == bindparam("conv"),
        _i.sender_id == bindparam("who"),
        _i.type == "message",
        _i.created_ms >= bindparam("since"),
        _v.cseq.is_not(None),
        _v.kind.in_(_SAYS),
    )
    .order_by(_v.cseq.desc())
    .limit(bindparam("count"))
)
_LATEST = (
    select(_v.item_id, _v.version)
    .where(_v.conversation_id == bindparam("conv"), _v.cseq.is_not(None))
    .order_by(_v.cseq.desc())
    .limit(bindparam("looked_at"))
    .subquery()
)
_OF_OLDER_ITEMS = Statement(
    select(*_COLUMNS)
    .select_from(_LATEST)
    .join(chat.versions, (_v.item_id == _LATEST.c.item_id) & (_v.version == _LATEST.c.version))
    .join(chat.items, _i.id == _v.item_id)
    .where(
        _i.sender_id == bindparam("who"),
        _i.type == "message",
        _i.created_ms < bindparam("since"),
        _v.at_ms >= bindparam("since"),
        _v.kind.in_(_SAYS),
    )
    .order_by(_v.cseq.desc())
    .limit(bindparam("count"))
)
_BODY = Statement(select(_v.body).where(_v.item_id == bindparam("item"), _v.version == bindparam("ver")))

COUNT = 10
LOOKED_AT = 200
"""Among how many of a conversation's latest versions those of older messages are looked for."""


def said_since(tx: Tx, conversation: ConversationId, sender: PersonId, since: datetime) -> list[Row]:
    """Return the sender's last texts that others saw since then, as rows, oldest first."""
    known: Mapping[str, Any] = {"conv": conversation, "who": sender, "since": to_ms(since), "count": COUNT}
    found = tx.rows(_OF_RECENT_ITEMS, **known) + tx.rows(_OF_OLDER_ITEMS, **known, looked_at=LOOKED_AT)
    return sorted(found, key=lambda row: int(row.cseq))[-COUNT:]


def open_said(tx: Tx, vault: Vault, conversation: ConversationId, rows: list[Row]) -> tuple[Preceding, ...]:
    """Return the texts of ``rows`` as others saw them."""
    texts = []
    for row in rows:
        body = tx.value(_BODY, item=row.item_id, ver=row.version)
        if body is None:
            continue
        content = vault.open(BODY, conversation, row.month, f"{row.item_id}/{row.version}", body)
        text = content.get("shown", content.get("text", ""))
        texts.append(Preceding(ItemId(row.item_id), text, from_ms(row.at_ms)))
    return tuple(texts)
