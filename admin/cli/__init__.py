"""The command line. No command prints content of conversations."""

from importlib import import_module

import click

from core.logs import configure_logs

_COMMANDS = {
    "init": "setup:init",
    "serve": "setup:serve",
    "run": "system_users:run",
    "system-users": "system_users:system_users",
    "db": "setup:database",
    "status": "status:status",
    "doctor": "status:doctor",
    "support-bundle": "status:support_bundle",
    "demo": "demo:demo",
    "person": "people:person",
    "directory": "directory:directory",
    "policy": "policies:policy",
    "matter": "matters:matter",
    "hold": "matters:hold",
    "keys": "keys:keys",
    "archive": "evidence:archive",
    "index": "evidence:index",
    "ledger": "evidence:ledger",
    "backup": "backups:backup",
    "restore": "backups:restore",
}


class _Commands(click.Group):
    """Imports a command when it is called: what a process does not need, it does not load."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order in which one meets them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, or None."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"admin.cli.{module}"), name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chancery")
def main() -> None:
    """Chancery: chat that is decided before it is delivered and kept so that it can be proved."""
    configure_logs("command")
