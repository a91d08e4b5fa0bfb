"""``make demo-full``: the demo's people on real servers of this machine, until Ctrl-C.

PostgreSQL, Redis, OpenLDAP and Elasticsearch, as the tests start them, each with a folder that stays: a
second start takes up what is there. People are in the directory server and sign in with its passwords.
"""

import contextlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from admin.databases.server import create_databases
from admin.demo.firm import Firm, load_firm
from admin.demo.house import FIRST_OFFICER
from admin.demo.passwords import new_password
from admin.initialise import initialise
from admin.wiring.desk import desk_services
from admin.wiring.ground import Ground
from core.crypto.rings import ProcessRole
from core.settings import load_settings
from core.types import SystemClock
from tests.services.elasticsearch import check_can_be_had, started
from tests.services.missing import cannot_be_had
from tests.services.openldap import SUFFIX, LdapBranch, OpenLdap, start_openldap, why_missing
from tests.services.postgresql import Postgresql, start_postgresql
from tests.services.redis import PASSWORD as BUS_PASSWORD
from tests.services.redis import bus_server

# Below no folder of a user's own: the database server is a user of itself and must get there.
FOLDER = Path("/var/tmp/chancery-demo-full")
SIGN_INS = "sign-ins.txt"
ROOT = Path(__file__).parents[2]


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


def main(folder: Path = FOLDER) -> int:
    """Start the servers, build the house at the first time, serve it, and end all."""
    began, firm = time.monotonic(), load_firm()
    is_built = (folder / SIGN_INS).exists()
    if not is_built:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o711, exist_ok=True)
    with ExitStack() as stack:
        print("Starting PostgreSQL, Redis, OpenLDAP and Elasticsearch", flush=True)
        with _deaf_to_ctrl_c():
            servers = stack.enter_context(running(folder))
        environ = environment(servers, firm, folder / "house")
        if not is_built:
            print(f"Making a house for {len(firm.people)} people", flush=True)
            _write(folder / SIGN_INS, build(servers, firm, environ))
        print((folder / SIGN_INS).read_text("utf-8"))
        seconds = time.monotonic() - began
        print(f"Served after {seconds:.0f} s. To begin anew, remove {folder}. Ctrl-C ends it.", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            serving = subprocess.Popen([sys.executable, "-m", "admin.cli", "serve"], cwd=ROOT, env=environ)
            stack.callback(serving.wait, 30)
            return serving.wait()
    return 0


@contextmanager
def running(folder: Path) -> Iterator[Servers]:
    """Start every server on what it keeps in ``folder``."""
    check_can_be_had()
    if reason := why_missing():
        cannot_be_had(reason)
    for name in ("postgresql", "openldap", "redis", "elasticsearch"):
        (folder / name).mkdir(exist_ok=True)
    with ExitStack() as stack:
        postgresql = start_postgresql(folder / "postgresql", durable=True)
        stack.callback(postgresql.control, "stop", "-m", "fast")
        slapd, openldap = start_openldap(folder / "openldap")
        stack.callback(slapd.wait, 10)
        stack.callback(slapd.terminate)
        bus = stack.enter_context(bus_server(folder / "redis"))
        url = stack.enter_context(started(folder / "elasticsearch"))
        yield Servers(postgresql, openldap, bus.url, url)


def environment(servers: Servers, firm: Firm, home: Path) -> dict[str, str]:
    """Return the environment of the house's processes: every server by its address of today."""
    branch = servers.branch
    roles = ", ".join(f"{role} = {list(groups)}" for role, groups in firm.roles.items()).replace("'", '"')
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "CHANCERY_HOME": str(home),
        "CHANCERY_TENANT": "ostermoor",
        "CHANCERY_DATABASE_KIND": "postgresql",
        "CHANCERY_POSTGRESQL_URL": servers.postgresql.url,
        "CHANCERY_BUS_URL": servers.bus_url,
        "CHANCERY_BUS_PASSWORD": BUS_PASSWORD,
        "CHANCERY_SEARCH_ENGINE": "elasticsearch",
        "CHANCERY_ELASTICSEARCH_URLS": servers.elasticsearch_url,
        "CHANCERY_DIRECTORY_KIND": "ldap",
        "CHANCERY_DIRECTORY_ROLES": f"{{ {roles} }}",
        "CHANCERY_DIRECTORY_SYNC_SECONDS": "10",
        "CHANCERY_LDAP_URIS": servers.openldap.ldaps,
        "CHANCERY_LDAP_CA_FILE": str(servers.openldap.ca_file),
        "CHANCERY_LDAP_BASE": branch.people,
        "CHANCERY_LDAP_GROUP_BASE": branch.groups,
        "CHANCERY_LDAP_BIND_DN": branch.service_dn,
        "CHANCERY_LDAP_BIND_PASSWORD": branch.service_password,
    }


def build(servers: Servers, firm: Firm, environ: Mapping[str, str]) -> str:
    """Put the firm into the directory and set its house up; return what one needs to sign in."""
    password, of_desk = new_password(), new_password()
    _add_people(servers.branch.make(), firm, password)
    settings = load_settings(environ)
    settings.home.mkdir(mode=0o700)
    create_databases(settings, servers.postgresql.admin_url, passwords=True)
    made = initialise(settings, environ, administrator="", officer=FIRST_OFFICER, policy="demo")
    desk = desk_services(Ground(settings, ProcessRole.DESK, SystemClock()))
    desk.officers.enrol(made["code"], of_desk)
    for store in (desk.archive, desk.keystore, desk.store):
        store.close()
    shown = [f"  {one.username:<20} {one.role}" for one in firm.shown if not one.desk]
    return "\n".join(
        [
            f"\n{firm.name}, an invented firm, whose people are in OpenLDAP ({servers.branch.people})",
            f"\nThe chat, at {settings.chat_url}, password {password}",
            *shown,
            f"\nThe desk, at {settings.desk_url}, password {of_desk}",
            f"  {FIRST_OFFICER:<20} Compliance officer",
            "",
        ]
    )


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, "utf-8")


def _add_people(branch: LdapBranch, firm: Firm, password: str) -> None:
    members: dict[str, list[str]] = {}
    for username, person in firm.people.items():
        given = {"displayName": person.name, "cn": person.name, "mail": f"{username}@{firm.domain}"}
        dn = branch.add_person(username, password, **given)
        for group in person.groups:
            members.setdefault(group, []).append(dn)
    for group, people in members.items():
        branch.add_group(group, people)


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
    try:
        sys.exit(main())
    except pytest.skip.Exception as missing:
        sys.exit(str(missing))
