"""What officers, administrators and policies did, as far as it is archived and can be opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, select

from admin.wiring.desk import DeskServices
from admin.wiring.desk_pages.names import Names
from audit.archive.reader import Record, RecordState
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


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One act. ``leaf`` is its number in the audit log, where it was verified if ``state`` is *open*."""

    leaf: int
    at_ms: int
    tag: str
    actor: str
    subject: str
    detail: Mapping[str, Any]
    state: RecordState


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
        return TrailPage(
            rows=tuple(_row(record, names) for record in records),
            unlogged=self._services.store.read(self._outbox.lag)[0],
            older=records[-1].leaf_index if len(records) == PAGE else None,
        )


def _row(record: Record, names: Mapping[str, str]) -> TrailRow:
    fields: Mapping[str, Any] = record.fields or {}
    actor, subject = str(fields.get("actor", "")), str(fields.get("subject", ""))
    return TrailRow(
        leaf=record.leaf_index,
        at_ms=record.clear.at_ms,
        tag=record.clear.kind,
        actor=names.get(actor, actor),
        subject=names.get(subject, subject),
        detail=dict(fields.get("detail", {})),
        state=record.state,
    )
