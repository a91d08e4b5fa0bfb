"""What every command starts with: settings, readable errors, the password of ``--as``, and steps."""

import os
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec

import click

from admin.roles import run_step
from admin.trouble import typed_trouble
from core.crypto.rings import ProcessRole
from core.errors import ChanceryError
from core.settings import Settings, load_settings, settings_file

P = ParamSpec("P")
RunStep = Callable[..., Any]

by_person = click.option(
    "--as", "actor", required=True, metavar="NAME", help="Who acts; asks for their password of the chat."
)
by_officer = click.option(
    "--as", "actor", required=True, metavar="NAME", help="Who acts; asks for their password of the desk."
)


def current_settings() -> Settings:
    """Return the settings of this command."""
    return load_settings(os.environ, settings_file(os.environ))


def command_environment(settings: Settings) -> dict[str, str]:
    """Return the environment for processes that a command starts."""
    return {**os.environ, "CHANCERY_HOME": str(settings.home.absolute())}


def readable_errors(command: Callable[P, Any]) -> Callable[P, Any]:
    """Show a typed error as its sentence and its code, and end with status 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> Any:
        try:
            with typed_trouble():
                return command(*args, **kwargs)
        except ChanceryError as error:
            # A bundle's complaints stand in the message as well: they are shown once, with their places.
            places = error.params.get("errors", ())
            message = error.message.partition("\n")[0] if places else error.message
            click.echo(f"{click.style('Error', fg='red')} [{error.code}] {message}", err=True)
            for problem in places:
                click.echo(f"  {_placed(problem)}", err=True)
            sys.exit(1)

    return run


def ask_password(name: str) -> str:
    """Ask for the password of whoever acts; a script gives it on standard input."""
    return _ask(f"Password of {name}", confirm=False)


def ask_new_password(name: str) -> str:
    """Ask for a password that is to be set; a script gives it on the next line of standard input."""
    return _ask(f"New password of {name}", confirm=True)


def step(role: ProcessRole, name: str, /, **argument: Any) -> Any:
    """Run a step in a process of ``role`` and return its answer; raises what the step raised.

    The context's object, where there is one, runs steps in another way.
    """
    run: RunStep = click.get_current_context().obj or run_step
    return run(role, name, command_environment(current_settings()), **argument)


def step_as(actor: str, role: ProcessRole, name: str, /, **argument: Any) -> Any:
    """Run a step for ``actor``, whose password is asked for here and checked there."""
    return step(role, name, **{"as": actor, "password": ask_password(actor)}, **argument)


def _ask(prompt: str, *, confirm: bool) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return str(click.prompt(prompt, hide_input=True, confirmation_prompt=confirm))


def _placed(problem: Any) -> str:
    if isinstance(problem, Mapping):
        return "{file}:{line}: {path}: {message}".format_map(problem)
    return str(problem)
