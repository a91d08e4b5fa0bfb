"""The standalone verifier: recomputes a ledger from its files, with a key that comes from outside.

It imports nothing but the standard library and ``cryptography``, and shares no code with the
writer, so that the two cannot be wrong together; the file runs alone, wherever it is copied.

    python -m audit.ledger.verify FOLDER --vkey 'host/tenant/archive+1f6dd99f+AepK…' [--vkey …]
    python -m audit.ledger.verify --proof FILE --vkey …  [--item ITEM.json]

``FOLDER`` is one log (it has a ``checkpoint``) or a folder of logs. Every finding is printed on a
line of its own and makes the exit status 1; remarks, which start with ``note:``, do not. Formats:
C2SP signed-note, tlog-checkpoint, tlog-tiles and tlog-proof; hashing: RFC 6962, section 2.1.
"""

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_TILE = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?!x000/)(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


@dataclass
class Report:
    """What a verification found. Without findings the log is what its key signed."""

    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Tell whether everything was as signed."""
        return not self.findings


@dataclass(frozen=True)
class Signed:
    """A checkpoint whose signature was checked."""

    name: str
    size: int
    root: bytes


class Bad(Exception):
    """Something that cannot be read as what it should be; the text says what."""


def verify_folder(
    folder: Path, vkeys: Sequence[str], truth: Mapping[str, Iterable[bytes]] | None = None
) -> Report:
    """Verify every log in ``folder``; each needs its key, and each key its log.

    ``truth`` may give the entries of a log as its database has them (by the last part of the log's
    name); they must be the same, and at least as many.
    """
    report = Report()
    keys = dict(_vkey(text) for text in vkeys)
    logs = [folder]
    if not (folder / "checkpoint").is_file():
        logs = sorted(path for path in folder.iterdir() if path.is_dir())
        strays = sorted(path.name for path in folder.iterdir() if not path.is_dir())
        report.findings.extend(f"{name}: not a file of this ledger" for name in strays)
    seen = set()
    for log in logs:
        try:
            note = (log / "checkpoint").read_bytes()
        except OSError:
            report.findings.append(f"checkpoint of {log.name}: missing")
            continue
        origin = note.partition(b"\n")[0].decode("utf-8", "replace")
        name = origin if origin in keys else log.name
        seen.add(name)
        _LogCheck(log, name, report, (truth or {}).get(_short(name))).run(note, keys)
    for missing in sorted(set(keys) - seen):
        report.findings.append(f"log {_short(missing)}: no such log in {folder.name}, but a key for it")
    return report


def verify_proof(proof: bytes, vkeys: Sequence[str], item: Mapping[str, Any] | None = None) -> Report:
    """Verify one entry's proof and, if the ``item`` shown with it is given, that it is the one logged."""
    report = Report()
    try:
        head, _, note = proof.partition(b"\n\n")
        lines = head.decode("ascii").split("\n")
        extra, index, hashes = _proof_lines(lines)
        signed = _open(note, dict(_vkey(text) for text in vkeys))
        entry, log = _unb64(extra["entry"]), _short(signed.name)
        if _root_from_path(_leaf(entry), index, signed.size, hashes) != signed.root:
            report.findings.append(f"entry {index} of {log}: not included under the checkpoint")
        parsed = _parse_entry(entry)
        if parsed.get("seq") != index or parsed.get("log") != log:
            report.findings.append(f"entry {index} of {log}: belongs to another place")
        if item is not None and not _commits(parsed.get("cm", ""), item, extra):
            report.findings.append(f"entry {index} of {log}: the item shown is not the one logged")
        report.sizes[log] = signed.size
    except (Bad, ValueError, KeyError, TypeError, AttributeError) as error:
        report.findings.append(f"proof: {error if isinstance(error, Bad) else 'malformed'}")
    return report


class _LogCheck:
    """One log: every file of its folder is accounted for, and every hash recomputed."""

    def __init__(self, folder: Path, name: str, report: Report, truth: Iterable[bytes] | None) -> None:
        self.folder, self.name, self.log, self.report = folder, name, _short(name), report
        self.found, self.note = report.findings.append, report.notes.append
        self.truth = None if truth is None else iter(truth)
        self.files: dict[tuple[str, int], dict[int, Path]] = {}
        self.partial: dict[Path, bytes] = {}

    def run(self, note: bytes, keys: Mapping[str, Ed25519PublicKey]) -> None:
        try:
            signed = _open(note, {n: k for n, k in keys.items() if n == self.name})
        except Bad as error:
            self.found(f"checkpoint of {self.log}: {error}")
            signed = Signed(self.name, -1, b"")
        self.report.sizes[self.log] = max(signed.size, 0)
        self.collect()
        hashes = self.leaves(signed.size)
        if 0 <= signed.size <= len(hashes) and _root(hashes[: signed.size]) != signed.root:
            self.found(f"root of {self.log}: the entries give another than the checkpoint")
        if len(hashes) < signed.size:
            self.found(f"entry {len(hashes)} of {self.log}: missing, the checkpoint counts {signed.size}")
        elif 0 <= signed.size < len(hashes):
            self.note(f"{len(hashes) - signed.size} entries of {self.log} are written but not signed yet")
        self.upper(hashes, signed.size)
        if self.truth is not None and next(self.truth, None) is not None:
            self.note(f"the archive has entries of {self.log} that are not published yet")

    def collect(self) -> None:
        """Sort the folder's files into tiles by level and number, then by width.

        The log may grow meanwhile: hashes are listed before entries, so that each has its entry, and partial
        tiles are read at once, as they go when full ones replace them.
        """
        bundles = self.folder / "tile" / "entries"
        rest = [path for path in self.folder.rglob("*") if not path.is_relative_to(bundles)]
        for path in [*sorted(rest), *sorted(bundles.rglob("*"))]:
            if path.is_dir():
                continue
            name = path.relative_to(self.folder).as_posix()
            match = _TILE.fullmatch(name)
            if match and int(match[3] or 256) <= 256 and match[3] != "256":
                number = int(match[2].replace("x", "").replace("/", ""))
                self.form(self.files.setdefault((match[1], number), {}), int(match[3] or 256), path)
            elif path.name.startswith(".") and path.name.endswith(".tmp"):
                self.note(f"{name} of {self.log}: left by a writer that was stopped")
            elif name != "checkpoint":
                self.found(f"{name} of {self.log}: not a file of this log")

    def form(self, forms: dict[int, Path], width: int, path: Path) -> None:
        """Note one form of a tile, or the full one that has replaced it."""
        if width < 256:
            try:
                self.partial[path] = path.read_bytes()
            except FileNotFoundError:
                width, path = 256, path.parent.with_suffix("")
                if not path.is_file():
                    return
        forms[width] = path

    def content(self, path: Path) -> bytes:
        """Return what a tile holds."""
        return self.partial[path] if path in self.partial else path.read_bytes()

    def leaves(self, size: int) -> list[bytes]:
        """Recompute every leaf hash from the entry bundles; compare bundles, tiles and the archive."""
        hashes: list[bytes] = []
        seen: dict[tuple[str, int], int] = {}
        bundle = 0
        while ("entries", bundle) in self.files:
            entries = self.bundle(bundle, size)
            for offset, entry in enumerate(entries):
                self.entry(bundle * 256 + offset, entry, seen)
            found = [_leaf(entry) for entry in entries]
            self.compare("0", bundle, found, size)
            hashes += found
            bundle += 1
            if len(entries) < 256:
                break
        for kind, number in self.files:
            if kind == "entries" and number >= bundle:
                self.found(
                    f"entries {number * 256} and up of {self.log}: the bundle before them is missing or short"
                )
            if kind == "0" and number >= bundle:
                self.found(f"tile 0/{number} of {self.log}: its entries are missing")
        return hashes

    def bundle(self, number: int, size: int) -> list[bytes]:
        """Return the entries of the widest form of a bundle; the narrower ones must be its beginning."""
        forms = self.files["entries", number]
        widest = max(forms)
        entries: list[bytes] = []
        for width in sorted(forms, reverse=True):
            label = f"{forms[width].relative_to(self.folder).as_posix()} of {self.log}"
            try:
                content = _unbundle(self.content(forms[width]))
            except Bad as error:
                self.found(f"{label}: {error}")
                continue
            if len(content) != width:
                self.found(f"{label}: has {len(content)} entries, not {width}")
            if width == widest:
                entries = content
            else:
                for offset, (one, other) in enumerate(zip(content, entries, strict=False)):
                    if one != other:
                        self.found(
                            f"entry {number * 256 + offset} of {self.log}: differs between two bundles"
                        )
        self.needed(forms, "entries", number, size)
        return entries[:256]

    def entry(self, index: int, entry: bytes, seen: dict[tuple[str, int], int]) -> None:
        """Check what an entry says of itself."""
        if self.truth is not None and next(self.truth, None) != entry:
            self.found(f"entry {index} of {self.log}: the archive has another one, or none")
        try:
            parsed = _parse_entry(entry)
        except Bad as error:
            self.found(f"entry {index} of {self.log}: {error}")
            return
        if parsed.get("seq") != index or parsed.get("log") != self.log:
            self.found(f"entry {index} of {self.log}: says it is {parsed.get('seq')} of {parsed.get('log')}")
        if "ver" not in parsed:
            return
        version = (str(parsed.get("obj")), int(parsed["ver"]) if isinstance(parsed["ver"], int) else -1)
        if version in seen:
            self.found(f"entry {index} of {self.log}: the same item and version as entry {seen[version]}")
        seen[version] = index
        before = parsed.get("prev")
        if before is not None and seen.get((version[0], version[1] - 1)) != before:
            self.found(f"entry {index} of {self.log}: entry {before} is not the version before it")

    def upper(self, hashes: list[bytes], size: int) -> None:
        """Recompute every level above the leaves; each hash is a full tile of the level below."""
        level, count = 0, size
        above: dict[str, int] = {}
        while hashes:
            hashes = [_root(hashes[at : at + 256]) for at in range(0, len(hashes) - 255, 256)]
            level, count = level + 1, count >> 8
            for number in range((len(hashes) + 255) // 256):
                self.compare(str(level), number, hashes[number * 256 : number * 256 + 256], count)
            above[str(level)] = len(hashes)
        for kind, number in self.files:
            if kind not in {"entries", "0"} and number * 256 >= above.get(kind, 0):
                self.found(f"tile {kind}/{number} of {self.log}: nothing below it")

    def compare(self, kind: str, number: int, expected: list[bytes], count: int) -> None:
        """Compare every form of one tile with the hashes that were recomputed."""
        forms = self.files.get((kind, number), {})
        self.needed(forms, kind, number, count)
        for width, path in forms.items():
            content = self.content(path)
            label = f"{path.relative_to(self.folder).as_posix()} of {self.log}"
            if len(content) != width * 32:
                self.found(f"{label}: has {len(content)} bytes, not {width * 32}")
            for offset, right in enumerate(expected[:width]):
                if content[offset * 32 : offset * 32 + 32] != right:
                    if kind == "0":
                        self.found(f"entry {number * 256 + offset} of {self.log}: leaf differs from tile")
                    else:
                        self.found(f"{label}: hash {offset} differs from the tile below")
            if width > len(expected):
                self.found(f"{label}: has hashes of entries that are not there")

    def needed(self, forms: Mapping[int, Path], kind: str, number: int, count: int) -> None:
        """Find that a tile is missing which the checkpoint needs."""
        width = min(256, count - number * 256)
        if width > 0 and not any(form in forms for form in (width, 256)):
            self.found(f"tile {kind}/{number} of {self.log}: missing in the width {width} of the checkpoint")


def _leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def _root(hashes: Sequence[bytes]) -> bytes:
    """Return the tree hash by joining neighbours, level by level; an odd one out moves up as it is."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 1:
        joined = [
            hashlib.sha256(b"\x01" + hashes[at] + hashes[at + 1]).digest()
            for at in range(0, len(hashes) - 1, 2)
        ]
        hashes = [*joined, hashes[-1]] if len(hashes) % 2 else joined
    return hashes[0]


def _root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to."""
    if not 0 <= index < size:
        raise Bad("its index lies outside of the checkpoint")
    siblings, at, width = iter(path), index, size
    while width > 1:
        if at ^ 1 < width:
            sibling = next(siblings, None)
            if sibling is None:
                raise Bad("too few hashes")
            pair = sibling + leaf if at & 1 else leaf + sibling
            leaf = hashlib.sha256(b"\x01" + pair).digest()
        at, width = at >> 1, (width + 1) >> 1
    if next(siblings, None) is not None:
        raise Bad("too many hashes")
    return leaf


def _commits(commitment: str, item: Mapping[str, Any], extra: Mapping[str, Any]) -> bool:
    """Tell whether the shown fields, with the hashes of the hidden ones, give the commitment."""
    keys, hidden = extra.get("r", {}), extra.get("h", {})
    if set(keys) != set(item) or set(keys) & set(hidden):
        return False
    shown = {k: _b64(hmac.digest(_unb64(keys[k]), _jcs(item[k]), "sha256")) for k in item}
    return _b64(hashlib.sha256(b"\x02" + _jcs({**hidden, **shown})).digest()) == commitment


def _jcs(value: Any) -> bytes:
    """Return canonical JSON (RFC 8785) of a value without fractions."""

    def ordered(part: Any) -> Any:
        if isinstance(part, float):
            raise Bad("a number with a fraction")
        if isinstance(part, dict):
            return {k: ordered(part[k]) for k in sorted(part, key=lambda k: k.encode("utf-16-be"))}
        return [ordered(one) for one in part] if isinstance(part, list) else part

    return json.dumps(ordered(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _parse_entry(entry: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(entry)
        if isinstance(parsed, dict) and _jcs(parsed) == entry:
            return parsed
    except (ValueError, RecursionError):
        pass
    raise Bad("is no canonical entry")


def _unbundle(content: bytes) -> list[bytes]:
    entries, at = [], 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 2], "big")
        entries.append(content[at + 2 : at + 2 + length])
        at += 2 + length
    if at != len(content):
        raise Bad("ends within an entry")
    return entries


def _vkey(text: str) -> tuple[str, Ed25519PublicKey]:
    try:
        name, key_id, encoded = text.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        if raw[:1] == b"\x01" and hashlib.sha256(f"{name}\n".encode() + raw).digest()[:4].hex() == key_id:
            return name, Ed25519PublicKey.from_public_bytes(raw[1:])
    except ValueError:
        pass
    raise Bad(f"{text!r} is no verifier key")


def _note_parts(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """Return the signed text of a note, and names and contents of its signatures."""
    try:
        text, _, signatures = note.decode("utf-8").partition("\n\n")
        lines = signatures.split("\n")
        if lines.pop() != "" or not lines:
            raise Bad("ends without a signature")
        found = []
        for line in lines:
            dash, name, encoded = line.split(" ")
            if dash != "\u2014":
                raise Bad("has a malformed signature line")
            found.append((name, _unb64(encoded)))
    except ValueError:
        raise Bad("is no signed note") from None
    return text + "\n", found


def _open(note: bytes, keys: Mapping[str, Ed25519PublicKey]) -> Signed:
    text, signatures = _note_parts(note)
    lines = text.split("\n")
    name = lines[0]
    key = keys.get(name)
    if key is None:
        raise Bad("no key was given for this log")
    wanted = hashlib.sha256(f"{name}\n\x01".encode() + key.public_bytes_raw()).digest()[:4]
    ours = [raw[4:] for signer, raw in signatures if signer == name and raw[:4] == wanted]
    if not ours:
        raise Bad("not signed by the key given")
    try:
        for signature in ours:
            key.verify(signature, text.encode("utf-8"))
        size, root = int(lines[1]), _unb64(lines[2])
    except (InvalidSignature, ValueError, IndexError):
        raise Bad("signature or text was altered") from None
    return Signed(name, size, root)


def _proof_lines(lines: list[str]) -> tuple[dict[str, Any], int, list[bytes]]:
    if len(lines) < 3 or lines[0] != "c2sp.org/tlog-proof@v1":
        raise Bad("is no tlog-proof with an entry")
    (extra_word, extra), (index_word, index) = lines[1].split(" "), lines[2].split(" ")
    if (extra_word, index_word) != ("extra", "index") or str(int(index)) != index:
        raise Bad("is no tlog-proof with an entry")
    return json.loads(_unb64(extra)), int(index), [_unb64(line) for line in lines[3:]]


def _unb64(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    if _b64(raw) != text:  # unused bits at the end must not hide a change
        raise binascii.Error
    return raw


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _short(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def _lines(report: Report) -> Iterator[str]:
    yield from report.findings
    yield from (f"note: {note}" for note in report.notes)
    if report.ok:
        yield from (f"{log}: {size} entries, all as signed" for log, size in sorted(report.sizes.items()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0 if everything is as signed, 1 if not, 2 if it cannot be checked."""
    parser = argparse.ArgumentParser(prog="verify", description="Verify a ledger, or a proof from one.")
    parser.add_argument("folder", nargs="?", type=Path, help="one log, or a folder of logs")
    parser.add_argument("--vkey", action="append", required=True, help="verifier key, from outside")
    parser.add_argument("--proof", type=Path, help="verify this proof instead of a folder")
    parser.add_argument("--item", type=Path, help="the item shown with the proof, as JSON")
    given = parser.parse_args(arguments)
    if (given.folder is None) == (given.proof is None):
        parser.error("give either a folder or --proof")
    try:
        if given.proof is not None:
            item = json.loads(given.item.read_bytes()) if given.item else None
            report = verify_proof(given.proof.read_bytes(), given.vkey, item)
        else:
            report = verify_folder(given.folder, given.vkey)
    except (Bad, OSError, ValueError) as error:
        print(f"cannot verify: {error}", file=sys.stderr)  # noqa: T201
        return 2
    print("\n".join(_lines(report)))  # noqa: T201
    return 0 if report.ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
