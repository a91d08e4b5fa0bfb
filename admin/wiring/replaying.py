"""Decides archived messages again, at the desk, and counts what comes of it. Shows no text.

The desk has every bundle that it approved; what a record lacks (its key, its bundle, the engine that
decided) is counted as gone, never guessed.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from admin.wiring.desk import DeskServices
from audit.archive.reader import Record, RecordState
from core.messaging.carried import BREAK, FORWARDED, QUOTE
from core.messaging.changes import reaction_as_read
from core.messaging.files.checking import ASKED
from core.messaging.files.names import name_as_read
from core.schema import archive
from core.store import Statement
from core.trail import Tag
from core.types import BundleHash, Surface
from policies.gate import ENGINE
from policies.replay import Outcome, ReplayResult, replay

CHUNK = 400

_r = archive.records.c
_RIDS = Statement(
    select(_r.rid)
    .where(
        _r.rid > bindparam("last"),
        _r.conversation_id != "",
        _r.partition_id >= bindparam("first_month"),
        _r.partition_id < bindparam("month_after"),
    )
    .order_by(_r.rid)
    .limit(CHUNK)
)


def replay_archive(
    services: DeskServices, officer: str, *, first_month: str, last_month: str
) -> Mapping[str, int]:
    """Return how many decisions came out how; on record before anything is opened.

    Months are ``YYYY-MM``; empty ones bound nothing.
    """
    bounds = {"first_month": first_month, "last_month": last_month}
    detail = {name: month for name, month in bounds.items() if month}
    services.store.write(
        lambda tx: services.trail.record(tx, Tag.POLICY_REPLAYED, officer, "archive", detail)
    )
    counts: Counter[str] = Counter(dict.fromkeys(Outcome, 0))
    for record in _records(services, first_month, last_month + "~"):
        if record.state is RecordState.DESTROYED:
            counts[Outcome.RECORD_GONE] += 1
        elif record.fields is not None and record.fields.get("decision"):
            counts[replay_record(services, record.fields).outcome] += 1
    return counts


def replay_record(services: DeskServices, fields: Mapping[str, Any]) -> ReplayResult:
    """Return what deciding the version with these fields again gives."""
    asked = fields["decision"]["obligations"].get(ASKED)
    if not asked:
        return _replay_one(services, fields["facts"], text_decided(fields), fields["decision"])
    # A message with files was many questions; it is the same if each has the same answer.
    results = [
        _replay_one(services, {**fields["facts"], **_facts_of(one)}, text, one["decision"])
        for one, text in zip(asked, texts_asked(fields, asked), strict=True)
    ]
    return next((result for result in results if result.outcome is not Outcome.SAME), results[0])


def texts_asked(fields: Mapping[str, Any], asked: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the text of each question: the message's, then of each file its name and what stands in it."""
    files = iter(fields["data"]["files"])
    file: Mapping[str, Any] = {}
    for one in asked:
        if one["surface"] == Surface.FILE_NAME:
            file = next(files)
            yield name_as_read(str(file["name"]))
        elif one["surface"] == Surface.FILE:
            yield str(file["text"])
        else:
            yield text_decided({**fields, "facts": {"surface": one["surface"]}})


def _facts_of(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "decision"}


def _replay_one(
    services: DeskServices, facts: Mapping[str, Any], text: str, taken: Mapping[str, Any]
) -> ReplayResult:
    decision = dict(taken)
    obligations = dict(decision["obligations"])
    recorded = {**decision, ENGINE: obligations.pop(ENGINE, None), "obligations": obligations}
    form = services.approvals.form(BundleHash(str(decision["bundle"])))
    return replay(facts, text, form, recorded, services.compiler)


def text_decided(fields: Mapping[str, Any]) -> str:
    """Return the text that was decided: what was typed, or what stood in for it."""
    surface, body = fields["facts"]["surface"], str(fields["body"])
    if surface == Surface.MEMBERSHIP:
        return ""
    if surface == Surface.REACTION:
        return reaction_as_read(body)
    carried = next((fields["data"][kind] for kind in (QUOTE, FORWARDED) if kind in fields["data"]), None)
    return body + BREAK + carried["text"] if carried and carried["text"] else body


def _records(services: DeskServices, first: str, after: str) -> Iterator[Record]:
    last = ""
    while batch := services.archive.read(
        lambda tx, at=last: tx.rows(_RIDS, last=at, first_month=first, month_after=after)  # type: ignore[misc]
    ):
        yield from services.reader.records([row.rid for row in batch])
        last = batch[-1].rid
