"""Houses with a backup: one that lives on, and one that is gone."""

import shutil
from pathlib import Path

import pytest

from tests.admin.cli.backups.house import DATA, KEYS, Kept, Living, back_up, place_of
from tests.admin.cli.conftest import CommandLine


@pytest.fixture
def living(own: CommandLine, tmp_path: Path) -> Living:
    data, keys = place_of(back_up(own, tmp_path))
    return Living(own, tmp_path, data, keys)


@pytest.fixture(scope="package")
def taken(chancery: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A backup of the house that nobody damages."""
    return place_of(back_up(chancery, tmp_path_factory.mktemp("backups")))


@pytest.fixture
def kept(taken: tuple[Path, Path], tmp_path: Path) -> Kept:
    data, keys = taken
    (tmp_path / KEYS).mkdir()
    return Kept(
        tmp_path / "home",
        shutil.copytree(data, tmp_path / DATA / data.name),
        Path(shutil.copy2(keys, tmp_path / KEYS)),
    )
