"""Steps (a) and (b) of the archiver: keys first, then records, vocabulary and ledger in one transaction.

What was archived before is recognised by (item, version) and left as it is.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, select

from audit.archive.blobs import blobs_in, do_refer
from audit.archive.intake import Intake, Place
from audit.archive.lease import Lease
from audit.archive.partitions import Partitions, WorkerPartition
from audit.archive.record_keys import KeyRequest, RecordKeys
from audit.archive.records import Clear, Parsed, seal_fields, search_record
from audit.ledger import rows
from audit.ledger.checkpoint import Checkpoint
from audit.ledger.entries import Act, ItemVersion, Log, act_entry, item_entry
from audit.search.port import SearchRecord
from audit.search.vocabulary import FieldTerm, NewTerms, encode_delta
from core.crypto.envelope import associated
from core.crypto.hybrid import seal_to
from core.schema import archive
from core.store import Statement, Store, Tx
from core.types import Clock, new_id

_r = archive.records.c
_ADD_RECORD = Statement(insert(archive.records))
_ADD_VOCABULARY = Statement(
    insert(archive.vocabulary).values(
        {c.name: bindparam(c.name) for c in archive.vocabulary.c if c.name != "id"}
    )
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """An outbox row whose record is in the archive; ``record`` is how it is searched, if it is."""

    place: Place
    parsed: Parsed
    rid: str
    partition: WorkerPartition
    record: SearchRecord | None


@dataclass(frozen=True, slots=True)
class _Draft:
    """A record that is sealed but not written."""

    intake: Intake
    clear: Clear
    sealed: bytes
    ciphertext_hash: bytes


class Sealer:
    """Seals batches of outbox rows into the archive; one object a worker."""

    def __init__(
        self,
        *,
        archive_store: Store,
        partitions: Partitions,
        keys: RecordKeys,
        lease: Lease,
        clock: Clock,
        tenant: str,
        checkpoint: Callable[[], Checkpoint | None],
        failpoint: Callable[[str], None],
    ) -> None:
        self._store = archive_store
        self._partitions = partitions
        self._keys = keys
        self._lease = lease
        self._clock = clock
        self._tenant = tenant
        self._checkpoint = checkpoint
        self._failpoint = failpoint
        self._terms: dict[str, NewTerms] = {}

    def seal(self, batch: Sequence[tuple[Intake, WorkerPartition]]) -> list[Sealed]:
        """Return every row of ``batch`` as archived: newly, or before.

        Raises:
            Conflict: ``lease_lost`` or ``partition_changed``; nothing was archived.
        """
        known = self._archived([intake.parsed.item_id for intake, _ in batch])
        fresh: dict[tuple[str, int], tuple[Intake, WorkerPartition]] = {}
        for intake, partition in batch:
            version = (intake.parsed.item_id, intake.parsed.version)
            if version not in known and version not in fresh:
                fresh[version] = (intake, partition)
        rids = {version: new_id() for version in fresh}
        sealed = [_sealed(intake, known | rids, partition) for intake, partition in batch]
        if fresh:
            drafts = self._drafts(list(fresh.values()), rids)
            self._failpoint("archiver.after_keys")
            new = {rids[version] for version in fresh}
            self._write(
                drafts, [s for s in sealed if s.rid in new], {p.partition: p for _, p in fresh.values()}
            )
        return sealed

    def forget(self, partition: str) -> None:
        """Forget the words of a partition that closed."""
        self._terms.pop(partition, None)

    def _drafts(
        self, fresh: Sequence[tuple[Intake, WorkerPartition]], rids: Mapping[tuple[str, int], str]
    ) -> list[_Draft]:
        versions = [intake.parsed for intake, _ in fresh]
        requests = [
            KeyRequest(partition, rids[v.item_id, v.version], v.conversation_id, v.people, v.at_ms)
            for v, (_, partition) in zip(versions, fresh, strict=True)
        ]
        keys = self._keys.make(requests)
        drafts = []
        for (intake, _), request, key in zip(fresh, requests, keys, strict=True):
            clear = _clear(intake, request, key.page_id)
            sealed = seal_fields(key.key, clear, intake.salt, intake.parsed.fields)
            drafts.append(_Draft(intake, clear, sealed, hashlib.sha256(sealed).digest()))
        return drafts

    def _write(
        self, drafts: Sequence[_Draft], sealed: Sequence[Sealed], partitions: Mapping[str, WorkerPartition]
    ) -> None:
        vocabularies = self._new_terms(sealed)
        checkpoint = self._checkpoint()

        def work(tx: Tx) -> None:
            self._lease.check(tx)
            for partition in partitions.values():
                self._partitions.check_current(tx, partition)
            leaves = self._log(tx, drafts, checkpoint)
            tx.run_many(_ADD_RECORD, [_row(d, leaf) for d, leaf in zip(drafts, leaves, strict=True)])
            deltas = [self._delta(partitions[name], terms) for name, terms in vocabularies.items() if terms]
            tx.run_many(_ADD_VOCABULARY, deltas)
            for name in partitions:
                do_refer(tx, name, _blobs(drafts, name))

        self._store.write(work)
        for name, terms in vocabularies.items():
            self._terms[name].kept(terms)

    def _new_terms(self, sealed: Sequence[Sealed]) -> dict[str, frozenset[FieldTerm]]:
        records: dict[str, list[SearchRecord]] = {}
        for one in sealed:
            if one.record is not None:
                records.setdefault(one.partition.partition, []).append(one.record)
        return {
            name: self._terms.setdefault(name, NewTerms()).of(of_partition)
            for name, of_partition in records.items()
        }

    def _delta(self, partition: WorkerPartition, terms: frozenset[FieldTerm]) -> dict[str, object]:
        info = vocabulary_info(self._tenant, partition.partition, partition.generation)
        return {
            "partition_id": partition.partition,
            "generation": partition.generation,
            "sealed": seal_to(partition.public, encode_delta(terms), info),
        }

    def _log(self, tx: Tx, drafts: Sequence[_Draft], checkpoint: Checkpoint | None) -> list[int]:
        """Append an entry for each draft to its log; return their leaves in the order of drafts."""
        now = self._clock.now()
        items = rows.size(tx, Log.ARCHIVE)
        acts = rows.size(tx, Log.AUDIT)
        leaves: dict[tuple[str, int], int] = self._earlier_leaves(tx, drafts)
        found: list[int] = []
        item_entries: list[bytes] = []
        act_entries: list[bytes] = []
        for draft in drafts:
            version = draft.intake.parsed
            if is_act(version):
                found.append(acts + len(act_entries))
                act_entries.append(act_entry(found[-1], now, _act(draft, checkpoint)))
            else:
                found.append(items + len(item_entries))
                previous = leaves.get((version.item_id, version.version - 1))
                item_entries.append(item_entry(found[-1], now, _item(draft, previous)))
                leaves[version.item_id, version.version] = found[-1]
        rows.append(tx, Log.ARCHIVE, items, item_entries)
        rows.append(tx, Log.AUDIT, acts, act_entries)
        return found

    def _earlier_leaves(self, tx: Tx, drafts: Sequence[_Draft]) -> dict[tuple[str, int], int]:
        later = [d.clear.item_id for d in drafts if d.clear.version > 1 and not is_act(d.intake.parsed)]
        statement = Statement(select(_r.item_id, _r.version, _r.leaf_index).where(_r.item_id.in_(later)))
        return {(row.item_id, row.version): row.leaf_index for row in tx.rows(statement)}

    def _archived(self, items: list[str]) -> dict[tuple[str, int], str]:
        statement = Statement(select(_r.item_id, _r.version, _r.rid).where(_r.item_id.in_(items)))
        found = self._store.read(lambda tx: tx.rows(statement))
        return {(row.item_id, row.version): row.rid for row in found}


def is_act(version: Parsed) -> bool:
    """Tell whether a record belongs to the audit log: acts have no conversation."""
    return not version.conversation_id


def vocabulary_info(tenant: str, partition: str, generation: int) -> bytes:
    """Return what a sealed part of a partition's vocabulary is bound to."""
    return associated("vocabulary/v1", tenant, partition, generation)


def _sealed(intake: Intake, rids: Mapping[tuple[str, int], str], partition: WorkerPartition) -> Sealed:
    version = intake.parsed
    rid = rids[version.item_id, version.version]
    record = (
        search_record(version.fields, rid=rid, partition=partition.partition) if version.indexable else None
    )
    return Sealed(intake.place, version, rid, partition, record)


def _clear(intake: Intake, request: KeyRequest, page_id: str) -> Clear:
    version = intake.parsed
    return Clear(
        rid=request.rid,
        partition_id=request.partition.partition,
        generation=request.partition.generation,
        page_id=page_id,
        item_id=version.item_id,
        version=version.version,
        conversation_id=version.conversation_id,
        cseq=version.cseq,
        stop_seq=version.stop_seq,
        kind=version.kind,
        at_ms=version.at_ms,
        indexable=int(version.indexable),
        commitment=intake.commitment,
    )


def _blobs(drafts: Sequence[_Draft], partition: str) -> dict[str, int]:
    return {
        blob: size
        for draft in drafts
        if draft.clear.partition_id == partition
        for blob, size in blobs_in(draft.intake.parsed.fields)
    }


def _row(draft: _Draft, leaf: int) -> dict[str, object]:
    return {
        **draft.clear.bound(),
        "sealed": draft.sealed,
        "ciphertext_hash": draft.ciphertext_hash,
        "leaf_index": leaf,
    }


def _item(draft: _Draft, previous: int | None) -> ItemVersion:
    version = draft.intake.parsed
    return ItemVersion(
        type=f"msg.{version.kind}",
        item=version.item_id,
        version=version.version,
        previous=previous,
        conversation=version.conversation_id,
        cseq=version.cseq,
        stop_seq=version.stop_seq,
        actor=version.actor,
        commitment=draft.clear.commitment,
        ciphertext_hash=draft.ciphertext_hash,
        length=len(draft.sealed),
        policy=version.policy,
    )


def _act(draft: _Draft, checkpoint: Checkpoint | None) -> Act:
    version = draft.intake.parsed
    return Act(
        type=version.kind,
        actor=version.actor,
        subject=str(version.fields.get("subject", "")),
        process=version.item_id,
        number=version.version,
        commitment=draft.clear.commitment,
        ciphertext_hash=draft.ciphertext_hash,
        length=len(draft.sealed),
        archive_size=checkpoint.size if checkpoint else None,
        archive_root=checkpoint.root if checkpoint else None,
    )
