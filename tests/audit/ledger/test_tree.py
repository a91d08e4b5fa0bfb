"""Merkle trees as RFC 6962 has them."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.ledger import tree
from core.errors import IntegrityError

# The inputs and roots of the reference implementation of RFC 6962.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [hashlib.sha256(b"%d" % n).digest() for n in range(600)]


class Whole:
    """Every node computed from all leaves, straight from the definition."""

    def node(self, level: int, index: int) -> bytes:
        return by_definition(LEAVES[index << level : (index + 1) << level])


def by_definition(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return tree.EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return tree.node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_roots_agree_with_the_vectors(size: int) -> None:
    assert tree.CompactRange(map(tree.leaf_hash, INPUTS[:size])).root().hex() == ROOTS[size]


@given(st.integers(0, 600))
def test_growing_leaf_by_leaf_gives_the_root_of_the_whole(size: int) -> None:
    assert tree.CompactRange(LEAVES[:size]).root() == tree.root(Whole(), size) == by_definition(LEAVES[:size])


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_copied_edge_grows_apart(first: int, more: int) -> None:
    edge = tree.CompactRange(LEAVES[:first])
    other = edge.copy()
    other.extend(LEAVES[first : first + more])
    assert edge.root() == by_definition(LEAVES[:first])
    assert other.root() == by_definition(LEAVES[: first + more])


@settings(max_examples=150)
@given(st.data())
def test_an_inclusion_proof_shows_its_leaf_and_no_other(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 600))
    index = data.draw(st.integers(0, size - 1))
    root = tree.root(Whole(), size)
    proof = tree.inclusion_proof(Whole(), index, size)
    tree.check_inclusion(LEAVES[index], index, size, proof, root)
    wrong: list[tuple[bytes, int, int, list[bytes], bytes]] = [
        (LEAVES[(index + 1) % 600], index, size, proof, root),
        (LEAVES[index], index, size, [*proof, LEAVES[0]], root),
        (LEAVES[index], index, size, proof, LEAVES[599]),
        (LEAVES[index], size, size, proof, root),
        (LEAVES[index], -1, size, proof, root),
    ]
    if proof:
        wrong.append((LEAVES[index], index, size, proof[:-1], root))
        wrong.append((LEAVES[index], index ^ 1, size, proof, root))
        place = data.draw(st.integers(0, len(proof) - 1))
        wrong.append((LEAVES[index], index, size, [*proof[:place], LEAVES[599], *proof[place + 1 :]], root))
    for case in wrong:
        with pytest.raises(IntegrityError):
            tree.check_inclusion(*case)


@settings(max_examples=150)
@given(st.data())
def test_a_consistency_proof_shows_growth_and_nothing_else(data: st.DataObject) -> None:
    new = data.draw(st.integers(0, 600))
    old = data.draw(st.integers(0, new))
    roots = tree.root(Whole(), old), tree.root(Whole(), new)
    proof = tree.consistency_proof(Whole(), old, new)
    tree.check_consistency(old, roots[0], new, roots[1], proof)
    wrong: list[tuple[int, bytes, int, bytes, list[bytes]]] = [
        (old, LEAVES[0] if old != 1 else LEAVES[1], new, roots[1], proof),
        (old, roots[0], new, roots[1], [*proof, LEAVES[0]]),
        (new + 1, roots[0], new, roots[1], proof),
    ]
    if old:
        wrong.append((old, roots[0], new, LEAVES[599], proof))
    if proof:
        wrong.append((old, roots[0], new, roots[1], proof[:-1]))
        wrong.append((old, roots[0], new, roots[1], [*proof[:-1], LEAVES[599]]))
    for case in wrong:
        with pytest.raises(IntegrityError):
            tree.check_consistency(*case)
