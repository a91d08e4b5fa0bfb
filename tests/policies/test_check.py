"""What is allowed but hardly meant is told before it is approved."""

from policies.check import lint
from tests.factories.policies import MONDAY, make_bundle

WALL = """
segments:
  a: {title: A, groups: [a]}
  b: {title: B, groups: [b]}
barriers:
  - {id: ONE, title: one, between: [a, b]}
"""


def test_a_plain_wall_is_not_complained_about() -> None:
    assert warnings(WALL) == {}


def test_segments_that_hold_nobody_or_serve_no_rule_are_told() -> None:
    found = warnings("segments: {empty: {title: E}, idle: {title: I, groups: [x]}}")
    assert "Nobody can be in this segment" in found["segments.empty"]
    assert found["segments.idle"] == "No rule names this segment."


def test_a_pair_that_is_kept_apart_and_let_across_for_ever_is_told() -> None:
    crossing = "    crossings: [{people: [x, y], approver: z, until: 2%s-01-01T00:00:00Z}]"
    wall = WALL.replace(
        "{id: ONE, title: one, between: [a, b]}", "id: ONE\n    title: one\n    between: [a, b]\n"
    )
    for year, message in (("099", "for more than a year"), ("025", "has ended")):
        assert message in warnings(wall + crossing % year)["barriers[0].crossings[0]"]
    assert (
        warnings(wall + "    crossings: [{people: [x, y], approver: z, until: 2026-03-01T00:00:00Z}]") == {}
    )


def test_barriers_over_one_pair_that_disagree_are_told() -> None:
    second = """
  - id: TWO
    title: two
    between: [b, a]
    other_side: hidden
    crossings: [{people: [x, y], approver: z, until: 2026-03-01T00:00:00Z}]
"""
    found = warnings(WALL + second)
    assert "the other side is then hidden" in found["barriers[1].other_side"]
    assert "still stopped by" in found["barriers[1].crossings"]
    assert "apart already" in found["barriers[1]"]


def test_barriers_of_other_places_or_opposite_directions_do_not_disagree() -> None:
    places = WALL.replace("between", "applies_to: [direct], between")
    assert warnings(places + "  - {id: TWO, title: two, between: [a, b], applies_to: [group]}") == {}
    ways = WALL.replace("between", "direction: one-way, between")
    assert warnings(ways + "  - {id: TWO, title: two, between: [b, a], direction: one-way}") == {}


def test_rules_that_no_test_expects_are_told() -> None:
    found = warnings("dlp: {rules: [{id: R, title: t, verdict: block, lexicon: [alpha]}]}")
    assert found == {"dlp.rules[0]": "No test of the bundle expects rule 'R'."}


def warnings(body: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path, complaint in lint(make_bundle(body), MONDAY):
        message = str(complaint)
        found[path] = f"{found[path]} {message}" if path in found else message
    return found
