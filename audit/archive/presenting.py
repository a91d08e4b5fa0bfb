"""How a record is shown to an officer: plain values, hits marked, nothing that needs a key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.archive.blobs import files_in
from audit.archive.reader import Record, RecordState
from audit.archive.records import POISON
from audit.search.excerpt import Segment, marked
from audit.search.syntax import Node
from core.messaging.carried import FORWARDED, QUOTE
from core.types import from_ms, rfc3339


@dataclass(frozen=True, slots=True)
class Carried:
    """Somebody's words in the record of a message: ``quote`` or ``forwarded``, whose, and when said."""

    kind: str
    name: str
    at: str
    conversation: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of a record: what it was called and is, and what was read from it, hits marked."""

    id: str
    name: tuple[Segment, ...]
    type: str
    size: int
    sha256: str
    problem: str
    text: tuple[Segment, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A record for an officer's eyes. Text is empty where its state is not *open*.

    ``body`` is what was typed, ``shown`` what recipients saw if that differs, ``reason`` what the
    sender or an officer gave; ``carried`` what it quotes or forwards; ``rules``
    what its sender reports as wrong. ``actor_name`` is who made this
    version; ``person`` whom they added or removed; ``decision`` the decision on it, as it was taken.
    ``cut`` tells that ``body`` is an excerpt.
    """

    rid: str
    item: str
    version: int
    kind: str
    at: str
    conversation: str
    conversation_kind: str
    conversation_name: str
    sender: str
    sender_name: str
    state: RecordState
    item_state: str
    verdict: str
    body: tuple[Segment, ...]
    shown: tuple[Segment, ...]
    reason: str
    audience: tuple[str, ...]
    thread: str | None
    cseq: int | None
    stop_seq: int | None
    leaf_index: int
    source: str
    seeded: bool
    cut: bool = False
    findings: tuple[Mapping[str, Any], ...] = ()
    error: str = ""
    actor_name: str = ""
    person: str = ""
    carried: Carried | None = None
    rules: tuple[str, ...] = ()
    decision: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[ShownFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """What is told of a record before it is opened: who, where, to whom, by which rules; no text of it.

    All but ``state`` is empty where its state is not *open*. ``bundle`` is the hash of the policy that
    decided; ``found`` has the rule and the detector of each finding, each pair once.
    """

    state: RecordState
    sender: str = ""
    sender_name: str = ""
    conversation_kind: str = ""
    conversation_name: str = ""
    others: tuple[str, ...] = ()
    bundle: str = ""
    found: tuple[Mapping[str, str], ...] = ()


def label(record: Record) -> Label:
    """Return what is told of ``record`` without its text."""
    fields = record.fields
    if fields is None:
        return Label(record.state)
    conversation, decision = fields.get("conv") or {}, fields.get("decision") or {}
    sender = str(fields.get("sender") or "")
    others = (_display(one) for one in fields.get("audience") or () if one["id"] != sender)
    pairs = dict.fromkeys((str(one["rule"]), str(one["detector"])) for one in decision.get("findings") or ())
    return Label(
        state=record.state,
        sender=sender,
        sender_name=_name_of(fields),
        conversation_kind=str(conversation.get("kind", "")),
        conversation_name=str(conversation.get("name") or ""),
        others=tuple(sorted(others, key=str.casefold)),
        bundle=str(decision.get("bundle", "")),
        found=tuple({"rule": rule, "detector": detector} for rule, detector in pairs),
    )


def present(record: Record, tree: Node | None = None, *, excerpt: bool = False) -> Shown:
    """Return ``record`` as it is shown, with the words of ``tree`` marked."""
    fields: Mapping[str, Any] = record.fields or {}
    conversation = fields.get("conv") or {}
    data = fields.get("data") or {}
    decision, actor = fields.get("decision") or {}, fields.get("actor")
    body = str(fields.get("body") or "")
    segments, cut = marked(body, tree, excerpt=excerpt)
    return Shown(
        rid=record.rid,
        item=record.clear.item_id,
        version=record.clear.version,
        kind=record.clear.kind,
        at=rfc3339(from_ms(record.clear.at_ms)),
        conversation=record.clear.conversation_id,
        conversation_kind=str(conversation.get("kind", "")),
        conversation_name=str(conversation.get("name") or ""),
        sender=str(fields.get("sender") or ""),
        sender_name=_name_of(fields),
        state=record.state,
        item_state=str(fields.get("state") or ""),
        verdict=str(decision.get("verdict", "")),
        body=segments,
        shown=marked(str(fields.get("shown") or ""), tree, excerpt=excerpt)[0],
        reason=str(data.get("reason") or ""),
        audience=tuple(_display(person) for person in fields.get("audience") or ()),
        thread=fields.get("thread"),
        cseq=record.clear.cseq,
        stop_seq=record.clear.stop_seq,
        leaf_index=record.leaf_index,
        source=str(fields.get("source") or ""),
        seeded=fields.get("source") == "seeded",
        cut=cut,
        findings=tuple(decision.get("findings") or ()),
        error=str(fields.get("error") or "") if record.clear.kind == POISON else record.error,
        actor_name=_display(actor) if isinstance(actor, Mapping) and actor else "",
        person=_other_than_actor(fields),
        decision=decision,
        carried=_carried(fields),
        rules=tuple(map(str, data.get("rules") or ())),
        files=tuple(_file(told, tree) for told in files_in(fields)),
    )


def _file(told: Mapping[str, Any], tree: Node | None) -> ShownFile:
    text, cut = marked(str(told.get("text") or ""), tree, excerpt=True)
    return ShownFile(
        id=str(told["id"]),
        name=marked(str(told["name"]), tree, excerpt=False)[0],
        type=str(told.get("type", "")),
        size=int(told["size"]),
        sha256=str(told.get("sha256", "")),
        problem=str(told.get("problem", "")),
        text=text,
        cut=cut,
    )


def _carried(fields: Mapping[str, Any]) -> Carried | None:
    """Return what a message quotes or forwards."""
    data = fields.get("data") or {}
    for kind in (QUOTE, FORWARDED):
        if isinstance(given := data.get(kind), Mapping):
            known = {str(person["id"]): _display(person) for person in fields.get("audience") or ()}
            name = str(given.get("name") or known.get(str(given["sender"]), given["sender"]))
            where = str(given.get("conversation") or (fields.get("conv") or {}).get("id", ""))
            return Carried(kind, name, str(given["at"]), where, str(given["text"]))
    return None


def _name_of(fields: Mapping[str, Any]) -> str:
    """Return the author's name as it was then."""
    actor = fields.get("actor") or {}
    sender = fields.get("sender")
    if isinstance(actor, Mapping) and sender and actor.get("id") == sender:
        return _display(actor)
    for person in fields.get("audience") or ():
        if person["id"] == sender:
            return _display(person)
    return str(sender or "")


def _other_than_actor(fields: Mapping[str, Any]) -> str:
    """Return the name of whom an event is about, where that is somebody else than who made it."""
    about = ((fields.get("data") or {}).get("event") or {}).get("person")
    if not about or about == (fields.get("actor") or {}).get("id"):
        return ""
    return next((_display(one) for one in fields.get("audience") or () if one["id"] == about), str(about))


def _display(person: Mapping[str, Any]) -> str:
    return str(person.get("name") or person.get("username") or person["id"])
