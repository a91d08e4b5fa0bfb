"""What an edited message said before, where a policy lets people see that in the chat.

The chat keeps earlier wordings only under such a policy (see ``prune``); whatever the archive holds is
not touched by it. What was covered is not shown again.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam, select

from core.errors import Denied
from core.messaging.markup import parse
from core.messaging.model import ItemState
from core.messaging.paging import no_message
from core.messaging.rooms import Rooms
from core.messaging.state import SAYS
from core.messaging.vault import Vault
from core.messaging.versions import BODY
from core.schema import chat
from core.store import Statement, Tx
from core.types import ConversationId, ItemId, PersonId, UsageRules, from_ms, rfc3339

_i, _v = chat.items.c, chat.versions.c

_ITEM = Statement(select(chat.items).where(_i.id == bindparam("item")))
_WORDINGS = Statement(
    select(_v.version, _v.at_ms, _v.body)
    .where(_v.item_id == bindparam("item"), _v.cseq.is_not(None), _v.kind.in_(SAYS))
    .order_by(_v.version)
)
_SHOWN = frozenset({ItemState.SENT, ItemState.EDITED, ItemState.REDACTED})


class Wordings:
    """Reads the wordings of one message at a time."""

    def __init__(self, rooms: Rooms, vault: Vault, usage: Callable[[], UsageRules]) -> None:
        self._rooms, self._vault, self._usage = rooms, vault, usage

    def of(
        self, tx: Tx, person: PersonId, conversation: ConversationId, item: ItemId
    ) -> list[dict[str, Any]]:
        """Return every wording that others saw, the first one first; ``gone`` where it is kept no more.

        Raises:
            Denied: ``history_not_shown``; the policy shows it to nobody.
            NotFound: ``no_conversation`` or ``no_message``.
        """
        room = self._rooms.load_for(tx, conversation, person)
        if not self._usage().edit_history:
            raise Denied(
                "Your firm's policy does not show what messages said before.", code="history_not_shown"
            )
        row = tx.one(_ITEM, item=item)
        sees_from = self._rooms.sees_from(tx, conversation, person)
        if (
            row is None
            or row.conversation_id != conversation
            or (row.created_cseq or 0) <= sees_from
            or row.state not in _SHOWN
        ):
            raise no_message()
        names = {member.username.casefold(): member.id for member in room.members.values()}
        found = []
        for version in tx.rows(_WORDINGS, item=item):
            wording = {"version": version.version, "at": rfc3339(from_ms(version.at_ms))}
            if version.body is None:
                found.append({**wording, "gone": True})
                continue
            place = f"{item}/{version.version}"
            content = self._vault.open(BODY, conversation, row.month, place, version.body)
            text = content.get("shown", content.get("text", ""))
            found.append({**wording, "text": text, "tokens": parse(text, names)[0]})
        return found
