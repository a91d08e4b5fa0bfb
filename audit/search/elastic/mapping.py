"""What an index of the house is like, and the template by which administrators tune all of them."""

from collections.abc import Mapping
from typing import Any, Final

_POSITIONAL: Final = {
    "type": "text",
    "analyzer": "whitespace",
    "norms": False,
    "index_options": "positions",
    "similarity": "boolean",
}
_KEYWORD: Final = {"type": "keyword"}

MAPPINGS: Final[Mapping[str, Any]] = {
    "dynamic": "strict",
    "_source": {"enabled": False},
    "properties": {
        "body": _POSITIONAL,
        "sender": _POSITIONAL,
        "audience": _POSITIONAL,
        "conversation": _POSITIONAL,
        "verdict": _KEYWORD,
        "kind": _KEYWORD,
        "has": _KEYWORD,
        "at_ms": {"type": "date", "format": "epoch_millis"},
        "rid": _KEYWORD,
    },
}
SORTED: Final[Mapping[str, Any]] = {"index": {"sort.field": ["at_ms", "rid"], "sort.order": ["desc", "desc"]}}
"""What an index must have whatever a template says: results come newest first without sorting them."""

_TUNED: Final[Mapping[str, Any]] = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    # Said explicitly, or the server stops refreshing an index that nobody searches.
    "refresh_interval": "1s",
}
TEMPLATE_PRIORITY: Final = 300


def patterns(prefix: str) -> list[str]:
    """Return what matches every index and alias of the house and none of one whose prefix begins alike.

    A partition begins with its year.
    """
    return [f"{prefix}-1*", f"{prefix}-2*"]


def chat_prefix(prefix: str) -> str:
    """Return how names of the employees' indexes begin in a house whose archive's begin with ``prefix``."""
    return f"{prefix}-chat"


def index_template(prefix: str) -> dict[str, Any]:
    """Return the index template of the house, as ``PUT _index_template/<prefix>`` takes it.

    It is for both of the house's indexes.

    Administrators may change its settings (replicas, allocation, a codec): an index is made with what it
    must have and takes the rest from here.
    """
    return {
        "index_patterns": [*patterns(prefix), *patterns(chat_prefix(prefix))],
        "priority": TEMPLATE_PRIORITY,
        # An index that somebody removed is never made up again by a write.
        "allow_auto_create": False,
        "template": {"mappings": dict(MAPPINGS), "settings": {"index": {**_TUNED, **SORTED["index"]}}},
        "_meta": {"description": "Blind search indexes of Chancery"},
    }
