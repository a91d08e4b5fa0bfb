"""An envelope opens for its key and its place, or raises one error that tells nothing."""

import hashlib
import hmac
import pickle

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from core.crypto.envelope import (
    OVERHEAD,
    Key,
    Part,
    associated,
    derive,
    keyed_hash,
    open_sealed,
    refused,
    seal,
)
from core.crypto.sealing import open_record, seal_record
from core.errors import IntegrityError

KEY = Key(bytes(range(32)))
AAD = associated("test/v1", "place")

parts = st.lists(st.none() | st.integers() | st.text() | st.binary(), max_size=5)
clear_columns = st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.binary(), max_size=4)


@given(st.binary(max_size=2000))
def test_what_was_sealed_opens_again(plaintext: bytes) -> None:
    sealed = seal(KEY, plaintext, AAD)
    assert open_sealed(KEY, sealed, AAD) == plaintext
    assert len(sealed) == len(plaintext) + OVERHEAD


def test_the_layout_is_version_key_id_nonce_ciphertext() -> None:
    sealed = seal(KEY, b"text", AAD)
    assert sealed[:1] == b"\x01"
    assert sealed[1:9] == hmac.digest(KEY.material, b"s\0\0\0\x09key-id/v1", hashlib.sha256)[:8]
    inner = AESGCM(KEY.material).decrypt(sealed[9:21], sealed[21:], sealed[:9] + AAD)
    assert inner == b"text"


def test_the_same_text_never_looks_the_same() -> None:
    assert len({seal(KEY, b"text", AAD) for _ in range(100)}) == 100


@given(st.data())
def test_every_flipped_bit_is_refused(data: st.DataObject) -> None:
    sealed = bytearray(seal(KEY, b"some text", AAD))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    _refuses(KEY, bytes(sealed), AAD)


@pytest.mark.parametrize("length", [0, 1, 8, 9, 20, OVERHEAD - 1, OVERHEAD])
def test_a_truncated_envelope_is_refused(length: int) -> None:
    _refuses(KEY, seal(KEY, b"some text", AAD)[:length], AAD)


def test_wrong_key_wrong_place_and_wrong_bytes_raise_the_same_error() -> None:
    sealed = seal(KEY, b"text", AAD)
    failures = [
        _refuses(Key.generate(), sealed, AAD),
        _refuses(KEY, sealed, associated("test/v1", "elsewhere")),
        _refuses(KEY, sealed, associated("test/v2", "place")),
        _refuses(KEY, sealed + b"\0", AAD),
        _refuses(KEY, b"\x02" + sealed[1:], AAD),
        _refuses(KEY, b"", AAD),
    ]
    assert {str(error) for error in failures} == {str(refused())}
    assert {error.code for error in failures} == {"integrity"}
    assert all(
        error.__cause__ is None and error.__suppress_context__ for error in failures if error.__context__
    )


@settings(max_examples=200)
@given(parts, parts)
def test_no_two_places_share_their_associated_data(one: list[Part], other: list[Part]) -> None:
    same = [(type(p), p) for p in one] == [(type(p), p) for p in other]
    assert (associated("p", *one) == associated("p", *other)) is same


def test_parts_are_not_confused_with_their_neighbours_or_types() -> None:
    assert associated("p", "ab", "c") != associated("p", "a", "bc")
    assert len({associated("p", part) for part in (1, "1", b"1", None, "")}) == 5


def test_a_key_never_shows_or_leaves() -> None:
    assert KEY.material.hex() not in repr(KEY)
    assert repr(KEY.material) not in f"{KEY} {[KEY]!r}"
    with pytest.raises(TypeError, match="wrap it"):
        pickle.dumps(KEY)


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(IntegrityError):
        Key(b"\0" * length)


def test_keys_are_equal_by_material_and_ids_commit_to_it() -> None:
    assert Key(KEY.material) == KEY
    assert len({Key(KEY.material), KEY}) == 1
    assert Key.generate() != KEY
    assert Key(bytes(32)).id != Key(b"\x01" + bytes(31)).id


def test_subkeys_differ_by_purpose_and_parts() -> None:
    made = {derive(KEY, *args).material for args in (("a",), ("b",), ("a", "b"), ("a", 1), ("a", None))}
    assert len(made) == 5
    assert derive(KEY, "a") == derive(Key(KEY.material), "a")
    assert keyed_hash(KEY, "a", "x") != keyed_hash(KEY, "b", "x")


@given(st.binary(max_size=100), clear_columns)
def test_a_record_opens_with_its_columns_in_any_order(body: bytes, clear: dict[str, Part]) -> None:
    sealed = seal_record(KEY, body, clear, purpose="record")
    assert open_record(KEY, sealed, dict(reversed(clear.items())), purpose="record") == body


@pytest.mark.parametrize(
    "clear",
    [
        {"rid": "r1", "cseq": 8},
        {"rid": "r2", "cseq": 7},
        {"rid": "r1"},
        {"rid": "r1", "cseq": 7, "stop_seq": None},
        {"rid": "r1", "cseq": "7"},
        {"rid": "r1cseq", "": 7},
    ],
)
def test_a_record_whose_row_was_changed_does_not_open(clear: dict[str, Part]) -> None:
    sealed = seal_record(KEY, b"body", {"rid": "r1", "cseq": 7}, purpose="record")
    with pytest.raises(IntegrityError):
        open_record(KEY, sealed, clear, purpose="record")
    with pytest.raises(IntegrityError):
        open_record(KEY, sealed, {"rid": "r1", "cseq": 7}, purpose="vocabulary")


def _refuses(key: Key, sealed: bytes, aad: bytes) -> IntegrityError:
    with pytest.raises(IntegrityError) as raised:
        open_sealed(key, sealed, aad)
    return raised.value
