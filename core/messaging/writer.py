"""Group commit: whatever queued while the last commit ran goes into the next one. No timer.

One message is one *write*: a function of the open transaction. Writes of a batch run in the order
in which they came, each behind a savepoint; one that raises a typed error leaves the batch and the
rest commits. If the commit itself fails, every write of the batch is tried alone once, so that one
poisoned write cannot refuse everybody else's.

Nobody is answered before the transaction is durable. What was committed is handed to ``committed``
in the order of the batch, so that a conversation's versions leave in the order of their ``cseq``.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import structlog

from core.errors import ChanceryError, Unavailable
from core.ports import Blocking, Future
from core.store import Store, Tx

_log = structlog.get_logger(__name__)

R = TypeVar("R")

BATCH = 256


class GroupCommit(Generic[R]):
    """Commits writes of many people in few transactions."""

    def __init__(
        self,
        store: Store,
        blocking: Blocking,
        committed: Callable[[Sequence[R]], None],
        *,
        limit: int,
    ) -> None:
        self._store = store
        self._blocking = blocking
        self._committed = committed
        self._limit = limit
        self._pending: deque[tuple[Callable[[Tx], R], Future[R]]] = deque()
        self._lock = threading.Lock()
        self._draining = False
        self.commits = 0
        self.writes = 0

    @property
    def waiting(self) -> int:
        """How many writes wait for the next commit."""
        return len(self._pending)

    def submit(self, write: Callable[[Tx], R]) -> R:
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
            self._pending.append((write, future))
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

    def _commit(self, batch: Sequence[tuple[Callable[[Tx], R], Future[R]]]) -> None:
        try:
            outcomes = self._blocking.commit(
                lambda: self._store.write(lambda tx: [_run(w, tx) for w, _ in batch])
            )
        except BaseException as error:
            if len(batch) > 1:
                for one in batch:
                    self._commit([one])
                return
            batch[0][1].set_error(_retryable(error))
            return
        self.commits += 1
        self.writes += len(batch)
        try:
            self._committed([value for ok, value in outcomes if ok])
        except Exception:
            # What is committed is answered; whoever missed it live asks for it by its number.
            _log.exception("delivery failed")
        for (_, future), (ok, value) in zip(batch, outcomes, strict=True):
            if ok:
                future.set_result(value)
            else:
                future.set_error(value)


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
