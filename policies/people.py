"""Who a person is to a policy: labels in the facts, segments in a bundle.

Facts carry labels that no bundle needs to be known for (``@ada``, ``department=research``, group
names); which segments follow from them is decided together with the text, so that a new bundle
moves people at once. Names are compared without regard to case, as directories do.
"""

from collections.abc import Iterable, Mapping

from core.types import PersonFacts
from policies.bundle import Bundle

_REMEMBERED = 4_096


def labels(username: str, attributes: Mapping[str, Iterable[str]] | None = None) -> frozenset[str]:
    """Return what goes into ``PersonFacts.segments`` for a person of the directory.

    ``@username`` and one ``attribute=value`` for each value, all in one case.
    """
    found = {person_label(username)}
    for name, values in (attributes or {}).items():
        found.update(_attribute_label(name, value) for value in values)
    return frozenset(found)


def person_label(username: str) -> str:
    """Return the label of exactly one person."""
    return f"@{username.casefold()}"


def _attribute_label(name: str, value: str) -> str:
    return f"{name.casefold()}={value.casefold()}"


def is_named(person: PersonFacts, names: Iterable[str]) -> bool:
    """Tell whether one of ``names`` (usernames or ids) is this person."""
    return any(name == person.id or person_label(name) in person.segments for name in names)


class SegmentTable:
    """The segments of one bundle, looked up by group and label."""

    def __init__(self, bundle: Bundle) -> None:
        self._names = frozenset(bundle.segments)
        self._groups: dict[str, set[str]] = {}
        self._labels: dict[str, set[str]] = {}
        self._ids: dict[str, set[str]] = {}
        self._known: dict[PersonFacts, frozenset[str]] = {}
        for name, segment in bundle.segments.items():
            for group in segment.groups:
                self._groups.setdefault(group.casefold(), set()).add(name)
            for attribute, values in segment.attributes.items():
                for value in values:
                    self._labels.setdefault(_attribute_label(attribute, value), set()).add(name)
            for person in segment.people:
                self._labels.setdefault(person_label(person), set()).add(name)
                self._ids.setdefault(person, set()).add(name)

    def of(self, person: PersonFacts) -> frozenset[str]:
        """Return the names of all segments this person is in."""
        known = self._known.get(person)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[person] = self._find(person)
        return known

    def _find(self, person: PersonFacts) -> frozenset[str]:
        # Whoever builds the facts may also have mapped groups to segments already.
        found = set(self._names & person.segments) | self._ids.get(person.id, set())
        for group in person.groups:
            found |= self._groups.get(group.casefold(), set())
        for label in person.segments:
            found |= self._labels.get(label, set())
        return frozenset(found)
