"""What waits for the archive: rows of the chat store's and the desk store's outbox, opened and read.

A row that cannot be opened or read is not lost and holds nobody up: it becomes a poison record.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import orjson
from sqlalchemy import Table, bindparam, func, select

from audit.archive.names import CLASSES, TRAIL
from audit.archive.records import Parsed, parse_item, parse_trail, poisoned
from audit.ledger.commitment import commit_fields, new_salt
from core.errors import ChanceryError
from core.messaging.brake import do_note_sealed
from core.messaging.versions import OUT
from core.outbox import Outbox
from core.schema import archive, chat, desk
from core.store import Row, Statement, Store

Source = Literal["chat", "desk"]
Place = tuple[Source, int]
"""Which outbox, and which of its rows."""

ITEM_ROW: Final = "item"
TRAIL_ROW: Final = "trail"
_IDS_A_STATEMENT: Final = 500

_v, _m, _r = chat.versions.c, chat.memberships.c, archive.records.c

_VERSIONS_AT = Statement(
    select(_v.item_id, _v.version, _v.cseq, _v.stop_seq).where(
        _v.conversation_id == bindparam("conv"), _v.at_ms == bindparam("at")
    )
)
_MEMBERS = Statement(select(_m.person_id).where(_m.conversation_id == bindparam("conv")).distinct())


class Opener(Protocol):
    """Opens what the messaging core sealed (see :class:`core.messaging.vault.Vault`)."""

    def open(self, purpose: str, conversation: str, month: str, place: str, sealed: bytes) -> Any:
        """Return the value. Raises IntegrityError."""
        ...


@dataclass(frozen=True, slots=True)
class Intake:
    """One outbox row, read. ``error`` is the code of what made it poison."""

    place: Place
    parsed: Parsed
    salt: bytes
    commitment: bytes
    error: str = ""


class Outboxes:
    """Both outboxes as one queue. Rows are taken by deleting them, after everything else is done."""

    def __init__(
        self,
        *,
        chat_store: Store,
        desk_store: Store,
        archive_store: Store,
        opener: Opener,
        open_chat_trail: Callable[[bytes], bytes],
        open_desk_trail: Callable[[bytes], bytes],
    ) -> None:
        self._stores: dict[Source, Store] = {"chat": chat_store, "desk": desk_store}
        self._archive = archive_store
        self._opener = opener
        self._open_trail: dict[Source, Callable[[bytes], bytes]] = {
            "chat": open_chat_trail,
            "desk": open_desk_trail,
        }

    def places(self, most: int = 1_000_000) -> list[Place]:
        """Return up to ``most`` rows a store, oldest first; the desk's, being few, come first."""
        return [*self._places("desk", most), *self._places("chat", most)]

    def read(self, places: Sequence[Place]) -> list[Intake]:
        """Return the rows at ``places`` in their order; those that are gone are left out."""
        fetched = {
            (source, row.id): row
            for source in self._stores
            for row in self._fetch(source, [number for s, number in places if s == source])
        }
        intakes: list[Intake] = []
        for place in places:
            if place in fetched:
                taken = {(i.parsed.item_id, i.parsed.version) for i in intakes}
                intakes.append(self._read_one(place, fetched[place], taken))
        return intakes

    def take(self, places: Iterable[Place]) -> None:
        """Remove rows that are archived, indexed and logged."""
        places = list(places)
        for source in self._stores:
            self._take(source, [number for s, number in places if s == source])

    def note_sealed(self, row: int) -> None:
        """Note that every row of the chat store's outbox up to ``row`` is sealed."""
        self._stores["chat"].write(lambda tx: do_note_sealed(tx, row))

    def oldest(self, places: Collection[Place]) -> int | None:
        """Return the time in milliseconds of the oldest row among ``places``."""
        times = [
            self._oldest(source, ids[start : start + _IDS_A_STATEMENT])
            for source in self._stores
            for ids in [[number for s, number in places if s == source]]
            for start in range(0, len(ids), _IDS_A_STATEMENT)
        ]
        return min((at for at in times if at is not None), default=None)

    def _places(self, source: Source, most: int) -> list[Place]:
        rows = self._stores[source].read(lambda tx: tx.rows(_IDS[source], most=most))
        return [(source, row.id) for row in rows]

    def _take(self, source: Source, ids: list[int]) -> None:
        if ids:
            self._stores[source].write(lambda tx: _OUTBOX[source].take(tx, ids))

    def _oldest(self, source: Source, ids: list[int]) -> int | None:
        column = _TABLES[source].c
        oldest = Statement(select(func.min(column.at_ms)).where(column.id.in_(ids)))
        at_ms: int | None = self._stores[source].read(lambda tx: tx.value(oldest))
        return at_ms

    def _fetch(self, source: Source, ids: list[int]) -> list[Row]:
        if not ids:
            return []
        table = _TABLES[source]
        return self._stores[source].read(
            lambda tx: tx.rows(Statement(select(table).where(table.c.id.in_(ids))))
        )

    def _read_one(self, place: Place, row: Row, taken: set[tuple[str, int]]) -> Intake:
        try:
            return _committed(place, self._parse(place[0], row))
        except ChanceryError as error:
            code = error.code
        except ValueError:
            code = "bad_record"
        return _committed(place, self._poison(place, row, code, taken), code)

    def _parse(self, source: Source, row: Row) -> Parsed:
        if row.kind == TRAIL_ROW:
            return parse_trail(orjson.loads(self._open_trail[source](row.payload)), store=source)
        payload = self._opener.open(OUT, row.conversation_id, row.month, "", row.payload)
        return parse_item(payload)

    def _poison(self, place: Place, row: Row, code: str, taken: set[tuple[str, int]]) -> Parsed:
        source, number = place
        place_id = f"poison-{source}-{number}"
        if source == "desk" or row.kind == TRAIL_ROW:
            return poisoned(
                item_id=place_id,
                version=1,
                conversation_id="",
                retention_class=TRAIL,
                at_ms=row.at_ms,
                raw=row.payload,
                code=code,
            )
        chat_store = self._stores["chat"]
        versions = chat_store.read(lambda tx: tx.rows(_VERSIONS_AT, conv=row.conversation_id, at=row.at_ms))
        people = chat_store.read(lambda tx: tx.rows(_MEMBERS, conv=row.conversation_id))
        archived = self._archived([place_id, *(v.item_id for v in versions)])
        open_ones = [v for v in versions if (v.item_id, v.version) not in archived.keys() | taken]
        if (place_id, 1) in archived:
            open_ones = []
        elif not open_ones:
            # Kept before, and delivered again: of what an item was, only poison is not indexable.
            open_ones = [v for v in versions if archived.get((v.item_id, v.version)) == 0]
        # The row's columns often tell which version it must have been; its place in the record is kept.
        known = open_ones[0] if len(open_ones) == 1 else None
        return poisoned(
            item_id=known.item_id if known else place_id,
            version=known.version if known else 1,
            conversation_id=row.conversation_id,
            retention_class=row.retention_class if row.retention_class in CLASSES else TRAIL,
            at_ms=row.at_ms,
            raw=row.payload,
            code=code,
            people=tuple(sorted(person.person_id for person in people)),
            cseq=known.cseq if known else None,
            stop_seq=known.stop_seq if known else None,
        )

    def _archived(self, items: list[str]) -> dict[tuple[str, int], int]:
        """Return which versions of ``items`` are archived, and whether each can be indexed."""
        statement = Statement(select(_r.item_id, _r.version, _r.indexable).where(_r.item_id.in_(items)))
        found = self._archive.read(lambda tx: tx.rows(statement))
        return {(row.item_id, row.version): row.indexable for row in found}


def _committed(place: Place, parsed: Parsed, error: str = "") -> Intake:
    salt = new_salt()
    return Intake(place, parsed, salt, commit_fields(salt, parsed.fields), error)


_TABLES: dict[Source, Table] = {"chat": chat.outbox, "desk": desk.outbox}
_OUTBOX: dict[Source, Outbox] = {source: Outbox(table) for source, table in _TABLES.items()}
_IDS: dict[Source, Statement] = {
    source: Statement(
        select(table.c.id)
        .where(table.c.kind.in_((ITEM_ROW, TRAIL_ROW)))
        .order_by(table.c.id)
        .limit(bindparam("most"))
    )
    for source, table in _TABLES.items()
}
