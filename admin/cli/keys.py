"""``chancery keys``: partition keys, for compliance approvers."""

import sys

import click

from admin.cli.context import by_officer, readable_errors, step_as
from core.crypto.rings import ProcessRole


@click.group()
def keys() -> None:
    """Keys of the archive's partitions. They are made ahead by the desk, month by month."""


@keys.command()
@by_officer
@readable_errors
def status(actor: str) -> None:
    """Show keys ahead, destroyed and held partitions; status 1 if keys of a coming month are missing."""
    found = step_as(actor, ProcessRole.DESK, "keys-status")
    click.echo(f"{found['ahead']} partitions of this month and ahead, {len(found['missing'])} without keys.")
    for partition in found["missing"]:
        click.echo(f"  {partition}: missing")
    for partition, numbers in found["pinned"].items():
        click.echo(f"  {partition}: due, kept by hold {', '.join(map(str, numbers))}")
    for partition, state in found["dispositions"].items():
        click.echo(f"  {partition}: {state}")
    if found["missing"]:
        click.echo("Run `chancery keys rotate`.")
        sys.exit(1)


@keys.command()
@by_officer
@readable_errors
def rotate(actor: str) -> None:
    """Make the keys of coming months now. Each month and class has keys of its own."""
    made = step_as(actor, ProcessRole.DESK, "keys-rotate")
    click.echo(f"Made keys of {len(made)} partitions." if made else "All keys are there.")
