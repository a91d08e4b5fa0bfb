"""How far a directory was read: by which server, up to which change, and with which groups.

Times and numbers of changes are a server's own, so a cursor is good only where it was made. A change
of any group, which may concern anybody, makes it worthless: then everybody is read again.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Self

import orjson

from core.identity.ldap.config import LdapSettings
from core.identity.ldap.entries import Entry
from core.identity.ldap.link import Link


@dataclass(frozen=True, slots=True)
class Cursor:
    """What the next reading may build on."""

    server: str
    groups: str
    mark: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return what :meth:`text` gave; None for none."""
        return cls(*orjson.loads(text)) if text else None

    def text(self) -> str:
        """Return the cursor for keeping; empty where this directory tells no changes."""
        return orjson.dumps(astuple(self)).decode() if self.mark and self.groups else ""

    def allows(self, server: str, groups: str) -> bool:
        """Tell whether a reading of ``server``, whose groups are these, may go on from here."""
        return (self.server, self.groups) == (server, groups)


def groups_now(settings: LdapSettings, link: Link) -> str:
    """Return a hash of all groups and their last changes; empty where groups cannot be listed."""
    groups = settings.groups
    if not settings.group_search_base or groups is None:
        return ""
    wanted = settings.flavour.version_attributes
    versions = sorted(
        [entry.dn, *(value for name in wanted for value in entry.all(name))]
        for entry in link.pages(settings.group_tree, groups.any_group, wanted)
    )
    return hashlib.sha256(orjson.dumps(versions)).hexdigest()


def mark_of(settings: LdapSettings, entries: Iterable[Entry]) -> str:
    """Return the change from which the next reading has to begin, so that none is missed."""
    flavour = settings.flavour
    return flavour.mark(value for entry in entries for value in entry.all(flavour.change_attribute))
