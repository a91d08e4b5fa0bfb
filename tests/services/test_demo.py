"""What ``make demo-full`` does before any server runs; that it works is shown by tests/e2e/test_demo_full.py."""

import stat
from pathlib import Path

import click
import pytest

from admin.demo.house import home_settings
from core.errors import Conflict
from core.settings import load_settings
from tests.services.demo import (
    ENVIRONMENT,
    HOUSE,
    Servers,
    alone,
    clear_unless_built,
    environment,
    read_environment,
    running,
    write_environment,
)
from tests.services.openldap import OpenLdap
from tests.services.postgresql import Postgresql


def test_the_house_is_told_of_every_server_in_settings_that_exist(servers: Servers, tmp_path: Path) -> None:
    _, settings = home_settings(environment(servers), tmp_path / HOUSE)
    kinds = (settings.database_kind, settings.directory_kind, settings.search_engine)
    assert kinds == ("postgresql", "ldap", "elasticsearch")
    assert settings.postgresql_url == servers.postgresql.url
    assert settings.ldap_uris == (servers.openldap.ldaps,)
    assert settings.elasticsearch_urls == (servers.elasticsearch_url,)
    assert settings.bus_url == servers.bus_url


def test_commands_in_another_shell_are_told_the_same(servers: Servers, tmp_path: Path) -> None:
    write_environment(tmp_path, servers)
    path = tmp_path / ENVIRONMENT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = read_environment(tmp_path)
    assert load_settings(told).home == tmp_path / HOUSE
    assert told.items() >= environment(servers).items()


def test_a_machine_without_java_is_told_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(click.ClickException, match="needs java and mvn"), running(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_a_stopped_build_has_left_is_removed_with_what_its_servers_keep(tmp_path: Path) -> None:
    (tmp_path / "postgresql" / "data").mkdir(parents=True)
    (tmp_path / f"{HOUSE}.building" / "keys").mkdir(parents=True)
    (tmp_path / ENVIRONMENT).touch()
    clear_unless_built(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_else_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("two years of work")
    with pytest.raises(Conflict) as refused:
        clear_unless_built(tmp_path)
    assert refused.value.code == "not_a_demo"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_second_demo_does_not_touch_the_folder_of_the_first(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(Conflict) as refused, alone(tmp_path):
        pass
    assert refused.value.code == "demo_being_built"


@pytest.fixture
def servers(tmp_path: Path) -> Servers:
    """Addresses at which nothing answers."""
    openldap = OpenLdap(3890, 6360, tmp_path / "ca.pem", tmp_path / "other-ca.pem", None)
    openldap.ca_file.touch()
    return Servers(
        Postgresql(5433, tmp_path, tmp_path), openldap, "redis://127.0.0.1:6380/0", "http://127.0.0.1:9201"
    )
