"""The four rings of keys, and which process role may open which.

A ring is a folder ``<keys>/<ring>/`` (mode 0700) with a root, a master key wrapped under it from
which purpose-bound subkeys come, and named secrets, each wrapped in a file of its own. No role
holds the chat ring and the discovery ring together: what people see and what happened meet in no
process.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from core.crypto import keyfiles
from core.crypto.envelope import Key, Part, associated, derive
from core.crypto.hybrid import HybridPrivate
from core.crypto.roots import KeyFileRoot, Root
from core.crypto.signing import Signer
from core.errors import Denied, InvalidInput


class ProcessRole(StrEnum):
    """What a process of the suite is for; it decides what the process may open."""

    REALTIME = "realtime"
    PAGES = "pages"
    WORKER = "worker"
    DESK = "desk"


class RingName(StrEnum):
    """A set of keys that are held together."""

    CHAT = "chat"
    ARCHIVE = "archive"
    DISCOVERY = "discovery"
    LEDGER = "ledger"


HOLDERS: Final[Mapping[ProcessRole, frozenset[RingName]]] = {
    ProcessRole.REALTIME: frozenset({RingName.CHAT}),
    ProcessRole.PAGES: frozenset({RingName.CHAT}),
    ProcessRole.WORKER: frozenset({RingName.CHAT, RingName.ARCHIVE, RingName.LEDGER}),
    ProcessRole.DESK: frozenset({RingName.DISCOVERY}),
}
"""Which rings a role may hold."""

IDENTITY: Final = "identity"
MAILBOX: Final = "mailbox"
LOG_ARCHIVE: Final = "log-archive"
LOG_AUDIT: Final = "log-audit"

_SIGNERS: Final[Mapping[RingName, tuple[str, ...]]] = {
    RingName.CHAT: (),
    RingName.ARCHIVE: (IDENTITY,),
    RingName.DISCOVERY: (IDENTITY,),
    RingName.LEDGER: (LOG_ARCHIVE, LOG_AUDIT),
}
_MAILBOXES: Final = frozenset({RingName.ARCHIVE, RingName.DISCOVERY})
_SAFE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


class Ring:
    """An open ring: its subkeys, its named secrets and its folder."""

    def __init__(self, name: RingName, folder: Path, root: Root, master: Key) -> None:
        self.name = name
        self.folder = folder
        self.root = root
        self._master = master

    def __repr__(self) -> str:
        return f"Ring({self.name})"

    def subkey(self, purpose: str, *parts: Part) -> Key:
        """Return the ring's key for one purpose; it lives as long as the ring."""
        return derive(self._master, "ring", self.name, purpose, *parts)

    def signer(self, name: str = IDENTITY) -> Signer:
        """Return one of the ring's signing identities.

        Raises:
            NotFound: ``keys_missing`` if this ring has no such identity.
        """
        return Signer(self.read_secret(f"{name}.key"))

    def mailbox(self) -> HybridPrivate:
        """Return the pair to which the other side of the bridge seals.

        Raises:
            NotFound: ``keys_missing`` if this ring has no mailbox.
        """
        return HybridPrivate.from_bytes(self.read_secret(f"{MAILBOX}.key"))

    def write_secret(self, name: str, secret: bytes) -> None:
        """Wrap ``secret`` under the root into a new file ``name`` (``folder/name`` is allowed).

        Raises:
            Conflict: ``key_exists`` if there is one already.
        """
        path = self.path_of(name)
        keyfiles.create(path, self.root.wrap(secret, self._bound_to(name)))

    def read_secret(self, name: str) -> bytes:
        """Return what :meth:`write_secret` kept under ``name``.

        Raises:
            NotFound: ``keys_missing`` if there is none, or it was destroyed.
            IntegrityError: the file is another's, or was altered.
        """
        return self.root.unwrap(keyfiles.read(self.path_of(name)), self._bound_to(name))

    def has_secret(self, name: str) -> bool:
        """Tell whether there is a secret ``name``."""
        return self.path_of(name).exists()

    def destroy_secret(self, name: str) -> None:
        """Destroy the secret ``name`` for good; may be repeated."""
        keyfiles.destroy(self.path_of(name))

    def path_of(self, name: str) -> Path:
        """Return where the secret ``name`` is kept.

        Raises:
            InvalidInput: ``key_name`` if this can not name a key.
        """
        parts = name.split("/")
        if len(parts) > 2 or not all(_SAFE_NAME.fullmatch(part) for part in parts):
            raise InvalidInput(f"{name!r} can not name a key.", code="key_name")
        return self.folder.joinpath(*parts)

    def _bound_to(self, name: str) -> bytes:
        return associated("ring-secret/v1", self.name, name)


def open_ring(ring: RingName, keys_dir: Path, role: ProcessRole) -> Ring:
    """Open a ring as a process of ``role``.

    Raises:
        Denied: ``foreign_ring`` if the role may not hold it; no file is touched then.
        NotFound: ``keys_missing`` if it was not made yet.
        SettingsError: ``key_mode`` if others may read it.
        IntegrityError: its files do not belong together.
    """
    _check_holder(ring, role)
    folder = keys_dir / ring
    keyfiles.check_folder(folder)
    root = KeyFileRoot(folder / "root.key")
    master = root.unwrap(keyfiles.read(folder / "master.key"), associated("ring-master/v1", ring))
    return Ring(ring, folder, root, Key(master))


def create_ring(ring: RingName, keys_dir: Path, role: ProcessRole) -> Ring:
    """Make a ring's root, master key and named secrets, and open it.

    Raises:
        Denied: ``foreign_ring`` if the role may not hold it.
        Conflict: ``key_exists`` if the ring is there already.
    """
    _check_holder(ring, role)
    folder = keys_dir / ring
    keyfiles.make_folder(folder)
    for name in _FOLDERS.get(ring, ()):
        keyfiles.make_folder(folder / name)
    root = KeyFileRoot.create(folder / "root.key")
    master = root.wrap(Key.generate().material, associated("ring-master/v1", ring))
    keyfiles.create(folder / "master.key", master)
    opened = open_ring(ring, keys_dir, role)
    for name in _SIGNERS[ring]:
        opened.write_secret(f"{name}.key", Signer.generate().seed)
    if ring in _MAILBOXES:
        opened.write_secret(f"{MAILBOX}.key", HybridPrivate.generate().to_bytes())
    return opened


_FOLDERS: Final[Mapping[RingName, tuple[str, ...]]] = {
    RingName.CHAT: ("periods",),
    RingName.DISCOVERY: ("partitions",),
}


def _check_holder(ring: RingName, role: ProcessRole) -> None:
    if ring not in HOLDERS[role]:
        raise Denied(
            f"The {role} process may not open the {ring} ring; start the role that holds it.",
            code="foreign_ring",
            ring=str(ring),
            role=str(role),
        )
