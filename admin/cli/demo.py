"""``chancery demo``: an invented firm to look at, built at the first start and served until Ctrl-C."""

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console

from admin.cli.context import readable_errors
from admin.demo.house import (
    MESSAGES,
    MONTHS,
    Prepare,
    build_house,
    home_settings,
    is_built,
    open_house,
    stand_alone,
)
from admin.demo.welcome import welcome
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
    began = time.monotonic()
    if not build_only:
        check_ports(home_settings(os.environ, home)[1])
    open_demo(os.environ, home, began=began, messages=messages, months=months)
    if not build_only:
        environ, settings = home_settings(os.environ, home)
        sys.exit(Supervisor(settings, environ).run())


def open_demo(
    environ: Mapping[str, str],
    home: Path,
    *,
    began: float,
    messages: int,
    months: int,
    prepare: Prepare = stand_alone,
) -> None:
    """Build the demo in ``home`` unless it is there; say how to come in. Raises as :func:`build_house`."""
    console = Console()
    try:
        if not is_built(home):
            build_house(environ, home, say=console.print, messages=messages, months=months, prepare=prepare)
    except KeyboardInterrupt:
        console.show_cursor()
        console.print("Stopped; nothing is left running. The next start begins anew.")
        sys.exit(INTERRUPTED)
    given = open_house(environ, home)
    welcome(console, home, given, time.monotonic() - began)
