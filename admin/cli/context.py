"""What every command starts with: settings, readable errors, and the password of ``--as``."""

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import click

from core.errors import ChanceryError
from core.settings import Settings, load_settings, settings_file

P = ParamSpec("P")


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
            return command(*args, **kwargs)
        except ChanceryError as error:
            click.echo(f"{click.style('Error', fg='red')} [{error.code}] {error.message}", err=True)
            for problem in error.params.get("errors", ()):
                click.echo(f"  {problem}", err=True)
            sys.exit(1)

    return run


def ask_password(name: str) -> str:
    """Ask for the password of whoever acts; a script gives it on standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return str(click.prompt(f"Password of {name}", hide_input=True))
