"""What a sender let others see lately, for decisions on a number split over several texts.

Counted by versions and not by what the chat shows now: whoever read a text has read it, also after
its sender edited or deleted it, and an edit of an old message says something now.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, union_all

from core.messaging.blank import is_blank
from core.messaging.carried import FORWARDED
from core.messaging.files.names import stem_of
from core.messaging.state import SAYS
from core.messaging.vault import Vault
from core.messaging.versions import BODY
from core.schema import chat
from core.store import Statement, Tx
from core.types import ConversationId, ItemId, PersonId, Preceding, from_ms, to_ms

_i, _v = chat.items.c, chat.versions.c

_COLUMNS = (_v.item_id, _v.version, _v.cseq, _v.at_ms, _v.body, _i.month)
_OF_RECENT_ITEMS = (
    select(*_COLUMNS)
    .join(chat.items, _i.id == _v.item_id)
    .where(
        _i.conversation_id == bindparam("conv"),
        _i.sender_id == bindparam("who"),
        _i.type == "message",
        _i.created_ms >= bindparam("since"),
        _v.cseq.is_not(None),
        _v.kind.in_(SAYS),
    )
    .order_by(_v.cseq.desc())
    .limit(bindparam("count"))
    .subquery("recent")
)
_LATEST = (
    select(_v.item_id, _v.version, _v.cseq, _v.at_ms, _v.kind)
    .where(_v.conversation_id == bindparam("conv"), _v.cseq.is_not(None))
    .order_by(_v.cseq.desc())
    .limit(bindparam("looked_at"))
    .subquery("latest")
)
_l = _LATEST.c
_OF_OLDER_ITEMS = (
    select(
        _l.item_id,
        _l.version,
        _l.cseq,
        _l.at_ms,
        select(_v.body)
        .where(_v.item_id == _l.item_id, _v.version == _l.version)
        .scalar_subquery()
        .label("body"),
        _i.month,
    )
    .join(chat.items, _i.id == _l.item_id)
    .where(
        _i.sender_id == bindparam("who"),
        _i.type == "message",
        _i.created_ms < bindparam("since"),
        _l.at_ms >= bindparam("since"),
        _l.kind.in_(SAYS),
    )
    .order_by(_l.cseq.desc())
    .limit(bindparam("count"))
    .subquery("older")
)
_SAID = Statement(union_all(select(_OF_RECENT_ITEMS), select(_OF_OLDER_ITEMS)))

COUNT = 10
LOOKED_AT = 200
"""Among how many of a conversation's latest versions those of older messages are looked for."""


def said_since(
    tx: Tx, vault: Vault, conversation: ConversationId, sender: PersonId, since: datetime
) -> tuple[Preceding, ...]:
    """Return the sender's last texts as others saw them since then, oldest first."""
    found = tx.rows(
        _SAID, conv=conversation, who=sender, since=to_ms(since), count=COUNT, looked_at=LOOKED_AT
    )
    texts = []
    for row in sorted(found, key=lambda row: int(row.cseq))[-COUNT:]:
        if row.body is None:
            continue
        content = vault.open(BODY, conversation, row.month, f"{row.item_id}/{row.version}", row.body)
        text = _as_read(content)
        texts.append(Preceding(ItemId(row.item_id), text, from_ms(row.at_ms)))
    return tuple(texts)


def _as_read(content: Mapping[str, Any]) -> str:
    """Return what others read: names of files that hold a number, then the words, or what is forwarded.

    The words stand last, where the next message goes on.
    """
    words = str(content.get("shown", content.get("text", "")))
    if is_blank(words) and FORWARDED in content:
        words = str(content[FORWARDED]["text"])
    names = [stem_of(str(file["name"])) for file in content.get("files", ())]
    return " ".join([*(name for name in names if any(map(str.isdigit, name))), words]).strip()
