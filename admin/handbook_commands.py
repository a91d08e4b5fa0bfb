"""The handbook's page of commands, told as ``--help`` tells them."""

from collections.abc import Iterator
from inspect import cleandoc

import click

from admin.cli import main


def command_lines() -> Iterator[str]:
    """Yield the lines of the page."""
    yield from (
        "# Commands",
        "",
        "Every command tells the same with `--help`. The house is the folder that `CHANCERY_HOME` names. A",
        "command that acts in somebody's name (`--as`) asks for their password, or reads it as a line of",
        "standard input. What is refused is said on standard error, with its [code](errors.md), and ends",
        "with status 1; so does a command that finds something wrong.",
    )
    for name, command in every_command(main):
        yield from ("", f"{'###' if ' ' in name else '##'} `chancery {name}`", "")
        yield cleandoc(command.help or "")
        if not isinstance(command, click.Group):
            yield from ("", " ".join([f"    chancery {name}", *map(_piece, command.params)]))
            yield from _options(command)


def every_command(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield each command of a group with its whole name, a group before what is in it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command, whole = group.get_command(context, name), f"{above} {name}".strip()
        assert command is not None
        yield whole, command
        if isinstance(command, click.Group):
            yield from every_command(command, whole)


def _options(command: click.Command) -> Iterator[str]:
    told = [one for one in command.params if isinstance(one, click.Option) and one.help]
    if told:
        yield from ("", "| option | |", "|---|---|")
    for one in told:
        written, usual = _written(one).replace("|", "\\|"), one.default if one.show_default else None
        yield f"| `{written}` | {one.help}{f' Unless given: `{usual}`.' if usual else ''} |"


def _written(one: click.Parameter) -> str:
    """Return an option as one types it, or what an argument stands for."""
    of = click.Context(click.Command(None))
    if isinstance(one, click.Argument):
        return one.make_metavar(of).strip("[]")
    flag = isinstance(one, click.Option) and one.is_flag
    return one.opts[0] if flag else f"{one.opts[0]} {one.make_metavar(of)}"


def _piece(one: click.Parameter) -> str:
    written = f"{_written(one)} …" if one.multiple else _written(one)
    return written if one.required else f"[{written}]"
