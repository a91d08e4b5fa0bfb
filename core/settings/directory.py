"""Where people come from: the built-in directory, or a server of the firm."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import SettingsError
from core.settings.setting import check_one_of, setting


@dataclass(frozen=True, kw_only=True)
class DirectorySettings:
    """The directory, and what its groups mean."""

    directory_kind: str = setting(
        "directory.kind", "`builtin`, or `ldap`.", default="builtin", example="ldap"
    )
    ldap_flavour: str = setting(
        "ldap.flavour",
        "`openldap`, or `active_directory` (also Samba); decides filters and attributes.",
        default="openldap",
        example="active_directory",
    )
    ldap_uris: tuple[str, ...] = setting(
        "ldap.uris",
        "The directory servers, the preferred one first. One that does not answer is avoided for a minute.",
        default=(),
        example='["ldaps://dc1.acme.example", "ldaps://dc2.acme.example"]',
    )
    ldap_start_tls: bool = setting(
        "ldap.start_tls", "Upgrade a plain connection with StartTLS.", default=False, example="true"
    )
    ldap_allow_plaintext: bool = setting(
        "ldap.allow_plaintext",
        "Permit a connection without TLS. Passwords then cross the network in the clear.",
        default=False,
        example="true",
    )
    ldap_ca_file: str = setting(
        "ldap.ca_file",
        "Certificate authorities of the directory, PEM.",
        default="",
        example="/etc/chancery/ldap-ca.pem",
    )
    ldap_bind_dn: str = setting(
        "ldap.bind_dn",
        "Service account that searches for people.",
        default="",
        example="cn=chancery,ou=services,dc=acme,dc=example",
    )
    ldap_bind_password: str = setting(
        "ldap.bind_password", "Its password.", default="", example="…", secret=True
    )
    ldap_base: str = setting(
        "ldap.base", "Where people are searched.", default="", example="ou=people,dc=acme,dc=example"
    )
    ldap_user_filter: str = setting(
        "ldap.user_filter",
        "Finds a person; `{username}` is escaped (RFC 4515). Unset: `(uid={username})`; in Active Directory "
        "people by sAMAccountName or userPrincipalName.",
        default="",
        example="(mail={username})",
    )
    ldap_user_dn_template: str = setting(
        "ldap.user_dn_template",
        "Bind directly as this name instead of searching; `{username}` is escaped (RFC 4514).",
        default="",
        example="uid={username},ou=people,dc=acme,dc=example",
    )
    ldap_group_base: str = setting(
        "ldap.group_base",
        "Where groups are searched. Unset: memberOf is read; in Active Directory the whole domain counts.",
        default="",
        example="ou=groups,dc=acme,dc=example",
    )
    ldap_group_filter: str = setting(
        "ldap.group_filter",
        "Finds the groups of a person below the base; `{dn}`, `{username}` are escaped (RFC 4515). Unset: "
        "member, uniqueMember and memberUid; in Active Directory members in any depth.",
        default="",
        example="(member={dn})",
    )
    ldap_attributes: tuple[str, ...] = setting(
        "ldap.attributes",
        "Attributes of people that segments of a policy may ask for.",
        default=(),
        example='["departmentNumber", "employeeType"]',
    )
    ldap_timeout_seconds: float = setting(
        "ldap.timeout_seconds", "Longest wait for the directory.", default=4.0, example="3"
    )
    directory_sync_seconds: float = setting(
        "directory.sync_seconds",
        "How often people are compared with the directory server.",
        default=30.0,
        example="10",
    )
    directory_leavers_percent: float = setting(
        "directory.leavers_percent",
        "A sync that would take away more accounts than this share stops. One person always may leave.",
        default=5.0,
        example="2",
    )
    directory_roles: Mapping[str, tuple[str, ...]] = setting(
        "directory.roles",
        "Which groups give a chat role, or name a candidate for a desk role.",
        default={},
        example='{ it_administrator = ["it"], compliance_officer = ["compliance"] }',
    )
    directory_external_groups: tuple[str, ...] = setting(
        "directory.external_groups",
        "Groups of people from outside the firm.",
        default=(),
        example='["guests"]',
    )
    directory_service_groups: tuple[str, ...] = setting(
        "directory.service_groups",
        "Groups of accounts that are nobody's own: they are not offered to talk with, and nobody brings them "
        "into a conversation. `chancery init` puts the account that it makes into the first of them.",
        default=("service-accounts",),
        example='["robots"]',
    )

    def check_directory(self) -> None:
        """Refuse what cannot be, and what cannot work together.

        Raises:
            SettingsError: naming the key.
        """
        check_one_of("directory.kind", self.directory_kind, "builtin", "ldap")
        check_one_of("ldap.flavour", self.ldap_flavour, "openldap", "active_directory")
        if self.directory_kind == "ldap" and not self.ldap_uris:
            raise SettingsError(
                "directory.kind is 'ldap' but ldap.uris is not set. Name at least one server.",
                key="ldap.uris",
            )
        if self.ldap_bind_dn and not self.ldap_bind_password:
            raise SettingsError(
                "ldap.bind_dn is set but ldap.bind_password is not. Set CHANCERY_LDAP_BIND_PASSWORD.",
                key="ldap.bind_password",
            )
