"""The look for words in raw bytes finds what stands in the clear; otherwise it would prove nothing."""

import base64
from pathlib import Path

import pytest

from tests.factories.clear_text import files_of, where


@pytest.mark.parametrize(
    "form",
    [
        b"Canarybird",
        "canarybird".encode("utf-16-le"),
        "canarybird".encode("utf-16-be"),
        b"canarybird".hex().upper().encode(),
        *(base64.b64encode(b"x" * shift + b"Canarybird and more") for shift in range(3)),
    ],
)
def test_a_word_is_found_in_every_form(form: bytes) -> None:
    assert where("Canarybird", {"file": b"\x00" * 3 + form + b"\xff", "other": b"nothing"}) == ["file"]


def test_an_empty_folder_is_no_evidence(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="nothing to look through"):
        files_of(tmp_path)
