"""Whom a connection to the cluster trusts: authorities in a file, one pinned certificate, or the system's.

A pin is the SHA-256 fingerprint of a certificate in the chain that a node shows, its authority's as
Elasticsearch prints it at its first start, or the node's own. The certificate with that fingerprint
becomes the only authority; signatures, dates and host names are then checked as ever. (A fingerprint
that is merely looked for in the chain proves nothing: anybody can show the authority's certificate.)
"""

import socket
import ssl
from pathlib import Path
from typing import Any, Final

from elastic_transport import NodeConfig, TlsError, Urllib3HttpNode

from core.crypto.certificates import described, fingerprint
from core.errors import SettingsError

LOOK_S: Final = 3.0


class Trust(ssl.SSLContext):
    """Refuses what is not trusted; learns a pinned certificate from the first node that shows it."""

    pin: str = ""

    @classmethod
    def of(cls, ca_file: Path | None, pin: str) -> "Trust":
        """Return what trusts a file, a pin or, without either, the authorities of the system.

        Raises:
            SettingsError: if the file cannot be read.
        """
        trust = cls(ssl.PROTOCOL_TLS_CLIENT)
        if pin:
            trust.pin = pin
            # The pinned certificate may be a node's own, which no authority among ours has signed.
            trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        elif ca_file is None:
            trust.load_default_certs(ssl.Purpose.SERVER_AUTH)
        else:
            try:
                trust.load_verify_locations(cafile=ca_file)
            except OSError as error:
                raise SettingsError(
                    f"elasticsearch.ca_file is {ca_file}, from which no certificate can be read "
                    f"({error.strerror or error}). Give the authorities of the cluster as PEM.",
                    key="elasticsearch.ca_file",
                ) from error
        return trust

    def learn(self, chain: list[bytes]) -> bool:
        """Trust the pinned certificate if ``chain`` has it; tell whether it has."""
        pinned = [one for one in chain if self.pin and fingerprint(one) == self.pin]
        if pinned and not self.cert_store_stats()["x509"]:
            self.load_verify_locations(cadata=pinned[0])
        return bool(pinned)


class Untrusted(TlsError):
    """A node showed a certificate that is not trusted; ``where`` it stands, and what was ``seen``."""

    def __init__(self, message: str, where: str, seen: str) -> None:
        super().__init__(message)
        self.where = where
        self.seen = seen


class TrustingNode(Urllib3HttpNode):
    """A node that trusts its :class:`Trust` alone, and says what was shown where that does not suffice."""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        # Or the public authorities of a bundled list would be trusted besides.
        self.pool.ca_certs = None  # type: ignore[attr-defined]

    def perform_request(self, *request: Any, **options: Any) -> Any:
        """Ask; on a certificate that is not trusted, look at it, and ask again if it is the pinned one."""
        try:
            return super().perform_request(*request, **options)
        except TlsError as error:
            chain = shown_chain(self.config.host, self.config.port)
            trust = self.config.ssl_context
            if not isinstance(trust, Trust) or not trust.learn(chain):
                raise self._untrusted(error, chain) from error
        try:
            return super().perform_request(*request, **options)
        except TlsError as error:
            raise self._untrusted(error, chain) from error

    def _untrusted(self, error: TlsError, chain: list[bytes]) -> Untrusted:
        return Untrusted(_why(error), f"{self.config.host}:{self.config.port}", _told(chain))


def shown_chain(host: str, port: int) -> list[bytes]:
    """Return the certificates (DER) that a server shows, unverified, its own first; none if it shows none."""
    anything = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anything.check_hostname = False
    anything.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout=LOOK_S) as plain,
            anything.wrap_socket(plain, server_hostname=host) as shown,
        ):
            return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in _unverified(shown)]
    except OSError:
        return []


def _unverified(shown: ssl.SSLSocket) -> list[Any]:
    # Public from Python 3.13 on.
    return shown._sslobj.get_unverified_chain() or []  # type: ignore[attr-defined]


def _told(chain: list[bytes]) -> str:
    return "; ".join(described(one) for one in chain) or "no certificate"


def _why(error: BaseException) -> str:
    """Return the reason of the library that checked, without its wrapping."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return str(seen.verify_message)
        seen = seen.__cause__ or seen.__context__
    return str(error)
