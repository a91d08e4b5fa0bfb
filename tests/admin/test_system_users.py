"""What separate system users ask for, and what is refused before a single file is given away."""

import os
from pathlib import Path

import pytest

from admin.system_users import SystemUsers, as_user_of, places, separate, users_of
from core.crypto import keyfiles
from core.crypto.rings import HOLDERS, ProcessRole, RingName
from core.errors import ChanceryError
from core.settings import Settings, load_settings
from tests.services.missing import cannot_be_had
from tests.services.system_users import SHIPPED


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        ({}, "separate_database"),
        (
            {"CHANCERY_DATABASE_KIND": "postgresql", "CHANCERY_POSTGRESQL_URL": "postgresql://db"},
            "separate_index",
        ),
        (
            {
                "CHANCERY_DATABASE_KIND": "postgresql",
                "CHANCERY_POSTGRESQL_URL": "postgresql://db",
                "CHANCERY_POSTGRESQL_PREFIX": "nobody_made_these",
                "CHANCERY_SEARCH_ENGINE": "elasticsearch",
                "CHANCERY_ELASTICSEARCH_URLS": "https://es1:9200",
            },
            "system_users_missing",
        ),
    ],
)
def test_what_stands_in_the_way_of_separate_users_is_said(
    tmp_path: Path, choice: dict[str, str], code: str
) -> None:
    if os.geteuid() != 0:
        cannot_be_had("Only root gets as far as what stands in the way.")
    with pytest.raises(ChanceryError) as refused:
        separate(load_settings({"CHANCERY_HOME": str(tmp_path), **choice}))
    assert refused.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_a_house_of_one_user_starts_its_children_as_who_serves_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert users_of(settings) is None
    assert as_user_of(settings, ProcessRole.DESK, {"LANG": "C"}) == {"env": {"LANG": "C"}}


def test_the_shipped_list_makes_each_user_a_member_of_just_its_groups() -> None:
    users = SystemUsers("chancery")
    lines = [line.split() for line in SHIPPED.read_text().splitlines() if line and not line.startswith("#")]
    for role in ProcessRole:
        assert [line[2] for line in lines if line[:2] == ["m", users.user(role)]] == users.groups(role)
    for ring in RingName:
        holders = {role for role in ProcessRole if ring in HOLDERS[role]}
        members = {role for role in ProcessRole if users.group(ring) in users.groups(role)}
        assert members == (holders if len(holders) > 1 else set())


def test_a_machine_with_the_keys_of_some_roles_is_settled_as_well(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    (settings.keys_dir / "discovery").mkdir(parents=True)
    (settings.keys_dir / "discovery" / "root").write_bytes(b"")
    found = {place.path.name for place in places(settings, SystemUsers("acme"))}
    assert {"discovery", "root", "keys"} <= found
    assert "chat" not in found


def test_a_key_in_a_folder_that_a_group_shares_can_be_destroyed_by_each_of_its_members(
    tmp_path: Path,
) -> None:
    for mode, due in ((0o700, 0o600), (0o2750, 0o640), (0o2770, 0o660)):
        folder = tmp_path / f"{mode:o}"
        folder.mkdir()
        folder.chmod(mode)
        keyfiles.create(folder / "one.key", b"key")
        assert (folder / "one.key").stat().st_mode & 0o777 == due
        assert keyfiles.read(folder / "one.key") == b"key"
