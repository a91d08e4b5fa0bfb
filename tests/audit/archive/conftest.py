"""An evidence world for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audit.archive.elastic_world import World, make_world
from tests.factories.archive import Evidence, make_evidence


@pytest.fixture
def evidence(tmp_path: Path) -> Iterator[Evidence]:
    made = make_evidence(tmp_path)
    yield made
    made.close()


@pytest.fixture
def patience_s() -> float:
    """How long a node of the cluster may take; a test says less by parametrizing it."""
    return 30


@pytest.fixture
def world(tmp_path: Path, elasticsearch_url: str, patience_s: float) -> Iterator[World]:
    """Chat, archive and desk around a cluster behind a proxy."""
    with make_world(tmp_path, elasticsearch_url, patience_s) as made:
        yield made
