"""Entries and commitments, against vectors that other implementations accepted."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit.ledger.checkpoint import Checkpoint, open_note, parse_vkey, sign, vkey
from audit.ledger.commitment import (
    Disclosure,
    canonical,
    check_disclosure,
    commit_fields,
    disclose,
    field_hash,
    field_key,
    new_salt,
)
from audit.ledger.entries import Act, ItemVersion, act_entry, fields_of, item_entry
from audit.ledger.tree import leaf_hash
from core.crypto.signing import Signer
from core.errors import IntegrityError, InvalidInput

R = b"\x11" * 32
ITEM: dict[str, Any] = {
    "id": "m-1",
    "ver": 1,
    "kind": "create",
    "conv": "c-1",
    "cseq": 1,
    "actor": "u-1",
    "ts": "2026-03-02T09:00:00.000Z",
    "body": "Hello wörld",
    "att": [],
}
ORIGIN = "archive.example/acme/archive"
SIGNER = Signer(b"\x07" * 32)
VKEY = f"{ORIGIN}+1f6dd99f+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"
ROOT = "Btg+G8k7iwf56n5RdwMkKo80VR88PgVfHcyJo0rK8oE="
NOTE = (
    f"{ORIGIN}\n1\n{ROOT}\n\n"
    f"— {ORIGIN} H23Zn2yMkFzO4oEev2TLX1qh65aqa7I/xhxOLu4yev+wk7R8tVBzuQ3o+Wf8KOf62JhViLzhjbMfKVgTLYiBqHEgmww=\n"
).encode()
ENTRY = (
    b'{"actor":"u-1","cm":"N42Soewur2OCAKBSlrrBjtTwG7K/xHMLdDSv+iCk6uQ=","conv":"c-1","cseq":1,'
    b'"ct":"MFUx3MUOvKMc8dWzHp/HbtUfZrO23VoDDGU5rmUy+Xk=","len":11,"log":"archive","obj":"m-1",'
    b'"pol":"p-1@1","prev":null,"seq":0,"ts":"2026-03-02T09:00:00.050Z","type":"msg.create","v":1,"ver":1}'
)

simple = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def test_the_commitment_agrees_with_the_vector() -> None:
    hidden = field_hash(field_key(R, "body"), ITEM["body"])
    assert base64.b64encode(hidden) == b"D/erryC7A40IOvbWH8tMablscBS1+kiAO5OPx+aVIjU="
    assert base64.b64encode(commit_fields(R, ITEM)) == b"N42Soewur2OCAKBSlrrBjtTwG7K/xHMLdDSv+iCk6uQ="


def test_the_entry_and_its_leaf_agree_with_the_vector() -> None:
    version = ItemVersion(
        type="msg.create",
        item="m-1",
        version=1,
        previous=None,
        conversation="c-1",
        cseq=1,
        actor="u-1",
        commitment=commit_fields(R, ITEM),
        ciphertext_hash=hashlib.sha256(b"ciphertext").digest(),
        length=11,
        policy="p-1@1",
    )
    entry = item_entry(0, datetime(2026, 3, 2, 9, 0, 0, 50_000, UTC), version)
    assert entry == ENTRY
    assert base64.b64encode(leaf_hash(entry)).decode() == ROOT


def test_the_key_and_the_signed_note_agree_with_the_vector() -> None:
    checkpoint = Checkpoint(ORIGIN, 1, base64.b64decode(ROOT))
    assert vkey(ORIGIN, SIGNER.verifier) == VKEY
    assert parse_vkey(VKEY) == (ORIGIN, SIGNER.verifier)
    assert sign(checkpoint, SIGNER) == NOTE
    assert open_note(NOTE, ORIGIN, SIGNER.verifier) == checkpoint


def test_a_signature_by_an_unknown_key_is_ignored_and_a_bad_one_by_ours_is_not() -> None:
    stranger = sign(Checkpoint(ORIGIN, 1, base64.b64decode(ROOT)), Signer.generate()).split(b"\n\n")[1]
    assert open_note(NOTE + stranger, ORIGIN, SIGNER.verifier).size == 1
    ours = sign(Checkpoint(ORIGIN, 2, base64.b64decode(ROOT)), SIGNER).split(b"\n\n")[1]
    for note in (NOTE + ours, NOTE.split(b"\n\n")[0] + b"\n\n" + stranger):
        with pytest.raises(IntegrityError):
            open_note(note, ORIGIN, SIGNER.verifier)


def test_every_changed_byte_of_a_note_is_refused() -> None:
    for place in range(len(NOTE)):
        changed = bytearray(NOTE)
        changed[place] ^= 1
        with pytest.raises(IntegrityError):
            open_note(bytes(changed), ORIGIN, SIGNER.verifier)
    for note in (b"", b"\n\n", NOTE[:-1], NOTE + b"\n", NOTE.replace(b"\n1\n", b"\n01\n")):
        with pytest.raises(IntegrityError):
            open_note(note, ORIGIN, SIGNER.verifier)
    with pytest.raises(IntegrityError):
        open_note(NOTE, "archive.example/acme/audit", SIGNER.verifier)


@pytest.mark.parametrize(
    "text", ["", "a+b", "a+00000000+AQ==", VKEY.replace("+1f6d", "+1f6e"), VKEY[:-4], "x" + VKEY]
)
def test_a_malformed_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        parse_vkey(text)
    assert raised.value.code == "vkey"


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "line\nline"])
def test_a_log_has_a_name_that_fits_a_note(origin: str) -> None:
    with pytest.raises(InvalidInput):
        vkey(origin, SIGNER.verifier)


@given(st.sets(st.sampled_from(sorted(ITEM))))
def test_any_fields_can_be_shown_and_verify(shown: set[str]) -> None:
    disclosure = disclose(R, ITEM, shown)
    check_disclosure(commit_fields(R, ITEM), disclosure)
    assert disclosure.values.keys() == shown
    assert disclosure.hidden.keys() == ITEM.keys() - shown


def test_what_is_shown_cannot_be_changed_added_or_left_out() -> None:
    commitment = commit_fields(R, ITEM)
    good = disclose(R, ITEM, {"body", "actor"})
    check_disclosure(commitment, good)
    without = {name: digest for name, digest in good.hidden.items() if name != "ts"}
    for bad in (
        Disclosure({**good.values, "body": "Hello"}, good.keys, good.hidden),
        Disclosure({**good.values, "more": 1}, {**good.keys, "more": R}, good.hidden),
        Disclosure({"body": good.values["body"]}, good.keys, good.hidden),
        Disclosure(good.values, {**good.keys, "body": R}, good.hidden),
        Disclosure(good.values, good.keys, without),
        Disclosure(good.values, good.keys, {**good.hidden, "body": R}),
    ):
        with pytest.raises(IntegrityError):
            check_disclosure(commitment, bad)


def test_the_same_item_is_committed_to_differently_each_time() -> None:
    assert len({commit_fields(new_salt(), ITEM) for _ in range(50)}) == 50


@given(simple)
def test_canonical_form_is_that_of_rfc_8785(value: Any) -> None:
    try:
        expected = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        with pytest.raises(InvalidInput):
            canonical(value)
    else:
        assert canonical(value) == expected


@pytest.mark.parametrize("value", [2**53, float("nan"), "\ud800", {"a": object()}, {1: 2}])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput) as raised:
        commit_fields(R, {"field": value})
    assert raised.value.code == "not_canonical"


def test_an_entry_that_carries_too_much_is_refused() -> None:
    with pytest.raises(InvalidInput) as raised:
        act_entry(0, datetime(2026, 1, 1, tzinfo=UTC), _act(subject="x" * 4096))
    assert raised.value.code == "entry_too_large"


def test_an_act_names_the_newest_checkpoint_of_the_archive() -> None:
    fields = fields_of(act_entry(3, datetime(2026, 1, 1, tzinfo=UTC), _act(archive_size=7, archive_root=R)))
    assert fields["log"] == "audit"
    assert fields["seq"] == 3
    assert fields["archive"] == {"size": 7, "root": base64.b64encode(R).decode()}


def test_stopped_messages_are_counted_apart() -> None:
    version = ItemVersion("msg.stop", "m", 1, None, "c", None, "u", R, R, 5, "p", stop_seq=4)
    fields = fields_of(item_entry(0, datetime(2026, 1, 1, tzinfo=UTC), version))
    assert (fields["cseq"], fields["stop_seq"]) == (None, 4)


@pytest.mark.parametrize("entry", [b"", b"[]", b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1,"a":1}', b"\xff"])
def test_bytes_that_are_no_entry_are_refused(entry: bytes) -> None:
    with pytest.raises(InvalidInput):
        fields_of(entry)


def _act(**changes: Any) -> Act:
    fields = {
        "type": "matter:opened",
        "actor": "o-1",
        "subject": "s",
        "process": "desk-1",
        "number": 1,
        "commitment": R,
        "ciphertext_hash": R,
        "length": 5,
    }
    return Act(**{**fields, **changes})
