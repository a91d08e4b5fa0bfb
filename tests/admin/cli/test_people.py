"""IT adds, moves and disables people of the built-in directory."""

from core.types import PersonId
from tests.admin.cli.conftest import CommandLine
from tests.factories.desk import PASSWORD


def test_a_person_is_added_moved_and_disabled(chancery: CommandLine) -> None:
    command = ("person", "add", "zoe", "--name", "Zoe Zander", "--group", "research", "--as", "ida")
    added = chancery.run(*command, passwords=(PASSWORD, "another horse 8 staple"))
    assert added.exit_code == 0, added.output
    chat = chancery.house.chat
    zoe = chat.signin.authenticate("zoe", "another horse 8 staple", "here")
    assert (zoe.profile.display_name, zoe.profile.groups) == ("Zoe Zander", frozenset({"research"}))
    assert chancery.run_as("ida", "person", "groups", "zoe", "trading", "desk").exit_code == 0
    assert groups_of(chancery, zoe.id) == {"trading", "desk"}
    assert chancery.run_as("ida", "person", "disable", "zoe").exit_code == 0
    again = chancery.run_as("ida", "person", "disable", "zoe")
    assert again.exit_code == 1
    assert "[no_person]" in again.stderr, "whoever is disabled bears no name"


def test_a_name_that_is_taken_and_a_poor_password_are_refused(chancery: CommandLine) -> None:
    taken = chancery.run("person", "add", "ana", "--as", "ida", passwords=(PASSWORD, PASSWORD))
    assert taken.exit_code == 1
    assert "[username_taken]" in taken.stderr
    poor = chancery.run("person", "add", "yan", "--as", "ida", passwords=(PASSWORD, "short"))
    assert poor.exit_code == 1


def groups_of(chancery: CommandLine, person: PersonId) -> set[str]:
    chat = chancery.house.chat
    return set(chat.store.read(lambda tx: chat.people.get(tx, person)).profile.groups)
