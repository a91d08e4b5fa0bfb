"""What is sealed to a public key opens for its private half and its place alone."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.crypto.envelope import refused
from core.crypto.hybrid import HybridPrivate, HybridPublic, open_with, seal_to
from core.crypto.signing import Signer, Verifier
from core.errors import IntegrityError

PAIR = HybridPrivate.generate()


@settings(max_examples=30)
@given(st.binary(max_size=200), st.binary(max_size=50))
def test_what_was_sealed_to_a_key_opens_with_it(plaintext: bytes, info: bytes) -> None:
    assert open_with(PAIR, seal_to(PAIR.public, plaintext, info), info) == plaintext


def test_a_pair_survives_its_serialised_form() -> None:
    again = HybridPrivate.from_bytes(PAIR.to_bytes())
    assert len(PAIR.to_bytes()) == 1 + 64 + 32
    assert again.public == PAIR.public == HybridPublic(PAIR.public.to_bytes())
    assert open_with(again, seal_to(PAIR.public, b"text", b""), b"") == b"text"


@settings(max_examples=60)
@given(st.data())
def test_every_flipped_bit_is_refused(data: st.DataObject) -> None:
    sealed = bytearray(seal_to(PAIR.public, b"text", b"info"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(IntegrityError, match=str(refused())):
        open_with(PAIR, bytes(sealed), b"info")


@pytest.mark.parametrize("length", [0, 1, 9, 10, 1128, 1129, 1130])
def test_a_truncated_text_is_refused(length: int) -> None:
    with pytest.raises(IntegrityError):
        open_with(PAIR, seal_to(PAIR.public, b"", b"info")[:length], b"info")


def test_another_key_and_another_place_raise_the_same_error() -> None:
    sealed = seal_to(PAIR.public, b"text", b"info")
    for key, info in ((HybridPrivate.generate(), b"info"), (PAIR, b"other")):
        with pytest.raises(IntegrityError, match=str(refused())):
            open_with(key, sealed, info)


@pytest.mark.parametrize(
    "encoded", [b"", b"\x11", b"\x12" + bytes(1216), bytes(1217), b"\x11" + b"\xff" * 1216]
)
def test_bytes_that_are_no_public_key_are_refused(encoded: bytes) -> None:
    with pytest.raises(IntegrityError):
        HybridPublic(encoded)


@pytest.mark.parametrize("encoded", [b"", b"\x11" + bytes(95), b"\x11" + bytes(97), b"\x12" + bytes(96)])
def test_bytes_that_are_no_private_key_are_refused(encoded: bytes) -> None:
    with pytest.raises(IntegrityError):
        HybridPrivate.from_bytes(encoded)


def test_a_public_key_of_low_order_is_refused() -> None:
    low = PAIR.public.to_bytes()[:-32] + bytes(32)
    with pytest.raises(IntegrityError):
        seal_to(HybridPublic(low), b"text", b"")


def test_private_keys_never_show_or_leave() -> None:
    signer = Signer.generate()
    for secret, key in ((PAIR.seed, PAIR), (PAIR.x25519, PAIR), (signer.seed, signer)):
        assert secret.hex() not in repr(key)
        assert repr(secret) not in repr(key)
        with pytest.raises(TypeError, match="wrap it"):
            pickle.dumps(key)


def test_a_signature_verifies_for_its_text_and_key_or_raises() -> None:
    signer = Signer(bytes(range(32)))
    signature = signer.sign(b"text")
    signer.verifier.verify(signature, b"text")
    for verifier, mark, text in (
        (signer.verifier, signature, b"texts"),
        (signer.verifier, signature[:-1], b"text"),
        (signer.verifier, b"", b"text"),
        (Signer.generate().verifier, signature, b"text"),
    ):
        with pytest.raises(IntegrityError, match=str(refused())):
            verifier.verify(mark, text)


def test_ed25519_agrees_with_rfc_8032() -> None:
    # RFC 8032, section 7.1, test 2.
    signer = Signer(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    assert signer.verifier.public.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert signer.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


@pytest.mark.parametrize("length", [0, 31, 33])
def test_signing_keys_of_another_length_are_refused(length: int) -> None:
    with pytest.raises(IntegrityError):
        Signer(bytes(length))
    with pytest.raises(IntegrityError):
        Verifier(bytes(length))
