"""Re-creates the index of a partition from the archive, without a moment in which it lacks anything.

    desk    signs ``index_build``  (partition, generation)
    worker  writes *building*: from now on it keeps what it indexes in its queue as well
    desk    fills the new generation from the archive, closes it, signs ``index_switch``
    worker  writes *live*, lets the new generation be asked, drops the old one, and indexes what it kept

There is never a second writer to one index. Every step can be repeated.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import bindparam, exists, select

from audit.archive.indexes import (
    BUILDING,
    FIRST,
    LIVE,
    IndexState,
    LiveIndexes,
    add_index_state,
    index_name,
    index_states,
)
from audit.archive.key_reader import KeyReader
from audit.archive.names import CONVERSATION_CLASSES, parse_partition
from audit.archive.reader import ArchiveReader
from audit.search.port import SearchIndex
from audit.search.tokens import Blinder
from core.errors import Conflict, InvalidInput, NotFound, Unavailable
from core.identity.sealing import Recorder
from core.schema import archive, desk
from core.store import Statement, Store, Tx
from core.trail import Tag
from core.types import Clock, to_ms

BUILD: Final = "index_build"
SWITCH: Final = "index_switch"
CHUNK: Final = 400

_r, _p, _j = archive.records.c, archive.partitions.c, desk.jobs.c

_RIDS = Statement(
    select(_r.rid)
    .where(_r.partition_id == bindparam("part"), _r.rid > bindparam("last"), _r.indexable == 1)
    .order_by(_r.rid)
    .limit(CHUNK)
)
_GENERATIONS = Statement(
    select(_p.generation).where(_p.partition_id == bindparam("part")).order_by(_p.generation.desc())
)

_SEARCHED = Statement(
    select(_p.partition_id)
    .where(
        _p.retention_class.in_(CONVERSATION_CLASSES),
        exists().where(_r.partition_id == _p.partition_id),
    )
    .distinct()
    .order_by(_p.partition_id)
)
_ASKED = Statement(select(_j.kind, _j.payload).where(_j.kind.in_((BUILD, SWITCH)), _j.state != "failed"))

Post = Callable[[Tx, str, dict[str, object]], str]
"""Signs a job of a kind with a payload, in the desk's transaction; returns its id."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild wrote: records indexed, refused by the engine, and unreadable."""

    partition: str
    generation: int
    indexed: int
    refused: int
    unreadable: int


class IndexRebuild:
    """The desk's side."""

    def __init__(
        self,
        *,
        archive_store: Store,
        desk_store: Store,
        reader: ArchiveReader,
        keys: KeyReader,
        open_index: Callable[[], SearchIndex],
        post: Post,
        record: Recorder,
    ) -> None:
        self._archive = archive_store
        self._desk = desk_store
        self._reader = reader
        self._keys = keys
        self._open_index = open_index
        self._post = post
        self._record = record

    def partitions(self) -> list[str]:
        """Return the partitions that have an index, the oldest first."""
        rows = self._archive.read(lambda tx: tx.rows(_SEARCHED))
        return [row.partition_id for row in rows]

    def begin(self, partition: str, *, actor: str) -> int:
        """Ask the worker for a new generation of a partition's index; return its number.

        :meth:`go_on` fills it once the worker has answered.

        Raises:
            InvalidInput: ``partition`` if this is none that is searched.
            Conflict: ``index_building`` while one is being built.
            NotFound: ``no_such_partition``.
        """
        if parse_partition(partition).retention_class not in CONVERSATION_CLASSES:
            raise InvalidInput(
                f"{partition} has no index: only conversations are searched.", code="partition"
            )
        self._place(partition)
        state = self._archive.read(index_states).get(partition, IndexState())
        if state.building is not None:
            raise Conflict(
                f"Generation {state.building} of {partition} is being built.",
                code="index_building",
                generation=state.building,
            )
        generation = state.live + 1
        payload: dict[str, object] = {"partition": partition, "generation": generation, "actor": actor}
        self._desk.write(lambda tx: self._post(tx, BUILD, payload))
        return generation

    def go_on(self) -> list[Rebuilt]:
        """Fill every generation that the worker waits for; return what was written."""
        asked = {job: payload for job, payload in self._asked() if job[0] == BUILD}
        switching = {job[1:] for job, _ in self._asked() if job[0] == SWITCH}
        states = self._archive.read(index_states)
        return [
            self.fill(partition, generation, actor=str(payload["actor"]))
            for (_, partition, generation), payload in asked.items()
            if states.get(partition, IndexState()).building == generation
            and (partition, generation) not in switching
        ]

    def fill(self, partition: str, generation: int, *, actor: str) -> Rebuilt:
        """Fill the new generation from the archive and ask the worker to switch.

        Raises:
            Unavailable: ``not_building_yet`` until the worker has answered :meth:`begin`.
            Conflict: ``index_live`` if this generation is live already.
        """
        state = self._archive.read(index_states).get(partition, IndexState())
        if state.live >= generation:
            raise Conflict(f"Generation {generation} of {partition} is live.", code="index_live")
        if state.building != generation:
            raise Unavailable(
                "The worker has not begun to keep what it indexes. Try again in a moment.",
                code="not_building_yet",
            )
        name, place = index_name(partition, generation), self._place(partition)
        blinder = Blinder(self._keys.index_key(place).material)
        index = self._open_index()
        indexed = refused = unreadable = 0
        try:
            index.drop(name)
            index.ensure(name)
            for rids in self._rids(partition):
                texts = self._reader.texts(rids)
                result = index.put(name, [blinder.document(record) for record in texts.values()])
                indexed += result.accepted
                refused += len(result.refused)
                unreadable += len(rids) - len(texts)
        finally:
            # The writer's lock must be free before the worker writes here.
            index.close()
        rebuilt = Rebuilt(partition, generation, indexed, refused, unreadable)

        def work(tx: Tx) -> None:
            self._post(tx, SWITCH, {"partition": partition, "generation": generation})
            detail = {"generation": generation, "indexed": indexed, "unreadable": unreadable}
            self._record(tx, Tag.INDEX_REBUILT, actor, partition, detail)

        self._desk.write(work)
        return rebuilt

    def unfinished(self) -> list[str]:
        """Return the partitions for which a new generation was asked that is not live yet."""
        states = self._archive.read(index_states)
        return sorted(
            {
                partition
                for (kind, partition, generation), _ in self._asked()
                if kind == BUILD and states.get(partition, IndexState()).live < generation
            }
        )

    def _asked(self) -> Iterator[tuple[tuple[str, str, int], Mapping[str, Any]]]:
        """Yield the jobs of rebuilds that did not fail: kind, partition and generation; payload."""
        for row in self._desk.read(lambda tx: tx.rows(_ASKED)):
            payload = orjson.loads(row.payload)
            yield (row.kind, str(payload["partition"]), int(payload["generation"])), payload

    def _rids(self, partition: str) -> Iterator[list[str]]:
        last = ""
        while batch := self._archive.read(
            lambda tx, at=last: tx.rows(_RIDS, part=partition, last=at)  # type: ignore[misc]
        ):
            yield [row.rid for row in batch]
            last = batch[-1].rid

    def _place(self, partition: str) -> tuple[str, int]:
        row = self._archive.read(lambda tx: tx.one(_GENERATIONS, part=partition))
        if row is None:
            raise NotFound(f"There is no partition {partition}.", code="no_such_partition")
        return partition, row.generation


class IndexSwitch:
    """The worker's side: what the two signed jobs do. Payloads are verified already."""

    def __init__(self, *, archive_store: Store, indexes: LiveIndexes, clock: Clock) -> None:
        self._archive = archive_store
        self._indexes = indexes
        self._clock = clock

    def build(self, payload: Mapping[str, Any]) -> str:
        """Write that a generation is being built; from now on its records stay in their outbox."""
        partition, generation = str(payload["partition"]), int(payload["generation"])
        self._write(partition, generation, BUILDING)
        return f"{partition} generation {generation} is being built"

    def switch(self, payload: Mapping[str, Any]) -> str:
        """Make a generation live and drop the ones before; what waited is indexed into it next."""
        partition, generation = str(payload["partition"]), int(payload["generation"])
        self._write(partition, generation, LIVE)
        self._indexes.go_live(partition, generation)
        for old in range(FIRST, generation):
            self._indexes.drop(partition, old)
        return f"{partition} generation {generation} is live"

    def _write(self, partition: str, generation: int, state: str) -> None:
        at_ms = to_ms(self._clock.now())

        def work(tx: Tx) -> None:
            held = index_states(tx).get(partition, IndexState())
            reached = held.live if state == LIVE else max(held.live, held.building or 0)
            if reached < generation:
                add_index_state(tx, partition, generation, state, at_ms)

        self._archive.write(work)
