"""Which groups somebody is in, also by way of other groups.

For one person the server is asked: Active Directory follows groups inside groups by itself, elsewhere
they are followed here, upwards, each group once, so that circles end. For everybody at once all
groups are read with their members, and followed in memory.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from core.identity.ldap.config import LdapSettings
from core.identity.ldap.entries import Entry
from core.identity.ldap.link import Link
from core.identity.ldap.names import comparable, group_name, is_below

MAX_GROUPS: Final = 5_000
"""More groups than this around one person are an error: to leave some out could open a barrier."""

_NO_ATTRIBUTES = ("1.1",)  # RFC 4511, 4.5.1.8
_ANY = "(objectClass=*)"

Key = tuple[tuple[str, str], ...]


class GroupSearch:
    """Asks one link for the groups of one person after the other; remembers what it was told of groups."""

    def __init__(self, settings: LdapSettings, link: Link) -> None:
        self._settings = settings
        self._link = link
        self._primary: dict[str, str] = {}
        self._above: dict[Key, tuple[str, ...]] = {}
        self._members: _Members | None = None

    def load(self) -> None:
        """Read all groups with their members, to answer for everybody."""
        groups = self._settings.groups
        if not (groups and self._settings.group_search_base):
            return
        self._members = _Members()
        for entry in self._link.pages(self._settings.group_tree, groups.any_group, groups.attributes):
            for attribute, placeholder in groups.members:
                self._members.add(entry.dn, placeholder, entry.all(attribute))

    def names(self, entry: Entry, username: str) -> frozenset[str]:
        """Return what the groups of a person are called here.

        Raises:
            Unavailable: ``directory_unavailable``; there are too many to follow.
        """
        direct = list(self._direct(entry, username))
        return frozenset(
            group_name(dn, self._settings.group_base)
            for dn in (direct if self._answered_whole else self._closure(direct))
            if is_below(dn, self._settings.group_base)
        )

    @property
    def _answered_whole(self) -> bool:
        groups = self._settings.groups
        return bool(
            self._members is None
            and self._settings.group_search_base
            and groups is not None
            and groups.follows_nesting
        )

    def _direct(self, entry: Entry, username: str) -> Iterator[str]:
        primary = self._primary_group(entry)
        yield from filter(None, [primary])
        if self._members is not None:
            yield from self._members.of(entry.dn, username)
        elif not self._settings.group_search_base:
            yield from entry.all(self._settings.member_of_attribute)
        else:
            # A group has no user name: its own DN stands there, which is nobody's.
            names = [(entry.dn, username), *([(primary, primary)] if primary else ())]
            yield from self._search(names)

    def _closure(self, direct: Iterable[str]) -> list[str]:
        found = {comparable(dn): dn for dn in direct}
        frontier = list(found.items())
        while frontier:
            if len(found) > MAX_GROUPS:
                raise self._link.unavailable("groups", f"somebody is in more than {MAX_GROUPS} groups")
            self._learn(frontier)
            above = {comparable(dn): dn for key, _ in frontier for dn in self._above[key]}
            frontier = [(key, dn) for key, dn in above.items() if key not in found]
            found.update(frontier)
        return list(found.values())

    def _learn(self, groups: Sequence[tuple[Key, str]]) -> None:
        """Find out which groups stand directly above those of ``groups`` that are not known yet."""
        for key, dn in groups:
            if key in self._above:
                continue
            if self._members is not None:
                above: Iterable[str] = self._members.of(dn, "")
            elif not self._settings.group_search_base:
                attribute = self._settings.member_of_attribute
                entry = self._link.read(dn, _ANY, (attribute,))
                above = entry.all(attribute) if entry else ()
            else:
                above = self._search([(dn, dn)])
            self._above[key] = tuple(above)

    def _search(self, names: Sequence[tuple[str, str]]) -> Iterator[str]:
        groups = self._settings.groups
        assert groups is not None
        for entry in self._link.pages(
            self._settings.group_search_base, groups.containing(names), _NO_ATTRIBUTES
        ):
            yield entry.dn

    def _primary_group(self, entry: Entry) -> str:
        query = self._settings.flavour.primary_group_filter(entry)
        if query is None:
            return ""
        if query not in self._primary:
            found = self._link.search(self._settings.domain, query, _NO_ATTRIBUTES, limit=1)
            self._primary[query] = found.entries[0].dn if found.entries else ""
        return self._primary[query]


class _Members:
    """Groups by member, read as a whole."""

    def __init__(self) -> None:
        self._by_dn: dict[Key, list[str]] = {}
        self._by_username: dict[str, list[str]] = {}

    def add(self, group: str, placeholder: str, members: Iterable[str]) -> None:
        """Take in the members of one attribute of a group."""
        for member in members:
            if placeholder == "dn":
                self._by_dn.setdefault(comparable(member), []).append(group)
            else:
                self._by_username.setdefault(member, []).append(group)

    def of(self, dn: str, username: str) -> Iterator[str]:
        """Yield the groups that hold a DN, or a user name, directly."""
        yield from self._by_dn.get(comparable(dn), ())
        yield from self._by_username.get(username, ())
