"""A firm that keeps direct and group chats for thirty days, and what it takes to destroy them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.retention import Firm, make_firm


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[Firm]:
    made = make_firm(tmp_path)
    yield made
    made.evidence.close()
