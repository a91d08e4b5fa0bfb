"""The release queue as the worker keeps it: quarantined messages that wait, and how each ended."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, insert, select, update

from audit.archive.records import Parsed
from core.schema import chat, desk
from core.store import Statement, Store, Tx
from core.types import from_ms, to_ms

WAITING: Final = "waiting"
ENDINGS: Final[Mapping[str, str]] = {
    "release": "released",
    "reject": "rejected",
    "withdraw": "withdrawn",
    "lapse": "lapsed",
}
"""The state in which each kind of version leaves an entry."""

_QUARANTINED: Final = "quarantined"
_EXPIRES_HOURS: Final = 24

_q, _i = desk.queue.c, chat.items.c

_ADD = Statement(
    insert(desk.queue).values(
        item_id=bindparam("item"),
        conversation_id=bindparam("conversation"),
        rid=bindparam("record"),
        stop_seq=bindparam("number"),
        state=WAITING,
        since_ms=bindparam("since"),
        expires_ms=bindparam("expires"),
    )
)
_END = Statement(update(desk.queue).where(_q.item_id == bindparam("item")).values(state=bindparam("end")))


class ReleaseQueue:
    """Writes the queue from archived versions; the same version twice changes nothing."""

    def __init__(self, *, desk_store: Store, chat_store: Store) -> None:
        self._desk = desk_store
        self._chat = chat_store

    def follow(self, archived: Iterable[tuple[str, Parsed]]) -> None:
        """Enter what is quarantined and end what was decided; takes (record id, version) pairs."""
        news = [
            (rid, version)
            for rid, version in archived
            if version.fields.get("state") == _QUARANTINED or version.kind in ENDINGS
        ]
        if not news:
            return
        expiry = self._expiry([version.item_id for _, version in news])

        def work(tx: Tx) -> None:
            ids = [version.item_id for _, version in news]
            known = {row.item_id for row in tx.rows(Statement(select(_q.item_id).where(_q.item_id.in_(ids))))}
            for rid, version in news:
                if version.kind in ENDINGS:
                    tx.run(_END, item=version.item_id, end=ENDINGS[version.kind])
                elif version.item_id not in known:
                    known.add(version.item_id)
                    tx.run(
                        _ADD,
                        item=version.item_id,
                        conversation=version.conversation_id,
                        record=rid,
                        number=version.stop_seq,
                        since=version.at_ms,
                        expires=expiry.get(version.item_id) or _default_expiry(version.at_ms),
                    )

        self._desk.write(work)

    def _expiry(self, items: list[str]) -> dict[str, int | None]:
        statement = Statement(select(_i.id, _i.expires_ms).where(_i.id.in_(items)))
        return {row.id: row.expires_ms for row in self._chat.read(lambda tx: tx.rows(statement))}


def _default_expiry(at_ms: int) -> int:
    return to_ms(from_ms(at_ms) + timedelta(hours=_EXPIRES_HOURS))
