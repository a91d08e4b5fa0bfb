"""Several servers of one directory: the first that answers, and none for a while that did not.

ldap3's own pool waits for servers that drop packets, again and again: here one that did not answer
is avoided for a minute, and time limits are ours.
"""

import contextlib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Final, TypeVar

from core.errors import Unavailable
from core.identity.directory import ServerHealth
from core.identity.ldap.bind import Bound
from core.identity.ldap.config import Address, LdapSettings
from core.identity.ldap.link import Link
from core.identity.ldap.tls import tls_context
from core.types import Clock

T = TypeVar("T")

AVOIDED_S: Final = 60.0
CERTIFICATE_SOON: Final = timedelta(days=14)
_NO_ATTRIBUTES: Final = ("1.1",)  # RFC 4511, 4.5.1.8
# A server that says something else is well; another would say the same, and count a wrong password twice.
_AT_FAULT: Final = frozenset({"connect", "timeout", "tls", "certificate", "start_tls", "protocol", "bind"})

_SERVICE_ACCOUNT: Final = {
    Bound.LOCKED: ", which is locked",
    Bound.DISABLED: ", which is disabled",
    Bound.ENDED: ", which has reached its end date",
    Bound.EXPIRED: ", whose password has expired",
    Bound.MUST_CHANGE: ", whose password must be changed first",
}


@dataclass(slots=True)
class _State:
    """What is known about one server; ``until`` is a monotonic time."""

    address: Address
    until: float = 0.0


class Server:
    """One server, as one piece of work sees it: it opens links to it."""

    def __init__(self, settings: LdapSettings, address: Address, context: ssl.SSLContext | None) -> None:
        self._settings = settings
        self._context = context if settings.is_protected(address) else None
        self.address = address

    def link(self, dn: str, password: str) -> Link:
        """Return a link that is not open yet, for one name and password."""
        return Link(self._settings, self.address, self._context, dn, password)

    @contextlib.contextmanager
    def service(self) -> Iterator[Link]:
        """Give a link that is bound as the service account, or anonymously where there is none."""
        with self.link(self._settings.bind_dn, self._settings.bind_password) as link:
            bound = link.bind()
            if bound is not Bound.ACCEPTED:
                why = _SERVICE_ACCOUNT.get(bound, "")
                raise link.unavailable(
                    "service_account",
                    f"it refuses the service account{why}; check ldap.bind_dn and ldap.bind_password",
                )
            yield link


class Servers:
    """The servers in their order of preference."""

    def __init__(self, settings: LdapSettings, clock: Clock) -> None:
        self._settings = settings
        context = tls_context(settings) if settings.protected else None
        self._servers = [
            (_State(address), Server(settings, address, context)) for address in settings.addresses
        ]
        self._clock = clock
        self._lock = Lock()

    def run(self, work: Callable[[Server], T]) -> T:
        """Do ``work`` on the first server that answers; it must be safe to begin again elsewhere.

        Where all are avoided, the one whose time is up first is tried all the same.

        Raises:
            Unavailable: ``directory_unavailable``; of the server that was tried last.
        """
        candidates = self._candidates()
        for state, server in candidates[:-1]:
            try:
                return self._tried(state, server, work)
            except Unavailable as error:
                if error.params.get("reason") not in _AT_FAULT:
                    raise
        return self._tried(*candidates[-1], work)

    def health(self) -> list[ServerHealth]:
        """Try every server, avoided or not; what is found counts for what is asked next."""
        return [self._health(state, server) for state, server in self._servers]

    def _health(self, state: _State, server: Server) -> ServerHealth:
        def look(server: Server) -> list[str]:
            with server.service() as link:
                warnings = [f"The service account: {link.warning}."] if link.warning else []
                ends = link.certificate_ends()
                if ends is not None and ends - self._clock.now() < CERTIFICATE_SOON:
                    warnings.append(f"Its certificate ends on {ends:%Y-%m-%d}.")
                self._see(link)
                return warnings

        try:
            warnings = self._tried(state, server, look)
        except Unavailable as error:
            return ServerHealth(state.address.uri, ok=False, says=error.message)
        says = "Answers, and takes the service account."
        return ServerHealth(state.address.uri, ok=True, says=says, warning=" ".join(warnings))

    def _see(self, link: Link) -> None:
        """See that there are people, and a place for groups, where settings say so."""
        settings = self._settings
        if (
            settings.bind_dn
            and not link.search(settings.base, settings.everybody, _NO_ATTRIBUTES, limit=1).entries
        ):
            raise link.unavailable(
                "nobody",
                f"it shows the service account nobody below {settings.base}; check ldap.base, ldap.flavour, "
                "ldap.user_filter, and what the account may read",
            )
        if settings.bind_dn and settings.groups and settings.group_base:
            link.search(settings.group_base, settings.groups.any_group, _NO_ATTRIBUTES, limit=1)

    def _candidates(self) -> list[tuple[_State, Server]]:
        now = self._clock.monotonic()
        with self._lock:
            usable = [pair for pair in self._servers if pair[0].until <= now]
            return usable or [min(self._servers, key=lambda pair: pair[0].until)]

    def _tried(self, state: _State, server: Server, work: Callable[[Server], T]) -> T:
        try:
            done = work(server)
        except Unavailable as error:
            if error.params.get("reason") in _AT_FAULT:
                self._note(state, self._clock.monotonic() + AVOIDED_S)
            raise
        self._note(state, 0.0)
        return done

    def _note(self, state: _State, until: float) -> None:
        with self._lock:
            state.until = until
