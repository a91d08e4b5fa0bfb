"""People from an LDAP directory (RFC 4511), over verified TLS.

Two ways to check a password: the service account searches for the name and the entry found is
bound, or a template makes the name to bind. A name that is unknown, or that several entries bear,
is bound too, as an entry that cannot exist: the same binds and searches, the same answer.
"""

import contextlib
from collections.abc import Iterator

from core.errors import Unavailable
from core.identity.directory import (
    DirectoryPerson,
    bad_credentials,
    check_credentials_form,
    is_possible_username,
)
from core.identity.ldap.config import LdapSettings
from core.identity.ldap.link import Entry, Link, tls_context
from core.identity.ldap.names import escape, group_name
from core.types import new_id

_NO_ATTRIBUTES = ("1.1",)  # RFC 4511, 4.5.1.8


class LdapDirectory:
    """A :class:`core.identity.directory.Directory` on one LDAP server.

    Each call opens a connection of its own and closes it: nothing is shared between threads, and a
    server that was away is asked again by the next call.
    """

    name = "ldap"

    def __init__(self, settings: LdapSettings) -> None:
        self._settings = settings
        self._context = tls_context(settings) if settings.protected else None
        # Operational attributes (entryUUID, memberOf) come only when they are asked for by name.
        self._wanted = (
            settings.id_attribute,
            settings.username_attribute,
            *settings.name_attributes,
            settings.email_attribute,
            *(() if settings.group_filter else (settings.member_of_attribute,)),
            *settings.attributes,
        )

    def authenticate(self, username: str, password: str) -> DirectoryPerson:
        """Return the person whose name and password these are; see the protocol."""
        check_credentials_form(username, password)
        if self._settings.user_dn_template:
            return self._bind_directly(username, password)
        return self._search_then_bind(username, password)

    def find(self, username: str) -> DirectoryPerson | None:
        """Return who goes by ``username`` now; None also where several entries do."""
        if not is_possible_username(username):
            return None
        with self._service() as link:
            entry = self._only(link, self._query(username))
            return self._person(link, entry) if entry else None

    def person(self, stable_id: str) -> DirectoryPerson | None:
        """Return the person behind ``stable_id``, if they may sign in."""
        query = f"(&({self._settings.id_attribute}={escape(stable_id)}){self._everybody()})"
        with self._service() as link:
            entry = self._only(link, query)
            return self._person(link, entry) if entry else None

    def people(self) -> Iterator[DirectoryPerson]:
        """Yield everybody who may sign in, in pages; a list that was cut off raises."""
        with self._service() as link:
            for entry in link.pages(self._settings.base, self._everybody(), self._wanted):
                yield self._person(link, entry)

    def _search_then_bind(self, username: str, password: str) -> DirectoryPerson:
        with self._service() as link:
            entry = self._only(link, self._query(username))
            dn = entry.dn if entry else f"cn={new_id()},{self._settings.base}"
            with Link(self._settings, self._context, dn, password) as own:
                accepted = own.bind()
            if entry is None or not accepted:
                raise bad_credentials()
            return self._person(link, entry)

    def _bind_directly(self, username: str, password: str) -> DirectoryPerson:
        dn = self._settings.user_dn_template.replace("{username}", escape(username))
        with Link(self._settings, self._context, dn, password) as own:
            if not own.bind():
                raise bad_credentials()
            entry = own.read(dn, self._query(username), self._wanted)
            if entry is None:
                raise bad_credentials()
            if not self._settings.bind_dn:
                return self._person(own, entry)
        with self._service() as link:
            return self._person(link, entry)

    @contextlib.contextmanager
    def _service(self) -> Iterator[Link]:
        """Give a link that is bound as the service account, or anonymously where there is none."""
        settings = self._settings
        with Link(settings, self._context, settings.bind_dn, settings.bind_password) as link:
            if not link.bind():
                raise link.unavailable(
                    "service_account",
                    "it refuses the service account; check ldap.bind_dn and ldap.bind_password",
                )
            yield link

    def _only(self, link: Link, query: str) -> Entry | None:
        found = link.search(self._settings.base, query, self._wanted, limit=2)
        return found.entries[0] if len(found.entries) == 1 and not found.more else None

    def _query(self, username: str) -> str:
        return self._settings.user_filter.replace("{username}", escape(username))

    def _everybody(self) -> str:
        return self._settings.user_filter.replace("{username}", "*")

    def _person(self, link: Link, entry: Entry) -> DirectoryPerson:
        settings = self._settings
        stable_id, username = entry.first(settings.id_attribute), entry.first(settings.username_attribute)
        if not stable_id or not username:
            missing = settings.username_attribute if stable_id else settings.id_attribute
            raise self._unreadable(link, missing)
        return DirectoryPerson(
            stable_id=stable_id,
            username=username,
            display_name=next(filter(None, map(entry.first, settings.name_attributes)), username),
            email=entry.first(settings.email_attribute),
            groups=frozenset(self._groups(link, entry, username)),
            attributes={name: entry.first(name) for name in settings.attributes if entry.first(name)},
        )

    def _groups(self, link: Link, entry: Entry, username: str) -> Iterator[str]:
        settings = self._settings
        if not settings.group_filter:
            names = entry.all(settings.member_of_attribute)
        else:
            query = settings.group_filter.replace("{dn}", escape(entry.dn)).replace(
                "{username}", escape(username)
            )
            names = [group.dn for group in link.pages(settings.group_base, query, _NO_ATTRIBUTES)]
        for dn in names:
            yield group_name(dn, settings.group_base)

    @staticmethod
    def _unreadable(link: Link, attribute: str) -> Unavailable:
        return link.unavailable(
            "attribute", f"it shows no {attribute} for a person; let the service account read that attribute"
        )
