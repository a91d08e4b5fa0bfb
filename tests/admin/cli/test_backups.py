"""A house is backed up from the command line and comes back whole, into an empty home, or not at all."""

import fcntl
import json
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, select

from admin.backups.files import keep_files, spoken_of
from admin.backups.manifest import house_of, parse_manifest
from admin.backups.restore import restore, verify
from admin.backups.take import Taken, take
from admin.cli import main
from admin.databases import database_of
from admin.file_chores import FileChores
from admin.house import check_whole
from audit.retention.dispose import DispositionState
from core.access import Database
from core.blobs.open import open_blob_store
from core.errors import ChanceryError, Conflict, NotFound
from core.schema import chat as chat_schema
from core.schema import keystore
from core.settings import Settings
from core.types import BundleHash, PersonId, SystemClock
from policies.highest import HighestBundle
from tests.admin.cli.conftest import CommandLine, run_here
from tests.factories.desk import PASSWORD, House, make_house, settings_of
from tests.factories.files import FileHouse, upload
from tests.fakes.clock import DrivenClock
from tests.services.buckets import ACCESS, SECRET, new_bucket, s3_server

PASSPHRASE = "six unrelated words of a backup"
DATA, KEYS = "to-data", "to-keys"


@dataclass
class Kept:
    """A backup of a house, where it lies, and the home into which it is restored."""

    home: Path
    data: Path
    keys: Path

    def run(self, *command: str, passwords: tuple[str, ...] = (PASSPHRASE,)) -> Result:
        return run_at(self.home, *command, passwords=passwords)

    def restore(self, *more: str, data: Path | None = None, keys: Path | None = None) -> Result:
        places = ("--data", str(data or self.data), "--keys", str(keys or self.keys))
        return self.run("restore", *places, *more)

    def refused(self, *more: str, data: Path | None = None, keys: Path | None = None) -> str:
        """Return the code with which a restore is refused; nothing is there afterwards."""
        result = self.restore(*more, data=data, keys=keys)
        assert result.exit_code == 1, result.output
        assert not [path for path in self.home.rglob("*") if path.is_file() and path.stat().st_size]
        return code_of(result)


@dataclass
class Living:
    """A house, its first backup, and where its backups lie."""

    own: CommandLine
    folder: Path
    data: Path
    keys: Path

    @property
    def home(self) -> Path:
        return self.own.house.settings.home

    def back_up(self) -> tuple[Path, Path]:
        """Take another backup; return where its halves are."""
        return place_of(back_up(self.own, self.folder))

    def burn(self) -> Kept:
        """Lose the house."""
        self.own.house.close()
        shutil.rmtree(self.home)
        return Kept(self.home, self.data, self.keys)


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


def test_files_come_back_as_they_lay_sealed(living: Living) -> None:
    house = living.own.house
    file = send_file(living, b"the walrus plan")
    house.work()
    living.data, living.keys = living.back_up()
    kept = objects_in(living.data / "blobs")
    assert kept
    assert kept == objects_in(house.settings.blobs_dir)
    assert b"walrus" not in b"".join(kept.values())
    ben = house.people["ben"]
    again, result = rise(living.burn())
    assert "nothing differs" in result.output, result.output
    assert read_file(again, ben, file) == b"the walrus plan"
    again.close()


def test_a_file_of_which_a_byte_changed_is_found_before_anything_is_restored(living: Living) -> None:
    send_file(living, b"the walrus plan")
    living.data, living.keys = living.back_up()
    path = next((living.data / "blobs").glob("??/*"))
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert living.burn().refused() == "backup_damaged"


def test_a_file_that_was_lost_is_named_by_the_backup_and_by_the_restore(living: Living) -> None:
    house = living.own.house
    send_file(living, b"the walrus plan")
    house.work()
    lost = sorted(house.worker.files.blobs.store.names())
    for name in lost:
        house.worker.files.blobs.store.delete(name)
    result = back_up(living.own, living.folder)
    assert result.exit_code == 1
    named = parse_manifest((newest(living.folder / DATA) / "manifest.json").read_bytes()).lost
    assert len(named) == 1, "what was only made of it can be missed"
    assert f"Lost {named[0]}" in result.output
    living.data, living.keys = newest(living.folder / DATA), newest(living.folder / KEYS)
    restored = living.burn().restore()
    assert restored.exit_code == 1
    assert f"missing_blob: {named[0].split('.')[0]}" in restored.output


def test_what_is_removed_while_files_are_copied_is_not_called_lost(living: Living) -> None:
    house, settings = living.own.house, living.own.house.settings
    house.chat.gate.refresh()
    ana, files = house.people["ana"], house.worker.files
    file = upload(files, ana, living.own.room, "draft.txt", b"never sent")
    chat, archive = (database_of(settings, one).snapshot() for one in (Database.CHAT, Database.ARCHIVE))
    spoken = spoken_of(chat, archive)
    chat.close()
    archive.close()
    assert spoken.needed
    files.uploads.cancel(ana, file)
    FileChores(house.chat, files).sweep.run()
    assert keep_files(settings, spoken, living.folder) == ()


def test_files_in_a_bucket_are_looked_for_and_named_not_copied(living: Living) -> None:
    house = living.own.house
    send_file(living, b"the walrus plan")
    house.work()
    with s3_server() as endpoint:
        name = new_bucket(endpoint)
        in_bucket = replace(
            house.settings,
            blobs_kind="s3",
            s3_endpoint=endpoint,
            s3_bucket=name,
            s3_access_key=ACCESS,
            s3_secret_key=SECRET,
        )
        store, objects = open_blob_store(in_bucket), objects_in(house.settings.blobs_dir)
        for each, content in objects.items():
            store.put(each, content)
        whole = take_into(living.folder / "whole", in_bucket)
        assert whole.manifest.blobs == f"bucket {name} at {endpoint}, no prefix"
        assert whole.manifest.lost == ()
        assert not (whole.data / "blobs").exists()
        for each in objects:
            store.delete(each)
        assert len(take_into(living.folder / "lossy", in_bucket).manifest.lost) == 1


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


def test_keys_whose_time_is_over_are_removed_by_the_next_backup_and_not_restored_unasked(
    living: Living,
) -> None:
    later = DrivenClock(SystemClock().now() + timedelta(days=15))
    with pytest.raises(Conflict) as ended:
        verify(living.data, living.keys, PASSPHRASE, later, "sqlite")
    assert ended.value.code == "keys_ended"
    verify(living.data, living.keys, PASSPHRASE, later, "sqlite", accept_ended=True)
    stranger = living.keys.with_name("of-another-program.keys")
    stranger.write_bytes(b"not ours")
    taken = take(
        living.own.house.settings,
        later,
        data=living.folder / DATA,
        keys=living.folder / KEYS,
        passphrase=PASSPHRASE,
        name="later",
    )
    assert taken.removed == (living.keys,)
    assert not living.keys.exists()
    assert stranger.exists()
    assert living.data.exists(), "data is kept for as long as whoever keeps it likes"


def test_what_was_condemned_since_gets_no_keys_back_and_is_destroyed_again(living: Living) -> None:
    house = living.own.house
    partition = house.services.rebuild.partitions()[0]
    with database_of(house.settings, Database.KEYSTORE).connect() as connection:
        connection.execute(
            insert(keystore.dispositions).values(
                partition_id=partition, state="condemned", due_ms=1, condemned_by="schedule", condemned_ms=2
            )
        )
        connection.commit()
    newer, keys = living.back_up()
    told = parse_manifest((newer / "manifest.json").read_bytes())
    assert [one.partition for one in told.dispositions] == [partition]
    keys.unlink()
    kept = living.burn()
    result = kept.restore()
    assert f"{partition} was to be destroyed" in result.output, result.output
    assert not list((kept.home / "keys" / "discovery" / "partitions").glob(f"{partition}.*"))
    with database_of(settings_of(kept.home), Database.KEYSTORE).connect() as connection:
        c = keystore.dispositions.c
        rows = connection.execute(select(c.partition_id, c.state)).all()
        assert [tuple(row) for row in rows] == [(partition, "keyless")]


def test_an_old_backup_with_newer_keys_does_not_undo_what_was_destroyed_between(living: Living) -> None:
    house = living.own.house
    partition = house.services.rebuild.partitions()[0]
    with database_of(house.settings, Database.KEYSTORE).connect() as connection:
        connection.execute(
            insert(keystore.dispositions).values(
                partition_id=partition, state="destroyed", due_ms=1, condemned_by="schedule", condemned_ms=2
            )
        )
        connection.commit()
    house.services.partition_keys.destroy(partition)
    _, keys = living.back_up()
    kept = living.burn()
    assert f"{partition} was to be destroyed" in kept.restore(keys=keys).output
    (kept.home / "code").write_text("")
    again = make_house(Path(), kept.home, datetime.now(UTC), settings=settings_of(kept.home))
    for _ in range(3):
        again.work()
        again.work_at_desk()
    assert again.services.disposal.states() == {partition: DispositionState.DESTROYED}
    assert partition not in again.services.rebuild.partitions()
    again.close()


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


def test_an_older_policy_than_this_machine_saw_is_not_restored(kept: Kept) -> None:
    kept.home.mkdir()
    HighestBundle(kept.home / "highest-bundle-worker").raise_to(7, BundleHash("sha256:seven"))
    assert code_of(kept.restore()) == "older_policy"
    assert not (kept.home / "keys").exists()


def test_an_archive_put_back_alone_is_noticed(living: Living) -> None:
    house = living.own.house
    house.send(living.own.room, "ana", "said after the backup")
    house.work()
    house.close()
    stores = living.home / "stores"
    for left in stores.glob("archive.db*"):
        left.unlink()
    shutil.copy(living.data / "archive.db", stores / "archive.db")
    assert living.own.run("ledger", "verify").exit_code == 1
    found = living.own.run_as("olga", "archive", "reconcile").output
    assert "checkpoint_ahead: archive" in found


def test_a_chat_store_put_back_alone_is_noticed(living: Living) -> None:
    house = living.own.house
    house.send(living.own.room, "ana", "said after the backup")
    house.work()
    house.close()
    stores = living.home / "stores"
    for left in stores.glob("chat.db*"):
        left.unlink()
    shutil.copy(living.data / "chat.db", stores / "chat.db")
    found = living.own.run_as("olga", "archive", "reconcile").output
    assert f"counter_behind: {living.own.room}" in found
    assert "missing_version: " in found


def test_two_backups_at_once_are_one(living: Living) -> None:
    with (living.home / ".backup").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert code_of(back_up(living.own, living.folder)) == "backup_running"


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


class Killed(BaseException):
    """A process died here."""


def send_file(living: Living, content: bytes) -> str:
    """Let Ana send a file that is delivered; return its id."""
    house = living.own.house
    house.chat.gate.refresh()
    file = upload(house.worker.files, house.people["ana"], living.own.room, "plan.txt", content)
    house.send(living.own.room, "ana", "", files=(file,))
    FileHouse.check_in(house)
    return file


def read_file(house: House, who: PersonId, file: str) -> bytes:
    """Return what somebody is given who opens a file."""
    given = house.worker.files.shown.get(who, file)
    return b"".join(house.worker.files.shown.read(given, 0, given.stored.size))


def take_into(folder: Path, settings: Settings) -> Taken:
    return take(
        settings, SystemClock(), data=folder / DATA, keys=folder / KEYS, passphrase=PASSPHRASE, name="taken"
    )


def objects_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("??/*")}


def newest(folder: Path) -> Path:
    return max(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)


def rise(kept: Kept) -> tuple[House, Result]:
    """Restore a house, and open it."""
    result = kept.restore()
    (kept.home / "code").write_text("")
    return make_house(Path(), kept.home, datetime.now(UTC), settings=settings_of(kept.home)), result


def run_at(home: Path, *command: str, passwords: tuple[str, ...]) -> Result:
    answers = "".join(f"{password}\n" for password in passwords)
    return CliRunner().invoke(main, command, input=answers, env={"CHANCERY_HOME": str(home)}, obj=run_here)


def code_of(result: Result) -> str:
    assert result.exit_code == 1, result.output
    return result.stderr.partition("[")[2].partition("]")[0]


def back_up(own: CommandLine, folder: Path) -> Result:
    places = ("--data", str(folder / DATA), "--keys", str(folder / KEYS))
    return own.run("backup", *places, passwords=(PASSPHRASE,))


def place_of(result: Result) -> tuple[Path, Path]:
    """Return where the halves are, as the command says."""
    assert result.exit_code == 0, result.output
    said = dict(line.split(": ", 1) for line in result.output.splitlines()[:2])
    return Path(said["Data"].split(" (")[0]), Path(said["Keys"].split(" (")[0])


@pytest.fixture
def living(own: CommandLine, tmp_path: Path) -> Living:
    data, keys = place_of(back_up(own, tmp_path))
    return Living(own, tmp_path, data, keys)


@pytest.fixture(scope="module")
def taken(chancery: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A backup of the house that nobody damages."""
    return place_of(back_up(chancery, tmp_path_factory.mktemp("backups")))


@pytest.fixture
def kept(taken: tuple[Path, Path], tmp_path: Path) -> Kept:
    data, keys = taken
    (tmp_path / KEYS).mkdir()
    return Kept(
        tmp_path / "home",
        shutil.copytree(data, tmp_path / DATA / data.name),
        Path(shutil.copy2(keys, tmp_path / KEYS)),
    )
