"""YAML as nodes that know their lines, without the parts of YAML that let one text mean two things.

Anchors, aliases, tags and merge keys are refused where they stand; so are texts that are too long
or too deep. Nothing is constructed: scalars stay text with the type that YAML 1.1 resolves.
"""

from dataclasses import dataclass
from typing import Any

import yaml

from policies.complaints import Complaint, complain

MAX_CHARACTERS = 4_000_000
MAX_DEPTH = 40
MAX_PROBLEMS = 100

WHOLE = "(document)"
"""The path of a complaint about a document as a whole."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint about a bundle's source: where it is, and what to do about it."""

    file: str
    line: int
    path: str
    complaint: Complaint

    def __str__(self) -> str:
        """Return ``file:line: path: message``, which editors turn into a link."""
        return f"{self.file}:{self.line}: {self.path}: {self.complaint}"

    def as_dict(self) -> dict[str, Any]:
        """Return the form in which a typed error lists this: its place, and what is said of it."""
        return {"file": self.file, "line": self.line, "path": self.path, **self.complaint.as_dict()}


@dataclass(frozen=True, slots=True)
class Source:
    """One node and the file it stands in; ``refused`` says why it may not be read."""

    file: str
    node: yaml.Node
    refusals: dict[int, Complaint]

    @property
    def line(self) -> int:
        """Return the line of the node, counted from 1."""
        return int(self.node.start_mark.line) + 1

    @property
    def refused(self) -> Complaint | None:
        """Return why this node may not be read, or nothing."""
        return self.refusals.get(id(self.node))

    def of(self, node: yaml.Node) -> "Source":
        """Return another node of the same file."""
        return Source(self.file, node, self.refusals)


class _TooDeep(yaml.MarkedYAMLError):
    """Values stand in values in values."""


class _Loader(yaml.SafeLoader):
    """Composes nodes and remembers which of them use a part of YAML that is refused."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.refusals: dict[int, Complaint] = {}
        self.kept: list[yaml.Node] = []
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Return the next node; an alias becomes an empty text that is marked as refused."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            self.get_event()  # type: ignore[no-untyped-call]
            mark: Any = event.start_mark
            alias = yaml.ScalarNode("tag:yaml.org,2002:null", "", mark, mark)
            return self._refuse(alias, complain("alias", name=str(event.anchor)))
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _TooDeep(problem_mark=event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        if node is not None and getattr(event, "anchor", None):
            self._refuse(node, complain("anchor", name=event.anchor))
        elif node is not None and getattr(event, "tag", None):
            self._refuse(node, complain("tag", name=event.tag))
        return node

    def _refuse(self, node: yaml.Node, why: Complaint) -> yaml.Node:
        # The node is kept so that its id stays its own while the loader lives.
        self.kept.append(node)
        self.refusals[id(node)] = why
        return node


def documents(text: str, file: str) -> tuple[list[Source], list[Problem]]:
    """Return the documents of one YAML text, and what keeps it from being read at all."""
    if len(text) > MAX_CHARACTERS:
        return [], [Problem(file, 1, WHOLE, complain("too_long", limit=MAX_CHARACTERS))]
    found: list[Source] = []
    loader: _Loader | None = None
    try:
        loader = _Loader(text)
        while loader.check_node():
            node = loader.get_node()
            if node is not None:
                found.append(Source(file, node, loader.refusals))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = int(mark.line) + 1 if mark is not None else 1
        return found, [Problem(file, line, WHOLE, _said_of(error))]
    finally:
        if loader is not None:
            loader.dispose()
    return found, []


def _said_of(error: yaml.YAMLError) -> Complaint:
    if isinstance(error, _TooDeep):
        return complain("too_deep", limit=MAX_DEPTH)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    return complain("bad_yaml", why=str(reason))
