"""The words of a partition: collected once, spelled out, never cut in silence."""

import pytest

from audit.search.syntax import Field
from audit.search.vocabulary import NewTerms, Vocabulary, edit_distance, encode_delta
from core.errors import IntegrityError
from tests.contracts.search_index import record


def test_only_what_was_not_kept_is_new() -> None:
    seen = NewTerms()
    first = seen.of([record("r1", "Wire the funds", sender=("Ana",), audience=(), conversation=())])
    assert first == {(Field.BODY, "wire"), (Field.BODY, "funds"), (Field.FROM, "ana")}
    # A transaction that failed is tried again with the same delta.
    again = seen.of([record("r1", "Wire the funds", sender=("Ana",), audience=(), conversation=())])
    assert again == first
    seen.kept(first)
    assert seen.of([record("r2", "wire today", sender=("Ana",), audience=(), conversation=())]) == {
        (Field.BODY, "today")
    }


def test_a_vocabulary_is_the_union_of_its_deltas() -> None:
    deltas = [
        encode_delta({(Field.BODY, "wire"), (Field.FROM, "ana")}),
        encode_delta({(Field.BODY, "wire"), (Field.BODY, "東")}),
    ]
    vocabulary = Vocabulary.from_deltas(deltas)
    assert len(vocabulary) == 3
    assert vocabulary.has(Field.BODY, "東")
    assert vocabulary.has(Field.FROM, "ana")
    assert not vocabulary.has(Field.BODY, "ana")
    assert len(Vocabulary.from_deltas([encode_delta(())])) == 0


@pytest.mark.parametrize("payload", [b"", b"\x02abc", b"\x01abc", encode_delta([(Field.BODY, "x")])[:-1]])
def test_a_damaged_delta_is_an_integrity_error(payload: bytes) -> None:
    with pytest.raises(IntegrityError) as caught:
        Vocabulary.from_deltas([payload])
    assert caught.value.code == "bad_vocabulary"


def test_a_prefix_is_spelled_out_in_order() -> None:
    vocabulary = Vocabulary(
        (Field.BODY, term) for term in ["company", "compare", "comb", "con", "été", "étéx", "🚀"]
    )
    assert vocabulary.expand(Field.BODY, "comp").terms == ("company", "compare")
    assert vocabulary.expand(Field.BODY, "ét").terms == ("été", "étéx")
    assert vocabulary.expand(Field.BODY, "zz").count == 0
    assert vocabulary.expand(Field.FROM, "co").count == 0


def test_an_expansion_beyond_the_limit_tells_its_true_number() -> None:
    vocabulary = Vocabulary((Field.BODY, f"st{i:05}") for i in range(3_226))
    found = vocabulary.expand(Field.BODY, "st")
    assert (len(found.terms), found.count, found.complete) == (1_000, 3_226, False)
    assert vocabulary.expand(Field.BODY, "st000").complete


def test_a_misspelt_word_is_offered_a_near_one() -> None:
    vocabulary = Vocabulary((Field.BODY, term) for term in ["merger", "merge", "mobile", "wire"])
    assert vocabulary.near(Field.BODY, "mergr") in {"merge", "merger"}
    assert vocabulary.near(Field.BODY, "moblie") == "mobile"
    assert vocabulary.near(Field.BODY, "completely") is None
    assert vocabulary.near(Field.BODY, "wir") is None
    assert vocabulary.near(Field.FROM, "mergr") is None


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "abc", 0), ("flaw", "lawn", 2), ("a", "zzzzzzzz", 4)],
)
def test_distances_are_counted_up_to_the_bound(one: str, other: str, distance: int) -> None:
    assert edit_distance(one, other, 3) == distance
