"""``chancery status``, ``doctor`` and ``support-bundle``: how the suite is, for people and monitoring."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
import orjson

from admin.cli.context import command_environment, current_settings, readable_errors
from admin.health.bundle import write_bundle
from admin.health.doctor import ALL_ROLES, examine, summary
from admin.health.lines import HealthLine, HealthState, is_red
from admin.health.report import report
from admin.roles import run_step
from core.crypto.rings import ProcessRole
from core.errors import Conflict
from core.settings import Settings

_COLOURS: Final = {
    HealthState.OK: "green",
    HealthState.WARNING: "yellow",
    HealthState.RED: "red",
    HealthState.UNCHECKED: "blue",
}


@click.command()
@readable_errors
def status() -> None:
    """Show quickly how the running suite is; status 1 if anything is red.

    Looks at what listens and at what worker and desk say: processes, databases, policy, lag, index,
    ledger. `chancery doctor` looks deeper, and also while the suite is stopped.
    """
    lines = report(current_settings(), datetime.now(UTC))
    show(lines)
    if is_red(lines):
        sys.exit(1)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print an object for programs.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([str(role) for role in ProcessRole]),
    help="Look only at what this role needs; may be repeated. For machines that run some of the roles.",
)
@readable_errors
def doctor(*, as_json: bool, roles: tuple[str, ...]) -> None:
    """Look at everything, also what needs opening; status 1 if anything is red, else 0.

    Databases, keys and pins, policy, directory, search engine, ledger, clock, disks, and all that
    `chancery status` shows. Works while the suite runs and while it is stopped; changes nothing. What
    this user may not open is said to be not checked, which is neither red nor green.
    """
    lines = _examined(current_settings(), frozenset(map(ProcessRole, roles)) or ALL_ROLES)
    if as_json:
        told = {"ok": not is_red(lines), "lines": [line.as_dict() for line in lines]}
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    else:
        show(lines)
        click.echo(summary(lines))
    if is_red(lines):
        sys.exit(1)


@click.command("support-bundle")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--log",
    "logs",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=True),
    help="A file to which processes write their log; its last lines go in. May be repeated.",
)
@readable_errors
def support_bundle(file: Path, logs: tuple[Path, ...]) -> None:
    """Write what somebody who helps needs to FILE, a new zip file: no keys, passwords, texts or names.

    Versions, settings without secrets, the doctor's findings, status files, revisions, sizes, counts,
    and the last lines of logs. Look through it before you hand it on.
    """
    if file.exists():
        raise Conflict(f"{file} exists already. Name a new file.", code="file_exists")
    settings = current_settings()
    for name in write_bundle(file, settings, _examined(settings, ALL_ROLES), logs):
        click.echo(name)


def _examined(settings: Settings, roles: frozenset[ProcessRole]) -> list[HealthLine]:
    run = click.get_current_context().obj or run_step
    return examine(settings, command_environment(settings), datetime.now(UTC), run, roles)


def show(lines: Iterable[HealthLine]) -> None:
    """Print lines for people."""
    for line in lines:
        mark = click.style(f"{line.state:<11}", fg=_COLOURS[line.state])
        click.echo(f"{mark}{line.name:<21}{line.says}" + (f" {line.next_step}" if line.next_step else ""))
