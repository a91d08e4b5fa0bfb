"""How patterns are written, so that every Python that is supported reads them alike."""

import re
from pathlib import Path

import pytest

import policies

_REPEATED_GROUP = re.compile(r"(?<!\\)\)(?:[*+?]|\{\{?\d*,?\d*\}?\})\+")


@pytest.mark.parametrize(
    "path", sorted(Path(policies.__file__).parent.rglob("*.py")), ids=lambda each: each.name
)
def test_no_group_is_repeated_possessively(path: Path) -> None:
    # Before Python 3.11.5 such a group keeps what it took of a repetition that failed
    # (https://github.com/python/cpython/issues/106052). An atomic group around it, (?>(?:…)*), does not.
    assert _REPEATED_GROUP.findall(path.read_text()) == []
