"""From the archive's entries to a published log, and everything that can be wrong with it."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.ledger import rows, verify
from audit.ledger.checkpoint import Checkpoint, open_note, read_note, sign, vkey, write_checkpoint
from audit.ledger.commitment import commit_fields, disclose
from audit.ledger.entries import Log
from audit.ledger.proof import prove
from audit.ledger.tiles import TileReader
from audit.ledger.tree import check_consistency, consistency_proof
from core.access import Database
from core.crypto.signing import Signer, Verifier
from core.errors import Conflict, IntegrityError, NotFound
from tests.factories.ledger import ORIGINS, SIGNERS, VKEYS, Ledger, R, act, item
from tests.factories.stores import empty_store


def test_a_published_ledger_verifies_from_its_files_and_the_keys_alone(ledger: Ledger) -> None:
    ledger.log_items(300)
    ledger.log_acts(5)
    ledger.publish()
    done = _standalone(ledger.folder)
    assert (done.returncode, done.stdout) == (
        0,
        "archive: 300 entries, all as signed\naudit: 5 entries, all as signed\n",
    )


def test_a_log_that_grows_while_it_is_verified_is_as_signed(ledger: Ledger) -> None:
    ledger.log_items(300)
    ledger.log_acts(5)
    ledger.publish()
    partial = ledger.folder / "archive/tile/0/001.p"
    assert partial.is_dir()

    def entries() -> Iterator[bytes]:
        ledger.log_items(300)
        ledger.publish()
        assert not partial.exists()
        yield from ledger.store.read(lambda tx: rows.entries(tx, Log.ARCHIVE, 0, 600))

    report = verify.verify_folder(ledger.folder, VKEYS, {str(Log.ARCHIVE): entries()})
    assert (report.findings, report.sizes["archive"]) == ([], 300)
    assert report.notes == ["the archive has entries of archive that are not published yet"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_one_flipped_byte_anywhere_is_found_and_named(published: Path, data: st.DataObject) -> None:
    files = sorted(path for path in published.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files))
    content = path.read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    changed = bytearray(content)
    changed[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(changed))
    try:
        report = verify.verify_folder(published, VKEYS)
    finally:
        path.write_bytes(content)
    log = path.relative_to(published).parts[0]
    assert any(log in finding for finding in report.findings), (path, place)


def test_a_changed_entry_and_a_changed_leaf_are_named_by_their_number(published: Path) -> None:
    tile = published / "archive/tile/0/000"
    _change(tile, 12 * 32)
    assert verify.verify_folder(published, VKEYS).findings == ["entry 12 of archive: leaf differs from tile"]
    _change(tile, 12 * 32)
    _change(published / "archive/tile/entries/000", -1)
    assert verify.verify_folder(published, VKEYS).findings == [
        "entry 255 of archive: is no canonical entry",
        "entry 255 of archive: leaf differs from tile",
        "root of archive: the entries give another than the checkpoint",
        "tile/1/000.p/1 of archive: hash 0 differs from the tile below",
    ]


def test_a_flipped_signature_a_wrong_key_and_a_missing_key_are_told_apart(published: Path) -> None:
    note = published / "audit/checkpoint"
    _change(note, -20)
    assert verify.verify_folder(published, VKEYS).findings[0].startswith("checkpoint of audit: ")
    _change(note, -20)
    other = vkey(ORIGINS[Log.AUDIT], Signer.generate().verifier)
    assert verify.verify_folder(published, [VKEYS[0], other]).findings == [
        "checkpoint of audit: not signed by the key given"
    ]
    assert verify.verify_folder(published, VKEYS[:1]).findings == [
        "checkpoint of audit: no key was given for this log"
    ]
    shutil.rmtree(published / "audit")
    assert verify.verify_folder(published, VKEYS).findings == [
        f"log audit: no such log in {published.name}, but a key for it"
    ]


TAMPERING: dict[str, tuple[Callable[[Path], object], str]] = {
    "a tile is deleted": (lambda log: (log / "tile/0/000").unlink(), "tile 0/0 of archive: missing"),
    "an upper tile is deleted": (lambda log: shutil.rmtree(log / "tile/1"), "tile 1/0 of archive: missing"),
    "a bundle is deleted": (
        lambda log: (log / "tile/entries/000").unlink(),
        "entry 0 of archive: missing, the checkpoint counts 288",
    ),
    "the end is cut off": (
        lambda log: (log / "tile/entries/001.p/32").unlink(),
        "entry 258 of archive: missing, the checkpoint counts 288",
    ),
    "a file is added": (
        lambda log: (log / "extra").write_text("x"),
        "extra of archive: not a file of this log",
    ),
    "a tile is added": (
        lambda log: (log / "tile/0/009").write_bytes(bytes(8192)),
        "tile 0/9 of archive: its entries are missing",
    ),
    "an upper tile is added": (
        lambda log: _add(log / "tile/2/000.p/1", bytes(32)),
        "tile 2/0 of archive: nothing below it",
    ),
    "the checkpoint is deleted": (
        lambda log: (log / "checkpoint").unlink(),
        "checkpoint of archive: missing",
    ),
    "a tile is lengthened": (
        lambda log: _add(log / "tile/0/000", bytes(8193)),
        "tile/0/000 of archive: has 8193 bytes, not 8192",
    ),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_named(published: Path, name: str) -> None:
    tamper, expected = TAMPERING[name]
    tamper(published / "archive")
    findings = verify.verify_folder(published, VKEYS).findings
    assert any(finding.startswith(expected) for finding in findings), findings


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (lambda: [item(0, "a"), item(2, "b")], "entry 1 of archive: says it is 2 of archive"),
        (lambda: [item(0, "a"), item(1, "a")], "entry 1 of archive: the same item and version as entry 0"),
        (
            lambda: [item(0, "a"), item(1, "b", 2, 0)],
            "entry 1 of archive: entry 0 is not the version before it",
        ),
        (lambda: [act(0)], "entry 0 of archive: says it is 0 of audit"),
        (lambda: [b"no json"], "entry 0 of archive: is no canonical entry"),
    ],
)
def test_what_was_logged_wrongly_is_named_although_it_was_signed(
    ledger: Ledger, entries: Callable[[], list[bytes]], expected: str
) -> None:
    ledger.append(Log.ARCHIVE, entries())
    ledger.publish()
    assert verify.verify_folder(ledger.folder, VKEYS).findings == [expected]


def test_an_archive_that_was_altered_behind_the_ledger_is_named(ledger: Ledger) -> None:
    ledger.log_items(300)
    ledger.publish()
    true = ledger.store.read(lambda tx: rows.entries(tx, Log.ARCHIVE, 0, 300))
    assert verify.verify_folder(ledger.folder, VKEYS, {"archive": true}).ok
    altered = [*true[:7], item(7, "other"), *true[8:-1]]
    assert verify.verify_folder(ledger.folder, VKEYS, {"archive": altered}).findings == [
        "entry 7 of archive: the archive has another one, or none",
        "entry 299 of archive: the archive has another one, or none",
    ]


def test_publishing_step_by_step_keeps_every_older_checkpoint_provable(ledger: Ledger) -> None:
    seen: list[Checkpoint] = []
    for count in (1, 0, 254, 1, 1, 300, 1030):
        ledger.log_items(count)
        ledger.publish()
        seen.append(open_note(read_note(ledger.folder / "archive"), ORIGINS[Log.ARCHIVE], _verifier()))
        assert verify.verify_folder(ledger.folder, VKEYS).ok
    newest = seen[-1]
    reader = TileReader(ledger.folder / "archive", newest.size)
    for old in seen:
        proof = consistency_proof(reader, old.size, newest.size)
        check_consistency(old.size, old.root, newest.size, newest.root, proof)


def test_another_process_goes_on_where_the_last_one_stopped(ledger: Ledger) -> None:
    ledger.log_items(300)
    ledger.publish()
    before = (ledger.folder / "archive/checkpoint").read_bytes()
    ledger.publishers = ledger.fresh()
    ledger.publish()
    assert (ledger.folder / "archive/checkpoint").read_bytes() == before
    ledger.log_items(10)
    ledger.publish()
    assert verify.verify_folder(ledger.folder, VKEYS).sizes["archive"] == 310


def test_nothing_is_signed_when_the_checkpoint_is_ahead_of_the_archive(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.log_items(20)
    ledger.publish()
    before = read_note(ledger.folder / "archive")
    restored = Ledger(ledger.folder, empty_store(tmp_path / "restored", Database.ARCHIVE))
    restored.log_items(10)
    with pytest.raises(Conflict, match="older copy") as raised:
        restored.publish()
    restored.store.close()
    assert raised.value.code == "ledger_ahead"
    assert (raised.value.params["published"], raised.value.params["database"]) == (20, 10)
    assert read_note(ledger.folder / "archive") == before


def test_nothing_is_signed_when_the_archive_has_another_root(ledger: Ledger, tmp_path: Path) -> None:
    ledger.log_items(20)
    ledger.publish()
    before = read_note(ledger.folder / "archive")
    forged = Ledger(ledger.folder, empty_store(tmp_path / "forged", Database.ARCHIVE))
    forged.append(Log.ARCHIVE, [item(n, f"forged-{n}") for n in range(30)])
    with pytest.raises(Conflict) as raised:
        forged.publish()
    forged.store.close()
    assert raised.value.code == "ledger_disagrees"
    assert read_note(ledger.folder / "archive") == before


def test_nothing_is_signed_over_a_tile_that_was_altered(ledger: Ledger) -> None:
    ledger.log_items(300)
    ledger.publish()
    _change(ledger.folder / "archive/tile/0/000", 0)
    _change(ledger.folder / "archive/tile/1/000.p/1", 0)
    ledger.log_items(1)
    with pytest.raises(Conflict) as raised:
        ledger.publish()
    assert raised.value.code == "ledger_disagrees"


def test_nothing_is_signed_after_a_checkpoint_by_another_key(ledger: Ledger) -> None:
    ledger.log_items(3)
    write_checkpoint(
        ledger.folder / "archive", sign(Checkpoint(ORIGINS[Log.ARCHIVE], 3, R), Signer.generate())
    )
    with pytest.raises(IntegrityError):
        ledger.publish()


def test_lost_tiles_are_written_again_from_the_archive(ledger: Ledger) -> None:
    ledger.log_items(300)
    ledger.publish()
    shutil.rmtree(ledger.folder / "archive/tile")
    ledger.log_items(10)
    with pytest.raises(NotFound) as raised:
        ledger.publish()
    assert raised.value.code == "tile_missing"
    ledger.publishers[Log.ARCHIVE].rebuild()
    assert verify.verify_folder(ledger.folder, VKEYS).sizes["archive"] == 310
    assert verify.verify_folder(ledger.folder, VKEYS).ok


@pytest.mark.faults
def test_a_publisher_that_is_killed_is_followed_by_one_that_finishes(ledger: Ledger, tmp_path: Path) -> None:
    ledger.log_items(4000)
    for _ in range(3):
        tiles = ledger.folder / "archive/tile/0"
        seen = _count(tiles)
        child = subprocess.Popen([sys.executable, "-c", PUBLISH, str(tmp_path)])
        deadline = time.monotonic() + 20
        while child.poll() is None and time.monotonic() < deadline and _count(tiles) == seen:
            time.sleep(0.005)
        child.kill()
        child.wait(10)
    ledger.publishers = ledger.fresh()
    ledger.publish()
    report = verify.verify_folder(ledger.folder, VKEYS)
    assert report.ok, report.findings
    assert report.sizes["archive"] == 4000


@pytest.mark.parametrize("index", [0, 255, 299])
def test_a_proof_of_one_entry_stands_alone(ledger: Ledger, tmp_path: Path, index: int) -> None:
    shown_item = {"body": "Hello wörld", "actor": "u-1"}
    ledger.log_items(300, commitment=commit_fields(R, shown_item))
    ledger.publish()
    note = read_note(ledger.folder / "archive")
    checkpoint = open_note(note, ORIGINS[Log.ARCHIVE], _verifier())
    shown = disclose(R, shown_item, {"body"})
    proof = prove(ledger.folder / "archive", note, checkpoint, index, shown)
    assert verify.verify_proof(proof, VKEYS, shown.values).ok
    assert verify.verify_proof(proof, VKEYS, {"body": "Hello"}).findings == [
        f"entry {index} of archive: the item shown is not the one logged"
    ]
    for place in range(index % 7, len(proof), 7):
        changed = bytearray(proof)
        changed[place] ^= 1
        assert not verify.verify_proof(bytes(changed), VKEYS, shown.values).ok, place
    (tmp_path / "proof").write_bytes(proof)
    (tmp_path / "item").write_text(json.dumps(dict(shown.values)))
    done = _standalone("--proof", tmp_path / "proof", "--item", tmp_path / "item")
    assert done.returncode == 0, done


def test_a_proof_of_another_place_is_refused(ledger: Ledger) -> None:
    ledger.log_items(10)
    ledger.publish()
    note = read_note(ledger.folder / "archive")
    checkpoint = open_note(note, ORIGINS[Log.ARCHIVE], _verifier())
    proof = prove(ledger.folder / "archive", note, checkpoint, 3)
    assert verify.verify_proof(proof.replace(b"index 3", b"index 2"), VKEYS).findings
    with pytest.raises(NotFound):
        prove(ledger.folder / "archive", note, checkpoint, 10)


def test_an_empty_log_verifies(ledger: Ledger) -> None:
    ledger.publish()
    report = verify.verify_folder(ledger.folder, VKEYS)
    assert report.ok
    assert report.sizes == {"archive": 0, "audit": 0}


def test_the_verifier_says_what_it_cannot_check(ledger: Ledger) -> None:
    ledger.publish()
    assert _standalone(ledger.folder, keys=["nonsense"]).returncode == 2
    assert _standalone(ledger.folder / "nowhere").returncode == 2


def test_the_verifier_shares_no_code_with_anything_of_ours() -> None:
    code = "import sys, audit.ledger.verify; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = {name for name in done.stdout.split() if name.partition(".")[0] in OUR_PACKAGES}
    assert ours == {"audit", "audit.ledger", "audit.ledger.verify"}


OUR_PACKAGES = {"core", "admin", "audit", "policies", "web", "tests"}

PUBLISH = """
import sys
from pathlib import Path
from tests.factories.ledger import Ledger
from core.access import Database
from tests.factories.stores import opened_store
base = Path(sys.argv[1])
Ledger(base / "ledger", opened_store(base, Database.ARCHIVE)).publish()
"""


def _count(folder: Path) -> int:
    return len(list(folder.glob("*")))


def _verifier() -> Verifier:
    return SIGNERS[Log.ARCHIVE].verifier


def _change(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))


def _add(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _standalone(*arguments: object, keys: list[str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the verifier's file by itself, away from the rest of the suite."""
    given = [part for key in keys or VKEYS for part in ("--vkey", key)]
    return subprocess.run(
        [sys.executable, "-I", verify.__file__, *map(str, arguments), *given],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "ledger", empty_store(tmp_path, Database.ARCHIVE))
    yield made
    made.store.close()


@pytest.fixture
def published(ledger: Ledger) -> Path:
    """Return the folder of a published ledger that has tiles of every kind."""
    ledger.log_items(258)
    ledger.publish()
    ledger.log_items(30)
    ledger.log_acts(5)
    ledger.publish()
    return ledger.folder
