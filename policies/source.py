"""Reads a bundle as its author wrote it: YAML, one file or a folder of them, each error with its place.

The grammar is the model itself: every key, type and bound of :mod:`policies.model` is enforced and
nothing else is let through. All complaints of all files are collected before anything is refused,
and each names file, line and path (``dlp.rules[2].min_count``). Several documents become one bundle:
sections of the same name are joined, a single value may stand only once.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec import inspect

from core.errors import InvalidInput
from policies.bundle import Bundle
from policies.check import Vocabulary, check
from policies.complaints import Complaint, complain
from policies.nodes import MAX_PROBLEMS, WHOLE, Problem, Source, documents

UNSUPPORTED = "unsupported_section"
"""The code of sections of a later release, and of a bundle with which nothing else is wrong."""

_UNSUPPORTED = frozenset({"supervision"})
_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})\Z")
_NO_VALUE = object()
_KEYED = (inspect.StructType, inspect.DictType)
# What a pattern of the model asks for, by an example: the first that it lets through counts.
_PATTERNS = {"a_name": "bad_name", "image/*": "bad_file_type", "pt-BR": "bad_language"}


@dataclass(frozen=True, slots=True)
class _At:
    """Where in the bundle (``real``, after joining) and where in its document (``shown``)."""

    real: str = ""
    shown: str = ""

    def key(self, name: str) -> "_At":
        return _At(*(f"{path}.{name}" if path else name for path in (self.real, self.shown)))

    def index(self, real: int, shown: int) -> "_At":
        return _At(f"{self.real}[{real}]", f"{self.shown}[{shown}]")


@dataclass(slots=True)
class _Reader:
    """Turns nodes into plain values of the model's types, and keeps every complaint."""

    problems: list[Problem] = field(default_factory=list)
    places: dict[str, tuple[Source, str]] = field(default_factory=dict)

    def read(self, wanted: inspect.Type, sources: Sequence[Source], at: _At) -> Any:
        """Return the value of ``wanted`` that stands in ``sources``; several of them are joined."""
        self.places.setdefault(at.real, (sources[0], at.shown))
        if isinstance(wanted, inspect.StructType):
            return self._struct(wanted, sources, at)
        if isinstance(wanted, inspect.DictType):
            return self._dict(wanted, sources, at)
        if isinstance(wanted, inspect.VarTupleType):
            return self._list(wanted, sources, at)
        if len(sources) > 1:
            first = sources[0]
            return self._bad(sources[1], at, complain("value_twice", file=first.file, line=first.line))
        if isinstance(wanted, inspect.UnionType):
            return self._one_of(wanted, sources, at)
        return self._scalar(wanted, sources[0], at)

    def _bad(self, source: Source, at: _At, complaint: Complaint) -> Any:
        self.problems.append(Problem(source.file, source.line, at.shown or WHOLE, complaint))
        return _NO_VALUE

    def _entries(self, sources: Sequence[Source], at: _At) -> dict[str, list[Source]]:
        """Return the values of each key, one from each source, refusing keys that stand twice."""
        entries: dict[str, list[Source]] = {}
        for source in sources:
            if not self._readable(source, yaml.MappingNode, "keys", at):
                continue
            seen: dict[str, int] = {}
            for key_node, value_node in source.node.value:
                key = source.of(key_node)
                if key.refused:
                    self._bad(key, at, key.refused)
                elif not isinstance(key_node, yaml.ScalarNode) or key_node.tag != _TAG + "str":
                    self._bad(key, at, complain("key_no_text"))
                elif key_node.value in seen:
                    self._bad(key, at.key(key_node.value), complain("key_twice", line=seen[key_node.value]))
                else:
                    seen[key_node.value] = key.line
                    entries.setdefault(key_node.value, []).append(source.of(value_node))
        return entries

    def _readable(self, source: Source, kind: type[yaml.Node], what: str, at: _At) -> bool:
        if source.refused:
            self._bad(source, at, source.refused)
        elif not isinstance(source.node, kind):
            self._bad(source, at, _expected(what, source.node))
        else:
            return True
        return False

    def _struct(self, wanted: inspect.StructType, sources: Sequence[Source], at: _At) -> Any:
        entries = self._entries(sources, at)
        known = {part.encode_name: part for part in wanted.fields}
        for name in entries.keys() - known.keys():
            self._unknown(entries[name][0], name, known, at)
        value = {}
        whole = all(isinstance(each.node, yaml.MappingNode) and not each.refused for each in sources)
        for name, part in known.items():
            if name in entries:
                value[name] = self.read(part.type, entries[name], at.key(name))
            elif part.required and whole:
                self._bad(sources[0], at.key(name), complain("key_missing"))
        return value

    def _unknown(self, source: Source, name: str, known: Iterable[str], at: _At) -> None:
        if not at.real and name in _UNSUPPORTED:
            self._bad(source, at.key(name), complain(UNSUPPORTED, name=name))
            return
        near = difflib.get_close_matches(name, list(known), 1)
        said = (
            complain("unknown_key_near", near=near[0])
            if near
            else complain("unknown_key", known=sorted(known))
        )
        self._bad(source, at.key(name), said)

    def _dict(self, wanted: inspect.DictType, sources: Sequence[Source], at: _At) -> Any:
        value = {}
        for name, values in self._entries(sources, at).items():
            complaint = _bounds(wanted.key_type, name)
            if complaint:
                self._bad(values[0], at.key(name), complaint)
            value[name] = self.read(wanted.value_type, values, at.key(name))
        if wanted.min_length and not value:
            self._bad(sources[0], at, complain("empty"))
        return value

    def _list(self, wanted: inspect.VarTupleType, sources: Sequence[Source], at: _At) -> Any:
        value: list[Any] = []
        for source in sources:
            if self._readable(source, yaml.SequenceNode, "list", at):
                for shown, node in enumerate(source.node.value):
                    place = at.index(len(value), shown)
                    value.append(self.read(wanted.item_type, [source.of(node)], place))
        if said := _size(wanted, len(value)):
            self._bad(sources[0], at, said)
        return value

    def _one_of(self, wanted: inspect.UnionType, sources: Sequence[Source], at: _At) -> Any:
        """Return nothing where that may stand, keys with values where they may, else a plain value."""
        node = sources[0].node
        null = isinstance(node, yaml.ScalarNode) and node.tag == _TAG + "null"
        if wanted.includes_none and null and not sources[0].refused:
            return None
        options = [each for each in wanted.types if not isinstance(each, inspect.NoneType)]
        keyed = isinstance(node, yaml.MappingNode)
        fitting = [each for each in options if isinstance(each, _KEYED) == keyed]
        return self.read((fitting or options)[0], sources, at)

    def _scalar(self, wanted: inspect.Type, source: Source, at: _At) -> Any:
        what, convert = _SCALARS[type(wanted)]
        if not self._readable(source, yaml.ScalarNode, what, at):
            return _NO_VALUE
        assert isinstance(source.node, yaml.ScalarNode)
        value = convert(source.node)
        if value is None:
            return self._bad(source, at, _expected(what, source.node))
        if isinstance(wanted, inspect.EnumType):
            allowed = [member.value for member in wanted.cls]
            if value not in allowed:
                said = complain("expected_one_of", allowed=map(str, allowed), given=str(value))
                return self._bad(source, at, said)
        complaint = _bounds(wanted, value)
        return self._bad(source, at, complaint) if complaint else value


def _text(node: yaml.ScalarNode) -> str | None:
    return str(node.value) if node.tag == _TAG + "str" else None


def _integer(node: yaml.ScalarNode) -> int | None:
    return int(node.value) if node.tag == _TAG + "int" and _INTEGER.match(node.value) else None


def _boolean(node: yaml.ScalarNode) -> bool | None:
    # YAML 1.1 also takes yes, no, on and off, which are country codes and words elsewhere.
    return {"true": True, "false": False}.get(node.value) if node.tag == _TAG + "bool" else None


def _instant(node: yaml.ScalarNode) -> datetime | None:
    try:
        at = datetime.fromisoformat(node.value)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else None


_SCALARS: dict[type[inspect.Type], tuple[str, Callable[[yaml.ScalarNode], Any]]] = {
    inspect.StrType: ("text", _text),
    inspect.EnumType: ("text", _text),
    inspect.IntType: ("whole_number", _integer),
    inspect.BoolType: ("boolean", _boolean),
    inspect.DateTimeType: ("time", _instant),
}


def _expected(what: str, node: yaml.Node) -> Complaint:
    return complain("expected", what=complain(what), given=_described(node))


def _described(node: yaml.Node) -> Complaint:
    """Return what stands there, with the remedy where YAML read a word as something else."""
    if isinstance(node, yaml.MappingNode):
        return complain("keys")
    if isinstance(node, yaml.SequenceNode):
        return complain("list")
    kind, text = node.tag.removeprefix(_TAG), str(node.value)[:40]
    if kind == "null":
        return complain("nothing")
    return complain("written", text=text) if kind == "str" else complain("read_as", text=text, kind=kind)


def _size(wanted: inspect.VarTupleType, count: int) -> Complaint | None:
    """Return what is wrong with the number of entries of a list, or nothing."""
    least, most = wanted.min_length or 0, wanted.max_length
    if least == most and count != least:
        return complain("expected_exactly", count=least, given=count)
    if count < least:
        return complain("expected_at_least", count=least, given=count)
    if most is not None and count > most:
        return complain("expected_at_most", count=most, given=count)
    return None


def _bounds(wanted: inspect.Type, value: Any) -> Complaint | None:
    """Return which bound of its type ``value`` breaks, or nothing."""
    if isinstance(wanted, inspect.IntType):
        low, high = wanted.ge, wanted.le
        if (low is not None and value < low) or (high is not None and value > high):
            return complain("expected_range", low=str(low), high=str(high), given=value)
    elif isinstance(wanted, inspect.StrType):
        if wanted.min_length and len(value) < wanted.min_length:
            return complain("empty")
        if wanted.max_length and len(value) > wanted.max_length:
            return complain("too_many_characters", limit=wanted.max_length)
        if wanted.pattern and not re.search(wanted.pattern, value):
            return next(
                complain(code) for example, code in _PATTERNS.items() if re.search(wanted.pattern, example)
            )
    return None


def _refuse(problems: Sequence[Problem]) -> InvalidInput:
    """Return the one error that lists every complaint, at most a hundred of them."""
    ordered = sorted(problems, key=lambda each: (each.file, each.line, each.path))
    shown = ordered[:MAX_PROBLEMS]
    unsupported = all(each.complaint.code == UNSUPPORTED for each in ordered)
    count = f"{len(ordered)} error{'s' if len(ordered) > 1 else ''}"
    return InvalidInput(
        f"The policy bundle has {count}; nothing was changed.\n" + "\n".join(map(str, shown)),
        code=UNSUPPORTED if unsupported else "bad_bundle",
        errors=[each.as_dict() for each in shown],
    )


def parse(texts: Iterable[tuple[str, str]], vocabulary: Vocabulary) -> Bundle:
    """Return the bundle that these ``(file name, YAML)`` texts make together.

    Raises:
        InvalidInput: ``bad_bundle`` with ``errors``, each with file, line, path, code, params and
            message; or
            ``unsupported_section`` if sections of a later release are all that is wrong.
    """
    reader = _Reader()
    roots: list[Source] = []
    names: list[str] = []
    for name, text in texts:
        names.append(name)
        found, problems = documents(text, name)
        roots.extend(found)
        reader.problems.extend(problems)
    if not roots:
        empty = Problem(names[0] if names else "bundle", 1, WHOLE, complain("no_policy"))
        raise _refuse(reader.problems or [empty])
    value = reader.read(inspect.type_info(Bundle), roots, _At())
    if reader.problems:
        raise _refuse(reader.problems)
    bundle = msgspec.convert(value, Bundle)
    for path, complaint in check(bundle, vocabulary):
        source, shown = _place(reader.places, path)
        reader.problems.append(Problem(source.file, source.line, shown or WHOLE, complaint))
    if reader.problems:
        raise _refuse(reader.problems)
    return bundle


def _place(places: dict[str, tuple[Source, str]], path: str) -> tuple[Source, str]:
    """Return the nearest place that was written: a default has the line of what contains it."""
    known = path
    while known not in places:
        known = known[: max(known.rfind("."), known.rfind("["), 0)]
    source, shown = places[known]
    return source, shown + path[len(known) :]


def load(path: Path, vocabulary: Vocabulary) -> Bundle:
    """Return the bundle in a file, or in all ``*.yaml`` files of a folder in the order of their names.

    Raises:
        InvalidInput: as :func:`parse`, also when nothing can be read there.
    """
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    texts: list[tuple[str, str]] = []
    problems: list[Problem] = []
    for file in files:
        try:
            texts.append((str(file), file.read_bytes().decode("utf-8")))
        except UnicodeDecodeError:
            problems.append(Problem(str(file), 1, WHOLE, complain("not_utf8")))
        except OSError as error:
            problems.append(Problem(str(file), 1, WHOLE, complain("cannot_be_read", why=str(error.strerror))))
    if problems or not texts:
        raise _refuse(problems or [Problem(str(path), 1, WHOLE, complain("no_yaml_files"))])
    return parse(texts, vocabulary)
