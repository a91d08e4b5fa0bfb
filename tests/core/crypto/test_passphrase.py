"""A stream under a passphrase opens whole and unaltered, or not at all."""

import io
from collections.abc import Callable

import pytest

from core.crypto.passphrase import (
    OpeningReader,
    PassphraseCost,
    SealingWriter,
    check_passphrase,
    read_clear,
)
from core.errors import IntegrityError, InvalidInput

PASSPHRASE = "six unrelated words of a backup"
CHEAP = PassphraseCost(memory_kib=64, passes=1)
CHUNK = 1 << 20


def sealed(content: bytes, passphrase: str = PASSPHRASE) -> bytes:
    file = io.BytesIO()
    with SealingWriter(file, passphrase, {"id": "one"}, CHEAP) as writer:
        for start in range(0, len(content), 300_000):
            writer.write(content[start : start + 300_000])
    return file.getvalue()


def opened(stream: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return io.BufferedReader(OpeningReader(io.BytesIO(stream), passphrase)).read()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_was_sealed_comes_back(size: int) -> None:
    content = bytes(number % 251 for number in range(1024)) * (size // 1024 + 1)
    assert opened(sealed(content[:size])) == content[:size]


def test_its_header_can_be_read_without_the_passphrase() -> None:
    assert read_clear(io.BytesIO(sealed(b"x"))) == {"id": "one"}
    with pytest.raises(IntegrityError):
        read_clear(io.BytesIO(b"something else altogether, and long enough"))


def cut_off(stream: bytes) -> bytes:
    """Take the last chunk away: what is left is chunks that are all genuine."""
    return stream[: -(4 + 37 + 10)]


def swapped(stream: bytes) -> bytes:
    """Put the second chunk before the first."""
    whole, length = CHUNK + 37 + 4, len(stream) - 2 * (CHUNK + 37 + 4) - (4 + 37 + 10)
    head = stream[:length]
    return head + stream[length + whole : length + 2 * whole] + stream[length : length + whole] + stream[-51:]


@pytest.mark.parametrize(
    "harm",
    [
        cut_off,
        swapped,
        lambda stream: stream[:-1],
        lambda stream: stream + b"\0\0\0\0",
        lambda stream: stream[:-1] + bytes([stream[-1] ^ 1]),
        lambda stream: stream.replace(b'"one"', b'"two"'),
    ],
)
def test_nothing_can_be_cut_off_moved_added_or_changed(harm: Callable[[bytes], bytes]) -> None:
    stream = sealed(b"a" * CHUNK + b"b" * CHUNK + b"c" * 10)
    assert len(opened(stream)) == 2 * CHUNK + 10
    with pytest.raises(IntegrityError):
        opened(harm(stream))


def test_another_passphrase_opens_nothing_and_the_same_typed_otherwise_does() -> None:
    with pytest.raises(IntegrityError):
        opened(sealed(b"secret"), "another passphrase of some length")
    assert (
        opened(sealed(b"secret", "cafe\u0301 au lait, six words"), "caf\u00e9 au lait, six words")
        == b"secret"
    )


def test_a_header_that_asks_for_all_memory_is_refused() -> None:
    stream = sealed(b"x").replace(b'"memory": 64', b'"memory": 9999999')
    with pytest.raises(IntegrityError):
        opened(stream)


def test_a_short_passphrase_is_refused() -> None:
    check_passphrase(PASSPHRASE)
    with pytest.raises(InvalidInput) as refused:
        check_passphrase("fifteen chars..")
    assert refused.value.code == "passphrase_too_short"
