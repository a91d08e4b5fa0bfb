"""Questions as Elasticsearch is asked them: ``bool``, ``terms``, ``match_phrase`` and ``intervals`` only.

See the Query DSL in Elastic's reference manual.
"""

from typing import Any, assert_never

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


def filtered(question: Question) -> dict[str, Any]:
    """Return the ``query`` of a request; filters are not scored."""
    return {"bool": {"filter": [_query(question)]}}


def _query(question: Question) -> dict[str, Any]:
    """Return the server's form of ``question``."""
    match question:
        case MatchAll():
            return {"match_all": {}}
        case MatchNone():
            return {"match_none": {}}
        case AnyTerm(slot, tokens):
            return {"terms": {slot: list(tokens)}}
        case Adjacent(slot, tokens):
            return {"match_phrase": {slot: {"query": " ".join(tokens)}}}
        case Within(slot, left, right, distance):
            # Two ordered searches: an unordered one may count a token for both sides.
            ordered = [
                {
                    "all_of": {
                        "ordered": True,
                        "max_gaps": distance - 1,
                        "intervals": [{"match": {"query": one}}, {"match": {"query": other}}],
                    }
                }
                for one, other in ((left, right), (right, left))
            ]
            return {"intervals": {slot: {"any_of": {"intervals": ordered}}}}
        case TimeRange(start, end):
            bounds = {"gte": start, "lt": end}
            return {"range": {"at_ms": {name: bound for name, bound in bounds.items() if bound is not None}}}
        case AllOf(parts):
            return {"bool": {"filter": [_query(part) for part in parts]}}
        case AnyOf(parts):
            return {"bool": {"should": [_query(part) for part in parts], "minimum_should_match": 1}}
        case NotOf(part):
            return {"bool": {"must_not": [_query(part)]}}
        case _:
            assert_never(question)
