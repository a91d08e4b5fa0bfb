"""``chancery status`` and ``doctor``: how the suite is, for people and for monitoring."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import click

from admin.cli.context import current_settings, readable_errors
from admin.health.lines import HealthLine, HealthState, is_red
from admin.health.report import report

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
    show(report(current_settings(), datetime.now(UTC)))


def show(lines: Iterable[HealthLine]) -> None:
    """Print lines for people, and end with status 1 if any is red."""
    lines = list(lines)
    for line in lines:
        mark = click.style(f"{line.state:<11}", fg=_COLOURS[line.state])
        click.echo(f"{mark}{line.name:<19}{line.says}" + (f" {line.next_step}" if line.next_step else ""))
    if is_red(lines):
        sys.exit(1)
