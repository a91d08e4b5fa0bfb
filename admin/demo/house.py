"""Builds the demo's house, in its folder alone or on servers.

It is built beside the folder that it will have, whole, and only then under its name. A build that was
stopped midway is therefore never taken for a house; the next one throws it away and starts over. What
crosses rings runs in processes of the roles, as with ``chancery init``: the seeding as ``pages`` and,
beside it, the archiving as ``worker``; then the officers as ``desk``.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from admin.databases import database_of
from admin.demo.firm import Firm, load_firm
from admin.demo.passwords import new_password
from admin.demo.sign_ins import SignIn, read_sign_ins, readdressed, sign_ins, write_sign_ins
from admin.demo.timeline import Timeline
from admin.initialise import initialise
from admin.migrations import upgrade
from admin.roles import finish_step, run_step, start_step
from core.access import Database
from core.crypto.rings import ProcessRole
from core.errors import Conflict, InvalidInput
from core.settings import Settings, load_settings, settings_file
from core.types import rfc3339

MESSAGES: Final = 5_000
MONTHS: Final = 18
SEED: Final = "ostermoor"

Prepare = Callable[[Settings, str], None]
"""Makes what must be there before the house, whose people in the chat shall have this password."""

FIRST_ADMINISTRATOR: Final = "admin"
FIRST_OFFICER: Final = "first.officer"


def home_settings(environ: Mapping[str, str], home: Path) -> tuple[dict[str, str], Settings]:
    """Return environment and settings of the house in ``home``."""
    inside = {**environ, "CHANCERY_HOME": str(home.absolute())}
    return inside, load_settings(inside, settings_file(inside))


def is_built(home: Path) -> bool:
    """Tell whether ``home`` is a finished demo.

    Raises:
        Conflict: ``not_a_demo``; the folder holds something else, which stays as it is.
    """
    if read_sign_ins(home):
        return True
    if home.exists() and any(home.iterdir()):
        raise Conflict(
            f"{home} is not empty and holds no demo. Name another folder with --home.", code="not_a_demo"
        )
    return False


def open_house(environ: Mapping[str, str], home: Path) -> list[SignIn]:
    """Bring a finished demo up to date with the program and its addresses; return the sign-ins."""
    _, settings = home_settings(environ, home)
    for database in Database:
        upgrade(database_of(settings, database))
    given = read_sign_ins(home)
    now = readdressed(load_firm(), settings, given)
    if now != given:
        write_sign_ins(home, now)
    return now


def stand_alone(settings: Settings, _: str) -> None:
    """Prepare nothing: the house has its people and everything else in its own folder.

    Raises:
        InvalidInput: ``demo_settings``; the environment names a directory server.
    """
    if settings.directory_kind != "builtin":
        raise _not_its_own()


def build_house(
    environ: Mapping[str, str],
    home: Path,
    *,
    say: Callable[[str], None],
    messages: int = MESSAGES,
    months: int = MONTHS,
    prepare: Prepare = stand_alone,
) -> dict[str, Any]:
    """Build a demo in ``home``; return how often each answer was given to what people did.

    ``prepare`` fills the servers on which the house shall stand.

    Raises:
        Conflict: ``demo_being_built`` by another process.
        InvalidInput: ``demo_settings``; the environment asks for what the demo cannot be. ``too_short``.
        StepFailed: what a step refused.
    """
    firm, end = load_firm(), datetime.now(UTC).replace(microsecond=0)
    with _site(home.with_name(f"{home.name}.building"), say) as site:
        (site / "chancery.toml").write_text(_settings_text(firm), "utf-8")
        inside, settings = home_settings(environ, site)
        _check(settings, firm)
        chat, desk = new_password(), {name: new_password() for name in firm.officers}
        say("Making keys and databases")
        prepare(settings, chat)
        made = initialise(
            settings,
            inside,
            administrator=FIRST_ADMINISTRATOR,
            administrator_groups=firm.roles["it_administrator"],
            password=new_password(),
            officer=FIRST_OFFICER,
            officer_name="First Officer",
            policy="demo",
            history_from=_first_month(end, months),
        )
        say(f"Sending {messages:,} messages of {len(firm.people)} people over {months} months")
        answers = _talk(
            inside,
            end=rfc3339(end),
            months=months,
            messages=messages,
            seed=SEED,
            password=chat,
        )
        run_step(ProcessRole.DESK, "enrol-demo", inside, code=made["code"], passwords=desk)
        write_sign_ins(site, sign_ins(firm, home_settings(environ, home)[1], chat, desk))
        os.sync()
        site.rename(home)
    return answers


def _talk(environ: Mapping[str, str], **argument: Any) -> dict[str, Any]:
    """Seed, and archive beside it; neither outlives the other's failure."""
    archiving = start_step(ProcessRole.WORKER, "archive-demo", environ)
    try:
        answers: dict[str, Any] = run_step(ProcessRole.PAGES, "seed-demo", environ, **argument)
        finish_step(archiving, ProcessRole.WORKER, "archive-demo")
    finally:
        if archiving.poll() is None:
            archiving.kill()
            archiving.wait()
        if archiving.stdout is not None:
            archiving.stdout.close()
    return answers


@contextmanager
def _site(site: Path, say: Callable[[str], None]) -> Iterator[Path]:
    """Yield an empty folder that no other process builds in."""
    site.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(site, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"Another process is building in {site}. Wait for it, or stop it.", code="demo_being_built"
            ) from None
        if any(site.iterdir()):
            say("An earlier build was stopped midway; starting over")
        for left in site.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield site
    finally:
        os.close(descriptor)


def _settings_text(firm: Firm) -> str:
    """Return the settings file of the house: what differs from the defaults."""
    lines = [f"# {firm.name}, the demo's invented firm.", f'tenant = "{firm.name.split()[0].lower()}"', ""]
    # Forty passwords are hashed while somebody waits: at the least cost that OWASP's cheat sheet allows.
    lines += ["[argon2]", "memory_kib = 19456", "passes = 2", ""]
    lines += ["[directory.roles]"]
    for role, groups in firm.roles.items():
        named = ", ".join(f'"{group}"' for group in groups)
        lines.append(f"{role} = [{named}]")
    return "\n".join(lines) + "\n"


def _check(settings: Settings, firm: Firm) -> None:
    """Refuse an environment that would make something else of the demo."""
    if dict(settings.directory_roles) != dict(firm.roles):
        raise _not_its_own()
    if settings.keys_dir.parent != settings.home:
        raise InvalidInput(
            "The demo keeps its keys in its own folder. Unset CHANCERY_KEYS for it.", code="demo_settings"
        )


def _not_its_own() -> InvalidInput:
    return InvalidInput(
        "The demo brings its own people: it runs on the built-in directory with its own settings file. "
        "Unset CHANCERY_FILE and every CHANCERY_DIRECTORY_ variable for it.",
        code="demo_settings",
    )


def _first_month(end: datetime, months: int) -> str:
    """Return the month, ``YYYY-MM``, of the first thing that happens."""
    return (Timeline(end, months).start - timedelta(days=1)).strftime("%Y-%m")
