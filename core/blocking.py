"""Waiting in a process of plain threads: the :class:`core.ports.Blocking` of everything but eventlet."""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class ThreadFuture:
    """A result that one thread waits for."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._value: Any = None
        self._error: BaseException | None = None

    def set_result(self, value: Any) -> None:
        """Hand over the result."""
        self._value = value
        self._done.set()

    def set_error(self, error: BaseException) -> None:
        """Hand over a failure."""
        self._error = error
        self._done.set()

    def wait(self) -> Any:
        """Wait for what was handed over; raise it if it is a failure."""
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._value


class ThreadBlocking:
    """Threads wait by themselves; only what is spawned runs beside the caller."""

    def breathe(self) -> None:
        """Do nothing: other threads run anyway."""

    def commit(self, work: Callable[[], T]) -> T:
        """Run ``work`` here; the store's gate keeps writers apart."""
        return work()

    def read(self, work: Callable[[], T]) -> T:
        """Run ``work`` here."""
        return work()

    def future(self) -> ThreadFuture:
        """Return an empty future."""
        return ThreadFuture()

    def spawn(self, work: Callable[[], None]) -> None:
        """Run ``work`` in a thread of its own."""
        threading.Thread(target=work, daemon=True).start()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class InlineBlocking(ThreadBlocking):
    """For one caller at a time: a seeder, the worker. What is spawned runs at once, to its end.

    ``pause`` is what else must not wait while something long is done, like confirming the policy.
    """

    def __init__(self, pause: Callable[[], None] = lambda: None) -> None:
        self.pause = pause

    def breathe(self) -> None:
        """Do what must not wait."""
        self.pause()

    def spawn(self, work: Callable[[], None]) -> None:
        """Run ``work`` before returning."""
        work()
