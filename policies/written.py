"""A bundle as its author would write it: what an author starts from who changes the one in force."""

from datetime import datetime
from enum import Enum
from typing import Any, Final

import msgspec
import yaml

from policies.bundle import Bundle

_WIDTH: Final = 100


def written(bundle: Bundle) -> str:
    """Return YAML that :mod:`policies.source` reads as the same bundle; what is as usual is left out.

    Comments, and the order of files, are not part of a bundle: they are gone.
    """
    return yaml.safe_dump(_plain(bundle), sort_keys=False, allow_unicode=True, width=_WIDTH)


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        parts = msgspec.structs.fields(value)
        return {
            part.encode_name: _plain(getattr(value, part.name))
            for part in parts
            if getattr(value, part.name) != _usual(part)
        }
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple | frozenset):
        return [_plain(part) for part in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _usual(part: msgspec.structs.FieldInfo) -> Any:
    if part.default_factory is not msgspec.NODEFAULT:
        return part.default_factory()
    return part.default
