"""``chancery policy``: check a bundle, run its tests, propose it, decide the archive again."""

import base64
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from admin.cli.context import by_officer, by_person, readable_errors, step_as
from core.crypto.rings import ProcessRole
from policies.bundle import Bundle, bundle_hash, canonical
from policies.bundle_tests import run_tests
from policies.check import lint as lint_bundle
from policies.source import load
from policies.standard import standard_compiler, standard_vocabulary

_source = click.argument("source", type=click.Path(path_type=Path))


@click.group()
def policy() -> None:
    """Policy bundles: a YAML file, or a folder of them."""


@policy.command()
@_source
@readable_errors
def lint(source: Path) -> None:
    """Check a bundle: errors with file, line and path; warnings for what is hardly meant."""
    bundle = _load(source)
    for path, complaint in lint_bundle(bundle, datetime.now(UTC)):
        click.echo(f"{click.style('Warning', fg='yellow')} {path}: {complaint}")
    click.echo(f"{bundle.name}: well-formed. Hash {bundle_hash(bundle)}.")


@policy.command("test")
@_source
@readable_errors
def run_own_tests(source: Path) -> None:
    """Run the tests that a bundle carries; status 1 if one fails."""
    report = run_tests(standard_compiler().compile(_load(source)))
    for result in report.results:
        says = click.style("passed", fg="green") if result.passed else click.style("FAILED", fg="red")
        click.echo(f"{says}  {result.name}{'' if result.passed else f': {result.complaint}'}")
    click.echo(f"{len(report.results) - len(report.failures)} of {len(report.results)} tests passed.")
    if not report.passed:
        sys.exit(1)


@policy.command()
@_source
@click.option("--reason", required=True, help="Why; the approver reads it.")
@by_person
@readable_errors
def propose(source: Path, reason: str, actor: str) -> None:
    """Propose a bundle. Somebody else approves it at the desk."""
    form = base64.b64encode(canonical(_load(source))).decode()
    made = step_as(actor, ProcessRole.PAGES, "policy-propose", canonical=form, reason=reason)
    click.echo(f"Proposed as {made['proposal']}, hash {made['hash']}. A policy approver decides at the desk.")


@policy.command()
@click.option("--from", "first", default="", metavar="YYYY-MM", help="First month; all if not given.")
@click.option("--to", "last", default="", metavar="YYYY-MM", help="Last month.")
@by_officer
@readable_errors
def replay(first: str, last: str, actor: str) -> None:
    """Decide the archived messages again and count: same, different, gone. Shows no text."""
    counts = step_as(actor, ProcessRole.DESK, "policy-replay", first_month=first, last_month=last)
    for outcome, count in counts.items():
        click.echo(f"{outcome:<13} {count:>9,}")
    if counts["different"]:
        sys.exit(1)


def _load(source: Path) -> Bundle:
    return load(source, standard_vocabulary())
