"""``chancery person``: people of the built-in directory, for IT."""

import click

from admin.cli.context import ask_new_password, ask_password, by_person, readable_errors, step, step_as
from core.crypto.rings import ProcessRole


@click.group()
def person() -> None:
    """People of the built-in directory. With a directory server, people are changed there."""


@person.command()
@click.argument("username")
@click.option("--name", help="As others see them; the user name if not given.")
@click.option("--email", default="")
@click.option("--group", "groups", multiple=True, help="May be given several times.")
@by_person
@readable_errors
def add(username: str, name: str | None, email: str, groups: tuple[str, ...], actor: str) -> None:
    """Add a person. Asks for your password, then for theirs."""
    password = ask_password(actor)
    step(
        ProcessRole.PAGES,
        "person-add",
        **{"as": actor, "password": password},
        username=username,
        name=name or username,
        email=email,
        groups=groups,
        new_password=ask_new_password(username),
    )
    click.echo(f"{username} is added.")


@person.command("groups")
@click.argument("username")
@click.argument("groups", nargs=-1)
@by_person
@readable_errors
def set_groups(username: str, groups: tuple[str, ...], actor: str) -> None:
    """Replace somebody's groups by those given; they hold at once, on live connections too."""
    step_as(actor, ProcessRole.PAGES, "person-groups", username=username, groups=groups)
    click.echo(f"{username} is in: {', '.join(sorted(groups)) or 'no group'}.")


@person.command()
@click.argument("username")
@by_person
@readable_errors
def disable(username: str, actor: str) -> None:
    """Take an account and all its sessions away; what they wrote stays."""
    step_as(actor, ProcessRole.PAGES, "person-disable", username=username)
    click.echo(f"{username} is disabled and signed out everywhere.")
