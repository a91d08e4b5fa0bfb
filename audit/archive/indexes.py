"""Which index of a partition is live, and how the worker feeds it.

A rebuild makes a new generation of a partition's index beside the live one. From the row
``building`` to the row ``live`` the worker keeps what it indexes in its queue as well, so that at
the switch nothing is missing: there is never a second writer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import insert, select

from audit.archive.partitions import WorkerPartition
from audit.search.port import SearchIndex, SearchRecord
from audit.search.tokens import Blinder
from core.errors import NotFound
from core.schema.archive import index_generations
from core.store import Statement, Store, Tx

FIRST: Final = 1
BUILDING: Final = "building"
LIVE: Final = "live"

_ROWS = Statement(select(index_generations))
_ADD = Statement(insert(index_generations))


@dataclass(frozen=True, slots=True)
class IndexState:
    """The live generation of a partition's index, and the one that is being built, if any."""

    live: int = FIRST
    building: int | None = None


def index_name(partition: str, generation: int) -> str:
    """Return the name by which an index engine knows a generation of a partition's index."""
    return partition if generation == FIRST else f"{partition}-g{generation}"


def index_states(tx: Tx) -> dict[str, IndexState]:
    """Return the state of every partition that was ever rebuilt; others are at :data:`FIRST`."""
    live: dict[str, int] = {}
    building: dict[str, int] = {}
    for row in tx.rows(_ROWS):
        newest = live if row.state == LIVE else building
        newest[row.partition_id] = max(newest.get(row.partition_id, 0), row.generation)
    states = {}
    for partition in live.keys() | building.keys():
        at = live.get(partition, FIRST)
        next_ = building.get(partition, 0)
        states[partition] = IndexState(at, next_ if next_ > at else None)
    return states


def add_index_state(tx: Tx, partition: str, generation: int, state: str, at_ms: int) -> None:
    """Write that a generation is being built, or is live from now on."""
    tx.run(_ADD, partition_id=partition, generation=generation, state=state, at_ms=at_ms)


class LiveIndexes:
    """Feeds the live index of each partition; the worker's only way to an index."""

    def __init__(self, index: SearchIndex, archive_store: Store) -> None:
        self._index = index
        self._archive = archive_store
        self._blinders: dict[str, Blinder] = {}
        self._ensured: set[str] = set()

    def states(self) -> dict[str, IndexState]:
        """Return the states as they are committed now."""
        return self._archive.read(index_states)

    def put(
        self, partition: WorkerPartition, state: IndexState, records: Sequence[SearchRecord]
    ) -> Mapping[str, str]:
        """Index ``records`` and return those that the engine refuses, with its reasons.

        Raises:
            Unavailable: ``index_unavailable`` and its like; nothing is lost, try again later.
            NotFound: ``no_such_partition`` if somebody removed the index; the next attempt makes it anew.
        """
        name = index_name(partition.partition, state.live)
        if name not in self._ensured:
            self._index.ensure(name)
            # The archive says which one is live; what a kill left otherwise is put right here.
            self._index.go_live(partition.partition, name)
            self._ensured.add(name)
        blinder = self._blinder(partition)
        try:
            result = self._index.put(name, [blinder.document(record) for record in records])
        except NotFound:
            # Somebody removed it. The next attempt makes it anew, and coverage says what it lacks.
            self._ensured.discard(name)
            raise
        return result.refused

    def go_live(self, partition: str, generation: int) -> None:
        """Let a generation be the one that is asked."""
        self._index.go_live(partition, index_name(partition, generation))

    def forget(self, partition: str) -> None:
        """Forget what was remembered of a partition that closed."""
        self._blinders.pop(partition, None)

    def drop(self, partition: str, generation: int) -> None:
        """Remove one generation of a partition's index."""
        name = index_name(partition, generation)
        self._ensured.discard(name)
        self._index.drop(name)

    def _blinder(self, partition: WorkerPartition) -> Blinder:
        blinder = self._blinders.get(partition.partition)
        if blinder is None:
            assert partition.index_key is not None
            blinder = self._blinders[partition.partition] = Blinder(partition.index_key.material)
        return blinder
