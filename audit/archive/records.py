"""The canonical archive record: what one item version was, in full, and what of it stands in the clear.

The plaintext that is sealed is ``{"v": 1, "r": salt, "fields": {...}}``. ``fields`` is what the
commitment covers, field by field; it is never normalised: evidence stays as it was typed.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from audit.archive.names import CONVERSATION_CLASSES, PEOPLE, TRAIL
from audit.ledger.commitment import commit_fields
from audit.search.port import SearchRecord
from core.crypto.envelope import Key, Part
from core.crypto.sealing import open_record, seal_record
from core.errors import IntegrityError, InvalidInput
from core.messaging.carried import FORWARDED, QUOTE
from core.messaging.markup import parse
from core.trail import MAX_ID_CHARS
from core.types import parse_rfc3339, to_ms

PURPOSE: Final = "archive-record"
POISON: Final = "poison"
FORMAT: Final = 1

# Who a version is "from": its author, also where an officer or the clock decided on it.
_DECIDED_BY_OTHERS: Final = frozenset({"release", "reject", "lapse", "preview"})


@dataclass(frozen=True, slots=True)
class Parsed:
    """One item version, ready to be sealed. ``people`` is everybody a hold on a person must find."""

    item_id: str
    version: int
    conversation_id: str
    retention_class: str
    cseq: int | None
    stop_seq: int | None
    kind: str
    at_ms: int
    actor: str
    people: tuple[str, ...]
    policy: str
    fields: Mapping[str, Any]
    indexable: bool = True


@dataclass(frozen=True, slots=True)
class Clear:
    """The clear columns of a record that its ciphertext is bound to."""

    rid: str
    partition_id: str
    generation: int
    page_id: str
    item_id: str
    version: int
    conversation_id: str
    cseq: int | None
    stop_seq: int | None
    kind: str
    at_ms: int
    indexable: int
    commitment: bytes

    def bound(self) -> dict[str, Part]:
        """Return the columns as associated data."""
        return {name: getattr(self, name) for name in self.__slots__}


def parse_item(payload: Mapping[str, Any]) -> Parsed:
    """Return the version that an outbox row of the chat store carries.

    Raises:
        InvalidInput: ``bad_record`` if it is not of the form that the messaging core writes.
    """
    try:
        conversation = payload["conversation"]
        content = dict(payload["content"])
        decision = payload["decision"]
        fields = {
            "id": str(payload["item"]),
            "ver": int(payload["version"]),
            "kind": str(payload["kind"]),
            "type": payload["type"],
            "state": payload["state"],
            "conv": {name: conversation[name] for name in ("id", "kind", "name", "topic")},
            "cseq": payload["cseq"],
            "stop_seq": payload["stop_seq"],
            "ts": str(payload["at"]),
            "sender": str(payload["sender"]),
            "actor": dict(payload["actor"]),
            "audience": list(payload["audience"]),
            "audience_ids": [str(person) for person in payload["audience_ids"]],
            "thread": payload["thread_root"],
            "body": str(content.pop("text", "")),
            "shown": content.pop("shown", None),
            "source": content.pop("source", "native"),
            "data": content,
            "decision": decision,
            "facts": payload["facts"],
            "preceding": list(payload["preceding"]),
        }
        _check_form(payload["v"], conversation["kind"])
        return Parsed(
            item_id=fields["id"],
            version=fields["ver"],
            conversation_id=str(conversation["id"]),
            retention_class=str(conversation["kind"]),
            cseq=fields["cseq"],
            stop_seq=fields["stop_seq"],
            kind=fields["kind"],
            at_ms=to_ms(parse_rfc3339(fields["ts"])),
            actor=str(fields["actor"]["id"]),
            people=tuple(sorted({*fields["audience_ids"], fields["sender"], str(fields["actor"]["id"])})),
            policy=str(decision["bundle"]) if decision else "",
            fields=fields,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput("This is no item version that the archive knows.", code="bad_record") from error


def _check_form(version: object, kind: object) -> None:
    if version != FORMAT or kind not in CONVERSATION_CLASSES:
        raise InvalidInput("This is no item version that the archive knows.", code="bad_record")


def parse_trail(payload: Mapping[str, Any], *, store: str) -> Parsed:
    """Return the trail row that an outbox row of ``store`` carries; entries on people are kept apart.

    Raises:
        InvalidInput: ``bad_record`` if it is no trail row.
    """
    try:
        tag, process, number = str(payload["tag"]), str(payload["process"]), int(payload["number"])
        actor, at_ms = str(payload["actor"]), int(payload["at"])
        _check_ids(actor, str(payload["subject"]))
        fields = {
            "tag": tag,
            "actor": actor,
            "subject": str(payload["subject"]),
            "at": at_ms,
            "process": process,
            "number": number,
            "store": store,
            "detail": dict(payload["detail"]),
        }
        return Parsed(
            item_id=trail_item(process),
            version=number,
            conversation_id="",
            retention_class=PEOPLE if tag.startswith("person:") else TRAIL,
            cseq=None,
            stop_seq=None,
            kind=tag,
            at_ms=at_ms,
            actor=actor,
            people=(),
            policy="",
            fields=fields,
            indexable=False,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput("This is no trail row.", code="bad_record") from error


def _check_ids(*ids: str) -> None:
    """Refuse what no leaf of the ledger could hold."""
    if any(len(one) > MAX_ID_CHARS for one in ids):
        raise InvalidInput("This is no trail row.", code="bad_record")


def trail_item(process: str) -> str:
    """Return the item under which a process's trail rows are numbered."""
    return f"trail-{process}"


def poisoned(
    *,
    item_id: str,
    version: int,
    conversation_id: str,
    retention_class: str,
    at_ms: int,
    raw: bytes,
    code: str,
    people: tuple[str, ...] = (),
    cseq: int | None = None,
    stop_seq: int | None = None,
) -> Parsed:
    """Return a record that keeps, sealed as it came, what could not be opened or read."""
    fields = {"raw": base64.b64encode(raw).decode("ascii"), "error": code, "at": at_ms}
    return Parsed(
        item_id=item_id,
        version=version,
        conversation_id=conversation_id,
        retention_class=retention_class,
        cseq=cseq,
        stop_seq=stop_seq,
        kind=POISON,
        at_ms=at_ms,
        actor="",
        people=people,
        policy="",
        fields=fields,
        indexable=False,
    )


def seal_fields(key: Key, clear: Clear, salt: bytes, fields: Mapping[str, Any]) -> bytes:
    """Return the record sealed under its own key and bound to its clear columns."""
    plain = {"v": FORMAT, "r": base64.b64encode(salt).decode("ascii"), "fields": fields}
    return seal_record(key, orjson.dumps(plain), clear.bound(), purpose=PURPOSE)


def open_fields(key: Key, clear: Clear, sealed: bytes) -> dict[str, Any]:
    """Return the fields of a record whose commitment verifies.

    Raises:
        IntegrityError: it does not open, or is not what was committed to.
    """
    plain = orjson.loads(open_record(key, sealed, clear.bound(), purpose=PURPOSE))
    fields: dict[str, Any] = plain["fields"]
    if commit_fields(base64.b64decode(plain["r"]), fields) != clear.commitment:
        raise IntegrityError("This record is not the one that was committed to.")
    return fields


def search_record(fields: Mapping[str, Any], *, rid: str, partition: str) -> SearchRecord:
    """Return how a version is searched: its words, with all names as they were at the time."""
    audience = {str(person["id"]): person for person in fields["audience"]}
    actor = fields["actor"]
    author = fields["sender"] if fields["kind"] in _DECIDED_BY_OTHERS else actor["id"]
    people = {**audience, str(actor["id"]): actor}
    others = (people.get(person, {"id": person}) for person in fields["audience_ids"] if person != author)
    conversation, decision = fields["conv"], fields["decision"]
    return SearchRecord(
        rid=rid,
        partition=partition,
        at=parse_rfc3339(fields["ts"]),
        sender_names=_names(people.get(author, {"id": author})),
        audience_names=tuple(name for person in others for name in _names(person)),
        conversation_names=tuple(filter(None, (conversation["id"], conversation["name"]))),
        body="\n".join(texts_of(fields)),
        verdict=str(decision["verdict"]) if decision else "",
        kind=str(fields["kind"]),
        has_link=bool(fields["data"].get("has_link")) or _forwards_link(fields["data"]),
        has_file=bool(fields["data"].get("files")),
    )


def _forwards_link(data: Mapping[str, Any]) -> bool:
    """Tell whether a link is in what a version forwards; of its own words it says so itself."""
    return FORWARDED in data and parse(data[FORWARDED].get("text", ""))[2]


def texts_of(fields: Mapping[str, Any]) -> list[str]:
    """Return what is searched of a version: as typed and shown, why the sender insisted, what it carries."""
    reason = fields["data"].get("reason") if "confirms" in fields["data"] else None
    carried = [fields["data"].get(kind, {}).get("text") for kind in (QUOTE, FORWARDED)]
    said = [fields["body"], fields["shown"], *carried, reason]
    for file in fields["data"].get("files", ()):
        said += [file["name"], file.get("text")]
    return [text for text in said if text]


def _names(person: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(filter(None, (person.get(name) for name in ("id", "username", "email", "name"))))
