"""What officers, administrators and policies did, as far as it is archived and can be opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, select

from admin.wiring.desk import DeskServices
from admin.wiring.desk_pages.names import Names
from audit.archive.reader import Record, RecordState
from audit.archive.search_service import QUEUE_PREFIX
from core.outbox import Outbox
from core.schema import archive, desk
from core.store import Statement

PAGE: Final = 100

_r = archive.records.c
_NEWEST = Statement(
    select(_r.rid)
    .where(_r.conversation_id == "", _r.leaf_index < bindparam("before"))
    .order_by(_r.leaf_index.desc())
    .limit(PAGE)
)


_MATTERS = Statement(select(desk.matters.c.id, desk.matters.c.number))


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One act. ``leaf`` is its number in the audit log, where it was verified if ``state`` is *open*.

    ``matter`` is the number of the matter that it belongs to; ``queue``: it is about the release queue.
    """

    leaf: int
    at_ms: int
    tag: str
    actor: str
    subject: str
    detail: Mapping[str, Any]
    state: RecordState
    matter: int | None = None
    queue: bool = False


@dataclass(frozen=True, slots=True)
class TrailPage:
    """The newest acts first; ``unlogged`` acts of the desk are not archived yet."""

    rows: tuple[TrailRow, ...]
    unlogged: int
    older: int | None


class TrailPages:
    """Reads the trail of the audit log."""

    def __init__(self, services: DeskServices, names: Names) -> None:
        self._services = services
        self._names = names
        self._outbox = Outbox(desk.outbox)

    def page(self, before: int | None = None) -> TrailPage:
        """Return the acts whose leaf is below ``before``, or the newest ones."""
        limit = before if before is not None else 2**62
        found = self._services.archive.read(lambda tx: tx.rows(_NEWEST, before=limit))
        records = self._services.reader.records([row.rid for row in found])
        names: dict[str, str] = dict(self._names.of_officers())
        names |= {str(one.id): one.name for one in self._names.people()}
        matters = {row.id: row.number for row in self._services.store.read(lambda tx: tx.rows(_MATTERS))}
        return TrailPage(
            rows=tuple(_row(record, names, matters) for record in records),
            unlogged=self._services.store.read(self._outbox.lag)[0],
            older=records[-1].leaf_index if len(records) == PAGE else None,
        )


def _row(record: Record, names: Mapping[str, str], matters: Mapping[str, int]) -> TrailRow:
    fields: Mapping[str, Any] = record.fields or {}
    actor, subject = str(fields.get("actor", "")), str(fields.get("subject", ""))
    detail = {name: _named(value, names) for name, value in fields.get("detail", {}).items()}
    place = str(detail.get("matter", subject))
    queue = place.startswith(QUEUE_PREFIX)
    if place in matters or queue:
        detail.pop("matter", None)
    return TrailRow(
        leaf=record.leaf_index,
        at_ms=record.clear.at_ms,
        tag=record.clear.kind,
        actor=names.get(actor, actor),
        subject="" if subject in matters else names.get(subject, subject),
        detail=detail,
        state=record.state,
        matter=matters.get(place),
        queue=queue,
    )


def _named(value: Any, names: Mapping[str, str]) -> Any:
    """Return names for ids of officers and people, alone or in a list; everything else as it is."""
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value
