"""Names of partitions: the commit month and the retention class, ``YYYY-MM-class``."""

import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

from core.errors import InvalidInput
from core.types import ConversationKind, PartitionId

PEOPLE: Final = "people"
TRAIL: Final = "trail"
CONVERSATION_CLASSES: Final = tuple(str(kind) for kind in ConversationKind)
CLASSES: Final = (*CONVERSATION_CLASSES, PEOPLE, TRAIL)
"""Retention classes: the kinds of conversation, entries on people, and the trail (both always kept)."""

_NAME: Final = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))-([a-z]+)")
_MONTH: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


class PartitionName(NamedTuple):
    """The two parts of a partition's id."""

    month: str
    retention_class: str


def partition_id(month: str, retention_class: str) -> PartitionId:
    """Return the id of a partition.

    Raises:
        InvalidInput: ``partition`` for a malformed month or an unknown class.
    """
    if not _MONTH.fullmatch(month) or retention_class not in CLASSES:
        raise InvalidInput(f"{month}-{retention_class} is no partition.", code="partition")
    return PartitionId(f"{month}-{retention_class}")


def parse_partition(partition: str) -> PartitionName:
    """Return month and retention class of a partition's id.

    Raises:
        InvalidInput: ``partition`` if it is none.
    """
    match = _NAME.fullmatch(partition)
    if match is None or match.group(2) not in CLASSES:
        raise InvalidInput(f"{partition!r} is no partition.", code="partition")
    return PartitionName(match.group(1), match.group(2))


def month_after(month: str, count: int = 1) -> str:
    """Return the month ``count`` months after ``month`` (before it, where ``count`` is negative)."""
    months = int(month[:4]) * 12 + int(month[5:]) - 1 + count
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


def month_end(month: str) -> datetime:
    """Return the first instant after ``month``, in UTC."""
    after = month_after(month)
    return datetime(int(after[:4]), int(after[5:]), 1, tzinfo=UTC)


def check_month(month: str) -> str:
    """Return ``month`` if it is of the form YYYY-MM. Raises InvalidInput ``month``."""
    if not _MONTH.fullmatch(month):
        raise InvalidInput(f"{month!r} is no month: write YYYY-MM.", code="month")
    return month
