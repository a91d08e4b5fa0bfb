"""How an item is shown to one reader: its wire form, or a bare number where they joined too late."""

from typing import Any

from core.messaging.model import ItemState
from core.messaging.vault import Vault
from core.messaging.versions import VIEW, item_payload
from core.store import Row


class Showing:
    """Opens items for readers."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def payload(self, row: Row, sees_from: int, *, own: bool = False) -> dict[str, Any]:
        """Return an item's wire form; a bare ``cseq`` where it began before the reader joined."""
        if not own and (row.created_cseq is None or row.created_cseq <= sees_from):
            return {"id": row.id, "conversation": row.conversation_id, "cseq": row.cseq, "bare": True}
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
            view=self.view(row),
        )

    def view(self, row: Row) -> dict[str, Any]:
        """Return what the chat shows of an item now; nothing of an expired one."""
        if row.state == ItemState.EXPIRED or row.view is None:
            return {}
        view: dict[str, Any] = self._vault.open(VIEW, row.conversation_id, row.month, row.id, row.view)
        return view
