"""``chancery status``: how the suite is, for people and for monitoring."""

import sys
from datetime import UTC, datetime

import click

from admin.cli.context import current_settings, readable_errors
from admin.status import State, report

_COLOURS = {State.OK: "green", State.RED: "red"}


@click.command()
@readable_errors
def status() -> None:
    """Show processes, databases, policy, lag, index and ledger; status 1 if anything is red."""
    lines = report(current_settings(), datetime.now(UTC))
    for line in lines:
        mark = click.style(f"{line.state:<8}", fg=_COLOURS[line.state])
        click.echo(f"{mark}{line.name:<15}{line.says}" + (f" {line.next_step}" if line.next_step else ""))
    if any(line.state is State.RED for line in lines):
        sys.exit(1)
