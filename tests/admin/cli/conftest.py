"""A house that commands work on, and people of every role who may act.

Steps run in this process, each on stores and rings that it opens for its own role; one test has them
run as they are, in processes of their own.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from admin.cli import main
from admin.roles import StepFailed, run_step
from admin.steps import find_step
from core.crypto.rings import ProcessRole
from core.errors import ChanceryError
from core.identity.permissions import Role
from core.settings import load_settings, settings_file
from core.types import ConversationId
from tests.factories.desk import PASSWORD, ROLES, House, make_house

SETTINGS = """
argon2.memory_kib = 64
argon2.passes = 1

[directory.roles]
it_administrator = ["it"]
policy_author = ["authors"]
"""


@dataclass
class CommandLine:
    """Runs ``chancery`` on a house."""

    house: House
    room: ConversationId

    def run(self, *command: str, passwords: tuple[str, ...] = (), alone: bool = False) -> Result:
        environ = {"CHANCERY_HOME": str(self.house.settings.home)}
        answers = "".join(f"{password}\n" for password in passwords)
        return CliRunner().invoke(
            main, command, input=answers, env=environ, obj=run_step if alone else run_here
        )

    def run_as(self, actor: str, *command: str, password: str = PASSWORD) -> Result:
        return self.run(*command, "--as", actor, passwords=(password,))


def run_here(role: ProcessRole, step: str, environ: Mapping[str, str], **argument: Any) -> Any:
    """Run a step in this process, with what crosses between processes made the same."""
    settings = load_settings(environ, settings_file(environ))
    try:
        answer = find_step(role, step)(settings, json.loads(json.dumps(argument)))
    except ChanceryError as error:
        told = json.loads(json.dumps(error.as_dict(), default=str))
        params = {name: told[name] for name in told.keys() - {"code", "message", "ok", "retryable"}}
        raise StepFailed(told["message"], code=told["code"], **params) from error
    return json.loads(json.dumps(answer))


@pytest.fixture(scope="session")
def chancery(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """A house of an hour ago, with a conversation; it is not served. For tests that damage nothing."""
    made = settled(template, tmp_path_factory.mktemp("cli") / "home")
    yield made
    made.house.close()


@pytest.fixture
def own(template: Path, tmp_path: Path) -> Iterator[CommandLine]:
    """The same, for one test alone."""
    made = settled(template, tmp_path / "home")
    yield made
    made.house.close()


def settled(template: Path, home: Path) -> CommandLine:
    """Return a house with people of every role and a conversation that is archived and indexed."""
    house = make_house(template, home, datetime.now(UTC) - timedelta(hours=1))
    roles = "".join(f'{role} = ["{role}"]\n' for role in ROLES)
    (home / "chancery.toml").write_text(SETTINGS + roles)
    house.add("ida", "it")
    house.add("paul", "authors")
    house.add("ana")
    house.add("ben")
    house.officer("olga", Role.COMPLIANCE_OFFICER)
    house.officer("arno", Role.COMPLIANCE_APPROVER)
    room = house.group("ana", "ben", "ida")
    house.send(room, "ana", "the heron plan, card 4111 1111 1111 1111")
    house.send(room, "ben", "what heron plan?")
    house.work()
    return CommandLine(house, room)
