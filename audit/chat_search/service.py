"""Searching in one's own conversations: the index names candidates, the chat store decides who sees them.

An index may be behind, or hold what somebody may no longer see. So every hit is read again under the
asker's membership and from the moment they joined, and only what the chat would show them is shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, func, select

from audit.chat_search.documents import part_of
from audit.chat_search.reading import Found, MessageReader
from audit.search.leaf import bad_query
from audit.search.port import Hit, SearchIndex, SearchRecord
from audit.search.query import Query, parse
from audit.search.run import OpenPartition, search
from audit.search.syntax import And, Attribute, Field, Near, Node, Not, Or, Phrase, Prefix, Word
from audit.search.tokens import Blinder
from core.crypto.chat_keys import ChatKeys
from core.messaging.rooms import Rooms
from core.schema import chat
from core.store import Row, Statement, Store, Tx
from core.types import PersonId

PAGE: Final = 20
_ROUNDS: Final = 10
"""How often a page is filled up at most, where much of what is found may not be seen."""

_k, _m, _u = chat.chat_keys.c, chat.memberships.c, chat.unindexed.c

_MINE = (_m.person_id == bindparam("who"), _m.left_ms.is_(None))
_MONTHS = Statement(
    select(_k.month, _k.retention_class)
    .join(chat.memberships, _m.conversation_id == _k.conversation_id)
    .where(*_MINE)
    .distinct()
)
_WAITING = Statement(
    select(func.count(_u.item_id.distinct()))
    .join(chat.memberships, _m.conversation_id == _u.conversation_id)
    .where(*_MINE)
)


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page, newest first. ``waiting`` of one's messages are not searchable yet."""

    found: tuple[Found, ...]
    next_page: Hit | None
    waiting: int


class ChatSearch:
    """Answers one person at a time."""

    def __init__(self, *, store: Store, reader: MessageReader, keys: ChatKeys, index: SearchIndex) -> None:
        self._store = store
        self._reader = reader
        self._keys = keys
        self._index = index

    def search(
        self, person: PersonId, text: str, *, after: Hit | None = None, limit: int = PAGE
    ) -> FoundPage:
        """Return a page of what ``text`` finds in the person's conversations, older than ``after``.

        Raises:
            InvalidInput: ``bad_query`` or ``too_common``.
            Unavailable: ``index_unavailable``, or another code that says why index or files cannot be used.
        """
        asked = parse(text)
        for part in _parts(asked.tree):
            _check_for_employees(part)
        sight = self._store.read(lambda tx: _Sight.of(tx, self._reader.rooms, person))
        partitions = self._partitions(sight)
        if not partitions:
            return FoundPage((), None, sight.waiting)
        query = Query(asked.text, And((asked.tree, sight.everywhere)))
        seen = _Seen(self._store, self._reader, sight)
        found: list[Found] = []
        for _ in range(_ROUNDS):
            page = search(self._index, partitions, query, seen, limit=limit, after=after, counted=False)
            found += seen.found(page.hits, asked.tree)
            after = page.next_page
            if after is None or len(found) >= limit:
                break
        return FoundPage(tuple(found), after, sight.waiting)

    def _partitions(self, sight: "_Sight") -> list[OpenPartition]:
        return [
            OpenPartition(part_of(month, kind), Blinder(self._keys.index_key(month, kind).material), None)
            for month, kind in sorted(sight.months, reverse=True)
            if self._keys.period_exists(month, kind)
        ]


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one person may see: their conversations, each from the ``cseq`` at which they joined it."""

    conversations: Mapping[str, int]
    months: frozenset[tuple[str, str]]
    waiting: int

    @classmethod
    def of(cls, tx: Tx, rooms: Rooms, person: PersonId) -> "_Sight":
        months = frozenset((row.month, row.retention_class) for row in tx.rows(_MONTHS, who=person))
        conversations = dict(rooms.of_person(tx, person))
        return cls(conversations, months, int(tx.value(_WAITING, who=person) or 0))  # type: ignore[arg-type]

    @property
    def everywhere(self) -> Node:
        """Return what holds for each message of these conversations."""
        places = tuple(Word(Field.IN, conversation) for conversation in sorted(self.conversations))
        return places[0] if len(places) == 1 else Or(places)

    def shows(self, row: Row) -> bool:
        """Tell whether the chat shows this message to the person."""
        joined = self.conversations.get(row.conversation_id)
        return joined is not None and row.created_cseq > joined


class _Seen:
    """Reads candidates and hits, and leaves out what the person may not see."""

    def __init__(self, store: Store, reader: MessageReader, sight: _Sight) -> None:
        self._store = store
        self._reader = reader
        self._sight = sight

    def texts(self, rids: Sequence[str]) -> Mapping[str, SearchRecord]:
        """Return candidates, to be verified on their text."""
        files = self._reader.files(rids)

        def work(tx: Tx) -> dict[str, SearchRecord]:
            records = (self._reader.record(tx, row, files) for row in self._rows(tx, rids))
            return {record.rid: record for record in records if record is not None}

        return self._store.read(work)

    def found(self, hits: Sequence[Hit], tree: Node) -> list[Found]:
        """Return hits as they are shown."""
        rids = [hit.rid for hit in hits]
        files = self._reader.files(rids)

        def work(tx: Tx) -> list[Found]:
            found = (self._reader.found(tx, row, tree, files) for row in self._rows(tx, rids))
            return [one for one in found if one is not None]

        return self._store.read(work)

    def _rows(self, tx: Tx, rids: Sequence[str]) -> Iterator[Row]:
        for rid in rids:
            row = self._reader.row(tx, rid)
            if row is not None and self._sight.shows(row):
                yield row


def _parts(node: Node) -> Iterator[Node]:
    """Yield a query's words, phrases and values."""
    match node:
        case Not(inner):
            yield from _parts(inner)
        case And(nodes) | Or(nodes):
            for part in nodes:
                yield from _parts(part)
        case Near(left, right):
            yield from (*left, *right)
        case Phrase(words=words):
            yield from (node, *words)
        case _:
            yield node


def _check_for_employees(part: Node) -> None:
    """Refuse what only an archive knows.

    Raises:
        InvalidInput: ``bad_query``.
    """
    fields = "in:, from:, sent:, has:link or has:file"
    if isinstance(part, Attribute) and part.name != "has":
        raise bad_query(f"{part.name}: cannot be searched here.", part.at, fields)
    if isinstance(part, (Word, Prefix, Phrase)) and part.field is Field.TO:
        raise bad_query("to: cannot be searched here.", part.at, fields)
