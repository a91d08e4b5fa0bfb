"""Sends what people wanted to say later, when its time has come; see :mod:`core.messaging.scheduled`."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import bindparam, delete, select, update

from core.errors import ChanceryError
from core.messaging.model import ItemState
from core.messaging.scheduled import Scheduled, ScheduledState
from core.messaging.send import SCHEDULED
from core.schema import chat
from core.store import Row, Statement, Store, Tx
from core.types import Clock, ConversationId, ItemId, PersonId, to_ms

KEPT: Final = timedelta(days=1)
"""For how long it is remembered that one was sent or taken back, so that all windows learn of it."""

_s = chat.scheduled.c

_DUE = Statement(
    select(chat.scheduled)
    .where(_s.state.in_(("waiting", "sending")), _s.due_ms <= bindparam("now"))
    .order_by(_s.due_ms, _s.id)
    .limit(200)
)
_MOVE = Statement(
    update(chat.scheduled)
    .where(_s.id == bindparam("which"), _s.state.in_(("waiting", "sending")))
    .values(state=bindparam("to"), code=bindparam("why"), item_id=bindparam("item"), at_ms=bindparam("now"))
)
_FORGET = Statement(
    delete(chat.scheduled).where(_s.state.in_(("sent", "removed")), _s.at_ms < bindparam("before"))
)

_log = structlog.get_logger(__name__)


class Sends(Protocol):
    """Says something in a conversation (see :class:`core.messaging.service.Messaging`)."""

    def send(
        self,
        sender: PersonId,
        client_id: str,
        conversation: ConversationId,
        text: str,
        *,
        thread_root: ItemId | None = None,
        source: str = "native",
        files: tuple[str, ...] = (),
        quotes: ItemId | None = None,
        quotes_if_there: bool = False,
    ) -> dict[str, Any]:
        """Say something."""
        ...


class ScheduledSender:
    """Sends what is due; runs in the worker."""

    def __init__(
        self,
        *,
        store: Store,
        scheduled: Scheduled,
        messaging: Sends,
        clock: Clock,
        check_sender: Callable[[Tx, PersonId], None],
        record_not_sent: Callable[[Tx, PersonId, str, str], None],
        reach: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._store, self._scheduled, self._messaging, self._clock = store, scheduled, messaging, clock
        self._check_sender, self._record, self._reach = check_sender, record_not_sent, reach

    def run(self) -> int:
        """Send all that is due; return for how many it is settled.

        One that breaks for a reason nobody foresaw keeps no other waiting; it is raised at the end.
        """
        now, settled = to_ms(self._clock.now()), 0
        broken: Exception | None = None
        for row in self._store.read(lambda tx: tx.rows(_DUE, now=now)):
            try:
                settled += self._one(row)
            except Exception as error:
                broken = broken or error
        kept = now - int(KEPT.total_seconds() * 1000)
        self._store.write(lambda tx: tx.run(_FORGET, before=kept))
        if broken is not None:
            raise broken
        return settled

    def _one(self, row: Row) -> bool:
        # From here on it cannot be taken back: somebody may have seen it already.
        if not self._move(row, ScheduledState.SENDING):
            return False
        self._reach("scheduled.before_sending")
        try:
            later = self._scheduled.said(row)
            self._store.read(lambda tx: self._check_sender(tx, PersonId(row.person_id)))
            answer = self._messaging.send(
                PersonId(row.person_id),
                f"scheduled-{row.id}",
                ConversationId(row.conversation_id),
                later.text,
                thread_root=later.thread_root,
                source=SCHEDULED,
                files=later.files,
                quotes=later.quotes,
                quotes_if_there=True,
            )
        except ChanceryError as error:
            if error.retryable:
                # Nothing was written: it waits, and can still be taken back.
                self._move(row, ScheduledState.WAITING)
                return False
            return self._fail(row, error.code)
        self._reach("scheduled.after_sending")
        # With files it is on its way: what becomes of it then stands in the conversation.
        goes = answer["ok"] or answer["code"] == ItemState.CHECKING
        state = ScheduledState.SENT if goes else ScheduledState.STOPPED
        return self._move(row, state, "" if goes else str(answer["code"]), answer["id"])

    def _fail(self, row: Row, code: str) -> bool:
        _log.info("scheduled message not sent", code=code)

        def work(tx: Tx) -> bool:
            moved = self._do_move(tx, row, ScheduledState.FAILED, code, None)
            if moved:
                self._record(tx, PersonId(row.person_id), row.conversation_id, code)
            return moved

        return self._store.write(work)

    def _move(self, row: Row, state: ScheduledState, code: str = "", item: str | None = None) -> bool:
        return self._store.write(lambda tx: self._do_move(tx, row, state, code, item))

    def _do_move(self, tx: Tx, row: Row, state: ScheduledState, code: str, item: str | None) -> bool:
        now = to_ms(self._clock.now())
        return bool(tx.run(_MOVE, which=row.id, to=state, why=code, item=item, now=now))
