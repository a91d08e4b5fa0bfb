"""A message goes all the way: from an employee's socket to an officer's search result, on real processes."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.archive.reader import RecordState
from audit.archive.search_service import Purpose
from core.errors import Conflict, Denied
from core.types import new_id
from tests.e2e.drill import drill
from tests.e2e.spine import House, found, serve_house
from tests.factories.suite import ROOT, make_suite, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def test_an_officer_finds_a_message_by_phrase_after_it_was_edited_and_deleted(house: House) -> None:
    sent = house.ana.emit("send", house.message("lunch at the quiet harbour tomorrow"))
    change = {"conversation": house.room, "item": sent["id"]}
    house.ana.emit("edit", {**change, "client_id": new_id(), "text": "lunch somewhere tomorrow"})
    house.ana.emit("delete", {**change, "client_id": new_id()})
    page = wait_for(lambda: found(house.search('"quiet harbour"')), 20, "the record in the index")
    item = page.rows[0].item

    def versions_once_all_are_proved() -> Any:
        found = house.desk.search.versions(house.purpose, item)
        return found if len(found) == 3 and all(v.state == RecordState.OPEN for v in found) else None

    versions = wait_for(versions_once_all_are_proved, 20, "three versions in the ledger")
    said = [(v.kind, "".join(part.text for part in v.body)) for v in versions]
    assert said[0] == ("create", "lunch at the quiet harbour tomorrow")
    assert [kind for kind, _ in said] == ["create", "edit", "delete"]
    assert wait_for(lambda: house.search("harbour").coverage.complete, 20, "complete coverage")


def test_nobody_reads_outside_an_open_matter_of_theirs(house: House) -> None:
    with pytest.raises(Denied) as refused:
        house.desk.search.search(Purpose(house.olga.id, "no-such-matter", "curious"), "lunch")
    assert refused.value.code == "not_in_matter"


def test_a_barrier_blocks_and_the_attempt_is_found_by_the_officer(house: House) -> None:
    answer = house.ana.emit(
        "open", {"client_id": new_id(), "kind": "direct", "people": [house.suite.people["tom"]], "name": ""}
    )
    assert (answer["ok"], answer["code"]) == (False, "blocked")
    assert house.tom.heard("conversation_added") == []
    wait_for(lambda: found(house.search("verdict:block")), 20, "the attempt in the index")


def test_a_quarantined_message_is_released_once_and_then_seen(house: House) -> None:
    stopped = house.quarantine()
    assert not [i for i in house.ben.items(house.room) if i["id"] == stopped["id"]]
    house.release(stopped["id"])
    house.ben.wait(lambda: [i for i in house.ben.items(house.room) if i["id"] == stopped["id"]], timeout=15)
    with pytest.raises(Conflict) as refused:
        house.desk.release.reject(stopped["id"], house.olga, house.suite.people["ana"], "too late")
    assert refused.value.code == "already_decided"


def test_a_withdrawn_message_cannot_be_released(house: House) -> None:
    stopped = house.quarantine()
    withdrawal = {"client_id": new_id(), "conversation": house.room, "item": stopped["id"]}
    assert house.ana.emit("withdraw", withdrawal)["ok"]
    wait_for(
        lambda: house.desk.release.get(stopped["id"]).state == "withdrawn", 15, "the queue hearing of it"
    )
    with pytest.raises(Conflict):
        house.release(stopped["id"])
    assert not [i for i in house.ben.items(house.room) if i["id"] == stopped["id"]]


def test_a_proposed_policy_is_approved_by_another_person_and_live_in_every_process(house: House) -> None:
    from admin.wiring.pages import PolicyAuthoring
    from core.identity.permissions import Principal, PrincipalKind, Role
    from core.types import PersonId
    from policies.standard import pack_source

    chat = house.suite.chat()
    chat.gate.refresh()
    source = pack_source("demo").replace("name: ", "name: Second ", 1)
    author = Principal(
        PrincipalKind.CHAT, PersonId(house.suite.people["ana"]), frozenset({Role.POLICY_AUTHOR})
    )
    proposal = PolicyAuthoring(chat).propose(author, source, "a better name")
    wait_for(lambda: [p for p in house.desk.approvals.proposals() if p.id == proposal.id], 15, "the mirror")
    before = chat.gate.epoch()
    with pytest.raises(Denied):
        house.desk.approvals.approve(proposal.id, author.id, "officer")
    house.desk.approvals.approve(proposal.id, house.olga.person, house.olga.id)

    def enforced() -> bool:
        chat.gate.refresh()
        return chat.gate.epoch() > before

    wait_for(enforced, 15, "the policy in force")
    assert wait_for(lambda: house.ana.emit("send", house.message("still talking"))["ok"], 30, "sending")


def test_the_ledger_verifies_from_files_and_public_keys_alone(house: House) -> None:
    from audit.ledger.checkpoint import vkey
    from audit.ledger.entries import Log

    wait_for(lambda: found(house.search("lunch")) or house.search("talking"), 20, "something archived")
    for log in Log:
        view = house.desk.views[log]
        key = vkey(view._origin, view._verifier)
        folder = house.suite.home / "ledger" / log
        ran = subprocess.run(
            [sys.executable, "-m", "audit.ledger.verify", str(folder), "--vkey", key],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.faults
@pytest.mark.timeout(420)
def test_a_house_that_burned_down_goes_on_from_the_backup_that_was_taken_while_people_talked(
    house: House, tmp_path: Path
) -> None:
    drill(house, tmp_path, lambda: shutil.rmtree(house.suite.home))


def test_no_process_outlives_the_supervisor(house: House) -> None:
    # The last test of this house: nothing of it is left.
    children = house.suite.offspring()
    assert len(children) > len(house.suite.children()), "also what the children started"
    assert house.suite.process is not None
    house.suite.process.kill()
    house.suite.process.wait(10)
    wait_for(
        lambda: not [c for c in children if c.is_running() and c.status() != "zombie"], 10, "the end of all"
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = serve_house(make_suite(tmp_path_factory.mktemp("house"), policy="demo"))
    yield made
    made.close()
