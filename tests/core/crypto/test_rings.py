"""Which process holds which keys, and what their files look like."""

import os
import stat
from pathlib import Path

import pytest

from core.crypto import keyfiles, pins
from core.crypto.envelope import Key, associated, refused
from core.crypto.hybrid import open_with, seal_to
from core.crypto.rings import (
    HOLDERS,
    LOG_ARCHIVE,
    LOG_AUDIT,
    ProcessRole,
    RingName,
    create_ring,
    open_ring,
)
from core.crypto.roots import KeyFileRoot
from core.errors import Conflict, Denied, IntegrityError, InvalidInput, NotFound, SettingsError, Unavailable
from tests.services.disk import filled_up, small_disk

HOLDER = {
    RingName.CHAT: ProcessRole.WORKER,
    RingName.ARCHIVE: ProcessRole.WORKER,
    RingName.LEDGER: ProcessRole.WORKER,
    RingName.DISCOVERY: ProcessRole.DESK,
}


def test_no_process_holds_chat_and_discovery() -> None:
    assert set(HOLDERS) == set(ProcessRole)
    for role, rings in HOLDERS.items():
        assert not {RingName.CHAT, RingName.DISCOVERY} <= rings, role


def test_every_role_holds_what_the_design_gives_it_and_nothing_else() -> None:
    assert {
        ProcessRole.REALTIME: {RingName.CHAT},
        ProcessRole.PAGES: {RingName.CHAT},
        ProcessRole.WORKER: {RingName.CHAT, RingName.ARCHIVE, RingName.LEDGER},
        ProcessRole.DESK: {RingName.DISCOVERY},
    } == HOLDERS


@pytest.mark.parametrize("role", ProcessRole)
@pytest.mark.parametrize("ring", RingName)
def test_a_foreign_ring_is_refused_to_open_and_to_make(
    ring: RingName, role: ProcessRole, tmp_path: Path
) -> None:
    create_ring(ring, tmp_path, HOLDER[ring])
    if ring in HOLDERS[role]:
        assert open_ring(ring, tmp_path, role).name is ring
        return
    with pytest.raises(Denied) as opening:
        open_ring(ring, tmp_path, role)
    with pytest.raises(Denied) as making:
        create_ring(ring, tmp_path / "new", role)
    assert opening.value.code == making.value.code == "foreign_ring"
    assert not (tmp_path / "new").exists()


def test_folders_and_files_are_closed_to_everybody_else(tmp_path: Path) -> None:
    os.umask(os.umask(0))
    for ring, role in HOLDER.items():
        create_ring(ring, tmp_path, role)
    for path in tmp_path.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert not list(tmp_path.rglob(".*")), "nothing half-written stays"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o700])
def test_a_root_that_others_may_read_is_refused_with_a_remedy(mode: int, tmp_path: Path) -> None:
    create_ring(RingName.LEDGER, tmp_path, ProcessRole.WORKER)
    root = tmp_path / "ledger" / "root.key"
    root.chmod(mode)
    with pytest.raises(SettingsError, match=r"chmod 0600 .*root\.key") as raised:
        open_ring(RingName.LEDGER, tmp_path, ProcessRole.WORKER)
    assert raised.value.code == "key_mode"


def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    create_ring(RingName.LEDGER, tmp_path, ProcessRole.WORKER)
    (tmp_path / "ledger").chmod(0o755)
    with pytest.raises(SettingsError, match="chmod 0700"):
        open_ring(RingName.LEDGER, tmp_path, ProcessRole.WORKER)


def test_a_ring_shared_by_several_users_is_readable_by_their_group(tmp_path: Path) -> None:
    ring = create_ring(RingName.CHAT, tmp_path, ProcessRole.WORKER)
    for folder in (ring.folder, ring.folder / "periods"):
        folder.chmod(0o2770)
    for file in ring.folder.glob("*.key"):
        file.chmod(0o640)
    shared = open_ring(RingName.CHAT, tmp_path, ProcessRole.PAGES)
    shared.write_secret("periods/x.key", b"secret")
    assert stat.S_IMODE((ring.folder / "periods/x.key").stat().st_mode) == 0o660
    assert open_ring(RingName.CHAT, tmp_path, ProcessRole.REALTIME).read_secret("periods/x.key") == b"secret"
    (ring.folder / "periods/x.key").chmod(0o644)
    with pytest.raises(SettingsError):
        shared.read_secret("periods/x.key")


def test_a_ring_is_never_made_over_another(tmp_path: Path) -> None:
    create_ring(RingName.CHAT, tmp_path, ProcessRole.WORKER)
    before = (tmp_path / "chat/root.key").read_bytes()
    with pytest.raises(Conflict):
        create_ring(RingName.CHAT, tmp_path, ProcessRole.WORKER)
    with pytest.raises(Conflict):
        KeyFileRoot.create(tmp_path / "chat/root.key")
    assert (tmp_path / "chat/root.key").read_bytes() == before


def test_a_ring_that_was_never_made_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="chancery init") as raised:
        open_ring(RingName.CHAT, tmp_path, ProcessRole.PAGES)
    assert raised.value.code == "keys_missing"


@pytest.mark.parametrize("name", ["root.key", "master.key", "identity.key", "mailbox.key"])
def test_an_altered_file_is_refused(name: str, tmp_path: Path) -> None:
    ring = create_ring(RingName.DISCOVERY, tmp_path, ProcessRole.DESK)
    path = ring.folder / name
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(IntegrityError, match=str(refused())):
        _use_everything(open_ring(RingName.DISCOVERY, tmp_path, ProcessRole.DESK))


def test_files_of_one_ring_do_not_open_in_another_or_under_another_name(tmp_path: Path) -> None:
    ring = create_ring(RingName.LEDGER, tmp_path, ProcessRole.WORKER)
    archive, audit = ring.path_of(f"{LOG_ARCHIVE}.key"), ring.path_of(f"{LOG_AUDIT}.key")
    archive.write_bytes(audit.read_bytes())
    ring.signer(LOG_AUDIT)
    with pytest.raises(IntegrityError):
        ring.signer(LOG_ARCHIVE)


def test_subkeys_and_identities_stay_the_same_and_differ_between_rings(tmp_path: Path) -> None:
    made = create_ring(RingName.ARCHIVE, tmp_path, ProcessRole.WORKER)
    again = open_ring(RingName.ARCHIVE, tmp_path, ProcessRole.WORKER)
    other = create_ring(RingName.DISCOVERY, tmp_path, ProcessRole.DESK)
    assert made.subkey("a") == again.subkey("a") != made.subkey("b")
    assert made.signer() == again.signer() != other.signer()
    assert made.subkey("a") != other.subkey("a")
    assert open_with(again.mailbox(), seal_to(made.mailbox().public, b"x", b""), b"") == b"x"


def test_a_destroyed_secret_is_gone_and_destroying_may_be_repeated(tmp_path: Path) -> None:
    ring = create_ring(RingName.CHAT, tmp_path, ProcessRole.WORKER)
    ring.write_secret("periods/a.key", b"secret")
    with pytest.raises(Conflict):
        ring.write_secret("periods/a.key", b"other")
    ring.destroy_secret("periods/a.key")
    ring.destroy_secret("periods/a.key")
    assert not ring.has_secret("periods/a.key")
    with pytest.raises(NotFound):
        ring.read_secret("periods/a.key")


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        ring = create_ring(RingName.CHAT, disk, ProcessRole.WORKER)
        with filled_up(disk), pytest.raises(Unavailable) as told:
            ring.write_secret("later.key", b"secret")
        assert told.value.code == "keys_unavailable"
        assert not [path for path in ring.folder.iterdir() if "later" in path.name]
        ring.write_secret("later.key", b"secret")
        assert ring.read_secret("later.key") == b"secret"


@pytest.mark.parametrize("name", ["../x", "a/b/c", "/etc/x", ".hidden", "", "a//b", "A.key", "a\0b"])
def test_a_name_that_leads_out_of_the_ring_is_refused(name: str, tmp_path: Path) -> None:
    ring = create_ring(RingName.CHAT, tmp_path, ProcessRole.WORKER)
    with pytest.raises(InvalidInput):
        ring.write_secret(name, b"secret")


def test_a_root_wraps_for_one_purpose_and_never_shows_itself(tmp_path: Path) -> None:
    root = KeyFileRoot.create(tmp_path / "root.key")
    wrapped = root.wrap(b"key", associated("a"))
    assert KeyFileRoot(tmp_path / "root.key").unwrap(wrapped, associated("a")) == b"key"
    with pytest.raises(IntegrityError):
        root.unwrap(wrapped, associated("b"))
    with pytest.raises(IntegrityError):
        KeyFileRoot.create(tmp_path / "other.key").unwrap(wrapped, associated("a"))
    assert {name for name in dir(root) if not name.startswith("_")} == {"create", "wrap", "unwrap"}


def test_a_root_of_the_wrong_length_is_refused(tmp_path: Path) -> None:
    keyfiles.create(tmp_path / "root.key", b"short")
    with pytest.raises(IntegrityError):
        KeyFileRoot(tmp_path / "root.key")


def test_a_pin_is_set_once(tmp_path: Path) -> None:
    desk = create_ring(RingName.DISCOVERY, tmp_path, ProcessRole.DESK)
    worker = create_ring(RingName.ARCHIVE, tmp_path, ProcessRole.WORKER)
    pinned = pins.Pins(worker)
    pinned.set(pins.DISCOVERY_IDENTITY, desk.signer().verifier.public)
    pinned.set(pins.DESK_MAILBOX, desk.mailbox().public.to_bytes())
    pinned.set(pins.DISCOVERY_IDENTITY, desk.signer().verifier.public)
    assert pins.Pins(worker).verifier() == desk.signer().verifier
    assert pins.Pins(worker).mailbox(pins.DESK_MAILBOX) == desk.mailbox().public
    with pytest.raises(Conflict) as changed:
        pinned.set(pins.DISCOVERY_IDENTITY, Key.generate().material)
    assert changed.value.code == "already_pinned"
    with pytest.raises(NotFound) as missing:
        pinned.get(pins.WORKER_MAILBOX)
    assert missing.value.code == "not_pinned"
    (worker.folder / "pins.json").write_text("[]")
    with pytest.raises(IntegrityError):
        pinned.get(pins.DESK_MAILBOX)


def _use_everything(ring: object) -> None:
    ring.signer()  # type: ignore[attr-defined]
    ring.mailbox()  # type: ignore[attr-defined]
