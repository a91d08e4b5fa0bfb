"""``chancery directory``: people of a directory server, for IT."""

import sys
from datetime import UTC, datetime
from typing import Any

import click

from admin.cli.context import by_person, readable_errors, step_as
from core.crypto.rings import ProcessRole


@click.group()
def directory() -> None:
    """People of a directory server: OpenLDAP or Active Directory."""


@directory.command()
@click.option("--dry-run", is_flag=True, help="Say what would happen; nothing is written.")
@click.option(
    "--leavers",
    type=click.IntRange(0),
    metavar="N",
    help="Let so many people lose their account this once, whatever the usual share.",
)
@by_person
@readable_errors
def sync(dry_run: bool, leavers: int | None, actor: str) -> None:
    """Compare everybody with the directory now; status 1 if it stopped."""
    run = step_as(actor, ProcessRole.PAGES, "directory-sync", dry_run=dry_run, leavers=leavers)
    click.echo(("Would be: " if dry_run else "") + _line(run))
    if run["reason"]:
        sys.exit(1)


@directory.command()
@click.option("--last", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many.")
@by_person
@readable_errors
def history(last: int, actor: str) -> None:
    """Show the syncs that changed or stopped something, the newest first."""
    runs = step_as(actor, ProcessRole.PAGES, "directory-history", last=last)
    for run in runs:
        at = datetime.fromtimestamp(run["at_ms"] / 1000, UTC)
        click.echo(f"{at:%Y-%m-%d %H:%M:%S}Z  {run['by'] or 'by itself':<26}{_line(run)}")
    if not runs:
        click.echo("No sync has changed anything yet.")


def _line(run: dict[str, Any]) -> str:
    counts = run["counts"]
    numbers = ", ".join(f"{counts[name]} {name}" for name in ("added", "changed", "left", "returned"))
    if run["reason"]:
        return f"stopped, nothing was changed ({counts['present']} present, {numbers}). {run['reason']}"
    return f"{counts['present']} present, {numbers}."
