"""``chancery directory``: people of a directory server, for IT."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from admin.cli.context import by_person, readable_errors, step, step_as
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
@click.argument("username")
@readable_errors
def show(username: str) -> None:
    """Show what the directory says of somebody now, and what it means here; status 1 if they cannot sign in.

    Asks with the service account and nobody's password: for finding out why somebody cannot sign in, or
    how their groups are spelled.
    """
    found = step(ProcessRole.PAGES, "directory-show", username=username)
    for one in found:
        for label, said in _about(one):
            click.echo(f"{label:<15}{said}")
        click.echo()
    if not found:
        click.echo(f"Nobody below ldap.base goes by {username!r}, or the service account may not see them.")
    elif len(found) > 1:
        click.echo("More than one entry goes by this name, so it lets nobody in.")
    if len(found) != 1 or not (found[0]["may_sign_in"] and found[0]["roles"]):
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


def _about(one: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is said of an entry, with its label."""
    yield "entry", one["dn"]
    yield "id", one["id"]
    yield "user name", one["username"]
    yield "name", " ".join(filter(None, [one["name"], f"<{one['email']}>" if one["email"] else ""]))
    says = "yes" if one["may_sign_in"] else "no: disabled, locked for good, not begun or ended"
    yield "may sign in", says
    for number, group in enumerate(one["groups"] or ["none"]):
        yield ("" if number else "groups"), group
    for name, value in one["attributes"].items():
        yield "attribute", f"{name}={value}"
    yield "roles", ", ".join(one["roles"]) or "none: in no group that directory.roles names for employees"
    if one["candidate"]:
        yield "named for", f"{', '.join(one['candidate'])}: an approver confirms it at the desk"
    if one["external"]:
        yield "external", "yes"


def _line(run: dict[str, Any]) -> str:
    counts = run["counts"]
    numbers = ", ".join(f"{counts[name]} {name}" for name in ("added", "changed", "left", "returned"))
    if run["reason"]:
        return f"stopped, nothing was changed ({counts['present']} present, {numbers}). {run['reason']}"
    return f"{counts['present']} present, {numbers}."
