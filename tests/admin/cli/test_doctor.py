"""``chancery doctor`` finds what is wrong, says what to do, changes nothing, and hangs on nothing."""

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from admin.handbook import DOCS
from admin.health.files import DESK_STATUS
from admin.health.limits import Check, run_checks
from admin.health.lines import HealthLine, HealthState, ok
from core.crypto.pins import DISCOVERY_IDENTITY
from core.types import SystemClock, to_ms
from tests.admin.cli.conftest import CommandLine

WELL = {"ok", "warning", "unchecked"}


@pytest.mark.timeout(180)
def test_a_stopped_house_is_well_says_that_it_is_stopped_and_is_not_changed(own: CommandLine) -> None:
    before = content(own.house.settings.home)
    result = own.run("doctor", "--json", alone=True)
    told = {line["name"]: line for line in json.loads(result.output)["lines"]}
    assert result.exit_code == 0, result.output
    assert told["suite"]["state"] == "unchecked"
    assert "Stopped" in told["suite"]["says"]
    for name in ("chat", "archive", "keystore", "desk"):
        assert told[f"{name} database"]["state"] == "ok"
    for name in ("chat", "archive", "ledger", "discovery"):
        assert told[f"{name} keys"]["state"] == "ok"
    for name in ("pins", "policy signature", "ledger checkpoint", "ledger as seen", "partition keys"):
        assert told[name]["state"] == "ok", told[name]
    assert told["disk"]["state"] in WELL
    assert content(own.house.settings.home) == before
    page = (DOCS / "monitoring.md").read_text("utf-8")
    for name in told.keys() - {"suite"}:
        shown = {f"`{name}`", f"`… {name.split()[-1]}`"}
        assert any(one in page for one in shown), name


def test_a_part_that_runs_beside_others_that_do_not_is_red(own: CommandLine) -> None:
    status = {"at_ms": to_ms(SystemClock().now()), "failing": []}
    (own.house.settings.home / DESK_STATUS).write_text(json.dumps(status))
    lines = examined(own)
    assert lines["suite"]["state"] == "ok"
    assert lines["pages"]["state"] == lines["worker"]["state"] == "red"
    assert "chancery serve" in lines["pages"]["next_step"]
    lines = examined(own, "--role", "desk")
    assert {"pages", "worker", "chat keys"}.isdisjoint(lines), "another machine's"
    assert lines["discovery keys"]["state"] == "ok"


def test_a_key_that_others_may_read_is_red_and_the_remedy_named(own: CommandLine) -> None:
    key = own.house.settings.keys_dir / "ledger" / "log-audit.key"
    key.chmod(0o644)
    line = examined(own)["ledger keys"]
    assert line["state"] == "red"
    assert f"chmod 0600 {key}" in line["says"]


def test_a_key_that_is_missing_is_red(own: CommandLine) -> None:
    (own.house.settings.keys_dir / "archive" / "master.key").unlink()
    assert examined(own)["archive keys"]["state"] == "red"


def test_rings_of_two_houses_are_told_by_their_pins(own: CommandLine) -> None:
    pins = own.house.settings.keys_dir / "chat" / "pins.json"
    held = json.loads(pins.read_text())
    pins.write_text(json.dumps({**held, DISCOVERY_IDENTITY: "AAAA" * 10 + "AAA="}))
    lines = examined(own)
    assert lines["pins"]["state"] == "red"
    assert "chat ring pins another discovery-identity" in lines["pins"]["says"]
    assert lines["policy signature"]["state"] == "red"


def test_an_archive_or_a_ledger_that_was_put_back_is_red(own: CommandLine) -> None:
    from sqlalchemy import update

    from core.schema import desk
    from core.store import Statement

    own.house.pages.home.overview()  # the desk looks
    own.house.services.store.write(lambda tx: tx.run(Statement(update(desk.checkpoints).values(size=10_000))))
    line = examined(own)["ledger as seen"]
    assert line["state"] == "red"
    assert "10,000 entries when the desk looked" in line["says"]
    (own.house.settings.home / "ledger" / "audit" / "checkpoint").unlink()
    assert examined(own)["ledger checkpoint"]["state"] == "red"


def test_a_directory_that_says_nothing_costs_its_time_and_nothing_else(own: CommandLine, silent: str) -> None:
    settings = own.house.settings.home / "chancery.toml"
    said = settings.read_text().replace("[directory.roles]", 'directory.kind = "ldap"\n[directory.roles]')
    server = f'uris = ["{silent}"]\nbase = "dc=x"\nallow_plaintext = true\ntimeout_seconds = 1.0'
    server += '\nuser_dn_template = "uid={username},dc=x"'
    settings.write_text(f"{said}\n[ldap]\n{server}\n")
    lines = examined(own)
    assert lines["directory from here"]["state"] == "red"
    assert "Nobody can sign in" in lines["directory from here"]["next_step"], lines["directory from here"]
    assert lines["chat database"]["state"] == lines["chat keys"]["state"] == "ok"


def test_a_disk_that_runs_full_is_told_before_it_is(own: CommandLine) -> None:
    settings = own.house.settings.home / "chancery.toml"
    said = settings.read_text()
    for key, state in (("disk.low_mib", "warning"), ("disk.full_mib", "red")):
        settings.write_text(f"{key} = 999999999\n{said}")
        line = examined(own)["disk"]
        assert line["state"] == state
        assert "du -xh" in line["next_step"]


def test_a_check_that_hangs_is_red_in_its_time_and_the_others_are_told() -> None:
    never = threading.Event()

    def hang() -> Iterator[HealthLine]:
        never.wait()
        yield ok("dead", "")

    lines = run_checks([Check("dead", hang, 0.2), Check("alive", lambda: [ok("alive", "Well.")])])
    never.set()
    assert [(line.name, line.state) for line in lines] == [
        ("dead", HealthState.RED),
        ("alive", HealthState.OK),
    ]
    assert lines[0].says == "No answer within 0.2 s."


def test_what_belongs_to_another_user_is_neither_red_nor_green() -> None:
    def foreign() -> list[HealthLine]:
        cause = PermissionError(13, "Permission denied", "/keys/desk/root.key")
        raise ValueError from cause

    (line,) = run_checks([Check("desk keys", foreign)])
    assert line.state is HealthState.UNCHECKED
    assert "/keys/desk/root.key belongs to another" in line.says


def test_words_of_an_unknown_error_are_not_repeated() -> None:
    def broken() -> list[HealthLine]:
        raise RuntimeError("a secret")

    (line,) = run_checks([Check("x", broken)])
    assert line.state is HealthState.RED
    assert "secret" not in line.says + line.next_step


def examined(chancery: CommandLine, *options: str) -> dict[str, dict[str, Any]]:
    """Return the doctor's lines by their names; a red one before the others of its name."""
    lines = json.loads(chancery.run("doctor", "--json", *options).output)["lines"]
    return {line["name"]: line for line in sorted(lines, key=lambda line: line["state"] == "red")}


def content(home: Path) -> dict[str, str]:
    """Return what stands in a folder, without what SQLite keeps beside a database that is open."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


@pytest.fixture
def silent() -> Iterator[str]:
    """A directory server that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"ldap://127.0.0.1:{server.getsockname()[1]}"
