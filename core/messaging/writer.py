"""Group commit: whatever queued while the last commit ran goes into the next one. No timer.

One message is one *write*: a function of the open transaction, with a key by which ``foresee`` reads
at once what the writes of a batch will need. They run in the order in which they came, each behind a
savepoint; one that raises a typed error leaves the batch and the rest commits. If the commit itself
fails, every write of the batch is tried alone once, so that one poisoned write cannot refuse
everybody else's.

Nobody is answered before the transaction is durable. What was committed is handed to ``committed``
in the order of the batch, so that a conversation's versions leave in the order of their ``cseq``.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from core import metrics
from core.errors import ChanceryError, Unavailable
from core.ports import Blocking, Future
from core.store import Store, Tx

_log = structlog.get_logger(__name__)

K = TypeVar("K")
R = TypeVar("R")

BATCH = 256


class GroupCommit(Generic[K, R]):
    """Commits writes of many people in few transactions."""

    def __init__(
        self,
        store: Store,
        blocking: Blocking,
        committed: Callable[[Sequence[R]], None],
        *,
        foresee: Callable[[Tx, Sequence[K]], None],
        limit: int,
    ) -> None:
        self._store = store
        self._blocking = blocking
        self._committed = committed
        self._foresee = foresee
        self._limit = limit
        self._pending: deque[_Pending[K, R]] = deque()
        self._lock = threading.Lock()
        self._draining = False
        self.commits = 0
        self.writes = 0

    @property
    def waiting(self) -> int:
        """How many writes wait for the next commit."""
        return len(self._pending)

    def submit(self, write: Callable[[Tx], R], key: K) -> R:
        """Run ``write`` in the next transaction; return its result once that is durable.

        Raises:
            Unavailable: ``busy`` when too many writes wait already; nothing was written.
            ChanceryError: whatever ``write`` raised; it wrote nothing.
        """
        if len(self._pending) >= self._limit:
            raise Unavailable(
                "Too many messages at once. Yours will be sent in a moment.", code="busy", retry_after=1
            )
        future: Future[R] = self._blocking.future()
        with self._lock:
            self._pending.append(_Pending(write, key, future))
            start, self._draining = not self._draining, True
        if start:
            self._blocking.spawn(self._drain)
        return future.wait()

    def _drain(self) -> None:
        while True:
            with self._lock:
                batch = [self._pending.popleft() for _ in range(min(BATCH, len(self._pending)))]
                if not batch:
                    self._draining = False
                    return
            self._commit(batch)

    def _commit(self, batch: Sequence["_Pending[K, R]"]) -> None:
        try:
            outcomes = self._blocking.commit(lambda: self._store.write(lambda tx: self._write(tx, batch)))
        except BaseException as error:
            if len(batch) > 1:
                for one in batch:
                    self._commit([one])
                return
            batch[0].future.set_error(_retryable(error))
            return
        self.commits += 1
        self.writes += len(batch)
        metrics.BATCH.observe(len(batch))
        try:
            self._committed([value for ok, value in outcomes if ok])
        except Exception:
            # What is committed is answered; whoever missed it live asks for it by its number.
            _log.exception("delivery failed")
        for pending, (ok, value) in zip(batch, outcomes, strict=True):
            if ok:
                pending.future.set_result(value)
            else:
                pending.future.set_error(value)

    def _write(self, tx: Tx, batch: Sequence["_Pending[K, R]"]) -> list[tuple[bool, Any]]:
        self._foresee(tx, [pending.key for pending in batch])
        return [_run(pending.write, tx) for pending in batch]


@dataclass(frozen=True, slots=True)
class _Pending(Generic[K, R]):
    """A write that waits for the next commit."""

    write: Callable[[Tx], R]
    key: K
    future: Future[R]


def _run(write: Callable[[Tx], Any], tx: Tx) -> tuple[bool, Any]:
    try:
        with tx.savepoint():
            return True, write(tx)
    except ChanceryError as error:
        return False, error


def _retryable(error: BaseException) -> BaseException:
    """Return the error for a write whose own transaction failed: a retry is safe."""
    if isinstance(error, ChanceryError):
        return error
    failure = Unavailable("Your message could not be saved. It will be tried again.", code="retry")
    failure.__cause__ = error
    return failure
