"""One connection to an LDAP server: verified, bounded in time, and typed in what goes wrong.

ldap3's own ``Tls`` verifies nothing unless told to, and compares host names with code of its own:
here OpenSSL does both (CERT_REQUIRED, host name, TLS 1.2 or newer). No password is ever part of a
message, and a password is sent as the octets that were typed: ldap3 would prepare it first
(RFC 4013), which turns some passwords into the empty one, and an empty one is an anonymous bind.
"""

import contextlib
import math
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from ldap3 import ANONYMOUS, BASE, NONE, SAFE_SYNC, SIMPLE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import (
    LDAPExceptionError,
    LDAPSocketOpenError,
    LDAPSocketReceiveError,
    LDAPSocketSendError,
    LDAPStartTLSError,
)
from ldap3.core.results import (
    RESULT_CONSTRAINT_VIOLATION,
    RESULT_INAPPROPRIATE_AUTHENTICATION,
    RESULT_INSUFFICIENT_ACCESS_RIGHTS,
    RESULT_INVALID_CREDENTIALS,
    RESULT_INVALID_DN_SYNTAX,
    RESULT_NO_SUCH_OBJECT,
    RESULT_SIZE_LIMIT_EXCEEDED,
    RESULT_SUCCESS,
    RESULT_UNWILLING_TO_PERFORM,
)

from core.errors import SettingsError, Unavailable
from core.identity.ldap.config import LdapSettings

# Paged results, RFC 2696.
_PAGED = "1.2.840.113556.1.4.319"
# What a server answers to a bind when the account or its password is at fault, not the server.
_REFUSED = frozenset(
    {
        RESULT_CONSTRAINT_VIOLATION,
        RESULT_INAPPROPRIATE_AUTHENTICATION,
        RESULT_INSUFFICIENT_ACCESS_RIGHTS,
        RESULT_INVALID_CREDENTIALS,
        RESULT_INVALID_DN_SYNTAX,
        RESULT_NO_SUCH_OBJECT,
        RESULT_UNWILLING_TO_PERFORM,
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the server sent it; attribute names in lower case, values as octets."""

    dn: str
    values: Mapping[str, Sequence[bytes]]

    def first(self, name: str) -> str:
        """Return the first value of ``name`` as text, or the empty text."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        """Return all values of ``name`` as text."""
        return [value.decode("utf-8", "replace") for value in self.values.get(name.lower(), ())]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave, and whether the server held more back."""

    entries: tuple[Entry, ...]
    more: bool = False


class VerifyingTls(Tls):
    """TLS that accepts only a certificate of a trusted authority that bears the server's name."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context = context
        self._host = host
        self.failure: OSError | None = None

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """Put ``connection`` under TLS, always with a full handshake."""
        try:
            connection.socket = self._context.wrap_socket(connection.socket, server_hostname=self._host)
        except OSError as error:
            self.failure = error
            raise
        self.failure = None


def tls_context(settings: LdapSettings) -> ssl.SSLContext:
    """Return a context that requires a valid certificate with the right name.

    Raises:
        SettingsError: ``ldap.ca_file`` cannot be read.
    """
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=settings.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"ldap.ca_file {settings.ca_file} cannot be read as PEM ({error.strerror or error}).",
            key="ldap.ca_file",
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class Link:
    """A connection that is open, and under TLS where it should be, inside its ``with`` block.

    Raises:
        Unavailable: ``directory_unavailable`` on entering or in any operation, with ``server`` and
            ``reason``.
    """

    def __init__(
        self, settings: LdapSettings, context: ssl.SSLContext | None, dn: str, password: str
    ) -> None:
        self._settings = settings
        self._tls = VerifyingTls(context, settings.host) if context else None
        self._wait_s = math.ceil(settings.timeout_s)
        server = Server(
            f"[{settings.host}]" if ":" in settings.host else settings.host,
            port=settings.port,
            use_ssl=settings.scheme == "ldaps",
            tls=self._tls,
            get_info=NONE,
            connect_timeout=settings.timeout_s,
            allowed_referral_hosts=[],
        )
        self._connection = Connection(
            server,
            user=dn or None,
            password=password.encode("utf-8") if password else None,  # type: ignore[arg-type]
            authentication=SIMPLE if dn else ANONYMOUS,
            client_strategy=SAFE_SYNC,
            auto_bind=False,
            auto_referrals=False,
            auto_range=False,
            check_names=False,
            read_only=True,
            receive_timeout=self._wait_s,
        )

    def __enter__(self) -> Self:
        """Open the connection."""
        try:
            with self._typed():
                self._connection.open(read_server_info=False)
                if self._settings.start_tls:
                    self._connection.start_tls(read_server_info=False)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self._close()

    def bind(self) -> bool:
        """Present name and password; tell whether the server accepts them."""
        with self._typed():
            _, result, _, _ = self._connection.bind(read_server_info=False)
        if result["result"] in _REFUSED:
            return False
        if result["result"] != RESULT_SUCCESS:
            raise self.unavailable("bind", f"it answered the sign-in with {result['description']}")
        return True

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
                raise self.unavailable("cut_off", f"it cut the list of people off ({result['description']})")
            yield from entries
            cookie = result.get("controls", {}).get(_PAGED, {}).get("value", {}).get("cookie") or b""

    def unavailable(self, reason: str, sentence: str) -> Unavailable:
        """Return the error that names this server and what it did."""
        return Unavailable(
            f"The directory {self._settings.uri} cannot answer: {sentence}.",
            code="directory_unavailable",
            server=self._settings.uri,
            reason=reason,
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
            raise self.unavailable(
                "search", f"it answered a search below {base} with {result['description']}"
            )
        found = tuple(
            Entry(
                raw["raw_dn"].decode("utf-8") if isinstance(raw["raw_dn"], bytes) else raw["dn"],
                {name.lower(): values for name, values in raw["raw_attributes"].items()},
            )
            for raw in response or ()
            if raw["type"] == "searchResEntry"
        )
        return found, result

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
            return "certificate", f"its certificate is not accepted ({failure.verify_message.rstrip('.')})"
        if isinstance(failure, TimeoutError):
            return "timeout", f"it did not finish the TLS handshake within {self._wait_s} s"
        if failure is not None:
            return "tls", "the TLS handshake failed"
        if isinstance(error, LDAPStartTLSError):
            return "start_tls", "it refuses StartTLS"
        if isinstance(error, LDAPSocketOpenError):
            return "connect", f"no connection was made within {self._wait_s} s"
        if isinstance(error, (LDAPSocketReceiveError, LDAPSocketSendError, OSError)):
            return "timeout", f"it did not answer within {self._wait_s} s, or closed the connection"
        return "protocol", f"the exchange failed ({type(error).__name__})"

    def _close(self) -> None:
        with contextlib.suppress(LDAPExceptionError, OSError):
            self._connection.unbind()
        if self._connection.socket is not None:
            with contextlib.suppress(OSError):
                self._connection.socket.close()
