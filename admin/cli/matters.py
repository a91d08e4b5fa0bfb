"""``chancery matter`` and ``chancery hold``, for compliance officers."""

from datetime import UTC, datetime
from typing import Any

import click

from admin.cli.context import by_officer, readable_errors, step_as
from core.crypto.rings import ProcessRole

_day = click.DateTime(["%Y-%m-%d"])
_reason = click.option("--reason", required=True, help="Why; it is kept.")


@click.group()
def matter() -> None:
    """Matters: what an officer reads, holds and searches for."""


@matter.command("open")
@click.option("--purpose", required=True, help="What it is for; sealed under the matter's own key.")
@click.option("--officer", "officers", multiple=True, help="Another officer who takes part.")
@by_officer
@readable_errors
def open_matter(purpose: str, officers: tuple[str, ...], actor: str) -> None:
    """Open a matter and print its number."""
    number = step_as(actor, ProcessRole.DESK, "matter-open", purpose=purpose, officers=officers)
    click.echo(f"Matter {number} is open.")


@click.group()
def hold() -> None:
    """Legal holds: what must not be destroyed, whatever its time."""


@hold.command("add")
@click.option("--matter", "number", type=int, required=True, help="The matter that asks for it.")
@click.option("--person", metavar="USERNAME", help="Everything they sent or could see.")
@click.option("--conversation", metavar="ID", help="Everything in a conversation.")
@click.option("--since", type=_day, help="From this day on (UTC).")
@click.option("--until", type=_day, help="Up to, without, this day (UTC).")
@click.option("--accept-lost", is_flag=True, help="Hold what is left if part is condemned already.")
@_reason
@by_officer
@readable_errors
def add_hold(
    number: int,
    person: str | None,
    conversation: str | None,
    since: datetime | None,
    until: datetime | None,
    accept_lost: bool,
    reason: str,
    actor: str,
) -> None:
    """Put a person, a conversation, or what both share on hold; effective when this returns."""
    made = step_as(
        actor,
        ProcessRole.DESK,
        "hold-add",
        matter=number,
        person=person,
        conversation=conversation,
        since=_utc(since),
        until=_utc(until),
        accept_lost=accept_lost,
        reason=reason,
    )
    click.echo(_line(made))


@hold.command("release")
@click.argument("number", type=int)
@_reason
@by_officer
@readable_errors
def release_hold(number: int, reason: str, actor: str) -> None:
    """Release a hold. Nothing is deleted by that; time counts again."""
    click.echo(_line(step_as(actor, ProcessRole.DESK, "hold-release", number=number, reason=reason)))


@hold.command("list")
@click.option("--person", metavar="USERNAME", help="Only holds on this person.")
@click.option("--conversation", metavar="ID", help="Only holds on this conversation.")
@by_officer
@readable_errors
def list_holds(person: str | None, conversation: str | None, actor: str) -> None:
    """List holds, released ones too."""
    shown = 0
    for each in step_as(actor, ProcessRole.DESK, "hold-list"):
        if (person and each["person"] != person) or (conversation and each["conversation"] != conversation):
            continue
        shown += 1
        click.echo(_line(each))
    if not shown:
        click.echo("No holds.")


def _line(hold: dict[str, Any]) -> str:
    scope = " and ".join(
        f"{name} {hold[name]}" for name in ("person", "conversation") if hold[name] is not None
    )
    span = "".join(f" {name} {hold[name]}" for name in ("since", "until") if hold[name] is not None)
    return f"Hold {hold['number']}: {scope}{span}: {'in force' if hold['active'] else 'released'}"


def _utc(day: datetime | None) -> str | None:
    return day.replace(tzinfo=UTC).isoformat() if day else None
