"""What a sender let others see lately, for decisions on a number split over several texts.

Counted by versions and not by what the chat shows now: whoever read a text has read it, also after
its sender edited or deleted it, and an edit of an old message says something now.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text, union_all

from core.messaging.blank import is_blank
from core.messaging.carried import FORWARDED
from core.messaging.files.names import stem_of
from core.messaging.state import SAYS
from core.messaging.vault import Vault
from core.messaging.versions import BODY
from core.schema import chat
from core.schema.chat.messaging import SAID_AGAIN
from core.store import Statement, Tx
from core.types import ConversationId, ItemId, PersonId, Preceding, from_ms, to_ms

_i, _v = chat.items.c, chat.versions.c

# First the messages and then their words: however many somebody wrote, and whatever a database
# believes about its tables, few rows are looked up. In the order in which others saw them: a clock
# may have gone back since.
_LAST_ITEMS = (
    select(_i.id, _i.month)
    .where(
        _i.conversation_id == bindparam("conv"),
        _i.sender_id == bindparam("who"),
        _i.type == "message",
        _i.created_cseq.is_not(None),
    )
    .order_by(_i.created_cseq.desc())
    .limit(bindparam("count"))
    .subquery("last")
)
_OF_LAST = (
    select(_v.item_id, _v.version, _v.cseq, _v.at_ms, _v.body, _LAST_ITEMS.c.month)
    .join(_LAST_ITEMS, _LAST_ITEMS.c.id == _v.item_id)
    .where(_v.at_ms >= bindparam("since"), _v.cseq.is_not(None), _v.kind.in_(SAYS))
    .order_by(_v.cseq.desc())
    .limit(bindparam("count"))
    .subquery("of_last")
)
_LAST_AGAIN = (
    select(_v.item_id, _v.version, _v.cseq, _v.at_ms, _v.body)
    .where(
        _v.conversation_id == bindparam("conv"),
        _v.at_ms >= bindparam("since"),
        text(f"versions.{SAID_AGAIN}"),
        _v.cseq.is_not(None),
    )
    .order_by(_v.at_ms.desc())
    .limit(bindparam("looked_at"))
    .subquery("again")
)
_SAID_AGAIN = (
    select(*_LAST_AGAIN.c, _i.month)
    .join(chat.items, _i.id == _LAST_AGAIN.c.item_id)
    .where(_i.sender_id == bindparam("who"), _i.type == "message")
)
# A text of the last messages that was said again is in both: once it counts.
_SAID = Statement(union_all(select(_OF_LAST), _SAID_AGAIN))

COUNT = 10
LOOKED_AT = 200
"""Among how many of the texts that were lately said again in a conversation those of the sender's older
messages are looked for."""


def said_since(
    tx: Tx, vault: Vault, conversation: ConversationId, sender: PersonId, since: datetime
) -> tuple[Preceding, ...]:
    """Return the sender's last texts as others saw them since then, oldest first."""
    found = tx.rows(
        _SAID, conv=conversation, who=sender, since=to_ms(since), count=COUNT, looked_at=LOOKED_AT
    )
    texts = []
    by_cseq = {int(row.cseq): row for row in found}
    for _, row in sorted(by_cseq.items())[-COUNT:]:
        if row.body is None:
            continue
        content = vault.open(BODY, conversation, row.month, f"{row.item_id}/{row.version}", row.body)
        texts.append(Preceding(ItemId(row.item_id), _as_read(content), from_ms(row.at_ms)))
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
