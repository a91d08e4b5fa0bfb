"""People from an LDAP directory (RFC 4511), over verified TLS.

Two ways to check a password: the service account searches for the name and the entry found is
bound, or a template makes the name to bind. A name that is unknown, or that several entries bear,
is bound too, as an entry that cannot exist: the same binds and searches, the same answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import NotSignedIn, Unavailable
from core.identity.directory import (
    Admit,
    DirectoryPerson,
    Reading,
    ServerHealth,
    admit_anybody,
    bad_credentials,
    canonical_username,
    check_credentials_form,
    is_possible_username,
)
from core.identity.ldap.bind import Bound
from core.identity.ldap.config import LdapSettings
from core.identity.ldap.cursor import Cursor, groups_now, mark_of
from core.identity.ldap.entries import Entry
from core.identity.ldap.groups import GroupSearch
from core.identity.ldap.link import Link
from core.identity.ldap.names import escape
from core.identity.ldap.servers import Server, Servers
from core.types import Clock, new_id

_SAYS: Final = {
    Bound.DISABLED: ("account_disabled", "Your account is disabled. Ask your IT."),
    Bound.ENDED: ("account_ended", "Your account has reached its end date. Ask your IT."),
    Bound.EXPIRED: (
        "password_expired",
        "Your password has expired. Change it where you sign in to your computer, then sign in here.",
    ),
    Bound.MUST_CHANGE: (
        "password_must_change",
        "Your password must be changed first. Change it where you sign in to your computer, then sign in.",
    ),
    Bound.NOT_NOW: (
        "sign_in_not_now",
        "Your account may not sign in at this time or from here. Ask your IT.",
    ),
}


# For more people than this it is quicker to read all groups than to ask for the groups of each.
_MANY: Final = 50
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """One entry that goes by a name: where it stands, what is read of it, and whether it may sign in."""

    dn: str
    person: DirectoryPerson
    may_sign_in: bool


class LdapDirectory:
    """A :class:`core.identity.directory.Directory` on one or several LDAP servers.

    Each call opens a connection of its own and closes it: nothing is shared between threads, and a
    server that was away is asked again after a while.
    """

    name = "ldap"

    def __init__(self, settings: LdapSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._servers = Servers(settings, clock)
        flavour = settings.flavour
        # Operational attributes (entryUUID, memberOf) come only when they are asked for by name.
        self._listed = (flavour.id_attribute, flavour.change_attribute, *flavour.state_attributes)
        self._wanted = (
            *self._listed,
            flavour.username_attribute,
            *settings.name_attributes,
            settings.email_attribute,
            *flavour.primary_group_attributes,
            *(() if settings.group_search_base else (settings.member_of_attribute,)),
            *settings.attributes,
        )

    # -- Directory --------------------------------------------------------------------------------

    def account(self, username: str) -> str:
        """Return the name as it is compared, without the domain of everybody here."""
        return self._settings.flavour.account(canonical_username(username), self._settings.domain)

    def authenticate(self, username: str, password: str, admit: Admit = admit_anybody) -> DirectoryPerson:
        """Return the person whose name and password these are; see the protocol."""
        check_credentials_form(username, password)
        way = self._bind_directly if self._settings.user_dn_template else self._search_then_bind
        return self._servers.run(lambda server: way(server, username, password, admit))

    def find(self, username: str) -> DirectoryPerson | None:
        """Return who goes by ``username`` now; None also where several entries do."""
        return self._found(self._query(username)) if is_possible_username(username) else None

    def person(self, stable_id: str) -> DirectoryPerson | None:
        """Return the person behind ``stable_id``, if they may sign in."""
        query = self._settings.flavour.id_filter(stable_id)
        return self._found(f"(&{query}{self._settings.everybody})") if query else None

    def read(self, since: str = "") -> Reading:
        """Return who is there, and who changed; see the protocol."""
        return self._servers.run(lambda server: self._read(server, since))

    def health(self) -> Sequence[ServerHealth]:
        """Return how each server is, in the order of preference."""
        return self._servers.health()

    # -- for whoever looks after it ---------------------------------------------------------------

    def look_up(self, username: str) -> Sequence[Seen]:
        """Return the first entries that go by ``username``, those too that may not sign in.

        Raises:
            Unavailable: ``directory_unavailable``.
        """

        def work(server: Server) -> Sequence[Seen]:
            with server.service() as link:
                groups = GroupSearch(self._settings, link)
                found = link.search(self._settings.base, self._query(username), self._wanted, limit=_SHOWN)
                return tuple(
                    Seen(entry.dn, self._person(groups, link, entry), self._may_sign_in(entry))
                    for entry in found.entries
                )

        return self._servers.run(work) if is_possible_username(username) else ()

    # -- inside -----------------------------------------------------------------------------------

    def _search_then_bind(
        self, server: Server, username: str, password: str, admit: Admit
    ) -> DirectoryPerson:
        with server.service() as link:
            entry = self._only(link, self._query(username))
            if not admit(self._settings.flavour.stable_id(entry) if entry else ""):
                entry = None
            dn = entry.dn if entry else f"cn={new_id()},{self._settings.base}"
            with server.link(dn, password) as own:
                bound = own.bind()
            if entry is None:
                raise bad_credentials()
            self._check(bound, entry)
            return self._person(GroupSearch(self._settings, link), link, entry)

    def _bind_directly(self, server: Server, username: str, password: str, admit: Admit) -> DirectoryPerson:
        # Whose the name is shows only afterwards. It has one spelling here: the name of an entry.
        name = username.strip() if admit("") else new_id()
        dn = self._settings.user_dn_template.replace("{username}", escape(name))
        with server.link(dn, password) as own:
            bound = own.bind()
            if bound is not Bound.ACCEPTED:
                raise _refusal(bound)
            entry = own.read(dn, self._query(username), self._wanted)
            if entry is None:
                raise bad_credentials()
            self._check(bound, entry)
            if not self._settings.bind_dn:
                return self._person(GroupSearch(self._settings, own), own, entry)
        with server.service() as link:
            return self._person(GroupSearch(self._settings, link), link, entry)

    def _check(self, bound: Bound, entry: Entry) -> None:
        if bound is not Bound.ACCEPTED:
            raise _refusal(bound)
        if not self._may_sign_in(entry):
            raise _refusal(Bound.DISABLED)

    def _found(self, query: str) -> DirectoryPerson | None:
        def work(server: Server) -> DirectoryPerson | None:
            with server.service() as link:
                entry = self._only(link, query)
                if entry is None or not self._may_sign_in(entry):
                    return None
                return self._person(GroupSearch(self._settings, link), link, entry)

        return self._servers.run(work)

    def _read(self, server: Server, since: str) -> Reading:
        settings = self._settings
        with server.service() as link:
            known, groups = Cursor.parse(since), groups_now(settings, link)
            full = known is None or not known.allows(server.address.uri, groups)
            listed = list(
                link.pages(settings.base, self._settings.everybody, self._wanted if full else self._listed)
            )
            changed = listed
            if known is not None and not full:
                newer = f"({settings.flavour.change_attribute}>={known.mark})"
                changed = list(
                    link.pages(settings.base, f"(&{self._settings.everybody}{newer})", self._wanted)
                )
            search = GroupSearch(settings, link)
            if len(changed) > _MANY:
                search.load()
            return Reading(
                people=tuple(self._person(search, link, one) for one in changed if self._may_sign_in(one)),
                present=frozenset(self._stable_id(link, one) for one in listed if self._may_sign_in(one)),
                cursor=Cursor(server.address.uri, groups, mark_of(settings, listed)).text(),
                full=full,
            )

    def _only(self, link: Link, query: str) -> Entry | None:
        found = link.search(self._settings.base, query, self._wanted, limit=2)
        return found.entries[0] if len(found.entries) == 1 and not found.more else None

    def _query(self, username: str) -> str:
        return self._settings.user_filter.replace("{username}", escape(username.strip()))

    def _may_sign_in(self, entry: Entry) -> bool:
        return self._settings.flavour.may_sign_in(entry, self._clock.now())

    def _stable_id(self, link: Link, entry: Entry) -> str:
        stable_id = self._settings.flavour.stable_id(entry)
        if not stable_id:
            raise _unreadable(link, self._settings.flavour.id_attribute)
        return stable_id

    def _person(self, groups: GroupSearch, link: Link, entry: Entry) -> DirectoryPerson:
        settings = self._settings
        stable_id, username = self._stable_id(link, entry), entry.first(settings.flavour.username_attribute)
        if not username:
            raise _unreadable(link, settings.flavour.username_attribute)
        return DirectoryPerson(
            stable_id=stable_id,
            username=username,
            display_name=next(filter(None, map(entry.first, settings.name_attributes)), username),
            email=entry.first(settings.email_attribute),
            groups=groups.names(entry, username),
            attributes={name: entry.first(name) for name in settings.attributes if entry.first(name)},
        )


def _refusal(bound: Bound) -> NotSignedIn:
    """Return what to say to a password: that it is wrong, or what else is in the way of the right one."""
    if bound not in _SAYS:
        return bad_credentials()
    code, sentence = _SAYS[bound]
    return NotSignedIn(sentence, code=code)


def _unreadable(link: Link, attribute: str) -> Unavailable:
    return link.unavailable(
        "attribute", f"it shows no {attribute} for a person; let the service account read that attribute"
    )
