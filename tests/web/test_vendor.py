"""The browser's libraries are the ones that were pinned, with their licences, and need no build."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

VENDOR = Path(__file__).parents[2] / "web" / "static" / "vendor"
PACKAGES: list[dict[str, Any]] = json.loads((VENDOR / "vendor.json").read_text("utf-8"))
KEPT = [file for package in PACKAGES for file in (*package["files"], package["licence"])]


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: kept["file"])
def test_a_vendored_file_is_the_one_that_was_taken(kept: dict[str, Any]) -> None:
    octets = (VENDOR / kept["file"]).read_bytes()
    assert hashlib.sha256(octets).hexdigest() == kept["sha256"]


def test_nothing_lies_there_that_nobody_recorded() -> None:
    assert {path.name for path in VENDOR.iterdir()} == {kept["file"] for kept in KEPT} | {"vendor.json"}


@pytest.mark.parametrize("path", sorted(VENDOR.glob("*.js")), ids=lambda path: path.name)
def test_a_vendored_script_imports_only_its_neighbours_and_makes_no_code(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"""(?:\bfrom\s*|\bimport\s*)["'](?![./])""", text)
    assert not re.search(r"\beval\(|new Function", text)
