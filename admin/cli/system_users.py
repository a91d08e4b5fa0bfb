"""``chancery system-users`` and ``chancery run``: each role as its own system user."""

import os
import sys

import click

from admin.cli.context import command_environment, current_settings, readable_errors
from admin.house import check_there
from admin.ports import check_ports
from admin.processes import ROOT, listen_address, role_command, role_environment
from admin.system_users import SystemUsers, become, places, separate, users_of
from core.crypto.rings import ProcessRole


@click.group("system-users")
def system_users() -> None:
    """Each role as its own system user, with only its key files and databases."""


@system_users.command("own")
@readable_errors
def own() -> None:
    """Give each role's user its files, as root, while nothing is served. May be repeated."""
    settings = current_settings()
    check_there(settings)
    changed = separate(settings)
    users = SystemUsers(settings.postgresql_prefix)
    names = ", ".join(users.user(role) for role in ProcessRole)
    click.echo(f"Each role of {settings.home} runs as its own user: {names}.")
    click.echo(f"{len(changed)} files and folders were given away." if changed else "All was so already.")


@system_users.command("check")
@readable_errors
def check() -> None:
    """Name every file whose owner, group or mode is wrong, as root; status 1 if there is one."""
    settings = current_settings()
    users = users_of(settings)
    if users is None:
        click.echo(f"All roles of {settings.home} run as one user. See `chancery system-users own`.")
        sys.exit(1)
    users.check()
    wrong = [place for place in places(settings, users) if not place.is_right()]
    for place in wrong:
        click.echo(f"{place.path}: should be {place.user}:{place.group} {place.mode:04o}")
    click.echo("Run `chancery system-users own`." if wrong else "Each file is as it should be.")
    sys.exit(1 if wrong else 0)


@click.command("run")
@click.argument("role", type=click.Choice([str(role) for role in ProcessRole]))
@readable_errors
def run(role: str) -> None:
    """Run one process of one ROLE, in the place of this one; root becomes the role's user first."""
    settings, which = current_settings(), ProcessRole(role)
    check_ports(settings, {which})
    listens = {
        ProcessRole.PAGES: (settings.chat_listen, settings.chat_url),
        ProcessRole.DESK: (settings.desk_listen, settings.desk_url),
    }
    host, port = listen_address(*listens[which]) if which in listens else ("", 0)
    command = role_command(which, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    environment = become(settings, which, role_environment(command_environment(settings)))
    os.chdir(ROOT)
    os.execve(command[0], command, environment)  # noqa: S606 - our own command
