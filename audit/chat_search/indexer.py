"""Keeps the employees' index current: what changed is put in, what is gone is taken out.

Whatever changes what a message says leaves a row in ``unindexed`` in the same transaction. A row is
removed once the index has taken the message as it is by then; so a row may be carried twice, and no
change is ever missed. Trouble in one part of the index keeps no other waiting.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import bindparam, delete, func, insert, select

from audit.chat_search.documents import part_of
from audit.chat_search.reading import SHOWN, MessageReader
from audit.search.plan import tells_of_files
from audit.search.port import SearchIndex, SearchRecord
from audit.search.tokens import Blinder
from core.crypto.chat_keys import ChatKeys
from core.errors import ChanceryError, NotFound, Unavailable
from core.messaging.files.texts import Beginnings
from core.messaging.model import ItemType
from core.outbox import Outbox
from core.schema import chat
from core.store import Statement, Store, Tx
from core.types import Clock, to_ms

BATCH: Final = 500

_u, _i, _c = chat.unindexed.c, chat.items.c, chat.conversations.c

_UNINDEXED = Outbox(chat.unindexed)
_OF_PART = (_u.month == bindparam("of_month"), _u.kind == bindparam("of_kind"))
_PARTS = Statement(select(_u.month, _u.kind).distinct().order_by(_u.month.desc(), _u.kind))
_FIRST = Statement(select(_u.id, _u.item_id).where(*_OF_PART).order_by(_u.id).limit(BATCH))
_FORGET = Statement(delete(chat.unindexed).where(*_OF_PART))
_SAID = (_i.type == ItemType.MESSAGE, _i.created_cseq.is_not(None), _i.state.in_(SHOWN))
_COUNTS = Statement(
    select(_i.month, _c.kind, func.count().label("shown"))
    .join(chat.conversations, _c.id == _i.conversation_id)
    .where(*_SAID)
    .group_by(_i.month, _c.kind)
)
_WAITING = Statement(select(func.count(_u.item_id.distinct())).where(*_OF_PART))
_REFILL = Statement(
    insert(chat.unindexed).from_select(
        ["item_id", "conversation_id", "month", "kind", "at_ms"],
        select(_i.id, _i.conversation_id, _i.month, _c.kind, bindparam("now"))
        .join(chat.conversations, _c.id == _i.conversation_id)
        .where(*_SAID, _i.month == bindparam("of_month"), _c.kind == bindparam("of_kind")),
    )
)

_log = structlog.get_logger(__name__)


class ChatIndexer:
    """Feeds the index of one chat store; one at a time."""

    def __init__(
        self, *, store: Store, reader: MessageReader, keys: ChatKeys, index: SearchIndex, clock: Clock
    ) -> None:
        self._store = store
        self._clock = clock
        self._reader = reader
        self._keys = keys
        self._index = index
        self._blinders: dict[_Part, Blinder] = {}
        # Whoever destroys a month must not find it made anew by what was being carried.
        self._lock = threading.Lock()

    def run(self) -> int:
        """Carry all that waits; return how many rows were carried.

        Raises:
            Unavailable: the index, a part of it, or the files cannot be used; what it lacks waits on.
            NotFound: ``no_such_partition`` if somebody removed a part meanwhile; the next run makes it anew.
        """
        carried = 0
        trouble: ChanceryError | None = None
        for row in self._store.read(lambda tx: tx.rows(_PARTS)):
            part = _Part(row.month, row.kind)
            try:
                while count := self._carried(part):
                    carried += count
            except (Unavailable, NotFound) as error:
                trouble = error
        if trouble is not None:
            raise trouble
        return carried

    def refill(self) -> list[str]:
        """Have every part made anew that lacks messages, or something of them; return those.

        It lacks some if it holds fewer than the chat shows, and something if it does not tell of files yet.

        Raises:
            Unavailable: the index cannot be asked.
        """
        counted = self._store.read(lambda tx: tx.rows(_COUNTS))
        short = [part for row in counted if self._lacks(part := _Part(row.month, row.kind), row.shown)]
        for part in short:
            self._store.write(lambda tx, of=part.of: tx.run(_REFILL, now=to_ms(self._clock.now()), **of))  # type: ignore[misc]
        return [part.name for part in short]

    def drop(self, month: str, kind: str) -> None:
        """Forget a month and kind whose key was destroyed; may be repeated."""
        with self._lock:
            self._drop(_Part(month, kind))

    def lag(self) -> tuple[int, int | None]:
        """Return how much waits, and since when the oldest does, in milliseconds since 1970."""
        return self._store.read(_UNINDEXED.lag)

    def _drop(self, part: "_Part") -> None:
        self._blinders.pop(part, None)
        self._store.write(lambda tx: tx.run(_FORGET, **part.of))
        self._index.drop(part.name)

    def _carried(self, part: "_Part") -> int:
        with self._lock:
            return self._carry(part)

    def _lacks(self, part: "_Part", shown: int) -> bool:
        waiting = int(self._store.read(lambda tx: tx.value(_WAITING, **part.of)))
        if self._index.count(part.name) + waiting < shown:
            return True
        blinder = self._blinder(part)
        if blinder is None:
            return False
        return self._index.total({part.name: tells_of_files(blinder)}) + waiting < shown

    def _carry(self, part: "_Part") -> int:
        """Carry the oldest rows of a part; return how many there were."""
        rows = self._store.read(lambda tx: tx.rows(_FIRST, **part.of))
        if not rows:
            return 0
        blinder = self._blinder(part)
        if blinder is None:
            # Its key is gone, and with it whatever these messages said.
            self._drop(part)
            return 0
        items = list(dict.fromkeys(row.item_id for row in rows))
        files = self._reader.files(items)
        records = self._store.read(lambda tx: self._records(tx, items, files))
        found = {record.rid for record in records}
        self._index.ensure(part.name)
        self._index.delete(part.name, [item for item in items if item not in found])
        refused = self._index.put(part.name, [blinder.document(record) for record in records]).refused
        if refused:
            _log.warning("chat_search_refused", part=part.name, messages=len(refused))
        self._store.write(lambda tx: _UNINDEXED.take(tx, [row.id for row in rows]))
        return len(rows)

    def _records(self, tx: Tx, items: Sequence[str], files: Beginnings) -> list[SearchRecord]:
        rows = (self._reader.row(tx, item) for item in items)
        records = (self._reader.record(tx, row, files) for row in rows if row is not None)
        return [record for record in records if record is not None]

    def _blinder(self, part: "_Part") -> Blinder | None:
        if not self._keys.period_exists(part.month, part.kind):
            return None
        blinder = self._blinders.get(part)
        if blinder is None:
            key = self._keys.index_key(part.month, part.kind)
            blinder = self._blinders[part] = Blinder(key.material)
        return blinder


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the index: what was said in one month in conversations of one kind."""

    month: str
    kind: str

    @property
    def name(self) -> str:
        return part_of(self.month, self.kind)

    @property
    def of(self) -> dict[str, str]:
        return {"of_month": self.month, "of_kind": self.kind}
