"""``chancery demo``: an invented firm to look at, built at the first start and served until Ctrl-C."""

import os
import sys
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from admin.cli.context import readable_errors
from admin.demo.firm import load_firm
from admin.demo.house import MESSAGES, MONTHS, build_house, home_settings, is_built, open_house
from admin.demo.sign_ins import FILE, SignIn
from admin.demo.story import hints
from admin.ports import check_ports
from admin.processes import Supervisor

INTERRUPTED = 130


@click.command()
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="CHANCERY_HOME",
    default=Path("var/demo"),
    show_default=True,
    help="Folder of the demo; also CHANCERY_HOME.",
)
@click.option(
    "--messages", default=MESSAGES, show_default=True, help="How many messages a new firm has sent."
)
@click.option("--months", default=MONTHS, show_default=True, help="Over how many months.")
@click.option("--build-only", is_flag=True, help="Build and print, but do not serve.")
@readable_errors
def demo(home: Path, messages: int, months: int, build_only: bool) -> None:
    """Build a demo firm, or take the one that is there, and serve it until Ctrl-C."""
    console, began = Console(), time.monotonic()
    environ, settings = home_settings(os.environ, home)
    built = is_built(home)
    if not build_only:
        check_ports(settings)
    try:
        if not built:
            build_house(os.environ, home, say=console.print, messages=messages, months=months)
    except KeyboardInterrupt:
        console.show_cursor()
        console.print("Stopped; nothing is left running. The next start begins anew.")
        sys.exit(INTERRUPTED)
    given = open_house(os.environ, home)
    _show(console, home, given, time.monotonic() - began)
    if not build_only:
        environ, settings = home_settings(os.environ, home)
        sys.exit(Supervisor(settings, environ).run())


def _show(console: Console, home: Path, given: Sequence[SignIn], seconds: float) -> None:
    console.print(f"\n[bold]{load_firm().name}[/], an invented firm")
    for address, rows in groupby(given, key=lambda one: one.address):
        table = Table(title=f"\n{address}", title_justify="left", box=None, padding=(0, 2))
        for column in ("Sign in as", "Name", "Password"):
            table.add_column(column, overflow="fold")
        for one in rows:
            table.add_row(one.role, one.name, one.password)
        console.print(table)
    console.print(
        f"\nAlso in {home / FILE}. A story is hidden in the archive. Sign in as the compliance officer,\n"
        "open the matter that is there, and search:",
        soft_wrap=True,
    )
    for number, hint in enumerate(hints(), 1):
        console.print(f"  {number}. {hint.say}", highlight=False, soft_wrap=True)
        for query in hint.queries:
            console.print(f"       {query}", style="cyan", markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"\nReady after {seconds:.0f} s. To begin anew, remove {home}. Ctrl-C ends it.", soft_wrap=True
    )
