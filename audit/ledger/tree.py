"""Merkle tree hashing of RFC 6962, section 2.1: roots, inclusion and consistency proofs.

Hashes of complete subtrees come from a :class:`Nodes`; node ``(level, index)`` is the tree hash of
leaves ``[index * 2^level, (index + 1) * 2^level)``. Proofs list hashes from the leaf upwards.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from core.errors import IntegrityError

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


class Nodes(Protocol):
    """Where hashes of complete subtrees come from."""

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of one complete subtree of ``2^level`` leaves."""
        ...


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 of 0x00 and the entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256 of 0x01 and its children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class CompactRange:
    """The right edge of a growing tree: its size and the roots of its complete subtrees."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.size = 0
        self.peaks: list[tuple[int, bytes]] = []
        self.extend(leaves)

    def copy(self) -> "CompactRange":
        """Return an edge that grows apart from this one."""
        other = CompactRange()
        other.size, other.peaks = self.size, list(self.peaks)
        return other

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append leaf hashes."""
        for leaf in leaves:
            level, joined = 0, leaf
            while self.peaks and self.peaks[-1][0] == level:
                joined = node_hash(self.peaks.pop()[1], joined)
                level += 1
            self.peaks.append((level, joined))
            self.size += 1

    def root(self) -> bytes:
        """Return the tree hash."""
        if not self.peaks:
            return EMPTY_ROOT
        joined = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            joined = node_hash(left, joined)
        return joined


def root(nodes: Nodes, size: int) -> bytes:
    """Return the tree hash of the first ``size`` leaves."""
    return _range_root(nodes, 0, size) if size else EMPTY_ROOT


def inclusion_proof(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """Return the audit path of leaf ``index`` in the tree of ``size`` leaves (``0 <= index < size``)."""
    return _path(nodes, index, 0, size)


def consistency_proof(nodes: Nodes, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of ``new`` leaves extends that of ``old`` (``0 <= old <= new``)."""
    return _subproof(nodes, old, 0, new, whole=True) if 0 < old < new else []


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> None:
    """Return if ``proof`` shows ``leaf`` at ``index`` under the root ``expected`` (RFC 9162, 2.1.3.2).

    Raises:
        IntegrityError: it does not.
    """
    if not 0 <= index < size:
        raise _unproved()
    at, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise _unproved()
        if at & 1 or at == last:
            computed = node_hash(sibling, computed)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        at, last = at >> 1, last >> 1
    if last or computed != expected:
        raise _unproved()


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Return if ``proof`` shows that the new tree extends the old one (RFC 9162, 2.1.4.2).

    Raises:
        IntegrityError: it does not.
    """
    if old in {0, new}:
        if proof or old_root != (new_root if old else EMPTY_ROOT):
            raise _unproved()
        return
    if old > new or not proof:
        raise _unproved()
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    of_old = of_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise _unproved()
        if at & 1 or at == last:
            of_old, of_new = node_hash(sibling, of_old), node_hash(sibling, of_new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            of_new = node_hash(of_new, sibling)
        at, last = at >> 1, last >> 1
    if last or of_old != old_root or of_new != new_root:
        raise _unproved()


def _split(count: int) -> int:
    """Return the largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1


def _range_root(nodes: Nodes, low: int, high: int) -> bytes:
    count = high - low
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return nodes.node(level, low >> level)
    middle = low + _split(count)
    return node_hash(_range_root(nodes, low, middle), _range_root(nodes, middle, high))


def _path(nodes: Nodes, index: int, low: int, high: int) -> list[bytes]:
    if high - low == 1:
        return []
    middle = low + _split(high - low)
    if index < middle:
        return [*_path(nodes, index, low, middle), _range_root(nodes, middle, high)]
    return [*_path(nodes, index, middle, high), _range_root(nodes, low, middle)]


def _subproof(nodes: Nodes, old: int, low: int, high: int, *, whole: bool) -> list[bytes]:
    if old == high:
        return [] if whole else [_range_root(nodes, low, high)]
    middle = low + _split(high - low)
    if old <= middle:
        return [*_subproof(nodes, old, low, middle, whole=whole), _range_root(nodes, middle, high)]
    return [*_subproof(nodes, old, middle, high, whole=False), _range_root(nodes, low, middle)]


def _unproved() -> IntegrityError:
    return IntegrityError("The proof does not fit the root of the ledger.")
