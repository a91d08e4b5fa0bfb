"""TLS to a directory: OpenSSL verifies authority and host name; nothing offers to go on without.

ldap3's own ``Tls`` verifies nothing unless told to, and compares host names with code of its own.
"""

import ssl
from typing import Any

from ldap3 import Tls

from core.crypto.certificates import described
from core.errors import SettingsError
from core.identity.ldap.config import LdapSettings


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


class LookingTls(Tls):
    """Takes a certificate only to say whose it is; the connection ends with the handshake."""

    def __init__(self, host: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._host = host
        self.seen = ""

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """Shake hands, note what the server shows, and refuse to go on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with context.wrap_socket(connection.socket, server_hostname=self._host) as under_tls:
            shown = under_tls.getpeercert(binary_form=True)
        self.seen = described(shown) if shown else ""
        raise ConnectionAbortedError("only looked at the certificate")


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
