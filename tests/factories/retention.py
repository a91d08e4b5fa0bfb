"""An evidence world with retention: signed jobs, holds, and both halves of destruction, restarted at will."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from sqlalchemy import select, update

from audit.archive.reader import RecordState
from audit.archive.search_service import Purpose
from audit.retention.dispose import Disposal, DispositionState
from audit.retention.expire import Expiry
from audit.retention.keystore_trail import TrailCarrier, put_trail
from audit.retention.legal_holds import LegalHolds
from audit.retention.schedule import Schedule
from core.access import Database
from core.blobs.sealed import Blobs
from core.crypto.hybrid import seal_to
from core.crypto.owner_keys import RingOwnerKeys
from core.jobs import Jobs
from core.schema import desk as desk_schema
from core.store import Statement, Tx
from core.trail import Trail
from core.types import ConversationKind, RetentionRule
from tests.factories.archive import TRAIL_INFO, Desk, Evidence, Worker, make_evidence
from tests.factories.chat_search import make_searched
from tests.fakes.blobs import MemoryBlobs

PURPOSE = Purpose("officer-1", "matter-1", "the regulator asked")
_JOBS = Jobs(desk_schema.jobs)
_READY = Statement(select(desk_schema.jobs).where(desk_schema.jobs.c.state == "ready"))


@dataclass
class Firm:
    """``days`` are kept of direct and group chats."""

    evidence: Evidence
    days: int = 30
    trail: Trail = field(init=False)
    desk: Desk = field(init=False)
    worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        mailbox = self.evidence.archive_ring.mailbox().public
        self.trail = Trail(
            self.evidence.clock, "keystore", put_trail, lambda plain: seal_to(mailbox, plain, TRAIL_INFO)
        )
        self.desk = self.evidence.desk()
        self.worker = self.evidence.worker()

    def rules(self) -> Sequence[RetentionRule]:
        return [
            RetentionRule(ConversationKind.DIRECT, self.days),
            RetentionRule(ConversationKind.GROUP, self.days),
        ]

    @property
    def holds(self) -> LegalHolds:
        return LegalHolds(
            keystore_store=self.desk.keystore,
            desk_store=self.desk.desk,
            sealer=RingOwnerKeys(self.evidence.discovery),
            admit=self.desk._admit,
            clock=self.evidence.clock,
            record=self.trail.record,
        )

    def disposal(self) -> Disposal:
        return Disposal(
            keystore_store=self.desk.keystore,
            desk_store=self.desk.desk,
            schedule=Schedule(archive_store=self.desk.archive, rules=self.rules, clock=self.evidence.clock),
            keys=self.evidence.partition_keys,
            post=self._post,
            clock=self.evidence.clock,
            record=self.trail.record,
            failpoint=self.evidence.failpoint,
        )

    def expiry(self) -> Expiry:
        return Expiry(
            chat_store=self.worker.chat,
            archive_store=self.worker.archive,
            desk_store=self.worker.desk,
            schedule=Schedule(archive_store=self.worker.archive, rules=self.rules, clock=self.evidence.clock),
            partitions=self.worker.partitions,
            indexes=self.worker.indexes,
            periods=self.evidence.chat.keys,
            chat_search=make_searched(self.evidence.chat).indexer,
            blobs=Blobs(MemoryBlobs()),
            clock=self.evidence.clock,
            failpoint=self.evidence.failpoint,
        )

    def carrier(self) -> TrailCarrier:
        return TrailCarrier(keystore_store=self.desk.keystore, desk_store=self.desk.desk)

    def restart(self) -> None:
        """Begin again with a worker that remembers nothing, once the dead one's lease is over."""
        self.evidence.clock.advance(11)
        self.worker = self.evidence.worker()

    def archive(self) -> None:
        self.evidence.offers.offer_months(actor="init")
        self.carrier().carry()
        self.worker.archiver.run_until_idle()

    def run_jobs(self) -> None:
        """Let the worker do every signed job; one that cannot be done yet stays."""
        for job in self.evidence.stores[Database.DESK].read(lambda tx: tx.rows(_READY)):
            self.expiry().expire(job.id, orjson.loads(job.payload))
            done = Statement(
                update(desk_schema.jobs).where(desk_schema.jobs.c.id == job.id).values(state="done")
            )
            self.evidence.stores[Database.DESK].write(lambda tx, d=done: tx.run(d))  # type: ignore[misc]

    def destroy_what_is_due(self) -> None:
        """Go through every step once, unharmed."""
        self.archive()
        self.expiry().post_due()
        self.disposal().run()
        self.run_jobs()
        self.disposal().run()

    def is_readable(self, item: str) -> bool:
        """Tell whether the archive still shows the first version of an item."""
        records = self.desk.reader.versions_of(item)
        return any(r.state is RecordState.OPEN and r.clear.version == 1 for r in records)

    def states(self) -> dict[str, DispositionState]:
        return self.disposal().states()

    def _post(self, tx: Tx, kind: str, payload: dict[str, object]) -> str:
        return _JOBS.add(tx, kind, orjson.dumps(payload), self.evidence.clock.now(), signature=b"signed")


def make_firm(folder: Path) -> Firm:
    """Return a firm on the second of March 2026."""
    return Firm(make_evidence(folder))
