"""One connection to an LDAP server: verified, bounded in time, and typed in what goes wrong.

No password is ever part of a message, and a password is sent as the octets that were typed: ldap3
would prepare it first (RFC 4013), which turns some passwords into the empty one, and an empty one
is an anonymous bind. Referrals are never followed: they would send passwords to whoever is named.
"""

import contextlib
import math
import ssl
from collections.abc import Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from ldap3 import ANONYMOUS, BASE, NONE, SAFE_SYNC, SIMPLE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import (
    LDAPExceptionError,
    LDAPSessionTerminatedByServerError,
    LDAPSocketOpenError,
    LDAPSocketReceiveError,
    LDAPSocketSendError,
    LDAPStartTLSError,
)
from ldap3.core.results import (
    RESULT_INSUFFICIENT_ACCESS_RIGHTS,
    RESULT_INVALID_DN_SYNTAX,
    RESULT_NO_SUCH_OBJECT,
    RESULT_REFERRAL,
    RESULT_SIZE_LIMIT_EXCEEDED,
    RESULT_SUCCESS,
)

from core.crypto.certificates import ends
from core.errors import Unavailable
from core.identity.ldap.bind import ASK_FOR_POLICY, Bound, answer_to
from core.identity.ldap.config import Address, LdapSettings
from core.identity.ldap.entries import Entry, Found
from core.identity.ldap.ranges import Values, whole
from core.identity.ldap.tls import LookingTls, VerifyingTls

# Paged results, RFC 2696.
_PAGED = "1.2.840.113556.1.4.319"
_REFUSED_SEARCH = {
    RESULT_INSUFFICIENT_ACCESS_RIGHTS: ": the service account may not search there",
    RESULT_INVALID_DN_SYNTAX: ": that is no distinguished name",
    RESULT_NO_SUCH_OBJECT: ": there is no such entry, or the service account may not see it",
    RESULT_REFERRAL: ": it keeps no such part of the directory, and refers to a server that does",
}


class Link:
    """A connection that is open, and under TLS where it should be, inside its ``with`` block.

    Raises:
        Unavailable: ``directory_unavailable`` on entering or in any operation, with ``server`` and
            ``reason``.
    """

    def __init__(
        self,
        settings: LdapSettings,
        address: Address,
        context: ssl.SSLContext | None,
        dn: str,
        password: str,
    ) -> None:
        self._settings = settings
        self._address = address
        self._tls = VerifyingTls(context, address.host) if context else None
        self._wait_s = math.ceil(settings.timeout_s)
        self._connection = self._made(self._tls, dn, password)
        self.warning = ""

    def __enter__(self) -> Self:
        """Open the connection."""
        try:
            with self._typed():
                _open(self._connection, start_tls=self._settings.start_tls)
        except BaseException:
            _close(self._connection)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        _close(self._connection)

    def bind(self) -> Bound:
        """Present name and password; return what the server says to them. ``warning`` is what it adds."""
        with self._typed():
            _, result, _, _ = self._connection.bind(read_server_info=False, controls=[ASK_FOR_POLICY])
        try:
            answer = answer_to(result)
        except ValueError as error:
            raise self.unavailable("protocol", f"{error}") from None
        if answer is None:
            raise self.unavailable("bind", f"it answered the sign-in with {result['description']}")
        self.warning = answer.warning
        return answer.bound

    def certificate_ends(self) -> datetime | None:
        """Return until when the server's certificate is good; None without TLS."""
        octets = self._connection.socket.getpeercert(binary_form=True) if self._tls else None
        return ends(octets) if octets else None

    def search(self, base: str, query: str, attributes: Sequence[str], *, limit: int = 0) -> Found:
        """Return the entries below ``base`` that match; at most ``limit`` unless that is 0."""
        entries, result = self._search(base, query, SUBTREE, attributes, size_limit=limit)
        return Found(entries, more=result["result"] == RESULT_SIZE_LIMIT_EXCEEDED)

    def read(self, dn: str, query: str, attributes: Sequence[str]) -> Entry | None:
        """Return the entry ``dn`` if it exists, may be seen and matches."""
        entries, _ = self._search(dn, query, BASE, attributes)
        return entries[0] if entries else None

    def pages(self, base: str, query: str, attributes: Sequence[str]) -> Iterator[Entry]:
        """Yield all entries below ``base`` that match, page by page (RFC 2696)."""
        cookie: bytes | None = None
        while cookie is None or cookie:
            entries, result = self._search(
                base, query, SUBTREE, attributes, paged_size=self._settings.page_size, paged_cookie=cookie
            )
            if result["result"] != RESULT_SUCCESS:
                raise self.unavailable(
                    "cut_off",
                    f"it cut a list off ({result['description']}); let the service account read it whole",
                )
            yield from entries
            cookie = result.get("controls", {}).get(_PAGED, {}).get("value", {}).get("cookie") or b""

    def unavailable(self, reason: str, sentence: str) -> Unavailable:
        """Return the error that names this server and what it did."""
        return Unavailable(
            f"The directory {self._address.uri} cannot answer: {sentence}.",
            code="directory_unavailable",
            server=self._address.uri,
            reason=reason,
        )

    def _made(self, tls: Tls | None, dn: str, password: str) -> Connection:
        address = self._address
        server = Server(
            f"[{address.host}]" if ":" in address.host else address.host,
            port=address.port,
            use_ssl=address.scheme == "ldaps",
            tls=tls,
            get_info=NONE,
            allowed_referral_hosts=[],
        )
        # A name may stand for several machines: together they get no more time than one.
        server.connect_timeout = self._settings.timeout_s / max(1, len(server.candidate_addresses()))  # type: ignore[no-untyped-call]
        return Connection(
            server,
            user=dn or None,
            password=password.encode("utf-8") if password else None,  # type: ignore[arg-type]
            authentication=SIMPLE if dn else ANONYMOUS,
            client_strategy=SAFE_SYNC,
            auto_bind=False,
            auto_referrals=False,
            auto_range=False,
            # Where they are made up, ldap3 stumbles over the second part of values in ranges.
            return_empty_attributes=False,
            check_names=False,
            read_only=True,
            receive_timeout=self._wait_s,
        )

    def _search(
        self, base: str, query: str, scope: Any, attributes: Sequence[str], **options: Any
    ) -> tuple[tuple[Entry, ...], Any]:
        with self._typed():
            _, result, response, _ = self._connection.search(
                base,
                query,
                search_scope=scope,
                attributes=list(attributes),
                time_limit=self._wait_s,
                **options,
            )
        if result["result"] == RESULT_NO_SUCH_OBJECT and scope == BASE:
            return (), result
        if result["result"] not in {RESULT_SUCCESS, RESULT_SIZE_LIMIT_EXCEEDED}:
            raise self.unavailable("search", self._refused_search(base, result))
        return tuple(self._entry(raw) for raw in response or () if raw["type"] == "searchResEntry"), result

    def _refused_search(self, base: str, result: Any) -> str:
        """Return what to do about a search that failed as a whole."""
        settings = self._settings
        keys = [
            key
            for key, value in (("ldap.base", settings.base), ("ldap.group_base", settings.group_base))
            if value == base
        ]
        why = _REFUSED_SEARCH.get(result["result"], "")
        check = f"; check {' and '.join(keys)}" if keys else ""
        return f"it answered a search below {base} with {result['description']}{why}{check}"

    def _entry(self, raw: Any) -> Entry:
        dn = raw["raw_dn"].decode("utf-8") if isinstance(raw["raw_dn"], bytes) else raw["dn"]
        try:
            return Entry(dn, whole(raw["raw_attributes"], lambda attribute: self._part(dn, attribute)))
        except ValueError as error:
            raise self.unavailable("cut_off", f"{error}") from None

    def _part(self, dn: str, attribute: str) -> Values:
        """Read one range of one attribute, as the server gives it."""
        with self._typed():
            _, _, response, _ = self._connection.search(
                dn, "(objectClass=*)", search_scope=BASE, attributes=[attribute], time_limit=self._wait_s
            )
        found = [raw["raw_attributes"] for raw in response or () if raw["type"] == "searchResEntry"]
        return found[0] if found else {}

    @contextlib.contextmanager
    def _typed(self) -> Iterator[None]:
        """Turn whatever ldap3 raises into the one error, without its text: it may hold names."""
        try:
            yield
        except (LDAPExceptionError, OSError) as error:
            reason, sentence = self._explain(error)
            raise self.unavailable(reason, sentence) from None

    def _explain(self, error: Exception) -> tuple[str, str]:
        failure = self._tls.failure if self._tls else None
        if isinstance(failure, ssl.SSLCertVerificationError):
            why = failure.verify_message.rstrip(".")
            return "certificate", f"its certificate is not accepted ({why}): {self._certificate()}"
        if isinstance(failure, TimeoutError):
            return "timeout", f"it did not finish the TLS handshake within {self._wait_s} s"
        if failure is not None:
            return "tls", (
                "the TLS handshake failed; see that its port is the one for LDAPS (usually 636), or name it "
                "ldap:// and set ldap.start_tls"
            )
        if isinstance(error, LDAPStartTLSError):
            return "start_tls", "it refuses StartTLS"
        if isinstance(error, LDAPSocketOpenError):
            return "connect", f"no connection was made within {self._wait_s} s"
        if isinstance(error, (LDAPSocketReceiveError, LDAPSocketSendError, OSError)):
            return "timeout", f"it did not answer within {self._wait_s} s, or closed the connection"
        if isinstance(error, LDAPSessionTerminatedByServerError):
            hint = "; if its port is the one for LDAPS, name it ldaps://" if self._settings.start_tls else ""
            return "protocol", f"it ended the connection{hint}"
        return "protocol", f"the exchange failed ({type(error).__name__})"

    def _certificate(self) -> str:
        """Return whose certificate the server shows; over a connection of its own, without a name."""
        look = LookingTls(self._address.host)
        connection = self._made(look, "", "")
        with contextlib.suppress(LDAPExceptionError, OSError):
            _open(connection, start_tls=self._settings.start_tls)
        _close(connection)
        return look.seen or "it could not be looked at"


def _open(connection: Connection, *, start_tls: bool) -> None:
    connection.open(read_server_info=False)
    if start_tls:
        connection.start_tls(read_server_info=False)


def _close(connection: Connection) -> None:
    with contextlib.suppress(LDAPExceptionError, OSError):
        connection.unbind()
    if connection.socket is not None:
        with contextlib.suppress(OSError):
            connection.socket.close()
