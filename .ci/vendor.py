# ruff: noqa: INP001, S603  (a script that stands alone; what it runs is spelled out below)
"""Fetch the browser's libraries and font from npm, once, and keep them in the repository.

Runs ``npm pack`` for each pinned version, checks the tarball against the integrity pinned here,
copies one file and the licence of each, turns bare imports into relative ones, and writes
``vendor.json``. There is no build step: what lies in ``web/static/vendor`` is what browsers load.
Run it after changing a version: ``python .ci/vendor.py``.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "web" / "static" / "vendor"
BARE_IMPORT = re.compile(r"""(\bfrom\s*|\bimport\s*)(["'])([@a-z][^"']*)\2""")
SOURCE_MAP = re.compile(r"\n?//# sourceMappingURL=.*\n?$")


@dataclass(frozen=True)
class Package:
    """One pinned package, the file we take of it, and the name browsers import it by."""

    name: str
    version: str
    integrity: str
    files: tuple[tuple[str, str], ...]
    #: Where of some files only a part is taken: its name, and what makes it from the package.
    derived: tuple[tuple[str, Callable[[tarfile.TarFile], str]], ...] = ()

    @property
    def first(self) -> str:
        """The name that its licence goes by."""
        return [*(name for _, name in self.files), *(name for name, _ in self.derived)][0]


# Reactions that had names before there was a picker, and others that need a name of their own.
ALIASES = {
    "👍": "thumbs_up",
    "✅": "check",
    "👀": "eyes",
    "❤": "heart",
    "⭐": "star",
    "🙂": "smile",
    "🙁": "sad",
    "❓": "question",
    # Their names differ by a sign only.
    "#️⃣": "keycap_number_sign",
    "*️⃣": "keycap_asterisk",
}
COMPONENTS = 2


def emoji(archive: tarfile.TarFile) -> str:
    """Return every emoji as [sign, alias, group, name and tags in English, the same in German]."""
    german = {each["hexcode"]: each for each in json.loads(read(archive, "de/compact.json"))}
    rows = []
    for each in sorted(json.loads(read(archive, "en/compact.json")), key=lambda e: e.get("order", 0)):
        if each.get("group", COMPONENTS) == COMPONENTS:
            continue
        sign = each["unicode"]
        alias = re.sub(r"[^a-z0-9]+", "_", plain(each["label"])).strip("_")[:40]
        words = [each["label"], *each.get("tags", ())]
        other = german[each["hexcode"]]
        local = [other["label"], *other.get("tags", ())]
        rows.append([sign, ALIASES.get(sign.rstrip("\ufe0f"), alias), each["group"], words, local])
    return (
        "[\n" + ",\n".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in rows) + "\n]\n"
    )


def plain(text: str) -> str:
    """Return ``text`` without accents and case."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()


PACKAGES = (
    Package(
        "preact",
        "11.2.0",
        "sha512-/HfHI/7N84e6GrWBJ3J280z3mLaRJiDcSvj/A+y/4AbLnND/1UlGHe1sR6oYuTGwId0nP7dqDU9OnLxMPZ7xBg==",
        (("dist/preact.mjs", "preact.js"), ("hooks/dist/hooks.mjs", "preact-hooks.js")),
    ),
    Package(
        "htm",
        "3.1.1",
        "sha512-983Vyg8NwUE7JkZ6NmOqpCZ+sh1bKv2iYTlUkzlWmA5JD2acKoxd4KVxbMmxX/85mtfdnDmTFoNKcg5DGAvxNQ==",
        (("dist/htm.mjs", "htm.js"),),
    ),
    Package(
        "socket.io-client",
        "4.8.4",
        "sha512-7wjKAvVXYOJsbmUgkWbnhPD4bFpkqrUR0++XOjpGFmqDqsqV1CI93VTraeExLxpjxEqrWgFoSRZu1ihjLWfkAA==",
        (("dist/socket.io.esm.min.js", "socket.io.js"),),
    ),
    Package(
        "@fontsource-variable/atkinson-hyperlegible-next",
        "5.3.0",
        "sha512-UnLzNUy1RWoLDfydAatP4NaRm99X/WbQEph7q/PymJnCFIOOwKOx3pBmp5ys8trO0dM+CKGuJgeZP9fAR4mQpA==",
        (
            ("files/atkinson-hyperlegible-next-latin-wght-normal.woff2", "atkinson-latin.woff2"),
            ("files/atkinson-hyperlegible-next-latin-wght-italic.woff2", "atkinson-latin-italic.woff2"),
            ("files/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2", "atkinson-latin-ext.woff2"),
            (
                "files/atkinson-hyperlegible-next-latin-ext-wght-italic.woff2",
                "atkinson-latin-ext-italic.woff2",
            ),
        ),
    ),
    Package(
        "emojibase-data",
        "17.0.0",
        "sha512-Yvgb5AWoHViHV/gq1qr5ZAarcBip+B27/ZLRsUJkbgAEaLlZ/fof9g882LTpmEpyhBNEC0m2SEmItljHsTygjA==",
        (),
        (("emoji.json", emoji),),
    ),
)

IMPORTS = {
    "preact": "./preact.js",
    "preact/hooks": "./preact-hooks.js",
}


def main() -> int:
    """Fetch everything anew and write the record of it."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    record = [vendor(package) for package in PACKAGES]
    (VENDOR / "vendor.json").write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    return 0


def vendor(package: Package) -> dict[str, object]:
    """Copy one package's files and licence; return what to record of it."""
    with tempfile.TemporaryDirectory() as folder:
        tarball = pack(package, Path(folder))
        check_integrity(package, tarball.read_bytes())
        files: list[dict[str, object]] = []
        with tarfile.open(tarball) as archive:
            for inside, name in package.files:
                octets, rewritten = read(archive, inside), list[str]()
                if name.endswith(".js"):
                    octets, rewritten = relative(octets)
                files.append(keep(name, octets) | {"source": inside, "rewritten": rewritten})
            for name, make in package.derived:
                files.append(keep(name, make(archive).encode("utf-8")) | {"derived": True})
            licence = keep(f"{Path(package.first).stem}.LICENSE.txt", read(archive, "LICENSE"))
    return {
        "package": package.name,
        "version": package.version,
        "integrity": package.integrity,
        "files": files,
        "licence": licence,
    }


def pack(package: Package, folder: Path) -> Path:
    """Return the package's tarball as npm hands it out."""
    spec = f"{package.name}@{package.version}"
    command = ["npm", "pack", spec, "--json", "--ignore-scripts", "--pack-destination", str(folder)]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return next(folder.glob("*.tgz"))


def check_integrity(package: Package, tarball: bytes) -> None:
    """Refuse a tarball that is not the pinned one (Subresource Integrity, 3.1)."""
    found = "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode("ascii")
    if found != package.integrity:
        message = f"{package.name}@{package.version} has the integrity {found}, not the pinned one."
        raise SystemExit(message)


def read(archive: tarfile.TarFile, name: str) -> bytes:
    """Return one file of a package."""
    file = archive.extractfile(f"package/{name}")
    if file is None:
        message = f"There is no {name} in this package."
        raise SystemExit(message)
    return file.read()


def relative(octets: bytes) -> tuple[bytes, list[str]]:
    """Return a module whose bare imports are relative, and which were turned."""
    turned: list[str] = []

    def turn(match: re.Match[str]) -> str:
        turned.append(match[3])
        return f"{match[1]}{match[2]}{IMPORTS[match[3]]}{match[2]}"

    text = SOURCE_MAP.sub("\n", BARE_IMPORT.sub(turn, octets.decode("utf-8")))
    return text.encode("utf-8"), sorted(set(turned))


def keep(name: str, octets: bytes) -> dict[str, object]:
    """Write one vendored file; return its name and hash."""
    (VENDOR / name).write_bytes(octets)
    return {"file": name, "sha256": hashlib.sha256(octets).hexdigest()}


if __name__ == "__main__":
    sys.exit(main())
