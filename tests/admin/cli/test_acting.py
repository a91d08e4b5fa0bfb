"""Whoever acts on the command line is asked for their password and must be entitled; errors are readable."""

import pytest

from tests.admin.cli.conftest import CommandLine
from tests.factories.desk import PASSWORD


def test_a_wrong_password_is_refused_and_changes_nothing(chancery: CommandLine) -> None:
    result = chancery.run_as("ida", "person", "disable", "ben", password="wrong")
    assert result.exit_code == 1
    assert "[bad_credentials]" in result.stderr
    result = chancery.run_as("olga", "matter", "open", "--purpose", "x", password="wrong")
    assert "[bad_credentials]" in result.stderr
    assert chancery.house.chat.store.read(
        lambda tx: chancery.house.chat.people.get(tx, chancery.house.people["ben"])
    ).active


def test_an_unknown_name_gets_the_same_answer(chancery: CommandLine) -> None:
    assert "[bad_credentials]" in chancery.run_as("nobody", "hold", "list").stderr
    assert "[bad_credentials]" in chancery.run_as("nobody", "person", "disable", "ben").stderr


@pytest.mark.parametrize(
    ("actor", "command"),
    [
        ("ana", ["person", "disable", "ben"]),
        ("paul", ["person", "groups", "ben", "it"]),
        ("olga", ["keys", "rotate"]),
        ("arno", ["hold", "list"]),
        ("arno", ["index", "rebuild"]),
        ("arno", ["policy", "replay"]),
    ],
)
def test_a_role_that_the_table_does_not_name_is_refused(
    chancery: CommandLine, actor: str, command: list[str]
) -> None:
    result = chancery.run_as(actor, *command)
    assert result.exit_code == 1
    assert "[denied]" in result.stderr
    assert "It takes the role" in result.stderr


def test_an_administrator_is_nobody_at_the_desk(chancery: CommandLine) -> None:
    assert "[bad_credentials]" in chancery.run_as("ida", "matter", "open", "--purpose", "curious").stderr


@pytest.mark.timeout(300)
def test_what_crosses_rings_runs_in_a_process_of_its_role(chancery: CommandLine) -> None:
    command = ("matter", "open", "--purpose", "a process of its own", "--as", "olga")
    opened = chancery.run(*command, passwords=(PASSWORD,), alone=True)
    assert opened.exit_code == 0, opened.output
    refused = chancery.run(*command, passwords=("wrong",), alone=True)
    assert (refused.exit_code, "[bad_credentials]" in refused.stderr) == (1, True)
