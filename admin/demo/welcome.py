"""What the demo says when it is ready: how to come in, and where a story is hidden."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table

from admin.demo.firm import load_firm
from admin.demo.sign_ins import FILE, SignIn
from admin.demo.story import hints


def welcome(console: Console, home: Path, given: Sequence[SignIn], seconds: float) -> None:
    """Print the sign-ins of the demo in ``home``, where to begin to look, and what ends it."""
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
