"""The trail: one row for each thing that officers, administrators and policies do.

A row is written in the transaction of the act itself, into the outbox of that act's store, with
its detail sealed; the worker carries it to the ledger's ``audit`` log. Rows are numbered per
process, so that a missing one shows; an act that was undone leaves no number out. No act of an
officer or administrator goes without its tag.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

import orjson

from core.errors import InvalidInput
from core.store import Tx
from core.types import Clock, new_id, to_ms

MAX_ID_CHARS: Final = 200
"""The longest actor or subject of an act: what stands in a leaf of the ledger has little room."""


class Tag(StrEnum):
    """What happened, as ``subject:action``."""

    SIGNED_IN = "session:signed_in"
    SIGN_IN_FAILED = "session:sign_in_failed"
    SIGNED_OUT = "session:signed_out"
    SESSIONS_REVOKED = "session:revoked"
    PERSON_ADDED = "person:added"
    PERSON_CHANGED = "person:changed"
    PERSON_DISABLED = "person:disabled"
    SCHEDULED_NOT_SENT = "scheduled:not_sent"
    DIRECTORY_SYNCED = "directory:synced"
    OFFICER_CONFIRMED = "officer:confirmed"
    OFFICER_ENROLLED = "officer:enrolled"
    OFFICER_DISABLED = "officer:disabled"
    OFFICER_FIRST = "officer:first"
    MATTER_OPENED = "matter:opened"
    MATTER_CLOSED = "matter:closed"
    MATTER_OFFICERS_ADDED = "matter:officers_added"
    ARCHIVE_SEARCHED = "archive:searched"
    RECORD_READ = "archive:record_read"
    FILE_READ = "archive:file_read"
    RELEASE_QUEUE_SEEN = "release:queue_seen"
    RELEASE_DECIDED = "release:decided"
    RELEASE_EXECUTED = "release:executed"
    RECALL_DECIDED = "recall:decided"
    RECALL_EXECUTED = "recall:executed"
    POLICY_PROPOSED = "policy:proposed"
    POLICY_APPROVED = "policy:approved"
    POLICY_REJECTED = "policy:rejected"
    POLICY_ENFORCED = "policy:enforced"
    POLICY_REPLAYED = "policy:replayed"
    HOLD_ADDED = "hold:added"
    HOLD_RELEASED = "hold:released"
    PARTITION_OFFERED = "partition:offered"
    PARTITION_CONDEMNED = "partition:condemned"
    PARTITION_DESTROYED = "partition:destroyed"
    KEYS_ROTATED = "keys:rotated"
    INDEX_REBUILT = "index:rebuilt"
    INITIALISED = "suite:initialised"
    BACKED_UP = "suite:backed_up"
    RESTORED = "suite:restored"


class Trail:
    """Writes trail rows of one process into one store's outbox."""

    def __init__(
        self,
        clock: Clock,
        process: str,
        put: Callable[[Tx, bytes, int], None],
        seal: Callable[[bytes], bytes],
    ) -> None:
        self._clock = clock
        self._process = f"{process}-{new_id()[:8]}"
        self._number = 0
        self._put = put
        self._seal = seal

    def record(self, tx: Tx, tag: Tag, actor: str, subject: str, detail: Mapping[str, Any]) -> None:
        """Write that ``actor`` did ``tag`` to ``subject``; ids in the clear, ``detail`` sealed.

        Raises:
            InvalidInput: ``bad_id``; no id of ours is that long, and none that is fits the ledger.
        """
        if max(len(actor), len(subject)) > MAX_ID_CHARS:
            raise InvalidInput("There is nothing of this name: it is too long for an id.", code="bad_id")
        now = to_ms(self._clock.now())
        row = {
            "tag": tag,
            "actor": actor,
            "subject": subject,
            "at": now,
            "process": self._process,
            "number": self._next(tx),
        }
        sealed = self._seal(orjson.dumps({**row, "detail": dict(detail)}))
        self._put(tx, sealed, now)

    def _next(self, tx: Tx) -> int:
        """Return the next number. One transaction writes at a time, so giving it back leaves no hole."""
        number = self._number = self._number + 1
        tx.on_undo(lambda: self._give_back(number))
        return number

    def _give_back(self, number: int) -> None:
        self._number = number - 1
