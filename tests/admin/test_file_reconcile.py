"""Files that somebody refers to and that are missing are named, and so are those of nobody."""

import os
from typing import Any

import pytest

from admin.cli.steps.evidence import reconcile_at_worker
from core.blobs.sealed import blob_of
from core.types import ItemId, new_id
from tests.factories.desk import House
from tests.factories.files import FileHouse, png


@pytest.fixture
def files(house: House) -> FileHouse:
    return FileHouse(house)


def test_files_on_every_way_are_no_difference(files: FileHouse) -> None:
    files.send("holiday.png", png(900, 600))
    files.check()
    files.upload("draft.txt", b"never sent")
    files.send("waits.txt", b"being checked")
    files.house.work()
    found = reconciled(files)
    assert found["differences"] == []
    assert found["compared"]["blobs"] == len(kept(files)) == 5, "the picture, two small ones, two texts"


def test_a_missing_file_is_named_by_chat_and_archive(files: FileHouse) -> None:
    told = files.send("plan.txt", b"the walrus plan")
    files.check()
    files.house.work()
    for name in kept(files):
        files.files.blobs.store.delete(name)
    found = {(one["kind"], one["detail"]) for one in reconciled(files)["differences"]}
    (partition,) = {detail for _, detail in found} - {f"file {told['files'][0]['id']} of the chat"}
    assert partition.endswith("-group")
    assert {kind for kind, _ in found} == {"missing_blob"}


def test_a_file_that_the_chat_forgot_is_missed_by_the_archive_alone(files: FileHouse) -> None:
    told = files.send("plan.txt", b"the walrus plan")
    files.check()
    files.house.delete(files.room, "ana", ItemId(told["id"]))
    files.house.work()
    files.chores.sweep.run()
    assert reconciled(files)["differences"] == []
    (name,) = kept(files)
    files.files.blobs.store.delete(name)
    (missing,) = reconciled(files)["differences"]
    assert (missing["kind"], missing["subject"]) == ("missing_blob", blob_of(name))
    assert missing["detail"].endswith("-group")


def test_what_nobody_knows_is_named_once_it_is_old_enough(files: FileHouse) -> None:
    store = files.files.blobs.store
    store.put(f"{(orphan := new_id())}.0", b"of nobody")
    assert reconciled(files)["differences"] == [], "its writer may still be about to say so"
    folder = files.house.settings.blobs_dir
    (path,) = folder.glob(f"??/{orphan}.0")
    os.utime(path, (path.stat().st_mtime - 25 * 3_600,) * 2)
    (named,) = reconciled(files)["differences"]
    assert (named["kind"], named["subject"]) == ("orphan_blob", orphan)


def reconciled(files: FileHouse) -> dict[str, Any]:
    return reconcile_at_worker(files.house.settings, {})


def kept(files: FileHouse) -> list[str]:
    return sorted(files.files.blobs.store.names())
