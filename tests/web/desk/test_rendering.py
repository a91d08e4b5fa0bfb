"""Two policies are compared by their lines."""

import pytest

from web.desk.rendering import DiffLine, differences


def test_what_changed_is_shown_with_three_lines_around_it() -> None:
    before = [f"line {number}" for number in range(12)]
    after = [*before[:6], "another line", *before[7:]]
    assert differences(before, after) == [
        DiffLine("gap", "⋯"),
        *(DiffLine("same", line) for line in before[3:6]),
        DiffLine("removed", "line 6"),
        DiffLine("added", "another line"),
        *(DiffLine("same", line) for line in before[7:10]),
        DiffLine("gap", "⋯"),
    ]
    assert differences(before, before) == []


@pytest.mark.timeout(20)
def test_a_long_list_of_other_words_is_compared_at_once() -> None:
    before = [f"- term number {number} of the list" for number in range(2_000)]
    after = [f"- word number {number} of our list" for number in range(2_000)]
    assert len(differences(before, after)) == 4_000
