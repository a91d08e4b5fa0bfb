"""The desk's words say what happened, not how it is stored."""

import pytest

from core.messaging.model import VersionKind
from web.desk import records, words


@pytest.mark.parametrize("kind", VersionKind)
def test_every_kind_of_version_has_words_of_its_own(kind: VersionKind) -> None:
    assert kind in records.KIND


def test_the_detail_of_a_trail_row_shows_times_as_people_read_them() -> None:
    shown = words.detail({"context": {"at_ms": 1_794_327_343_006, "before": 8}, "closed_ms": 0})
    assert shown == [
        ("context", "at 10 Nov 2026, 16:15:43 UTC, before 8"),
        ("closed", "1 Jan 1970, 00:00:00 UTC"),
    ]
