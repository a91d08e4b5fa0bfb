"""Officers open matters, and hold and release persons and conversations, without seeing content."""

from tests.admin.cli.conftest import CommandLine


def test_a_matter_holds_a_person_and_a_conversation_and_releases_them(chancery: CommandLine) -> None:
    opened = chancery.run_as("olga", "matter", "open", "--purpose", "the regulator asks")
    assert opened.exit_code == 0, opened.output
    number = opened.output.split()[1]
    hold = ("hold", "add", "--matter", number, "--reason", "letter of 3 May")
    person = chancery.run_as("olga", *hold, "--person", "ben", "--since", "2026-03-01")
    assert person.exit_code == 0, person.output
    assert "person ben since 2026-03-01: in force" in person.output
    room = chancery.run_as("olga", *hold, "--conversation", chancery.room)
    assert f"conversation {chancery.room}: in force" in room.output
    listed = chancery.run_as("olga", "hold", "list", "--person", "ben").output.splitlines()
    assert len(listed) == 1
    held = listed[0].split()[1].rstrip(":")
    released = chancery.run_as("olga", "hold", "release", held, "--reason", "settled")
    assert "released" in released.output
    assert "[already_released]" in chancery.run_as("olga", "hold", "release", held, "--reason", "x").stderr
    everything = chancery.run_as("olga", "hold", "list").output
    assert (everything.count("released"), everything.count("in force")) == (1, 1)


def test_unknown_names_and_numbers_are_named(chancery: CommandLine) -> None:
    hold = ("hold", "add", "--reason", "x")
    assert "[no_matter]" in chancery.run_as("olga", *hold, "--matter", "99", "--person", "ben").stderr
    number = chancery.run_as("olga", "matter", "open", "--purpose", "names").output.split()[1]
    unknown = chancery.run_as("olga", *hold, "--matter", number, "--person", "nobody")
    assert "[no_person]" in unknown.stderr
    assert "[hold_scope]" in chancery.run_as("olga", *hold, "--matter", number).stderr
    assert "[no_hold]" in chancery.run_as("olga", "hold", "release", "99", "--reason", "x").stderr
    stranger = chancery.run_as("olga", "matter", "open", "--purpose", "x", "--officer", "ben")
    assert "[no_officer]" in stranger.stderr
