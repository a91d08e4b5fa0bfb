"""What people sent as files is backed up and comes back, and what was lost is named."""

from dataclasses import replace
from pathlib import Path

from admin.backups.files import keep_files, spoken_of
from admin.backups.manifest import parse_manifest
from admin.databases import database_of
from admin.file_chores import FileChores
from core.access import Database
from core.blobs.open import open_blob_store
from core.types import ItemId, PersonId, new_id
from tests.admin.cli.backups.house import DATA, KEYS, Living, back_up, newest, rise, take_into
from tests.factories.desk import House
from tests.factories.files import FileHouse, upload
from tests.services.buckets import ACCESS, SECRET, new_bucket, s3_server


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


def test_a_forwarded_file_comes_back_also_where_the_first_message_is_gone(living: Living) -> None:
    house = living.own.house
    ana, ben = house.people["ana"], house.people["ben"]
    item, _ = send_message(living, b"the walrus plan")
    house.chat.gate.refresh()
    said = (living.own.room, item)
    passed_on = house.chat.messaging.forward(ben, new_id(), living.own.room, said)
    FileHouse.check_in(house)
    house.chat.gate.refresh()
    house.chat.messaging.delete(ana, new_id(), *said)
    house.work()
    living.data, living.keys = living.back_up()
    again, result = rise(living.burn())
    assert "nothing differs" in result.output, result.output
    assert read_file(again, ben, passed_on["files"][0]["id"]) == b"the walrus plan"
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


def send_file(living: Living, content: bytes) -> str:
    """Let Ana send a file that is delivered; return its id."""
    return send_message(living, content)[1]


def send_message(living: Living, content: bytes) -> tuple[ItemId, str]:
    """Let Ana send a file that is delivered; return the ids of the message and of the file."""
    house = living.own.house
    house.chat.gate.refresh()
    file = upload(house.worker.files, house.people["ana"], living.own.room, "plan.txt", content)
    told = house.send(living.own.room, "ana", "", files=(file,))
    FileHouse.check_in(house)
    return ItemId(told["id"]), file


def read_file(house: House, who: PersonId, file: str) -> bytes:
    """Return what somebody is given who opens a file."""
    given = house.worker.files.shown.get(who, file)
    return b"".join(house.worker.files.shown.read(given, 0, given.stored.size))


def objects_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("??/*")}
