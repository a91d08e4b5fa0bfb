"""``chancery init``, ``serve`` and ``db``."""

import sys

import click

from admin.cli.context import command_environment, current_settings, readable_errors
from admin.databases import database_of
from admin.databases.revision import check_not_newer
from admin.house import check_there, check_whole
from admin.initialise import initialise
from admin.migrations import current, head, upgrade
from admin.ports import check_ports
from admin.processes import Supervisor
from admin.role_groups import write_role_groups
from core.access import Database
from core.logs import configure_logs


@click.command()
@click.option(
    "--administrator", default="admin", show_default=True, help="User name of the first administrator."
)
@click.option(
    "--officer", default="officer", show_default=True, help="User name of the first compliance officer."
)
@click.option(
    "--history-from", metavar="YYYY-MM", help="Also make partition keys for past months, for imports."
)
@readable_errors
def init(administrator: str, officer: str, history_from: str | None) -> None:
    """Set a new house up: keys, databases, first people, first policy."""
    settings = current_settings()
    done = initialise(
        settings,
        command_environment(settings),
        administrator=administrator,
        officer=officer,
        history_from=history_from,
    )
    written = write_role_groups(settings, command_environment(settings))
    click.echo(f"Set up in {settings.home}.")
    if written is not None:
        click.echo(f"Which groups give which role stands in {written}.")
    if "password" in done:
        click.echo(
            f"Administrator: {done['administrator']}   password: {done['password']}   at {settings.chat_url}"
        )
    click.echo(
        f"Officer: {done['officer']}   one-time code (24 h): {done['code']}   at {settings.desk_url}/enrol"
    )
    click.echo("Write both down now: neither is shown again.")


@click.command()
@readable_errors
def serve() -> None:
    """Run all four roles until Ctrl-C."""
    settings = current_settings()
    check_whole(settings)
    check_ports(settings)
    configure_logs("supervisor", settings.log_format)
    sys.exit(Supervisor(settings, command_environment(settings)).run())


@click.group("db")
def database() -> None:
    """The four databases: making and migrating them."""


@database.command("create")
@click.option(
    "--admin-url",
    required=True,
    metavar="URL",
    help="How an administrator of the PostgreSQL server connects.",
)
@click.option("--peer", is_flag=True, help="Give no passwords: roles sign in as users of the machine.")
@readable_errors
def create(admin_url: str, peer: bool) -> None:
    """Make the roles and the four empty databases on a PostgreSQL server."""
    from admin.databases.server import create_databases

    settings = current_settings()
    create_databases(settings, admin_url, passwords=not peer)
    click.echo(
        f"The server has the databases and roles of {settings.postgresql_prefix}. Run `chancery init`."
    )


@database.command("move")
@readable_errors
def move_to_server() -> None:
    """Move the databases from files to the PostgreSQL server of the settings."""
    from admin.databases.move import ASIDE, move

    settings = current_settings()
    for each in move(settings):
        click.echo(f"{each.database:<9} {each.table:<20} {each.rows:>9,} rows  {each.digest[:16]}")
    click.echo(
        f"All rows are the same on both sides. The files in {settings.home / 'stores'} now end in {ASIDE}: "
        "delete them, and their backups, once the house runs well; they hold keys that retention destroys."
    )


@database.command("upgrade")
@readable_errors
def upgrade_all() -> None:
    """Bring every database to the newest revision."""
    settings = current_settings()
    check_there(settings)
    for each in Database:
        check_not_newer(each, current(database_of(settings, each)))
    for each in Database:
        click.echo(f"{each:<9} {upgrade(database_of(settings, each))}")


@database.command("status")
@readable_errors
def show_status() -> None:
    """Show at which revision each database stands."""
    settings = current_settings()
    check_there(settings)
    behind = newer = False
    for each in Database:
        now, newest = current(database_of(settings, each)), head(each)
        behind |= now is None or now < newest
        newer |= now is not None and now > newest
        known = "" if now == newest else f"  (this program knows {newest})"
        click.echo(f"{each:<9} {now or 'absent'}{known}")
    if newer:
        click.echo(
            "A newer program wrote these databases. Install the version that was run before, or a newer one."
        )
    elif behind:
        click.echo("Run `chancery db upgrade`.")
    if newer or behind:
        sys.exit(1)
