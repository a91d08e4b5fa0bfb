"""An evidence world for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.archive import Evidence, make_evidence


@pytest.fixture
def evidence(tmp_path: Path) -> Iterator[Evidence]:
    made = make_evidence(tmp_path)
    yield made
    made.close()
