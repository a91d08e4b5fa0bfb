"""One bundle, one canonical form, one hash."""

import json

import pytest
from hypothesis import given, settings

from core.errors import IntegrityError
from policies.bundle import Bundle, bundle_hash, canonical, from_canonical, hash_of
from policies.source import parse
from policies.written import written
from tests.factories.policies import VOCABULARY, make_bundle
from tests.factories.policy_strategies import bundles, to_yaml


@settings(max_examples=25, deadline=None)
@given(bundles())
def test_a_bundle_survives_its_source_and_its_canonical_form(bundle: Bundle) -> None:
    read = parse([("policy.yaml", to_yaml(bundle))], VOCABULARY)
    assert read == bundle
    form = canonical(read)
    assert from_canonical(form) == bundle
    assert canonical(from_canonical(form)) == form
    assert hash_of(form) == bundle_hash(bundle)


@settings(max_examples=25, deadline=None)
@given(bundles())
def test_a_bundle_that_is_written_anew_is_the_same(bundle: Bundle) -> None:
    assert parse([("policy.yaml", written(bundle))], VOCABULARY) == bundle


def test_what_is_as_usual_is_not_written() -> None:
    plain = "name: X\nretention:\n  direct: 1\n  group: 1\n  public: 1\n  private: 1\n"
    assert written(parse([("a", plain)], VOCABULARY)) == plain


def test_the_canonical_form_is_sorted_json_without_blanks() -> None:
    form = canonical(make_bundle())
    assert form == json.dumps(json.loads(form), sort_keys=True, separators=(",", ":")).encode()


def test_how_a_bundle_is_written_does_not_change_its_hash() -> None:
    one = parse([("a", "name: X\nretention: {direct: 1, group: 1, public: 1, private: 1}")], VOCABULARY)
    other = parse(
        [
            ("a", "retention:\n  private: 1\n  public: 1\n  group: 1\n  direct: 1\n"),
            ("b", '# the same\n"name": "X"\nquarantine: {expires_hours: 24}'),
        ],
        VOCABULARY,
    )
    assert bundle_hash(one) == bundle_hash(other)


def test_any_change_of_meaning_changes_the_hash() -> None:
    rule = "dlp: {rules: [{id: R, title: t, verdict: %s, lexicon: [alpha]}]}"
    assert bundle_hash(make_bundle(rule % "warn")) != bundle_hash(make_bundle(rule % "flag"))


@pytest.mark.parametrize(
    "form", [b"", b"{}", b"[]", b"\xff", b'{"name":"x","retention":{},"supervision":{}}']
)
def test_bytes_that_are_no_canonical_form_are_an_integrity_error(form: bytes) -> None:
    with pytest.raises(IntegrityError) as refused:
        from_canonical(form)
    assert refused.value.code == "bad_bundle"
