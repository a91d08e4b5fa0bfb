"""``chancery demo``: built on real processes, whole or not at all, and worth looking at."""

import signal
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from sqlalchemy import func, select

from admin.demo.sign_ins import FILE
from admin.demo.story import hints
from admin.wiring.chat_search import chat_search
from admin.wiring.desk import DeskServices
from admin.wiring.evidence import LOG_KEYS, ledger_folder, ledger_origin
from admin.wiring.files import file_services
from admin.wiring.ground import Ground
from audit.archive.search_service import Purpose, ResultPage
from audit.ledger.checkpoint import vkey
from audit.ledger.entries import Log
from core.access import Database
from core.crypto.pins import Pins
from core.crypto.rings import ProcessRole
from core.identity.permissions import Role
from core.schema import archive, chat
from core.store import Statement
from core.types import SystemClock, Verdict
from tests.admin.demo.conftest import MESSAGES, Demo, demo_environ
from tests.factories.suite import ROOT, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

_v, _i = chat.versions.c, chat.items.c
_MESSAGES = Statement(select(func.count()).select_from(chat.versions).where(_v.kind == "create"))
_WAITING = Statement(select(func.count()).select_from(chat.items).where(_i.state == "quarantined"))
_LEASES = Statement(select(archive.leases))
_SEQUENCE = Statement(select(func.sum(chat.conversations.c.cseq + chat.conversations.c.stop_seq)))


def test_a_build_that_is_killed_leaves_no_house_and_no_process_behind(demo: Demo) -> None:
    assert not demo.was_there
    assert demo.orphans
    wait_for(lambda: not [p for p in demo.orphans if _lives(p)], 10, "the end of every step")
    assert "starting over" in demo.said
    assert not demo.site.exists()


def test_exactly_as_many_messages_as_asked_for_are_in_the_chat(demo: Demo) -> None:
    assert _count(demo, _MESSAGES) == MESSAGES


def test_the_sign_ins_are_for_the_eyes_of_their_owner_only(demo: Demo) -> None:
    path = demo.home / FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    given = yaml.safe_load(path.read_text())
    assert len(given) == 8
    assert {row["address"] for row in given} == {demo.settings.chat_url, demo.settings.desk_url}
    for row in given:
        assert row["password"] in demo.said


def test_every_sign_in_opens_the_role_that_it_names(demo: Demo, desk: DeskServices) -> None:
    passwords, chat_side = demo.passwords(), demo.chat()
    try:
        roles = {
            name: chat_side.signin.sign_in(name, passwords[name], "127.0.0.1", "test")[1].principal.roles
            for name in (
                "nadia.ferrant",
                "carla.mendonza",
                "callum.prest",
                "arjun.velayudh",
                "marit.sandvoll",
            )
        }
    finally:
        chat_side.store.close()
    employees = ("nadia.ferrant", "carla.mendonza", "callum.prest")
    assert all(roles[name] == {Role.EMPLOYEE} for name in employees)
    assert Role.IT_ADMINISTRATOR in roles["arjun.velayudh"]
    assert Role.POLICY_AUTHOR in roles["marit.sandvoll"]
    officers = {
        name: desk.signin.authenticate(name, passwords[name], "127.0.0.1").roles
        for name in ("ingrid.falkner", "dominic.abara", "sophie.lemarchal")
    }
    assert officers == {
        "ingrid.falkner": {Role.COMPLIANCE_OFFICER},
        "dominic.abara": {Role.COMPLIANCE_APPROVER, Role.POLICY_APPROVER},
        "sophie.lemarchal": {Role.AUDITOR},
    }


def test_the_hints_lead_an_officer_to_the_story(look: "Look") -> None:
    for hint in hints():
        for query in hint.queries:
            assert look.search(query).rows, query
    assert "brother-in-law" in look.texts('"blue folder" OR "birthday party"')
    assert "Picking up a few Lindqvar" in look.texts("from:tobias.wendt Lindqvar")


def test_what_was_edited_and_deleted_in_the_story_is_there_in_every_version(look: "Look") -> None:
    (edited,) = look.search('"one the baker has decided" OR "31 candles"').rows
    versions = look.desk.search.versions(look.purpose, edited.item)
    assert [version.kind for version in versions] == ["create", "edit"]
    assert "31 candles and half a one" in _text(versions[0])
    assert "chocolate" in _text(versions[1])
    (deleted,) = look.search('"text my mobile, not here"').rows
    kinds = [version.kind for version in look.desk.search.versions(look.purpose, deleted.item)]
    assert kinds[0] == "create"
    assert "delete" in kinds


def test_an_officer_finds_everything_at_once(look: "Look") -> None:
    page = look.search("Lindqvar")
    assert page.coverage.complete
    assert page.coverage.in_scope > MESSAGES


def test_people_find_what_their_own_conversations_show_at_once(demo: Demo) -> None:
    services = demo.chat()
    try:
        nadia = services.store.read(lambda tx: services.people.by_username(tx, "nadia.ferrant"))
        assert nadia is not None
        page = chat_search(services, file_services(services).texts).search(nadia.id, "from:nadia.ferrant")
    finally:
        services.store.close()
    assert page.found
    assert page.waiting == 0


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_was_given(look: "Look", verdict: Verdict) -> None:
    assert look.search(f"verdict:{verdict}").rows


def test_a_barrier_stopped_whom_the_story_is_about(look: "Look") -> None:
    (attempt,) = look.search("from:tobias.wendt verdict:block").rows
    assert attempt.kind == "open"


def test_messages_are_marked_as_seeded(look: "Look") -> None:
    rids = [row.rid for row in look.search("Lindqvar").rows if row.kind == "create"]
    fields = [record.fields for record in look.desk.reader.records(rids)]
    assert fields
    assert {found["source"] for found in fields if found is not None} == {"seeded"}


def test_what_was_quarantined_in_the_last_hours_waits_for_an_officer(demo: Demo, desk: DeskServices) -> None:
    waiting = desk.release.waiting()
    assert len(waiting) == _count(demo, _WAITING) == 3


def test_the_ledger_verifies_from_files_and_public_keys_alone(demo: Demo, desk: DeskServices) -> None:
    pins = Pins(desk.ring)
    for log in (Log.ARCHIVE, Log.AUDIT):
        key = vkey(ledger_origin(demo.settings, log), pins.verifier(LOG_KEYS[log]))
        ran = subprocess.run(
            [sys.executable, "-m", "audit.ledger.verify", str(ledger_folder(demo.settings, log)), "--vkey", key],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_whoever_built_it_holds_nothing_that_its_worker_waits_for(demo: Demo) -> None:
    store = Ground(demo.settings, ProcessRole.WORKER, SystemClock()).store(Database.ARCHIVE)
    try:
        held = store.read(lambda tx: {row.name: row.until_ms for row in tx.rows(_LEASES)})
    finally:
        store.close()
    assert held == {"archiver": 0}


def test_a_second_start_serves_what_is_there_and_ctrl_c_ends_all_that_it_started(demo: Demo) -> None:
    before = _count(demo, _SEQUENCE)
    running = demo.start()
    try:
        urls = (demo.settings.chat_url, demo.settings.realtime_url, demo.settings.desk_url)
        wait_for(lambda: all(_answers(url) for url in urls), 240, "every role answering")
        started = psutil.Process(running.pid).children(recursive=True)
        second = demo.run()
    finally:
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=60)
    assert running.returncode == 0
    assert "Sending" not in said
    assert demo.passwords()["ingrid.falkner"] in said
    assert not [process for process in started if _lives(process)]
    assert _count(demo, _SEQUENCE) == before
    assert second.returncode == 1
    assert "port_taken" in second.stdout
    assert demo.settings.chat_url.rpartition(":")[2] in second.stdout


def test_a_folder_that_holds_something_else_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("two years of work")
    refused = Demo(tmp_path, demo_environ(tmp_path)).run("--build-only")
    assert refused.returncode == 1
    assert "not_a_demo" in refused.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


class Look:
    """Ingrid Falkner at the desk, in the matter that is open for her."""

    def __init__(self, demo: Demo, desk: DeskServices) -> None:
        self.desk = desk
        officer = desk.signin.authenticate("ingrid.falkner", demo.passwords()["ingrid.falkner"], "127.0.0.1")
        (matter,) = desk.matters.of(officer.id)
        self.purpose = Purpose(officer.id, matter.id, "looking for the story")

    def search(self, query: str) -> ResultPage:
        return self.desk.search.search(self.purpose, query, limit=100)

    def texts(self, query: str) -> str:
        found = self.search(query).rows
        return "\n".join(
            _text(row) for row in self.desk.search.read(self.purpose, [row.rid for row in found])
        )


@pytest.fixture(scope="module")
def desk(demo: Demo) -> Iterator[DeskServices]:
    services = demo.desk()
    yield services
    for store in (services.archive, services.keystore, services.store):
        store.close()


@pytest.fixture(scope="module")
def look(demo: Demo, desk: DeskServices) -> Look:
    return Look(demo, desk)


def _text(shown: Any) -> str:
    return "".join(part.text for part in shown.body)


def _count(demo: Demo, statement: Statement) -> int:
    services = demo.chat()
    try:
        return int(services.store.read(lambda tx: tx.value(statement)))
    finally:
        services.store.close()


def _lives(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
