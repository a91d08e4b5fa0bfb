"""``make demo-full``: the demo on real servers of this machine, until Ctrl-C.

PostgreSQL, Redis, OpenLDAP and Elasticsearch, as the tests start them, each with a folder that stays: a
second start takes up what is there. The house is built as ``chancery demo`` builds it. Its people are in
the directory server and sign in with its passwords.
"""

import fcntl
import os
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import pytest

from admin.cli.context import readable_errors
from admin.cli.demo import open_demo
from admin.databases.server import create_databases
from admin.demo.firm import load_firm
from admin.demo.house import MESSAGES, MONTHS, home_settings, is_built
from admin.demo.people import people_today
from admin.ports import check_ports
from admin.processes import Supervisor
from core.errors import Conflict
from core.settings import Settings
from tests.services.elasticsearch import check_can_be_had, started
from tests.services.missing import cannot_be_had
from tests.services.openldap import (
    ROOT_DN,
    ROOT_PASSWORD,
    SUFFIX,
    LdapBranch,
    OpenLdap,
    start_openldap,
    why_missing,
)
from tests.services.postgresql import ADMINISTRATOR, ADMINISTRATOR_PASSWORD, Postgresql, start_postgresql
from tests.services.redis import PASSWORD as BUS_PASSWORD
from tests.services.redis import bus_server

# Below no folder of a user's own: the database server is a user of itself and must get there.
FOLDER: Final = Path("/var/tmp/chancery-demo-full")
SERVERS: Final = ("postgresql", "openldap", "redis", "elasticsearch")
HOUSE: Final = "house"
ENVIRONMENT: Final = "environment"
"""A file for shells: by it commands find the house and its servers."""


@dataclass(frozen=True)
class Servers:
    """The running servers."""

    postgresql: Postgresql
    openldap: OpenLdap
    bus_url: str
    elasticsearch_url: str

    @property
    def branch(self) -> LdapBranch:
        """Where the firm stands in the directory."""
        return LdapBranch(self.openldap, f"ou=ostermoor,{SUFFIX}")

    def prepare(self, settings: Settings, password: str) -> None:
        """Make the databases, and put the firm's people into the directory as they are today."""
        create_databases(settings, self.postgresql.admin_url, passwords=True)
        branch, firm = self.branch.make(), load_firm()
        members: dict[str, list[str]] = {}
        for one in people_today(firm):
            given = {"displayName": one.name, "cn": one.name, "mail": f"{one.username}@{firm.domain}"}
            dn = branch.add_person(one.username, password, **given)
            for group in one.groups:
                members.setdefault(group, []).append(dn)
        for group, people in members.items():
            branch.add_group(group, people)

    def __str__(self) -> str:
        """Say where they are, and who administers them: the passwords are good for this machine only."""
        return "\n".join(
            [
                f"  PostgreSQL     {self.postgresql.url}",
                f"                 {ADMINISTRATOR}, password {ADMINISTRATOR_PASSWORD}",
                f"  OpenLDAP       {self.openldap.ldaps} {self.branch.base}",
                f"                 {ROOT_DN}, password {ROOT_PASSWORD}",
                f"  Elasticsearch  {self.elasticsearch_url}/_cat/indices?v",
                f"  Redis          {self.bus_url}, password {BUS_PASSWORD}",
            ]
        )


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=FOLDER,
    show_default=True,
    help="Folder of the servers and the house.",
)
@click.option(
    "--messages", default=MESSAGES, show_default=True, help="How many messages a new firm has sent."
)
@click.option("--months", default=MONTHS, show_default=True, help="Over how many months.")
@readable_errors
def demo(folder: Path, messages: int, months: int) -> None:
    """Start the servers, build the demo on them or take the one that is there, and serve it until Ctrl-C."""
    began = time.monotonic()
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) is not signal.SIG_IGN:
            signal.signal(ending, signal.default_int_handler)
    home = folder / HOUSE
    check_ports(home_settings(os.environ, home)[1])
    with ExitStack() as stack:
        stack.enter_context(alone(folder))
        clear_unless_built(folder)
        click.echo("Starting PostgreSQL, Redis, OpenLDAP and Elasticsearch")
        with _deaf_to_ctrl_c():
            servers = stack.enter_context(running(folder))
        click.echo(str(servers))
        write_environment(folder, servers)
        click.echo(f"For commands in another shell: . {folder / ENVIRONMENT}")
        environ, settings = home_settings({**os.environ, **environment(servers)}, home)
        open_demo(environ, home, began=began, messages=messages, months=months, prepare=servers.prepare)
        Supervisor(settings, environ).run()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold ``folder`` against another start. Raises Conflict ``demo_being_built``."""
    folder.mkdir(exist_ok=True)
    # The servers are users of themselves, and pass through.
    folder.chmod(0o711)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"Another demo runs in {folder}. Stop it first.", code="demo_being_built"
            ) from None
        yield
    finally:
        os.close(descriptor)


def clear_unless_built(folder: Path) -> None:
    """Remove what a start that was stopped midway has left: also what its servers keep.

    Raises:
        Conflict: ``not_a_demo``; the folder holds something else, which stays as it is.
    """
    ours = {*SERVERS, HOUSE, f"{HOUSE}.building", ENVIRONMENT}
    there = list(folder.iterdir())
    if any(path.name not in ours for path in there):
        raise Conflict(f"{folder} holds no demo. Name another folder with --folder.", code="not_a_demo")
    if not is_built(folder / HOUSE):
        for left in there:
            shutil.rmtree(left) if left.is_dir() else left.unlink()


@contextmanager
def running(folder: Path) -> Iterator[Servers]:
    """Start every server on what it keeps in ``folder``.

    Raises:
        ClickException: one of them cannot be had on this machine.
    """
    with ExitStack() as stack:
        try:
            servers = _start(folder, stack)
        except (pytest.skip.Exception, pytest.fail.Exception) as missing:
            raise click.ClickException(str(missing)) from None
        yield servers


def environment(servers: Servers) -> dict[str, str]:
    """Return what the house's processes are told: every server by its address of today."""
    branch = servers.branch
    return {
        "CHANCERY_DATABASE_KIND": "postgresql",
        "CHANCERY_POSTGRESQL_URL": servers.postgresql.url,
        "CHANCERY_BUS_URL": servers.bus_url,
        "CHANCERY_BUS_PASSWORD": BUS_PASSWORD,
        "CHANCERY_SEARCH_ENGINE": "elasticsearch",
        "CHANCERY_ELASTICSEARCH_URLS": servers.elasticsearch_url,
        # It shares a small machine with all the others.
        "CHANCERY_ELASTICSEARCH_TIMEOUT_SECONDS": "30",
        "CHANCERY_DIRECTORY_KIND": "ldap",
        "CHANCERY_DIRECTORY_SYNC_SECONDS": "10",
        "CHANCERY_LDAP_URIS": servers.openldap.ldaps,
        "CHANCERY_LDAP_CA_FILE": str(servers.openldap.ca_file),
        "CHANCERY_LDAP_BASE": branch.people,
        "CHANCERY_LDAP_GROUP_BASE": branch.groups,
        "CHANCERY_LDAP_BIND_DN": branch.service_dn,
        "CHANCERY_LDAP_BIND_PASSWORD": branch.service_password,
    }


def write_environment(folder: Path, servers: Servers) -> None:
    """Write what commands have to be told, for the eyes of their owner only."""
    path = folder / ENVIRONMENT
    path.touch(mode=0o600)
    told = {"CHANCERY_HOME": str((folder / HOUSE).absolute()), **environment(servers)}
    path.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in told.items()), "utf-8")


def read_environment(folder: Path) -> dict[str, str]:
    """Return what commands are told, as a shell reads it."""
    words = shlex.split((folder / ENVIRONMENT).read_text("utf-8"))
    return dict(word.split("=", 1) for word in words if word != "export")


def _start(folder: Path, stack: ExitStack) -> Servers:
    """Start the servers; ``stack`` ends them."""
    check_can_be_had()
    if reason := why_missing():
        cannot_be_had(reason)
    for name in SERVERS:
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    postgresql = start_postgresql(folder / "postgresql", durable=True)
    stack.callback(postgresql.control, "stop", "-m", "fast")
    slapd, openldap = start_openldap(folder / "openldap")
    stack.callback(slapd.wait, 10)
    stack.callback(slapd.terminate)
    bus = stack.enter_context(bus_server(folder / "redis"))
    url = stack.enter_context(started(folder / "elasticsearch"))
    return Servers(postgresql, openldap, bus.url, url)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Start servers that Ctrl-C does not reach: they are ended after what uses them."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


if __name__ == "__main__":
    sys.exit(demo())
