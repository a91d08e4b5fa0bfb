"""How to reach an LDAP directory and read it. What would not be safe is refused here, at start."""

from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import urlsplit

from ldap3.core.exceptions import LDAPInvalidFilterError
from ldap3.operation.search import parse_filter

from core.errors import SettingsError
from core.identity.ldap.flavours import FLAVOURS, OPENLDAP, Flavour, GroupFilter
from core.identity.ldap.names import domain_of
from core.settings import Settings

_PORTS = {"ldap": 389, "ldaps": 636}


@dataclass(frozen=True, slots=True)
class Address:
    """Where one server listens, as ``ldap.uris`` names it.

    Raises:
        SettingsError: it is no address of a directory server.
    """

    uri: str

    def __post_init__(self) -> None:
        """Refuse what cannot be reached."""
        if self.scheme not in _PORTS or not self.host:
            _refuse(
                "ldap.uris",
                f"ldap.uris holds {self.uri!r}; each must be ldaps://host[:port] or ldap://host[:port].",
            )
        _ = self.port

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
            _refuse("ldap.uris", f"ldap.uris holds {self.uri!r}; its port must be a number up to 65535.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LdapSettings:
    """A directory's servers, their protection, and where it keeps what.

    ``user_dn_template`` set: bind directly as that name. Otherwise the service account ``bind_dn``
    searches ``base`` with ``user_filter`` and the name found is bound. ``{username}`` and ``{dn}``
    are escaped where they are put in. ``group_base`` set: groups are searched below it with
    ``group_filter``. Not set: Active Directory is searched in the whole domain, elsewhere the groups
    are the values of memberOf. ``timeout_s`` bounds the connection and each answer; ``page_size``
    must not exceed what the server allows a page. What is left empty is as the flavour has it.

    Raises:
        SettingsError: naming the setting and the remedy.
    """

    uris: tuple[str, ...]
    base: str
    flavour: Flavour = OPENLDAP
    start_tls: bool = False
    allow_plaintext: bool = False
    ca_file: str = ""
    bind_dn: str = ""
    bind_password: str = field(default="", repr=False)
    user_filter: str = ""
    user_dn_template: str = ""
    group_base: str = ""
    group_filter: str = ""
    name_attributes: tuple[str, ...] = ("displayName", "cn")
    email_attribute: str = "mail"
    member_of_attribute: str = "memberOf"
    attributes: tuple[str, ...] = ()
    timeout_s: float = 4.0
    page_size: int = 200

    def __post_init__(self) -> None:
        """Fill in what the flavour knows; refuse what is unsafe or cannot work."""
        object.__setattr__(self, "user_filter", self.user_filter or self.flavour.user_filter)
        self._check_transport()
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
        _check_filter("ldap.user_filter", self.user_filter)
        if self.user_dn_template and "{username}" not in self.user_dn_template:
            _refuse("ldap.user_dn_template", "ldap.user_dn_template must hold {username}.")
        if self.timeout_s <= 0:
            _refuse("ldap.timeout_seconds", "ldap.timeout_seconds must be more than 0.")
        self._check_groups()

    def _check_transport(self) -> None:
        if not self.uris:
            _refuse("ldap.uris", "ldap.uris is empty. Name at least one server.")
        for address in self.addresses:
            if address.scheme == "ldaps" and self.start_tls:
                _refuse(
                    "ldap.start_tls",
                    "ldap.start_tls is for ldap:// addresses; ldaps:// is TLS already. Unset one.",
                )
            if not (self.is_protected(address) or self.allow_plaintext):
                _refuse(
                    "ldap.allow_plaintext",
                    f"{address.uri} would carry passwords in the clear. Use ldaps://, or set ldap.start_tls; "
                    "ldap.allow_plaintext permits it all the same.",
                )

    def _check_groups(self) -> None:
        if self.group_filter:
            _check_filter("ldap.group_filter", self.group_filter)
        if self.group_filter and not self.group_search_base:
            _refuse("ldap.group_base", "Groups are searched, but ldap.group_base does not say where.")
        if self.group_search_base and self.groups is None:
            _refuse(
                "ldap.group_filter",
                "ldap.group_filter must hold (attribute={dn}) or (attribute={username}): "
                "each placeholder is the whole of a value.",
            )

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The servers, in the order of preference."""
        return tuple(map(Address, self.uris))

    @property
    def protected(self) -> bool:
        """Tell whether any server is reached under TLS."""
        return any(map(self.is_protected, self.addresses))

    @property
    def group_search_base(self) -> str:
        """Where groups are searched; the empty text where they are read from people."""
        return self.group_base or (self.domain if self.flavour.primary_group_attributes else "")

    @property
    def group_tree(self) -> str:
        """Where groups are read with their members: what the server would follow by itself."""
        follows = self.groups is not None and self.groups.follows_nesting
        return self.domain if follows else self.group_search_base

    @property
    def everybody(self) -> str:
        """The filter that finds everybody below the base."""
        return self.user_filter.replace("{username}", "*")

    @property
    def domain(self) -> str:
        """Where groups may stand that hold groups of the base, or are held by them."""
        return domain_of(self.base) or self.base

    @property
    def groups(self) -> GroupFilter | None:
        """The group filter, taken apart."""
        return GroupFilter.parse(self.group_filter or self.flavour.group_filter)

    def is_protected(self, address: Address) -> bool:
        """Tell whether passwords travel to ``address`` under TLS."""
        return address.scheme == "ldaps" or self.start_tls


def _check_filter(key: str, text: str) -> None:
    filled_in = text.replace("{username}", "x").replace("{dn}", "x")
    try:
        parse_filter(filled_in, None, False, False, None, False)  # type: ignore[no-untyped-call]
    except LDAPInvalidFilterError:
        _refuse(
            key,
            f"{key} is {text!r}, which is no filter (RFC 4515): each condition stands in its own brackets, "
            "such as (&(uid={username})(!(employeeType=guest))).",
        )


def _refuse(key: str, message: str) -> NoReturn:
    raise SettingsError(message, key=key)


def ldap_settings_from(settings: Settings) -> LdapSettings:
    """Return what ``ldap.*`` describes.

    Raises:
        SettingsError: naming the setting and the remedy.
    """
    return LdapSettings(
        uris=settings.ldap_uris,
        flavour=FLAVOURS[settings.ldap_flavour],
        base=settings.ldap_base,
        start_tls=settings.ldap_start_tls,
        allow_plaintext=settings.ldap_allow_plaintext,
        ca_file=settings.ldap_ca_file,
        bind_dn=settings.ldap_bind_dn,
        bind_password=settings.ldap_bind_password,
        user_filter=settings.ldap_user_filter,
        user_dn_template=settings.ldap_user_dn_template,
        group_base=settings.ldap_group_base,
        group_filter=settings.ldap_group_filter,
        attributes=settings.ldap_attributes,
        timeout_s=settings.ldap_timeout_seconds,
    )
