"""What a search reaches: partitions with their keys and words, and a count of what it does not reach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import bindparam, func, select

from audit.archive.key_reader import KeyReader
from audit.archive.names import CONVERSATION_CLASSES
from audit.archive.sealer import vocabulary_info
from audit.search.port import SearchIndex
from audit.search.run import OpenPartition
from audit.search.tokens import Blinder
from audit.search.vocabulary import FieldTerm, Vocabulary, decode_delta
from core.crypto.hybrid import open_with
from core.errors import ChanceryError
from core.schema import archive, keystore
from core.store import Row, Statement, Store, Tx
from core.types import from_ms

_p, _r, _v = archive.partitions.c, archive.records.c, archive.vocabulary.c
_x, _g = archive.dropped_leaves.c, keystore.dispositions.c

_PARTITIONS = Statement(
    select(_p.partition_id, func.max(_p.generation).label("generation"), _p.month)
    .where(_p.retention_class.in_(CONVERSATION_CLASSES))
    .group_by(_p.partition_id, _p.month)
    .order_by(_p.partition_id)
)
_COUNTS = Statement(
    select(_r.partition_id, func.count().label("records"), func.max(_r.at_ms).label("newest")).group_by(
        _r.partition_id
    )
)
_UNINDEXABLE = Statement(
    select(_r.partition_id, func.count().label("records")).where(_r.indexable == 0).group_by(_r.partition_id)
)
_DROPPED = Statement(select(_x.partition_id, func.count().label("records")).group_by(_x.partition_id))
_DELTAS = Statement(
    select(_v.id, _v.sealed)
    .where(_v.partition_id == bindparam("part"), _v.generation == bindparam("gen"), _v.id > bindparam("seen"))
    .order_by(_v.id)
)
_CONDEMNED = Statement(select(_g.partition_id))
_VOCABULARIES: Final = 500


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a result is drawn from: ``in_scope`` records, and what became of each of them.

    ``in_scope == indexed + not_indexed + undecryptable + destroyed``, always. ``refused`` tells how many
    of those that are not indexed the engine was offered and did not take.
    """

    in_scope: int = 0
    indexed: int = 0
    not_indexed: int = 0
    undecryptable: int = 0
    destroyed: int = 0
    refused: int = 0

    @property
    def complete(self) -> bool:
        """Tell whether everything that still exists was searched."""
        return not self.not_indexed and not self.undecryptable

    def __add__(self, other: "Coverage") -> "Coverage":
        return Coverage(
            self.in_scope + other.in_scope,
            self.indexed + other.indexed,
            self.not_indexed + other.not_indexed,
            self.undecryptable + other.undecryptable,
            self.destroyed + other.destroyed,
            self.refused + other.refused,
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """The partitions a search reaches and its coverage."""

    partitions: tuple[OpenPartition, ...]
    coverage: Coverage


class Scopes:
    """Opens scopes for the desk; keeps vocabularies that only grow."""

    def __init__(
        self,
        *,
        archive_store: Store,
        keystore_store: Store,
        keys: KeyReader,
        index: SearchIndex,
        tenant: str,
        refused: Callable[[], int] = lambda: 0,
    ) -> None:
        self._archive = archive_store
        self._keystore = keystore_store
        self._keys = keys
        self._index = index
        self._tenant = tenant
        self._refused = refused
        self._words: dict[tuple[str, int], tuple[int, set[FieldTerm], Vocabulary, Blinder]] = {}

    def open(self, *, first_month: str = "", last_month: str = "9999-12") -> Scope:
        """Return what a search over the months ``first_month`` to ``last_month`` reaches.

        Raises:
            Unavailable: ``index_unavailable``.
        """
        partitions, counts, unindexable, dropped = self._archive.read(_read_scope)
        condemned = {row.partition_id for row in self._keystore.read(lambda tx: tx.rows(_CONDEMNED))}
        chosen = [row for row in partitions if first_month <= row.month <= last_month]
        names = {row.partition_id for row in partitions}
        gone = {
            name: records
            for name, records in dropped.items()
            if name not in names and first_month <= name[:7] <= last_month
        }
        coverage = Coverage(in_scope=sum(gone.values()), destroyed=sum(gone.values()))
        opened: list[OpenPartition] = []
        for row in chosen:
            name = row.partition_id
            held = counts.get(name)
            records = (held.records if held else 0) + dropped.get(name, 0)
            place = (name, row.generation)
            if not self._keys.is_open(place):
                self._words.pop(place, None)
                destroyed = name in condemned
                coverage += Coverage(
                    in_scope=records,
                    undecryptable=0 if destroyed else records,
                    destroyed=records if destroyed else 0,
                )
                continue
            if held is None:
                continue
            coverage += self._covered(name, records, unindexable.get(name, 0))
            opened.append(self._opened(place, held.newest))
        refused = min(self._refused(), coverage.not_indexed)
        return Scope(tuple(opened), replace(coverage, refused=refused))

    def _covered(self, partition: str, records: int, unindexable: int) -> Coverage:
        indexable = records - unindexable
        indexed = min(self._index.count(partition), indexable)
        return Coverage(records, indexed, indexable - indexed, unindexable, 0)

    def _opened(self, place: tuple[str, int], newest_ms: int) -> OpenPartition:
        seen, terms, vocabulary, blinder = self._words.get(place, (0, set(), Vocabulary(), None))
        if blinder is None:
            blinder = Blinder(self._keys.index_key(place).material)
        rows = self._archive.read(lambda tx: tx.rows(_DELTAS, part=place[0], gen=place[1], seen=seen))
        if rows or place not in self._words:
            # Another thread may be reading the set that is kept: a new one takes its place.
            terms = terms.union(*(self._delta(place, row) for row in rows))
            seen = rows[-1].id if rows else seen
            vocabulary = Vocabulary(terms)
            if len(self._words) >= _VOCABULARIES:
                self._words.clear()
            self._words[place] = (seen, terms, vocabulary, blinder)
        return OpenPartition(place[0], blinder, vocabulary, from_ms(newest_ms))

    def _delta(self, place: tuple[str, int], row: Row) -> set[FieldTerm]:
        try:
            info = vocabulary_info(self._tenant, *place)
            return set(decode_delta(open_with(self._keys.private(place), bytes(row.sealed), info)))
        except ChanceryError:
            # Words that cannot be read are words that a wildcard misses; reconciling names them.
            return set()


def _read_scope(
    tx: Tx,
) -> tuple[Sequence[Row], dict[str, Row], dict[str, int], dict[str, int]]:
    return (
        tx.rows(_PARTITIONS),
        {row.partition_id: row for row in tx.rows(_COUNTS)},
        {row.partition_id: row.records for row in tx.rows(_UNINDEXABLE)},
        {row.partition_id: row.records for row in tx.rows(_DROPPED)},
    )
