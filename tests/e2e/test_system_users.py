"""Each role as its own system user: everything works, and whatever is foreign is refused to each of them."""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from admin.databases import PASSWORDS
from admin.databases.server import create_databases, server_database
from admin.system_users import SystemUsers, places, users_of
from core.access import GRANTS, Database, Grant
from core.crypto.rings import HOLDERS, ProcessRole, RingName
from core.schema.everything import METADATA
from core.settings import Settings
from core.types import new_id
from tests.factories.socket import SocketClient
from tests.factories.suite import ROOT, Suite, make_suite_with, wait_for
from tests.factories.visitor import Visitor
from tests.services.postgresql import Postgresql
from tests.services.system_users import as_user, hardened, interpreter, run_as, system_users

pytestmark = [pytest.mark.e2e, pytest.mark.services, pytest.mark.timeout(300)]

OPENS = """
import json, sys
found = {}
for path in json.load(sys.stdin):
    try:
        open(path, "rb").close()
        found[path] = "read"
    except OSError as error:
        found[path] = type(error).__name__
    try:
        open(path, "r+b").close()
        found[path] = "written"
    except OSError:
        pass
json.dump(found, sys.stdout)
"""
OPENS_RINGS = """
import json, sys
from pathlib import Path
from core.crypto.rings import HOLDERS, ProcessRole, RingName, open_ring
found = {}
for ring in RingName:
    for role in [role for role in ProcessRole if ring in HOLDERS[role]]:
        try:
            open_ring(ring, Path(sys.argv[1]), role)
            found[ring] = "opened"
        except Exception as error:
            found[ring] = type(error).__name__
json.dump(found, sys.stdout)
"""


def test_two_people_chat_and_an_officer_finds_what_they_said(house: "Separate") -> None:
    ana, ben = house.connect("ana"), house.connect("ben")
    room = ana.emit("open", {"client_id": new_id(), "kind": "direct", "people": [house.suite.people["ben"]]})
    sent = {"client_id": new_id(), "conversation": room["conversation"], "text": "lunch at the quiet harbour"}
    assert ana.emit("send", sent)["ok"]
    ben.wait(lambda: ben.items(room["conversation"]))
    olga = Visitor(house.suite.settings.desk_url)
    olga.enrol(house.suite.code, "olga")
    results = olga.search(olga.open_matter("A look at lunch"), '"quiet harbour"')
    page = wait_for(
        lambda: (page := olga.get(results)).text.count("<mark>quiet harbour</mark>") and page,
        60,
        "the message at the desk",
    )
    assert "1 match<" in page.text
    house.check_all_run()


def test_a_file_is_read_in_the_sandbox_of_the_workers_user_and_opened_by_who_has_business_with_it(
    house: "Separate",
) -> None:
    ana, ben = house.connect("ana"), house.connect("ben")
    room = ana.emit("open", {"client_id": new_id(), "kind": "direct", "people": [house.suite.people["ben"]]})
    talk = room["conversation"]
    window = Visitor(house.suite.settings.chat_url)
    window.sign_in("ana")
    file = window.upload(talk, "plan.txt", b"the walrus plan")
    sent = {"client_id": new_id(), "conversation": talk, "text": "the plan", "files": [file]}
    assert ana.emit("send", sent)["state"] == "checking"
    ben.wait(lambda: [one for one in ben.items(talk) if one["view"].get("files")])
    objects = sorted(path for path in house.settings.blobs_dir.rglob("*") if path.is_file())
    assert objects
    owners = {house.users.user(ProcessRole.PAGES), house.users.user(ProcessRole.WORKER)}
    assert {path.owner() for path in objects} == owners, "as sent, and the text that was read"
    for role in ProcessRole:
        said = house.opens(role, objects)
        for path in objects:
            own = path.owner() == house.users.user(role)
            due = "written" if own else "read"
            assert said[str(path)] == ("PermissionError" if role is ProcessRole.REALTIME else due), role
    house.check_all_run()


def test_a_key_file_or_password_is_read_by_its_holders_and_changed_by_none_that_share_it(
    house: "Separate",
) -> None:
    files = sorted(path for path in house.settings.keys_dir.rglob("*") if path.is_file())
    assert len(files) > 20
    for role in ProcessRole:
        said = house.opens(role, files)
        for path in files:
            assert said[str(path)] == house.due(role, path.relative_to(house.settings.keys_dir)), (role, path)


def test_a_foreign_ring_is_opened_in_vain_by_a_process_that_claims_another_role(house: "Separate") -> None:
    for role in ProcessRole:
        ran = run_as(house.users.user(role), [house.python, "-c", OPENS_RINGS, str(house.settings.keys_dir)])
        said = json.loads(ran.stdout)
        for ring in RingName:
            due = "opened" if ring in HOLDERS[role] else "PermissionError"
            assert said[ring] == due, (role, ring)


def test_a_table_is_read_and_changed_by_the_roles_entitled_to_it_alone(house: "Separate") -> None:
    tables = sorted(METADATA_TABLES())
    asked = 0
    for role, database in product(ProcessRole, Database):
        grant = GRANTS.get((role, database))
        dsn = server_database(house.settings, database).dsn(role)
        if grant is None:
            with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
                psycopg2.connect(dsn)
            continue
        with closing(psycopg2.connect(dsn)) as connection:
            for table in [table for table in tables if exists(connection, table)]:
                for verb, statement in statements(table, first_column(connection, table)).items():
                    asked += 1
                    allowed = is_allowed(connection, statement)
                    assert allowed == entitled(grant, verb, table), (role, database, verb, table)
    assert asked > 200


def test_a_command_of_roots_acts_as_the_user_of_the_role(house: "Separate") -> None:
    done = house.command("keys", "rotate", "--as", "nobody", input="wrong\n")
    assert done.returncode == 1
    assert "bad_credentials" in done.stderr
    wrong = [place for place in places(house.settings, house.users) if not place.is_right()]
    assert wrong == []


def test_giving_the_files_away_again_changes_nothing_and_a_stray_mode_is_named(house: "Separate") -> None:
    assert "Each file is as it should be." in house.command("system-users", "check").stdout
    root = house.settings.keys_dir / "discovery" / "root.key"
    root.chmod(0o644)
    checked = house.command("system-users", "check")
    assert (checked.returncode, str(root) in checked.stdout) == (1, True)
    assert "1 files" in house.command("system-users", "own").stdout
    assert root.stat().st_mode & 0o777 == 0o600


def METADATA_TABLES() -> set[str]:
    return {table.name for metadata in METADATA.values() for table in metadata.sorted_tables}


def exists(connection: Any, table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = %s", (table,))
        return cursor.fetchone() is not None


def first_column(connection: Any, table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1", (table,)
        )
        return str(cursor.fetchone()[0])


def statements(table: str, column: str) -> dict[str, str]:
    """Return a statement of each kind that changes no row."""
    return {
        "read": f'SELECT * FROM "{table}" WHERE false',
        "insert": f'INSERT INTO "{table}" DEFAULT VALUES',
        "update": f'UPDATE "{table}" SET "{column}" = NULL WHERE false',
        "delete": f'DELETE FROM "{table}" WHERE false',
    }


def is_allowed(connection: Any, statement: str) -> bool:
    """Tell whether the server lets this role run ``statement``; it is always undone."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except psycopg2.errors.InsufficientPrivilege:
        return False
    except psycopg2.Error:
        return True
    finally:
        connection.rollback()
    return True


def entitled(grant: Grant, verb: str, table: str) -> bool:
    tables: frozenset[str] = getattr(grant, verb)
    # Some columns of it are not the whole table.
    return ("*" in tables or table in tables) and not (verb == "read" and table in grant.columns)


@dataclass
class Separate:
    """A house whose four roles run as four system users."""

    suite: Suite
    users: SystemUsers
    python: str
    processes: dict[ProcessRole, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    sockets: list[SocketClient] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return self.suite.settings

    def start(self, role: ProcessRole) -> None:
        """Start a role by its one command, as its own user."""
        with (self.settings.home.parent / f"{role}.log").open("ab") as log:
            self.processes[role] = subprocess.Popen(
                hardened([self.python, "-m", "admin.cli", "run", role]),
                cwd=ROOT,
                env=self.suite.environ,
                stdout=log,
                stderr=subprocess.STDOUT,
                **as_user(self.users.user(role)),
            )

    def connect(self, username: str) -> SocketClient:
        self.sockets.append(self.suite.connect(username))
        return self.sockets[-1]

    def opens(self, role: ProcessRole, files: list[Path]) -> dict[str, str]:
        """Return what the user of a role can do with each of ``files``."""
        asked = json.dumps([str(path) for path in files])
        ran = run_as(self.users.user(role), [self.python, "-c", OPENS], input=asked)
        told: dict[str, str] = json.loads(ran.stdout)
        return told

    def command(self, *words: str, **given: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [self.python, "-m", "admin.cli", *words],
            check=False,
            cwd=ROOT,
            env=self.suite.environ,
            capture_output=True,
            text=True,
            **given,
        )

    def check_all_run(self) -> None:
        for role, process in self.processes.items():
            assert process.poll() is None, (role, self.log(role))
            assert Path(f"/proc/{process.pid}").owner() == self.users.user(role)
            assert "Error" not in self.log(role), self.log(role)

    def is_ready(self) -> bool:
        self.check_all_run()
        return self.suite.answers()

    def log(self, role: ProcessRole) -> str:
        return (self.settings.home.parent / f"{role}.log").read_text()

    def due(self, role: ProcessRole, path: Path) -> str:
        """Return what a role can do with a file among the keys."""
        if path.parts[0] == PASSWORDS:
            return "written" if path.name == role else "PermissionError"
        ring = RingName(path.parts[0])
        if ring not in HOLDERS[role]:
            return "PermissionError"
        # Of the ring that several hold, only the keys of periods are made and destroyed by them.
        return "written" if ring is not RingName.CHAT or path.parts[1] == "periods" else "read"

    def stop(self) -> None:
        for socket in self.sockets:
            socket.close()
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(20)


@pytest.fixture(scope="module")
def house(postgresql: Postgresql, elasticsearch_url: str) -> Iterator[Separate]:
    # Not below pytest's own folder, through which other users cannot pass.
    with tempfile.TemporaryDirectory(prefix="chancery-separate-") as folder:
        Path(folder).chmod(0o711)
        with system_users(Path(folder)) as users:
            python = interpreter(users, Path(folder))
            suite = make_suite_with(
                Path(folder, "house"),
                prepare=lambda settings: create_databases(settings, postgresql.admin_url, passwords=True),
                CHANCERY_DATABASE_KIND="postgresql",
                CHANCERY_POSTGRESQL_URL=postgresql.url,
                CHANCERY_POSTGRESQL_PREFIX=users.prefix,
                CHANCERY_SEARCH_ENGINE="elasticsearch",
                CHANCERY_ELASTICSEARCH_URLS=elasticsearch_url,
                CHANCERY_ELASTICSEARCH_PREFIX=f"t{new_id()}",
            )
            for name in ("ana", "ben"):
                suite.add(name, "research")
            made = Separate(suite, users, python)
            owned = made.command("system-users", "own")
            assert owned.returncode == 0, owned.stdout + owned.stderr
            assert users_of(suite.settings) == users
            try:
                for role in ProcessRole:
                    made.start(role)
                wait_for(made.is_ready, 120, "every role answering")
                yield made
            finally:
                made.stop()
