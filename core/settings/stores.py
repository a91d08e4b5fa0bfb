"""Where data and keys are kept, and their backups."""

from dataclasses import dataclass
from pathlib import Path

from core.errors import SettingsError
from core.settings.setting import check_one_of, setting


@dataclass(frozen=True, kw_only=True)
class StoreSettings:
    """The firm's data: folders, databases, backups."""

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

    @property
    def keys_dir(self) -> Path:
        """The folder of the key rings."""
        return self.keys or self.home / "keys"

    def check_stores(self) -> None:
        """Refuse what cannot be, and what cannot work together.

        Raises:
            SettingsError: naming the key.
        """
        check_one_of("database.kind", self.database_kind, "sqlite", "postgresql")
        if self.database_kind == "postgresql" and not self.postgresql_url:
            raise SettingsError(
                "database.kind is 'postgresql' but postgresql.url is not set. Name the server.",
                key="postgresql.url",
            )
