"""How an item is shown to one reader: its wire form, or a bare number where they joined too late."""

from typing import Any

from sqlalchemy import bindparam, select

from core.messaging.model import ItemState
from core.messaging.naming import people_in
from core.messaging.vault import Vault
from core.messaging.versions import VIEW, item_payload
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import PersonId

_SHOWN = Statement(
    select(chat.items.c.id).where(
        chat.items.c.id == bindparam("item"),
        chat.items.c.state.in_((ItemState.SENT, ItemState.EDITED, ItemState.REDACTED)),
    )
)


def for_reader(payload: dict[str, Any], sees_from: int) -> dict[str, Any]:
    """Return an item as a reader sees it who joined at ``sees_from``: quotes of what was before are empty."""
    quote = payload.get("view", {}).get("quote")
    if not quote or quote.get("cseq", 0) > sees_from:
        return payload
    return without_quote(payload)


def without_quote(payload: dict[str, Any]) -> dict[str, Any]:
    """Return an item whose quote shows nothing, and names nobody."""
    shown = {**payload, "view": {**payload["view"], "quote": {"empty": True}}}
    if "former" in shown:
        spoken = set(people_in(shown))
        shown["former"] = [each for each in shown["former"] if each["id"] in spoken]
    return shown


class Showing:
    """Opens items for readers."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def payload(
        self, tx: Tx, row: Row, sees_from: int, *, reader: PersonId | None = None, own: bool = False
    ) -> dict[str, Any]:
        """Return an item's wire form; a bare ``cseq`` where it began before the reader joined.

        With a ``reader`` it is for that person alone. ``own`` is what they said and nobody else has seen.
        """
        if not own and (row.created_cseq is None or row.created_cseq <= sees_from):
            return {"id": row.id, "conversation": row.conversation_id, "cseq": row.cseq, "bare": True}
        payload = item_payload(
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
            view=self.view(row),
            own=own or row.sender_id == reader,
        )
        quote = payload["view"].get("quote")
        if quote and not tx.value(_SHOWN, item=quote["item"]):
            return without_quote(payload)
        return for_reader(payload, sees_from)

    def view(self, row: Row) -> dict[str, Any]:
        """Return what the chat shows of an item now; nothing of an expired one."""
        if row.state == ItemState.EXPIRED or row.view is None:
            return {}
        view: dict[str, Any] = self._vault.open(VIEW, row.conversation_id, row.month, row.id, row.view)
        return view
