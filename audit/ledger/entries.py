"""What stands in a leaf of the ledger: opaque ids, counters and commitments, never text.

An entry is canonical JSON (RFC 8785) of at most 4,096 bytes. There are two logs: ``archive`` has
one entry for each item version or disposition, ``audit`` one for each act that is on record.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import orjson

from audit.ledger.commitment import canonical
from core.errors import InvalidInput
from core.types import rfc3339

VERSION: Final = 1
MAX_ENTRY_BYTES: Final = 4096


class Log(StrEnum):
    """One of the two logs."""

    ARCHIVE = "archive"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class ItemVersion:
    """What the archive log keeps of one version of an item.

    ``commitment`` is over the item's fields (see :mod:`audit.ledger.commitment`), ``ciphertext_hash``
    is SHA-256 of the sealed record and ``length`` its length in bytes. ``previous`` is the leaf of
    the version before. ``stop_seq`` counts stopped messages, which have no ``cseq``.
    """

    type: str
    item: str
    version: int
    previous: int | None
    conversation: str | None
    cseq: int | None
    actor: str
    commitment: bytes
    ciphertext_hash: bytes
    length: int
    policy: str
    stop_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """What the audit log keeps of one act.

    ``commitment`` is over the detail's fields and ``ciphertext_hash`` over the sealed detail. Rows
    are numbered per ``process``, so that a missing one shows. ``archive_size`` and ``archive_root``
    name the newest checkpoint of the archive log, which ties the two logs together.
    """

    type: str
    actor: str
    subject: str
    process: str
    number: int
    commitment: bytes
    ciphertext_hash: bytes
    length: int
    archive_size: int | None = None
    archive_root: bytes | None = None


def item_entry(seq: int, at: datetime, version: ItemVersion) -> bytes:
    """Return the leaf ``seq`` of the archive log; ``at`` is when it is logged.

    Raises:
        InvalidInput: ``entry_too_large`` or ``not_canonical``.
    """
    fields: dict[str, Any] = {
        "type": version.type,
        "obj": version.item,
        "ver": version.version,
        "prev": version.previous,
        "conv": version.conversation,
        "cseq": version.cseq,
        "actor": version.actor,
        "cm": _b64(version.commitment),
        "ct": _b64(version.ciphertext_hash),
        "len": version.length,
        "pol": version.policy,
    }
    if version.stop_seq is not None:
        fields["stop_seq"] = version.stop_seq
    return _entry(Log.ARCHIVE, seq, at, fields)


def act_entry(seq: int, at: datetime, act: Act) -> bytes:
    """Return the leaf ``seq`` of the audit log; ``at`` is when it is logged.

    Raises:
        InvalidInput: ``entry_too_large`` or ``not_canonical``.
    """
    fields: dict[str, Any] = {
        "type": act.type,
        "actor": act.actor,
        "obj": act.subject,
        "proc": act.process,
        "num": act.number,
        "cm": _b64(act.commitment),
        "ct": _b64(act.ciphertext_hash),
        "len": act.length,
    }
    if act.archive_size is not None and act.archive_root is not None:
        fields["archive"] = {"size": act.archive_size, "root": _b64(act.archive_root)}
    return _entry(Log.AUDIT, seq, at, fields)


def fields_of(entry: bytes) -> dict[str, Any]:
    """Return an entry's fields as a mapping.

    Raises:
        InvalidInput: ``not_canonical`` if these bytes are no entry.
    """
    try:
        fields = orjson.loads(entry)
    except orjson.JSONDecodeError:
        fields = None
    if not isinstance(fields, dict) or canonical(fields) != entry:
        raise InvalidInput("These bytes are no entry of the ledger.", code="not_canonical")
    return fields


def _entry(log: Log, seq: int, at: datetime, fields: dict[str, Any]) -> bytes:
    entry = canonical({"v": VERSION, "log": str(log), "seq": seq, "ts": rfc3339(at), **fields})
    if len(entry) > MAX_ENTRY_BYTES:
        raise InvalidInput(
            f"An entry of {len(entry)} bytes does not fit: leaves hold ids and hashes only.",
            code="entry_too_large",
            limit=MAX_ENTRY_BYTES,
        )
    return entry


def _b64(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")
