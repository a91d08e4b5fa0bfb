"""Questions as tantivy is asked them: built from nodes, never parsed."""

from collections.abc import Sequence
from typing import Final, assert_never

import tantivy

from audit.search.port import (
    Adjacent,
    AllOf,
    AnyOf,
    AnyTerm,
    MatchAll,
    MatchNone,
    NotOf,
    Question,
    TimeRange,
    Within,
)

_FEW_TERMS: Final = 32


def asked(schema: tantivy.Schema, question: Question) -> tantivy.Query:
    """Return the engine's form of ``question``."""
    query = tantivy.Query
    match question:
        case MatchAll():
            return query.all_query()
        case MatchNone():
            return query.empty_query()
        case AnyTerm(slot, tokens):
            return _any_term(schema, slot, tokens)
        case Adjacent(slot, tokens):
            return query.phrase_query(schema, slot, list(tokens))
        case Within(slot, left, right, distance):
            # Slop counts moves and a reversal costs two, so each order is asked on its own.
            return query.boolean_query(
                [
                    (tantivy.Occur.Should, query.phrase_query(schema, slot, [one, other], distance - 1))
                    for one, other in ((left, right), (right, left))
                ]
            )
        case TimeRange(start, end):
            return _between(schema, start, end)
        case AllOf(parts):
            return query.boolean_query([(tantivy.Occur.Must, asked(schema, part)) for part in parts])
        case AnyOf(parts):
            return query.boolean_query([(tantivy.Occur.Should, asked(schema, part)) for part in parts])
        case NotOf(part):
            # A query of exclusions only matches nothing: exclude from everything.
            return query.boolean_query(
                [(tantivy.Occur.Must, query.all_query()), (tantivy.Occur.MustNot, asked(schema, part))]
            )
        case _:
            assert_never(question)


def _any_term(schema: tantivy.Schema, slot: str, tokens: Sequence[str]) -> tantivy.Query:
    """Return the query for any of ``tokens``.

    A set is answered by an automaton over the whole dictionary: dear for a few, cheap for many.
    """
    if len(tokens) > _FEW_TERMS:
        return tantivy.Query.term_set_query(schema, slot, list(tokens))
    terms = [tantivy.Query.term_query(schema, slot, token, "basic") for token in tokens]
    if len(terms) == 1:
        return terms[0]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])


def _between(schema: tantivy.Schema, start: int | None, end: int | None) -> tantivy.Query:
    """Return the query for a range of time."""
    if start is None and end is None:
        return tantivy.Query.all_query()
    return tantivy.Query.range_query(
        schema,
        "at_ms",
        tantivy.FieldType.Integer,
        start,
        end,
        include_lower=True,
        include_upper=end is None,
    )
