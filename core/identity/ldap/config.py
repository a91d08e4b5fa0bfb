"""How to reach an LDAP directory and read it. What would not be safe is refused here, at start."""

from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import urlsplit

from core.errors import SettingsError
from core.settings import Settings

_PORTS = {"ldap": 389, "ldaps": 636}


@dataclass(frozen=True, slots=True, kw_only=True)
class LdapSettings:
    """A directory's address, protection, and where it keeps what.

    ``user_dn_template`` set: bind directly as that name. Otherwise the service account ``bind_dn``
    searches ``base`` with ``user_filter`` and the name found is bound. ``{username}`` and ``{dn}``
    are escaped where they are put in. ``group_filter`` set: groups are searched below
    ``group_base``; otherwise they are the values of ``member_of_attribute``. ``timeout_s`` bounds
    the connection and each answer; ``page_size`` must not exceed what the server allows a page.

    Raises:
        SettingsError: naming the setting and the remedy.
    """

    uri: str
    base: str
    start_tls: bool = False
    allow_plaintext: bool = False
    ca_file: str = ""
    bind_dn: str = ""
    bind_password: str = field(default="", repr=False)
    user_filter: str = "(uid={username})"
    user_dn_template: str = ""
    group_base: str = ""
    group_filter: str = ""
    id_attribute: str = "entryUUID"
    username_attribute: str = "uid"
    name_attributes: tuple[str, ...] = ("displayName", "cn")
    email_attribute: str = "mail"
    member_of_attribute: str = "memberOf"
    attributes: tuple[str, ...] = ()
    timeout_s: float = 5.0
    page_size: int = 200

    def __post_init__(self) -> None:
        """Refuse what is unsafe or cannot work."""
        if self.scheme not in _PORTS or not self.host:
            _refuse(
                "ldap.uri", f"ldap.uri is {self.uri!r}; it must be ldaps://host[:port] or ldap://host[:port]."
            )
        _ = self.port
        if self.scheme == "ldaps" and self.start_tls:
            _refuse(
                "ldap.start_tls",
                "ldap.start_tls is for ldap:// addresses; ldaps:// is TLS already. Unset one.",
            )
        if not (self.protected or self.allow_plaintext):
            _refuse(
                "ldap.allow_plaintext",
                f"{self.uri} would carry passwords in the clear. Use ldaps://, or set ldap.start_tls; "
                "ldap.allow_plaintext permits it all the same.",
            )
        if not self.base:
            _refuse("ldap.base", "ldap.base is not set. Name the entry below which people stand.")
        if not (self.bind_dn or self.user_dn_template):
            _refuse(
                "ldap.bind_dn",
                "Set ldap.bind_dn (a service account that searches for people) or ldap.user_dn_template.",
            )
        if self.bind_dn and not self.bind_password:
            _refuse(
                "ldap.bind_password",
                "ldap.bind_dn is set but ldap.bind_password is not: the server would see an anonymous bind.",
            )
        if "{username}" not in self.user_filter:
            _refuse("ldap.user_filter", "ldap.user_filter must hold {username}, or everybody would match.")
        if self.user_dn_template and "{username}" not in self.user_dn_template:
            _refuse("ldap.user_dn_template", "ldap.user_dn_template must hold {username}.")
        if self.group_filter and not self.group_base:
            _refuse("ldap.group_base", "Groups are searched, but ldap.group_base does not say where.")
        if self.timeout_s <= 0:
            _refuse("ldap.timeout_seconds", "ldap.timeout_seconds must be more than 0.")

    @property
    def scheme(self) -> str:
        """``ldap`` or ``ldaps``."""
        return urlsplit(self.uri).scheme

    @property
    def host(self) -> str:
        """The host name that the server's certificate must bear."""
        return urlsplit(self.uri).hostname or ""

    @property
    def port(self) -> int:
        """The port, 389 or 636 unless the address says otherwise.

        Raises:
            SettingsError: the address holds something else.
        """
        try:
            return urlsplit(self.uri).port or _PORTS[self.scheme]
        except ValueError:
            _refuse("ldap.uri", f"ldap.uri is {self.uri!r}; its port must be a number up to 65535.")

    @property
    def protected(self) -> bool:
        """Tell whether passwords travel under TLS."""
        return self.scheme == "ldaps" or self.start_tls


def _refuse(key: str, message: str) -> NoReturn:
    raise SettingsError(message, key=key)


def ldap_settings_from(settings: Settings) -> LdapSettings:
    """Return what ``ldap.*`` describes.

    Raises:
        SettingsError: naming the setting and the remedy.
    """
    return LdapSettings(
        uri=settings.ldap_uri,
        base=settings.ldap_base,
        start_tls=settings.ldap_start_tls,
        allow_plaintext=settings.ldap_allow_plaintext,
        ca_file=settings.ldap_ca_file,
        bind_dn=settings.ldap_bind_dn,
        bind_password=settings.ldap_bind_password,
        user_filter=settings.ldap_user_filter,
        user_dn_template=settings.ldap_user_dn_template,
        group_base=settings.ldap_group_base,
        group_filter=settings.ldap_group_filter if settings.ldap_group_base else "",
        attributes=settings.ldap_attributes,
        timeout_s=settings.ldap_timeout_seconds,
    )
