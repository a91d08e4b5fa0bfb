"""What is damaged, foreign or does not fit is refused, and leaves nothing."""

import json
from pathlib import Path

import pytest

from admin.backups.restore import verify
from admin.backups.take import take
from core.errors import ChanceryError, NotFound
from core.settings import Settings
from core.types import SystemClock
from tests.admin.cli.backups.house import PASSPHRASE, Kept, Living, code_of
from tests.admin.cli.conftest import CommandLine


def test_nothing_is_restored_over_a_house(living: Living) -> None:
    before = {path: path.stat().st_mtime_ns for path in (living.home / "keys").rglob("*")}
    assert code_of(Kept(living.home, living.data, living.keys).restore()) == "already_initialised"
    assert {path: path.stat().st_mtime_ns for path in (living.home / "keys").rglob("*")} == before


@pytest.mark.faults
def test_a_damaged_a_newer_and_a_shortened_backup_are_refused_and_leave_nothing(kept: Kept) -> None:
    with (kept.data / "archive.db").open("r+b") as file:
        file.seek(5_000)
        file.write(b"!")
    assert kept.refused() == "backup_damaged"
    with pytest.raises(ChanceryError, match="archive.db"):
        verify(kept.data, kept.keys, PASSPHRASE, SystemClock(), "sqlite")
    manifest = json.loads((kept.data / "manifest.json").read_text())
    (kept.data / "manifest.json").write_text(json.dumps({**manifest, "format": 3}))
    assert kept.refused() == "backup_newer"
    (kept.data / "manifest.json").write_text("{}")
    assert kept.refused() == "backup_damaged"
    kept.keys.write_bytes(kept.keys.read_bytes()[:-1])
    assert kept.refused() == "backup_closed"


def test_a_manifest_that_was_made_to_fit_is_found_by_the_keys(kept: Kept) -> None:
    manifest = kept.data / "manifest.json"
    written = manifest.read_bytes().replace(b'"tenant": "firm"', b'"tenant": "fork"')
    assert written != manifest.read_bytes()
    manifest.write_bytes(written)
    assert kept.refused() == "backup_damaged"


def test_another_passphrase_opens_nothing(kept: Kept) -> None:
    places = ("--data", str(kept.data), "--keys", str(kept.keys))
    assert code_of(kept.run("restore", *places, passwords=("not the right words",))) == "backup_closed"


def test_halves_that_do_not_fit_are_refused_and_newer_keys_do(living: Living) -> None:
    data, keys = living.back_up()
    kept = living.burn()
    assert kept.refused(data=data) == "keys_older"
    verified = kept.restore("--verify", keys=keys)
    assert verified.exit_code == 0, verified.output
    assert "is whole" in verified.output
    assert not (kept.home / "stores").exists()
    foreign = json.loads((data / "manifest.json").read_text()) | {"house": "another", "id": "another"}
    (data / "manifest.json").write_text(json.dumps(foreign))
    assert kept.refused(data=data, keys=keys) == "foreign_backup"


def test_a_backup_without_a_house_a_passphrase_or_two_places_is_refused(
    chancery: CommandLine, tmp_path: Path
) -> None:
    here, there = tmp_path / "a", tmp_path / "b"
    places = ("backup", "--data", str(here), "--keys", str(there))
    assert code_of(chancery.run(*places, passwords=("short",))) == "passphrase_too_short"
    same = ("backup", "--data", str(here), "--keys", str(here))
    assert code_of(chancery.run(*same, passwords=(PASSPHRASE,))) == "same_place"
    nowhere = Settings(home=tmp_path / "nowhere")
    with pytest.raises(NotFound) as refused:
        take(nowhere, SystemClock(), data=here, keys=there, passphrase=PASSPHRASE, name="none")
    assert refused.value.code == "not_set_up"
    assert not here.exists()
