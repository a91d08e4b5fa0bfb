"""A house is backed up from the command line and comes back whole, into an empty home, or not at all."""

import fcntl
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from admin.backups.manifest import house_of
from admin.backups.restore import restore, verify
from admin.databases import database_of
from admin.house import check_whole
from core.access import Database
from core.errors import ChanceryError
from core.schema import chat as chat_schema
from core.types import SystemClock
from tests.admin.cli.backups.house import DATA, KEYS, PASSPHRASE, Kept, Killed, Living, back_up, code_of
from tests.factories.desk import PASSWORD, settings_of


def test_a_house_that_burned_comes_back_with_all_that_was_said(living: Living) -> None:
    modes = {path: path.stat().st_mode for path in (living.home / "keys").rglob("*")}
    kept = living.burn()
    result = kept.restore()
    assert result.exit_code == 0, result.output
    assert "nothing differs" in result.output
    assert {path: path.stat().st_mode for path in (kept.home / "keys").rglob("*")} == modes
    assert (kept.home / "chancery.toml").exists(), "the settings came back with the keys"
    check_whole(settings_of(kept.home))
    assert "Everything is as it was signed." in kept.run("ledger", "verify").output
    reconciled = kept.run("archive", "reconcile", "--as", "olga", passwords=(PASSWORD,))
    assert {line.split()[1] for line in reconciled.output.splitlines() if "Differs" in line} <= {
        "missing_document:"
    }, "the index is made again while the house is served"


def test_neither_half_shows_text_or_a_key_and_nothing_unfinished_is_left(living: Living) -> None:
    names = {str(path.relative_to(living.data)) for path in living.data.rglob("*") if path.is_file()}
    assert names == {
        "manifest.json", "chat.db", "archive.db", "desk.db", "ledger/archive", "ledger/audit",
    }  # fmt: skip
    told = b"".join(path.read_bytes() for path in (*living.data.rglob("*.*"), living.keys))
    assert b"heron" not in told
    for root in (living.home / "keys").rglob("root.key"):
        assert root.read_bytes() not in told
    assert not stat.S_IMODE(living.keys.stat().st_mode) & 0o077
    assert not [*living.folder.rglob(".draft*"), *living.home.glob(".draft*")]


def test_all_sessions_end_with_a_restore_and_that_is_on_record(living: Living) -> None:
    chat = living.own.house.chat
    chat.store.write(lambda tx: chat.sessions.do_open(tx, living.own.house.people["ana"], "", ""))
    living.data, living.keys = living.back_up()
    kept = living.burn()
    assert kept.restore().exit_code == 0
    with database_of(settings_of(kept.home), Database.CHAT).connect() as connection:
        ended = connection.execute(select(chat_schema.sessions.c.revoked_ms)).scalars().all()
        waiting = connection.execute(select(chat_schema.outbox.c.kind)).scalars().all()
    assert ended
    assert None not in ended
    assert waiting.count("trail") >= 2, "the backup, and that it was restored"


def test_a_restore_that_is_killed_anywhere_is_no_house_and_the_next_begins_anew(kept: Kept) -> None:
    settings = settings_of(kept.home)
    halves = verify(kept.data, kept.keys, PASSPHRASE, SystemClock(), "sqlite")
    steps: list[str] = []

    def run(reach: Callable[[str], None]) -> None:
        restore(settings, kept.data, kept.keys, PASSPHRASE, halves, settle=list, reach=reach)

    run(steps.append)
    assert len(steps) == 10
    shutil.rmtree(kept.home)
    for step in steps:
        left = kept.home.with_name(f"left-{step}")

        def die(at: str, step: str = step, left: Path = left) -> None:
            if at == step:
                # What stood there then; nothing above it may tidy that up.
                shutil.copytree(kept.home, left)
                raise Killed

        with pytest.raises(Killed):
            run(die)
        shutil.rmtree(kept.home)
        left.rename(kept.home)
        with pytest.raises(ChanceryError) as half:
            check_whole(settings)
        assert half.value.code in {"half_set_up", "not_set_up"}, step
    run(lambda _: None)
    check_whole(settings)


def test_what_a_killed_backup_left_is_removed_by_the_next(living: Living) -> None:
    house = house_of(living.home / "keys")
    left = [place / f".draft-{house}" for place in (living.folder / DATA, living.folder / KEYS, living.home)]
    strange = living.folder / DATA / ".draft-of-another-house"
    for path in (left[0], left[2], strange):
        path.mkdir()
        (path / "keystore.db").write_bytes(b"half")
    left[1].write_bytes(b"half")
    living.back_up()
    assert not [path for path in left if path.exists()]
    assert strange.exists()


def test_two_backups_at_once_are_one(living: Living) -> None:
    with (living.home / ".backup").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert code_of(back_up(living.own, living.folder)) == "backup_running"
