"""``chancery status`` says how every part is, and ends with 1 when anything is red."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from admin.health.files import WORKER_STATUS
from admin.health.lines import HealthState
from admin.health.report import report
from admin.health.told import told_lines
from admin.worker import Worker
from core.access import Database
from core.settings import Settings
from core.types import SystemClock
from tests.admin.cli.conftest import CommandLine
from tests.factories.desk import settings_of


def test_a_house_that_is_not_served_is_red_and_says_what_to_do(chancery: CommandLine) -> None:
    result = chancery.run("status")
    assert result.exit_code == 1
    assert result.output.count("At revision 0") == len(Database), "the databases are fine"
    assert result.output.count("Start it: `chancery serve`") >= 3


def test_what_runs_on_another_machine_is_neither_red_nor_green(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    (settings.keys_dir / "ledger").mkdir(parents=True)
    lines = {line.name: line for line in told_lines(settings, SystemClock().now())}
    assert lines["worker"].state is HealthState.RED, "its keys are here"
    assert lines["desk chores"].state is HealthState.UNCHECKED
    assert "chancery status" in lines["desk chores"].next_step


def test_what_the_worker_writes_is_shown(worker_status: Path) -> None:
    settings = settings_of(worker_status.parent)
    lines = {line.name: line for line in report(settings, datetime.now(UTC))}
    assert lines["worker"].state is HealthState.OK
    assert "Number 1, " in lines["policy"].says
    assert lines["ledger"].says.startswith("Entries signed: ")
    assert lines["index"].state is HealthState.OK
    assert lines["partitions"].state is HealthState.OK
    assert "index shards" not in lines, "folders have no such limit"
    stale = {line.name: line for line in report(settings, datetime.now(UTC) + timedelta(minutes=1))}
    assert stale["worker"].state is HealthState.RED


def test_an_index_that_refuses_documents_is_red(worker_status: Path) -> None:
    status = orjson.loads(worker_status.read_bytes())
    worker_status.write_bytes(orjson.dumps({**status, "refused": 3}))
    lines = {line.name: line for line in report(settings_of(worker_status.parent), datetime.now(UTC))}
    assert lines["index"].state is HealthState.RED
    assert "3 documents" in lines["index"].says


def test_shards_that_run_short_are_red_before_an_index_is_refused(worker_status: Path) -> None:
    status = orjson.loads(worker_status.read_bytes())
    for used, state in ((812, HealthState.OK), (990, HealthState.RED), (1_004, HealthState.RED)):
        worker_status.write_bytes(orjson.dumps({**status, "shards": {"used": used, "limit": 1_000}}))
        lines = {line.name: line for line in report(settings_of(worker_status.parent), datetime.now(UTC))}
        assert lines["index shards"].state is state
        assert f"{used:,} of the 1,000 shards" in lines["index shards"].says


def test_a_bus_that_is_away_is_a_warning_that_says_what_it_costs(worker_status: Path) -> None:
    status = orjson.loads(worker_status.read_bytes())
    assert status["bus"] is None, "a house in files has none"
    for answers, state in ((True, HealthState.OK), (False, HealthState.WARNING)):
        worker_status.write_bytes(orjson.dumps({**status, "bus": {"ok": answers, "detail": "As it is."}}))
        lines = {line.name: line for line in report(settings_of(worker_status.parent), datetime.now(UTC))}
        assert lines["bus"].state is state
    assert "Nothing is lost" in lines["bus"].next_step


def test_each_directory_server_and_a_sync_that_stopped_are_shown(worker_status: Path) -> None:
    servers = [
        {
            "server": "ldaps://one",
            "ok": False,
            "says": "The directory ldaps://one cannot answer: it is away.",
        },
        {"server": "ldaps://two", "ok": True, "says": "Answers."},
        {"server": "ldaps://three", "ok": True, "says": "Answers.", "warning": "Its certificate ends soon."},
    ]
    sync = {"at_ms": 0, "present": 9, "stopped": "7 of 9 people would lose their account."}
    status = orjson.loads(worker_status.read_bytes())
    worker_status.write_bytes(orjson.dumps({**status, "directory": {"servers": servers, "sync": sync}}))
    lines = report(settings_of(worker_status.parent), datetime.now(UTC))
    shown = {(line.name, line.state): line.says for line in lines}
    warnings = [line for line in lines if (line.name, line.state) == ("directory", HealthState.WARNING)]
    assert "ldaps://one" in warnings[0].says, "people can sign in still"
    assert "ldaps://three: Its certificate ends soon." in warnings[1].says
    assert "Renew it in time" in warnings[1].next_step
    assert "ldaps://two" in shown["directory", HealthState.OK]
    assert "7 of 9" in shown["directory sync", HealthState.RED]


def test_documents_that_the_index_refuses_show_on_every_search(own: CommandLine) -> None:
    index = own.house.worker.index
    partition = next(p for p in own.house.services.rebuild.partitions() if index.count(p))
    index.delete(partition, [next(iter(index.ids(partition)))])
    path = written_by_a_worker(own)
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), "refused": 1}))
    coverage = own.house.services.search.coverage()
    assert (coverage.not_indexed, coverage.refused) == (1, 1)


def test_the_index_template_is_printed_for_whoever_runs_the_cluster(chancery: CommandLine) -> None:
    template = orjson.loads(chancery.run("index", "template").output)
    assert template["index_patterns"] == [
        "chancery-1*",
        "chancery-2*",
        "chancery-chat-1*",
        "chancery-chat-2*",
    ]
    assert template["template"]["mappings"]["dynamic"] == "strict"


@pytest.fixture
def worker_status(chancery: CommandLine) -> Path:
    """What a worker of this house wrote a moment ago."""
    return written_by_a_worker(chancery)


def written_by_a_worker(chancery: CommandLine) -> Path:
    """Return the file of a worker that has just written how it is."""
    worker = Worker(settings_of(chancery.house.settings.home))
    worker.services.chat.gate.refresh()
    worker.services.partitions.accept_offers()
    worker.look_at_index()
    worker.look_at_shards()
    worker.write_status()
    services = worker.services
    for store in (services.chat.store, services.archive, services.keystore, services.desk):
        store.close()
    return chancery.house.settings.home / WORKER_STATUS
