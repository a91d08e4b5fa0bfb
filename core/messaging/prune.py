"""Prunes the chat store of what the chat no longer shows, once the archive has it.

The chat shows an item's view; the bodies of its versions are kept only until they are archived. A
version is archived when its outbox row was taken: everything committed before the oldest row that
waits. Bodies stay for a day in any case, and for as long as their item waits for a confirmation or
an officer; and as long as the chat shows their item, where the policy lets people see what it said
before. What a recalled message said is kept for as long as it can be restored. Answers to attempts go
when no client will try again, jobs a week after their end.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, delete, func, select, update

from core.jobs import Jobs
from core.messaging.model import ItemState, VersionKind
from core.messaging.state import SAYS
from core.schema import chat
from core.store import Row, Statement, Store, Tx
from core.types import Clock, UsageRules, to_ms

KEPT: Final = timedelta(days=1)
ATTEMPTS_KEPT: Final = timedelta(days=30)
"""For how long a repeated request gets its first answer; a client's queue is far shorter."""
JOBS_KEPT: Final = timedelta(days=7)
"""For how long one can see what became of a preview or of a file that was read."""
PAGE: Final = 500
AT_ONCE: Final = 10
"""How many pages are looked through in one go: in a large house a whole round takes minutes."""

_WAITING: Final = (ItemState.QUARANTINED, ItemState.NEEDS_CONFIRMATION, ItemState.NEEDS_REASON)

_v, _i, _o, _a = chat.versions.c, chat.items.c, chat.outbox.c, chat.attempts.c
_r = chat.receipts.c
_SHOWN: Final = (ItemState.SENT, ItemState.EDITED, ItemState.REDACTED)

_JOBS = Jobs(chat.jobs)
_OLDEST = Statement(select(func.min(_o.at_ms)))
_PAGE = Statement(
    select(
        _v.item_id,
        _v.version,
        _v.at_ms,
        _v.body.is_(None).label("empty"),
        _i.state,
        _v.kind,
        # What was covered is not kept any longer for the sake of a history that covers it, too.
        (_v.cseq.is_not(None) & _v.kind.in_(SAYS) & (func.coalesce(_r.verdict, "") != "redact")).label(
            "wording"
        ),
    )
    .join(chat.items, _i.id == _v.item_id)
    .join(chat.receipts, _r.decision_id == _v.decision_id, isouter=True)
    .where(
        (_v.item_id > bindparam("item"))
        | ((_v.item_id == bindparam("item")) & (_v.version > bindparam("ver")))
    )
    .order_by(_v.item_id, _v.version)
    .limit(PAGE)
)
_EMPTY = Statement(
    update(chat.versions)
    .where(_v.item_id == bindparam("item"), _v.version == bindparam("ver"))
    .values(body=None)
)
_SOME_ATTEMPTS = (
    select(_a.sender_id, _a.client_id).where(_a.at_ms < bindparam("before")).limit(PAGE).subquery()
)
_FORGET = Statement(
    delete(chat.attempts).where(
        _a.at_ms < bindparam("before"),
        _a.client_id.in_(select(_SOME_ATTEMPTS.c.client_id)),
        _a.sender_id.in_(select(_SOME_ATTEMPTS.c.sender_id)),
    )
)


class Pruner:
    """Prunes one chat store from end to end, and then anew; runs in the worker, some pages at a time."""

    def __init__(self, store: Store, clock: Clock, usage: Callable[[], UsageRules]) -> None:
        self._store = store
        self._clock = clock
        self._usage = usage
        self._place = ("", 0)

    def run(self) -> bool:
        """Prune what may go of the next pages; tell whether more are left of this round.

        Raises:
            Unavailable: ``policy_unavailable``; what may go is not known.
        """
        now, history = self._clock.now(), self._usage().edit_history
        for _ in range(AT_ONCE):
            rows, gone = self._store.read(lambda tx: self._page(tx, to_ms(now - KEPT), history=history))
            if gone:
                self._store.write(lambda tx, g=gone: tx.run_many(_EMPTY, g))  # type: ignore[misc]
            if len(rows) < PAGE:
                self._place = ("", 0)
                break
            self._place = (rows[-1].item_id, rows[-1].version)
        else:
            return True
        while self._store.write(lambda tx: tx.run(_FORGET, before=to_ms(now - ATTEMPTS_KEPT))):
            pass
        while self._store.write(lambda tx: _JOBS.forget(tx, now - JOBS_KEPT)):
            pass
        return False

    def _page(self, tx: Tx, before: int, *, history: bool) -> tuple[Sequence[Row], list[dict[str, object]]]:
        """Return the next page of versions, and those of them that are archived and not needed any more."""
        # Outbox and versions are read as of one moment: what is not in the outbox was taken from it.
        oldest = tx.value(_OLDEST)
        limit = before if oldest is None else min(before, int(oldest))
        item, version = self._place
        rows = tx.rows(_PAGE, item=item, ver=version)
        gone: list[dict[str, object]] = [
            {"item": row.item_id, "ver": row.version}
            for row in rows
            if not row.empty
            and row.at_ms < limit
            and row.state not in _WAITING
            and not (row.kind == VersionKind.RECALL and row.state == ItemState.RECALLED)
            and not (history and row.wording and row.state in _SHOWN)
        ]
        return rows, gone
