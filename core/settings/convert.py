"""Turns what a source says into the type of a setting."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from core.errors import SettingsError


def convert(key: str, value: Any, kind: Any, source: str) -> Any:
    """Return ``value`` as ``kind``; text from the environment is parsed, TOML must have the type.

    Raises:
        SettingsError: naming key, source and what was expected.
    """
    if get_origin(kind) is not None and type(None) in get_args(kind):
        kind = next(arg for arg in get_args(kind) if arg is not type(None))
    try:
        return _CONVERTERS[get_origin(kind) or kind](value)
    except (ValueError, TypeError) as error:
        raise SettingsError(
            f"{key} from {source} must be {_NAMES[get_origin(kind) or kind]}; it is {value!r}.", key=key
        ) from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[value] if value in {"true", "false"} else _refuse()


def _refuse() -> bool:
    raise ValueError


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = tomllib.loads(f"list = {value}")["list"]
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return tuple(_text(part) for part in value)


def _table(value: Any) -> dict[str, tuple[str, ...]]:
    if isinstance(value, str):
        value = tomllib.loads(f"table = {value}")["table"]
    return {_text(name): _texts(parts) for name, parts in value.items()}


_CONVERTERS: Mapping[Any, Any] = {
    str: _text,
    int: _whole,
    float: _number,
    bool: _truth,
    Path: lambda value: Path(_text(value)),
    tuple: _texts,
    Mapping: _table,
}
_NAMES: Mapping[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    Path: "a path",
    tuple: "a list of texts",
    Mapping: "a table of lists",
}
