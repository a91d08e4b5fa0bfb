"""What can be chosen: every setting with its key, its effect and an example. The handbook renders this."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.errors import SettingsError
from core.settings.addresses import check_addresses, check_listens
from core.settings.bus import check_bus
from core.settings.cluster import check_cluster


def setting(key: str, effect: str, *, default: Any = None, example: str, secret: bool = False) -> Any:
    """Describe one setting: its key, what it does, and an example that differs from the default."""
    metadata = {"key": key, "effect": effect, "example": example, "secret": secret}
    if isinstance(default, dict):
        return field(
            default_factory=lambda: dict(default), metadata={**metadata, "default": default}, repr=not secret
        )
    return field(default=default, metadata={**metadata, "default": default}, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that can be chosen. The handbook renders this class."""

    home: Path = setting(
        "home",
        "Folder of databases, index, ledger and keys.",
        default=Path("var"),
        example="/var/lib/chancery",
    )
    keys: Path | None = setting(
        "keys",
        "Folder of the key rings; `keys` inside the home folder if unset.",
        example="/etc/chancery/keys",
    )
    tenant: str = setting(
        "tenant", "Short name of the firm; part of every ledger origin.", default="firm", example="acme"
    )

    database_kind: str = setting(
        "database.kind",
        "`sqlite`: files in the home folder; or `postgresql`.",
        default="sqlite",
        example="postgresql",
    )
    postgresql_url: str = setting(
        "postgresql.url",
        "The PostgreSQL server, as a connection string of libpq without user and database.",
        default="",
        example="postgresql://db1.acme.example,db2.acme.example/?sslmode=verify-full&target_session_attrs=read-write",
    )
    postgresql_prefix: str = setting(
        "postgresql.prefix",
        "Begins the names of the databases and roles: `chancery_chat`, `chancery_worker` and so on.",
        default="chancery",
        example="acme_chat",
    )
    postgresql_programs: Path | None = setting(
        "postgresql.programs",
        "Folder of the server's client programs, `pg_dump` and `pg_restore`; unset: found by PATH.",
        example="/usr/lib/postgresql/15/bin",
    )
    backup_passphrase: str = setting(
        "backup.passphrase",
        "Seals backups of the keys; set it for the command alone. Unset: asked for.",
        default="",
        example="…",
        secret=True,
    )
    backup_keys_days: int = setting(
        "backup.keys_days",
        "How long a backup of the keys is kept; until then it opens what retention destroyed meanwhile.",
        default=14,
        example="7",
    )
    chat_url: str = setting(
        "chat.url",
        "Address of the chat pages.",
        default="http://127.0.0.1:8080",
        example="https://chat.acme.example",
    )
    realtime_url: str = setting(
        "realtime.url",
        "Address of the websocket, as browsers reach it.",
        default="http://127.0.0.1:8081",
        example="https://chat.acme.example",
    )
    desk_url: str = setting(
        "desk.url",
        "Address of the compliance desk. Its host name must differ from the chat's: cookies ignore ports.",
        default="http://localhost:8090",
        example="https://desk.acme.example",
    )
    chat_listen: str = setting(
        "chat.listen",
        "Where the chat pages listen, `host:port`; taken from `chat.url` if unset.",
        default="",
        example="127.0.0.1:9080",
    )
    realtime_listen: str = setting(
        "realtime.listen",
        "Where the websocket listens; taken from `realtime.url` if unset.",
        default="",
        example="127.0.0.1:9081",
    )
    desk_listen: str = setting(
        "desk.listen",
        "Where the desk listens; taken from `desk.url` if unset.",
        default="",
        example="127.0.0.1:9090",
    )
    realtime_async_mode: str = setting(
        "realtime.async_mode",
        "`eventlet`, or `threading` (up to a few hundred people).",
        default="eventlet",
        example="threading",
    )
    realtime_drain_seconds: float = setting(
        "realtime.drain_seconds",
        "A websocket process that is stopped sends everybody elsewhere within this time, each at a moment "
        "of their own.",
        default=10.0,
        example="30",
    )
    trusted_proxies: int = setting(
        "proxy.hops", "How many proxies in front may state the client's address.", default=0, example="1"
    )

    session_idle_minutes: int = setting(
        "session.idle_minutes", "A chat session ends after this long without use.", default=720, example="60"
    )
    session_absolute_hours: int = setting(
        "session.absolute_hours",
        "A chat session ends after this long in any case.",
        default=168,
        example="24",
    )
    desk_idle_minutes: int = setting(
        "desk.idle_minutes", "A desk session ends after this long without use.", default=30, example="15"
    )
    desk_absolute_hours: int = setting(
        "desk.absolute_hours", "A desk session ends after this long in any case.", default=10, example="8"
    )
    argon2_memory_kib: int = setting(
        "argon2.memory_kib", "Memory of one password hash (RFC 9106).", default=65536, example="131072"
    )
    argon2_passes: int = setting("argon2.passes", "Passes of one password hash.", default=3, example="4")

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
        "ldap.timeout_seconds", "Longest wait for the directory.", default=5.0, example="3"
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

    bus_url: str = setting(
        "bus.url",
        "A Redis or Valkey server that carries hints between processes; needed once there are several of "
        "`realtime`.",
        default="",
        example="rediss://bus.acme.example:6379/0",
    )
    bus_password: str = setting("bus.password", "Its password.", default="", example="…", secret=True)
    bus_ca_file: str = setting(
        "bus.ca_file",
        "Certificate authorities of that server, PEM; those of the system if unset.",
        default="",
        example="/etc/chancery/bus-ca.pem",
    )
    search_engine: str = setting(
        "search.engine", "`tantivy`, or `elasticsearch`.", default="tantivy", example="elasticsearch"
    )
    elasticsearch_urls: tuple[str, ...] = setting(
        "elasticsearch.urls", "Nodes of the cluster.", default=(), example='["https://es1.acme.example:9200"]'
    )
    elasticsearch_ca_file: str = setting(
        "elasticsearch.ca_file",
        "Certificate authorities of the cluster, PEM.",
        default="",
        example="/etc/chancery/es-ca.pem",
    )
    elasticsearch_fingerprint: str = setting(
        "elasticsearch.fingerprint",
        "SHA-256 fingerprint of the authority that signed the nodes' certificates, in place of its file.",
        default="",
        example="a52dd93511e8c6045e21f16654b77c9ee0f34aea26d9f40320b531c474676228",
    )
    elasticsearch_api_key: str = setting(
        "elasticsearch.api_key",
        "API key for the cluster, `id:key` or encoded.",
        default="",
        example="…",
        secret=True,
    )
    elasticsearch_username: str = setting(
        "elasticsearch.username",
        "Name for the cluster, where there is no API key.",
        default="",
        example="chancery",
    )
    elasticsearch_password: str = setting(
        "elasticsearch.password", "Its password.", default="", example="…", secret=True
    )
    elasticsearch_timeout_seconds: float = setting(
        "elasticsearch.timeout_seconds", "Longest wait for a node.", default=10.0, example="30"
    )
    elasticsearch_prefix: str = setting(
        "elasticsearch.prefix", "Start of every index name.", default="chancery", example="acme-archive"
    )

    message_max_chars: int = setting(
        "message.max_chars", "Longest message, in characters.", default=20_000, example="4000"
    )
    rate_per_connection: float = setting(
        "limits.per_connection",
        "Events a second that one connection may send on average.",
        default=20.0,
        example="10",
    )
    rate_per_person: float = setting(
        "limits.per_person",
        "Messages a second that one person may send on average.",
        default=10.0,
        example="5",
    )
    pending_limit: int = setting(
        "limits.pending",
        "Messages waiting for a commit before others are told `busy`.",
        default=2_000,
        example="500",
    )
    signin_attempts: int = setting(
        "signin.attempts", "Failed sign-ins of one account before it has to wait.", default=5, example="3"
    )
    archive_slow_seconds: int = setting(
        "archive.slow_seconds",
        "Age of the oldest unsealed item at which sending slows.",
        default=300,
        example="60",
    )
    archive_stop_seconds: int = setting(
        "archive.stop_seconds",
        "Age of the oldest unsealed item at which sending stops.",
        default=3_600,
        example="900",
    )
    log_format: str = setting(
        "log.format",
        "How processes write their log, to standard error: `text`, or `json`, an object on each line.",
        default="text",
        example="json",
    )
    disk_low_mib: int = setting(
        "disk.low_mib",
        "Free space, in MiB, below which a disk is reported as low.",
        default=5_120,
        example="20480",
    )
    disk_full_mib: int = setting(
        "disk.full_mib", "Free space below which it is red: act now.", default=1_024, example="4096"
    )
    monitor_realtime: str = setting(
        "monitor.realtime",
        "Where a websocket process answers to monitoring (`/metrics`, `/healthz`, `/readyz`), `host:port`; "
        "nowhere if unset. Never an address that people or the proxy in front can reach.",
        default="",
        example="127.0.0.1:9181",
    )
    monitor_pages: str = setting(
        "monitor.pages", "The same for the chat pages.", default="", example="127.0.0.1:9180"
    )
    monitor_desk: str = setting(
        "monitor.desk", "The same for the desk.", default="", example="127.0.0.1:9190"
    )
    monitor_worker: str = setting(
        "monitor.worker", "The same for the worker.", default="", example="127.0.0.1:9182"
    )
    failpoint: str = setting(
        "test.failpoint",
        "For fault tests: the process kills itself at this named point.",
        default="",
        example="chat.after_commit",
    )

    @property
    def keys_dir(self) -> Path:
        """The folder of the key rings."""
        return self.keys or self.home / "keys"

    def __post_init__(self) -> None:
        """Refuse what cannot be, and what cannot work together."""
        check_addresses({"chat": self.chat_url, "realtime": self.realtime_url, "desk": self.desk_url})
        check_listens(
            {
                "chat.listen": self.chat_listen,
                "realtime.listen": self.realtime_listen,
                "desk.listen": self.desk_listen,
                "monitor.realtime": self.monitor_realtime,
                "monitor.pages": self.monitor_pages,
                "monitor.desk": self.monitor_desk,
                "monitor.worker": self.monitor_worker,
            }
        )
        chat, desk = urlsplit(self.chat_url), urlsplit(self.desk_url)
        if chat.hostname == desk.hostname:
            raise SettingsError(
                f"chat.url and desk.url share the host name {chat.hostname!r}. Cookies ignore ports, so no "
                "chat server may answer under the desk's name: give the desk a host name of its own.",
                key="desk.url",
            )
        self._one_of("realtime.async_mode", self.realtime_async_mode, ("eventlet", "threading"))
        self._one_of("log.format", self.log_format, ("text", "json"))
        self._one_of("directory.kind", self.directory_kind, ("builtin", "ldap"))
        self._one_of("database.kind", self.database_kind, ("sqlite", "postgresql"))
        if self.database_kind == "postgresql" and not self.postgresql_url:
            raise SettingsError(
                "database.kind is 'postgresql' but postgresql.url is not set. Name the server.",
                key="postgresql.url",
            )
        self._one_of("ldap.flavour", self.ldap_flavour, ("openldap", "active_directory"))
        self._one_of("search.engine", self.search_engine, ("tantivy", "elasticsearch"))
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
        if self.bus_url:
            check_bus(self.bus_url, password=self.bus_password, ca_file=self.bus_ca_file)
        if self.search_engine == "elasticsearch":
            check_cluster(
                self.elasticsearch_urls,
                api_key=self.elasticsearch_api_key,
                username=self.elasticsearch_username,
                password=self.elasticsearch_password,
                ca_file=self.elasticsearch_ca_file,
                fingerprint=self.elasticsearch_fingerprint,
            )

    @staticmethod
    def _one_of(key: str, value: str, allowed: tuple[str, ...]) -> None:
        if value not in allowed:
            raise SettingsError(f"{key} is {value!r}; it can be {' or '.join(map(repr, allowed))}.", key=key)
