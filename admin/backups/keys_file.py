"""The half of a backup that holds keys: one file, sealed under a passphrase.

Inside is a tar archive: the manifest first, then the keystore, the settings, and every key file with its
mode and owner. A key that a later decision destroyed is left out here, as it is in the house.
"""

import io
import os
import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from admin.backups.manifest import MANIFEST, Disposition, Manifest, damaged, parse_manifest
from admin.databases import PASSWORDS
from audit.archive.names import parse_partition
from core.crypto.passphrase import OpeningReader, PassphraseCost, SealingWriter
from core.crypto.rings import RingName
from core.errors import ChanceryError, IntegrityError

SUFFIX: Final = ".keys"
SETTINGS: Final = "settings.toml"
KEYS: Final = "keys"
_PATH_PARTS: Final = 4


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file or folder below the keys: its path there, mode, owner, and content (None: a folder)."""

    path: PurePosixPath
    mode: int
    owner: int
    group: int
    content: bytes | None


def key_files(keys_dir: Path) -> Iterator[KeyFile]:
    """Yield everything below ``keys_dir`` but drafts and the passwords of a database server, folders first.

    A file that is destroyed meanwhile is left out.
    """
    for path in sorted(keys_dir.rglob("*")):
        place = PurePosixPath(path.relative_to(keys_dir))
        if place.parts[0] == PASSWORDS or path.name.startswith("."):
            continue
        try:
            found = path.stat()
            content = None if stat.S_ISDIR(found.st_mode) else path.read_bytes()
        except FileNotFoundError:
            continue
        yield KeyFile(place, stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, content)


def is_condemned(place: PurePosixPath, dispositions: tuple[Disposition, ...]) -> str | None:
    """Return the condemned partition to which a key file belongs: its own, or the chat's of its month."""
    for one in dispositions:
        month, kind = parse_partition(one.partition)
        own = place.parent == PurePosixPath(RingName.DISCOVERY, "partitions")
        if own and place.name.startswith(f"{one.partition}."):
            return one.partition
        if place == PurePosixPath(RingName.CHAT, "periods", f"{month}.{kind}.key"):
            return one.partition
    return None


class KeysWriter:
    """Writes the sealed file."""

    def __init__(self, file: BinaryIO, passphrase: str, manifest: Manifest, cost: PassphraseCost) -> None:
        clear = {name: getattr(manifest, name) for name in ("format", "id", "house", "made_ms", "ends_ms")}
        self._sealed = SealingWriter(file, passphrase, clear, cost)
        self._tar = tarfile.open(fileobj=self._sealed, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self.add(MANIFEST, manifest.to_bytes())

    def add(self, name: str, content: bytes) -> None:
        """Add a small file."""
        self._tar.addfile(_entry(name, len(content)), io.BytesIO(content))

    def add_file(self, name: str, path: Path) -> None:
        """Add a file of any size."""
        with path.open("rb") as file:
            self._tar.addfile(_entry(name, path.stat().st_size), file)

    def add_key(self, key: KeyFile) -> None:
        """Add a key file, or a folder of them."""
        entry = _entry(f"{KEYS}/{key.path}", len(key.content or b""))
        entry.mode, entry.uid, entry.gid = key.mode, key.owner, key.group
        if key.content is None:
            entry.type = tarfile.DIRTYPE
        self._tar.addfile(entry, io.BytesIO(key.content or b""))

    def close(self) -> None:
        """Write the end."""
        self._tar.close()
        self._sealed.close()


class KeysReader:
    """Reads the sealed file once, from its beginning."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        self._opened = OpeningReader(file, passphrase)
        self._tar = tarfile.open(fileobj=io.BufferedReader(self._opened), mode="r|")  # noqa: SIM115
        first = self._tar.next()
        if first is None or first.name != MANIFEST:
            raise damaged(MANIFEST)
        self.manifest = parse_manifest(self._content(first))

    def members(self) -> Iterator[tuple[PurePosixPath, tarfile.TarInfo, BinaryIO | None]]:
        """Yield what follows the manifest: path, entry, and a file to read (None: a folder)."""
        while (entry := self._tar.next()) is not None:
            place = PurePosixPath(entry.name)
            safe = not place.is_absolute() and ".." not in place.parts and len(place.parts) <= _PATH_PARTS
            if not safe or not (entry.isreg() or entry.isdir()):
                raise damaged(entry.name)
            yield place, entry, None if entry.isdir() else self._file(entry)
        # Beyond the archive's end there is padding; only at the end of that is the file known to be whole.
        while self._opened.read(1 << 16):
            pass

    def _file(self, entry: tarfile.TarInfo) -> BinaryIO:
        file = self._tar.extractfile(entry)
        assert file is not None
        return file  # type: ignore[return-value]

    def _content(self, entry: tarfile.TarInfo) -> bytes:
        return self._file(entry).read()


def settings_in(path: Path, passphrase: str) -> bytes | None:
    """Return the settings file that is kept with the keys; raises as :func:`opened_keys`."""
    with opened_keys(path, passphrase) as reader:
        for _, entry, file in reader.members():
            # They stand before what is large.
            return file.read() if entry.name == SETTINGS and file is not None else None
    return None


@contextmanager
def opened_keys(path: Path, passphrase: str) -> Iterator[KeysReader]:
    """Open the half of a backup that holds keys.

    Raises:
        IntegrityError: ``backup_closed`` under another passphrase, or where the file was altered.
    """
    try:
        with path.open("rb") as file:
            yield KeysReader(file, passphrase)
    except tarfile.TarError:
        raise _closed(path) from None
    except ChanceryError as error:
        if error.code != IntegrityError.default_code:
            raise
        raise _closed(path) from None


def write_key(keys_dir: Path, place: PurePosixPath, entry: tarfile.TarInfo, file: BinaryIO | None) -> None:
    """Put a key file or folder back, synced, with its mode, and its owner where we may give it away."""
    path = keys_dir / place
    if file is None:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    else:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            target.write(file.read())
            target.flush()
            os.fsync(target.fileno())
    if os.geteuid() == 0:
        os.chown(path, entry.uid, entry.gid)
    path.chmod(entry.mode)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _closed(path: Path) -> IntegrityError:
    return IntegrityError(
        f"{path.name} does not open: it was sealed under another passphrase, or it was altered.",
        code="backup_closed",
    )
