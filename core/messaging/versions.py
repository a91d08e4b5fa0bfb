"""Writes item versions: the one place where items, versions, counters, receipts and outbox rows change.

Everything of one version is written in the caller's transaction or not at all. Nothing here
decides; nothing here waits.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import orjson
from sqlalchemy import bindparam, insert, select, update

from core.errors import Stale
from core.messaging.answers import TOLD
from core.messaging.followers import do_note_reply
from core.messaging.model import (
    Conversation,
    Frame,
    ItemState,
    ItemType,
    NewVersion,
    Person,
    VersionKind,
)
from core.messaging.naming import Naming
from core.messaging.state import SAYS, head_of, note_head, note_said
from core.messaging.vault import Vault
from core.outbox import Outbox
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, Decision, Facts, ItemId, PersonId, from_ms, rfc3339, to_ms

_c, _i = chat.conversations.c, chat.items.c

_COUNTERS = Statement(select(_c.cseq, _c.stop_seq).where(_c.id == bindparam("conv")))
_COUNT = Statement(
    update(chat.conversations)
    .where(_c.id == bindparam("conv"))
    .values(cseq=bindparam("next_cseq"), stop_seq=bindparam("next_stop"))
)
_NEW_ITEM = Statement(insert(chat.items))
_CHANGE_ITEM = Statement(
    update(chat.items)
    .where(_i.id == bindparam("item"), _i.version == bindparam("held_version"))
    .values(
        state=bindparam("new_state"),
        version=bindparam("new_version"),
        cseq=bindparam("new_cseq"),
        created_cseq=bindparam("new_created_cseq"),
        expires_ms=bindparam("new_expires"),
        view=bindparam("new_view"),
    )
)
_ITEM = Statement(select(chat.items).where(_i.id == bindparam("item")))
_NEW_VERSION = Statement(insert(chat.versions))
_RECEIPT = Statement(insert(chat.receipts))
_OUTBOX = Outbox(chat.outbox)
_UNINDEXED = Outbox(chat.unindexed)
_CHANGES_WORDS = frozenset({*SAYS, VersionKind.DELETE, VersionKind.RECALL})
"""The kinds of versions after which a message is found by other words, or by none."""

VIEW, BODY, OUT = "item-view", "item-body", "outbox"


class VersionWriter:
    """Writes versions of one store. ``linked`` is called for each text with a link that others see."""

    def __init__(
        self,
        vault: Vault,
        naming: Naming,
        linked: Callable[[Tx, NewVersion, ConversationId], None] = lambda *_: None,
    ) -> None:
        self._vault = vault
        self._naming = naming
        self._linked = linked

    def write(
        self,
        tx: Tx,
        conversation: Conversation,
        new: NewVersion,
        actor: Person,
        *,
        facts: Facts | None = None,
        decision: Decision | None = None,
        text: str = "",
    ) -> Frame | None:
        """Write one version and return its frame, or None where nobody but the sender may know.

        Raises:
            Stale: the item changed since it was read; decide again.
        """
        cseq, stop_seq = self._take(tx, conversation.id, delivered=new.delivered)
        created = self._item(tx, conversation, new, cseq, stop_seq)
        content = {**new.record, "text": text} if text else new.record
        body = self._vault.seal(BODY, conversation.id, new.month, _place(new), content)
        tx.put(
            _NEW_VERSION,
            item_id=new.item,
            version=new.version,
            conversation_id=conversation.id,
            cseq=cseq,
            stop_seq=stop_seq,
            kind=new.kind,
            actor_id=new.actor,
            at_ms=to_ms(new.at),
            body=body,
            decision_id=decision.id if decision else None,
        )
        if decision is not None and facts is not None:
            self._receipt(tx, new, facts, decision)
        self._hand_over(tx, conversation, new, actor, cseq, stop_seq, facts, decision, content)
        if not new.delivered:
            return None
        assert cseq is not None
        if new.kind in SAYS and new.type is ItemType.MESSAGE:
            note_said(tx, conversation.id, new.sender, cseq)
        if new.kind in _CHANGES_WORDS and new.type is ItemType.MESSAGE:
            _UNINDEXED.put(
                tx,
                item_id=new.item,
                conversation_id=conversation.id,
                month=new.month,
                kind=conversation.kind,
                at_ms=to_ms(new.at),
            )
        if new.kind in SAYS and new.record.get("has_link"):
            self._linked(tx, new, conversation.id)
        if new.thread_root is not None and created == cseq:
            mentioned = new.view["mentions"] if new.view else ()
            do_note_reply(tx, new.thread_root, new.sender, mentioned, cseq, to_ms(new.at))
        payload = self._payload(new, conversation.id, cseq, created)
        return Frame(conversation.id, cseq, created, self._naming.heard(tx, payload, conversation.members))

    def _take(
        self, tx: Tx, conversation: ConversationId, *, delivered: bool
    ) -> tuple[int | None, int | None]:
        head = head_of(tx, conversation)
        counters = head or tx.sole(_COUNTERS, conv=conversation)
        cseq, stop_seq = counters.cseq + delivered, counters.stop_seq + (not delivered)
        tx.put(_COUNT, conv=conversation, next_cseq=cseq, next_stop=stop_seq)
        if head is not None:
            note_head(tx, conversation, replace(head, cseq=cseq, stop_seq=stop_seq))
        return (cseq, None) if delivered else (None, stop_seq)

    def _item(
        self, tx: Tx, conversation: Conversation, new: NewVersion, cseq: int | None, stop_seq: int | None
    ) -> int:
        """Write the item's row and return the ``cseq`` under which it first appeared (0: never)."""
        view = (
            None
            if new.view is None
            else self._vault.seal(VIEW, conversation.id, new.month, new.item, new.view)
        )
        expires = to_ms(new.expires) if new.expires else None
        if new.version == 1:
            tx.put(
                _NEW_ITEM,
                id=new.item,
                conversation_id=conversation.id,
                sender_id=new.sender,
                type=new.type,
                thread_root=new.thread_root,
                state=new.state,
                version=1,
                created_ms=to_ms(new.at),
                created_cseq=cseq,
                cseq=cseq,
                stop_seq=stop_seq,
                expires_ms=expires,
                view=view,
                month=new.month,
            )
            return cseq or 0
        row = tx.sole(_ITEM, item=new.item)
        created = row.created_cseq if row.created_cseq is not None else cseq
        changed = tx.run(
            _CHANGE_ITEM,
            item=new.item,
            held_version=new.version - 1,
            new_state=new.state,
            new_version=new.version,
            new_cseq=cseq if cseq is not None else row.cseq,
            new_created_cseq=created,
            new_expires=expires,
            new_view=view if view is not None else row.view,
        )
        if not changed:
            raise Stale("The message changed in the meantime.")
        return created or 0

    def _receipt(
        self,
        tx: Tx,
        new: NewVersion,
        facts: Facts,
        decision: Decision,
    ) -> None:
        counts: dict[str, int] = {}
        for finding in decision.findings:
            counts[finding.rule] = counts.get(finding.rule, 0) + 1
        tx.put(
            _RECEIPT,
            decision_id=decision.id,
            item_id=new.item,
            version=new.version,
            surface=facts.surface,
            verdict=decision.verdict,
            bundle=decision.bundle,
            rules=orjson.dumps(counts).decode(),
            # The gate's own fingerprint, by which it recognises the text when it is confirmed.
            text_hash=str(decision.obligations.get("text_hash", "")),
            at_ms=to_ms(new.at),
        )

    def _hand_over(
        self,
        tx: Tx,
        conversation: Conversation,
        new: NewVersion,
        actor: Person,
        cseq: int | None,
        stop_seq: int | None,
        facts: Facts | None,
        decision: Decision | None,
        content: dict[str, Any],
    ) -> None:
        """Write the outbox row: all that the archive keeps of this version."""
        audience = set(conversation.members) | {new.actor, new.sender} | set(new.intended)
        record = {
            "v": 1,
            "item": new.item,
            "version": new.version,
            "kind": new.kind,
            "type": new.type,
            "state": new.state,
            "conversation": {
                "id": conversation.id,
                "kind": conversation.kind,
                "name": conversation.name,
                "topic": conversation.topic,
            },
            "cseq": cseq,
            "stop_seq": stop_seq,
            "at": rfc3339(new.at),
            "sender": new.sender,
            "actor": actor.as_record(),
            "audience": [conversation.members[p].as_record() for p in sorted(conversation.members)],
            "audience_ids": sorted(audience),
            "thread_root": new.thread_root,
            "content": content,
            "facts": msgspec.to_builtins(facts) if facts else None,
            "decision": msgspec.to_builtins(decision) if decision else None,
            "preceding": [p.item for p in facts.preceding] if facts else [],
        }
        _OUTBOX.put(
            tx,
            kind="item",
            conversation_id=conversation.id,
            month=new.month,
            retention_class=conversation.kind,
            # Whoever carries the row learns item and version only from inside.
            payload=self._vault.seal(OUT, conversation.id, new.month, "", record),
            at_ms=to_ms(new.at),
        )

    def _payload(
        self, new: NewVersion, conversation: ConversationId, cseq: int, created: int
    ) -> dict[str, Any]:
        return item_payload(
            item=new.item,
            conversation=conversation,
            sender=new.sender,
            type_=new.type,
            state=new.state,
            version=new.version,
            thread_root=new.thread_root,
            at_ms=to_ms(new.at),
            cseq=cseq,
            created_cseq=created,
            view=new.view or {},
        )


def following(
    row: Row,
    kind: VersionKind,
    state: ItemState,
    actor: PersonId,
    at: datetime,
    *,
    delivered: bool,
    view: dict[str, Any] | None,
    record: dict[str, Any],
) -> NewVersion:
    """Return the version of a message that follows the one in ``row``."""
    return NewVersion(
        item=ItemId(row.id),
        version=row.version + 1,
        kind=kind,
        type=ItemType.MESSAGE,
        state=state,
        sender=PersonId(row.sender_id),
        actor=actor,
        at=at,
        # An item stays under the key of the month in which it was created, and dies with it.
        month=row.month,
        delivered=delivered,
        view=view,
        record=record,
        thread_root=ItemId(row.thread_root) if row.thread_root else None,
    )


def item_payload(
    *,
    item: str,
    conversation: str,
    sender: str,
    type_: str,
    state: str,
    version: int,
    thread_root: str | None,
    at_ms: int,
    cseq: int | None,
    created_cseq: int | None,
    view: dict[str, Any],
    own: bool = False,
) -> dict[str, Any]:
    """Return the wire form of an item; the same for live frames, pages and resync.

    What its sender alone is told is in it only where it is ``own``: what is shown to its sender.
    """
    if not own:
        view = {name: part for name, part in view.items() if name != TOLD}
    return {
        "id": item,
        "conversation": conversation,
        "sender": sender,
        "type": type_,
        "state": ItemState(state),
        "version": version,
        "thread_root": thread_root,
        "at": view.get("at") or rfc3339(from_ms(at_ms)),
        "cseq": cseq,
        "created_cseq": created_cseq,
        "view": view,
    }


def _place(new: NewVersion) -> str:
    return f"{new.item}/{new.version}"
