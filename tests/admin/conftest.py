"""A house for each test, copied from one that was set up once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.desk import House, make_house, make_template


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("house") / "template"
    make_template(home)
    return home


@pytest.fixture
def house(template: Path, tmp_path: Path) -> Iterator[House]:
    made = make_house(template, tmp_path / "home")
    yield made
    made.close()
