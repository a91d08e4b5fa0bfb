"""``chancery archive``, ``chancery index`` and ``chancery ledger``."""

import json
import sys
import time
from typing import Any

import click

from admin.cli.context import by_officer, current_settings, readable_errors, step, step_as
from audit.archive.differences import Difference
from core.crypto.rings import ProcessRole

WAIT_EVERY = 2.0


@click.group()
def archive() -> None:
    """The archive."""


@archive.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
@by_officer
@readable_errors
def reconcile(actor: str, as_json: bool) -> None:
    """Name every difference between stores, archive, keystore, index, ledger and files; status 1 if any."""
    halves = {
        "desk": step_as(actor, ProcessRole.DESK, "reconcile-desk"),
        "worker": step(ProcessRole.WORKER, "reconcile-worker"),
    }
    differences = [one for found in halves.values() for one in found["differences"]]
    if as_json:
        click.echo(json.dumps({"ok": not differences, **halves}, indent=1))
        sys.exit(1 if differences else 0)
    for half, found in halves.items():
        counted = ", ".join(f"{count:,} {what}" for what, count in found["compared"].items())
        title = {"desk": "Opened at the desk", "worker": "Compared by the worker"}[half]
        click.echo(f"{title}: {counted}; {found['pending']:,} on their way.")
    _end([str(Difference(**one)) for one in differences], "Nothing differs.")


@click.group()
def index() -> None:
    """The search index."""


@index.command()
@click.option("--partition", "partitions", multiple=True, metavar="YYYY-MM-CLASS", help="All if not given.")
@click.option("--wait", is_flag=True, help="Wait until the new indexes are live.")
@by_officer
@readable_errors
def rebuild(partitions: tuple[str, ...], wait: bool, actor: str) -> None:
    """Make the index again from the archive, beside the one in use; desk and worker have to run."""
    asked = set(step_as(actor, ProcessRole.DESK, "index-rebuild", partitions=partitions))
    click.echo(f"Asked for new indexes of {len(asked)} partitions.")
    while wait and (left := asked & set(step(ProcessRole.DESK, "index-building"))):
        click.echo(f"  {len(left)} left")
        time.sleep(WAIT_EVERY)
    if wait:
        click.echo("All are live.")


@index.command()
@readable_errors
def template() -> None:
    """Print the index template that the administrators of an Elasticsearch cluster install."""
    # Here, so that a house without a cluster never loads its client.
    from audit.search.elastic import index_template

    click.echo(json.dumps(index_template(current_settings().elasticsearch_prefix), indent=2))


@click.group()
def ledger() -> None:
    """The ledger: two transparency logs, of what was said and of what was done."""


@ledger.command()
@readable_errors
def verify() -> None:
    """Recompute the ledger from its files and from the archive; status 1 if anything differs."""
    report: dict[str, Any] = step(ProcessRole.DESK, "ledger-verify")
    for name, size in report["sizes"].items():
        click.echo(f"{name}: {size:,} entries")
    for note in report["notes"]:
        click.echo(f"note: {note}")
    click.echo("Keys: " + "  ".join(report["keys"]))
    _end(report["findings"], "Everything is as it was signed.")


@ledger.command("rebuild")
@readable_errors
def rebuild_ledger() -> None:
    """Write the ledger's tiles again from the archive. What was signed stays; nothing runs meanwhile."""
    for name, size in step(ProcessRole.WORKER, "ledger-rebuild").items():
        click.echo(f"{name}: {size:,} entries")


def _end(problems: list[str], well: str) -> None:
    for problem in problems:
        click.echo(f"{click.style('Differs', fg='red')} {problem}")
    if problems:
        sys.exit(1)
    click.echo(well)
