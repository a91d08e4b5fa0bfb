"""A house is set up whole or not at all, and commands say what is missing."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from admin.cli import main
from admin.databases import database_of
from admin.databases.revision import check_newest
from admin.house import MARK, check_whole, setting_up
from admin.migrations import current, upgrade
from core.access import Database
from core.errors import Conflict, NotFound
from core.settings import Settings


def settings_in(home: Path) -> Settings:
    return Settings(home=home)


def half_build(settings: Settings) -> None:
    (settings.keys_dir / "chat").mkdir(parents=True)
    (settings.keys_dir / "chat" / "root.key").write_bytes(b"key")
    upgrade(database_of(settings, Database.CHAT))


def test_what_stops_a_set_up_leaves_no_half_of_a_house(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "home")

    def interrupted() -> None:
        with setting_up(settings):
            half_build(settings)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(NotFound, match="chancery init"):
        check_whole(settings)
    with setting_up(settings):
        pass


def test_a_set_up_that_was_killed_is_never_taken_for_a_house_and_the_next_begins_anew(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    half_build(settings)
    (tmp_path / MARK).write_bytes(b"begun\n")
    (tmp_path / "chancery.toml").write_text("tenant = 'acme'\n")
    with pytest.raises(Conflict, match="was not finished") as half:
        check_whole(settings)
    assert half.value.code == "half_set_up"
    with setting_up(settings):
        assert not any(settings.keys_dir.iterdir())
        assert not database_of(settings, Database.CHAT).is_there()
    assert (tmp_path / "chancery.toml").exists()


def test_a_house_is_never_set_up_over_another(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with setting_up(settings):
        half_build(settings)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Conflict) as again, setting_up(settings):
        pass
    assert again.value.code == "already_initialised"
    assert sorted(tmp_path.rglob("*")) == before


def test_databases_without_their_keys_are_a_house_whose_volume_is_missing(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    upgrade(database_of(settings, Database.CHAT))
    with pytest.raises(Conflict) as refused, setting_up(settings):
        pass
    assert refused.value.code == "already_initialised"
    assert database_of(settings, Database.CHAT).is_there()


def test_two_set_ups_at_once_are_one(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with setting_up(settings), pytest.raises(Conflict) as second, setting_up(settings):
        pass
    assert second.value.code == "being_set_up"


def test_serving_asks_for_the_migrations_that_are_missing(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    upgrade(database_of(settings, Database.CHAT))
    with pytest.raises(Conflict, match="chancery db upgrade") as behind:
        check_whole(settings)
    assert behind.value.code == "migrations_behind"


def test_a_program_that_is_older_than_the_databases_says_so_and_changes_none(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    for database in Database:
        upgrade(database_of(settings, database))
    with database_of(settings, Database.DESK).connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with database_of(settings, Database.CHAT).connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
    environ = {"CHANCERY_HOME": str(settings.home)}
    refused = CliRunner().invoke(main, ["db", "upgrade"], env=environ)
    assert refused.exit_code == 1
    assert "[newer_database]" in refused.stderr
    assert current(database_of(settings, Database.CHAT)) == "0001", "nothing was begun"
    shown = CliRunner().invoke(main, ["db", "status"], env=environ)
    assert shown.exit_code == 1
    assert "never taken back" in refused.stderr
    assert "A newer program wrote these databases" in shown.stdout
    with pytest.raises(Conflict) as serving:
        check_newest(Database.DESK, "9999")
    assert serving.value.code == "newer_database"


@pytest.mark.parametrize(
    ("arguments", "environ", "code"),
    [
        (["serve"], {}, "not_set_up"),
        (["db", "upgrade"], {}, "not_set_up"),
        (["db", "status"], {}, "not_set_up"),
        (["init", "--history-from", "2026-13"], {}, "month"),
        (["init"], {"CHANCERY_HOME": "{file}"}, "machine"),
        (["init"], {"CHANCERY_HOME": "/proc/nowhere"}, "machine"),
        (["status"], {"CHANCERY_FILE": "{folder}"}, "settings"),
    ],
)
def test_a_command_that_cannot_work_says_why_in_a_sentence_and_leaves_nothing(
    tmp_path: Path, arguments: list[str], environ: Mapping[str, str], code: str
) -> None:
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.write_text("x")
    folder.mkdir()
    said = {"CHANCERY_HOME": str(tmp_path / "home")} | {
        name: value.format(file=file, folder=folder) for name, value in environ.items()
    }
    ran = CliRunner().invoke(main, arguments, env=said)
    assert ran.exit_code == 1
    assert f"[{code}]" in ran.output
    assert isinstance(ran.exception, SystemExit)
    assert not (tmp_path / "home").exists()


@pytest.mark.timeout(300)
def test_what_a_step_refuses_leaves_nothing_set_up(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ran = subprocess.run(
        [sys.executable, "-m", "admin.cli", "init", "--history-from", "2999-01"],
        env={**os.environ, "CHANCERY_HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "[month]" in ran.stderr
    assert [path for path in home.rglob("*") if path.is_file() and path.stat().st_size] == []
