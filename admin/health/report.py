"""``chancery status``: how the running suite is, from what can be seen without opening anything sealed."""

from collections.abc import Iterator
from datetime import datetime

from admin.databases import PASSWORDS, database_of
from admin.databases.revision import revision_of
from admin.health.limits import Check, run_checks
from admin.health.lines import HealthLine, ok, red, unchecked
from admin.health.processes import process_lines
from admin.health.told import told_lines
from admin.migrations import current, head
from core.access import GRANTS, Database
from core.crypto.rings import ProcessRole
from core.postgres.server import OWNER
from core.settings import Settings


def report(settings: Settings, now: datetime) -> list[HealthLine]:
    """Return every check of the running suite. Nothing is opened but what says how it is."""
    databases = [Check(f"{each} database", lambda of=each: _revision(settings, of)) for each in Database]  # type: ignore[misc]
    return [*run_checks(databases), *process_lines(settings), *told_lines(settings, now)]


def _revision(settings: Settings, database: Database) -> Iterator[HealthLine]:
    place, passwords = database_of(settings, database), settings.keys_dir / PASSWORDS
    if settings.database_kind != "postgresql" or not passwords.exists() or (passwords / OWNER).exists():
        yield revision_line(database, current(place))
        return
    # A machine that runs some of the roles: as one of them.
    role = next(
        (each for each in ProcessRole if (each, database) in GRANTS and (passwords / each).exists()), None
    )
    if role is None:
        yield unchecked(f"{database} database", "No role of this machine uses it.", "")
        return
    store = place.open(role)
    try:
        yield revision_line(database, revision_of(store))
    finally:
        store.close()


def revision_line(database: Database, at: str | None) -> HealthLine:
    """Return whether a database stands where this program needs it."""
    name, newest = f"{database} database", head(database)
    if at == newest:
        return ok(name, f"At revision {at}.")
    if at is None:
        return red(
            name, "Absent.", "Run `chancery init`, or name the folder of your house with `CHANCERY_HOME`."
        )
    if at > newest:
        step = "Install the version that was run before, or a newer one; a database is never taken back."
        return red(name, f"At revision {at}; this program knows only {newest}.", step)
    return red(
        name, f"At revision {at}, newest is {newest}.", "Stop the suite and run `chancery db upgrade`."
    )
