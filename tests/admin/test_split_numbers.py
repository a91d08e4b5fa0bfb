"""A number that is split over the parts of what somebody says reaches nobody, whichever parts those are."""

from typing import Any

import pytest

from admin.wiring.replaying import replay_archive
from core.errors import NotFound
from core.identity.permissions import Role
from core.types import ItemId, new_id
from policies.replay import Outcome
from tests.factories.desk import House
from tests.factories.files import FileHouse

FIRST, SECOND, WHOLE = "4111 1111", "1111 1111", "4111 1111 1111 1111"


@pytest.fixture
def files(house: House) -> FileHouse:
    return FileHouse(house)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"pay {FIRST}", [f"{SECOND}.txt"]),
        (f"{SECOND} please", [f"{FIRST}.txt"]),
        ("", [f"{FIRST}.txt", f"{SECOND}.txt"]),
        ("", ["4111.txt", "1111.txt", "1111.txt", "1111.txt"]),
        ("see these", [f"{FIRST}.csv", f"{SECOND}.tar.gz"]),
        ("pay 41111111", ["11111111.pdf"]),
        ("", [f"{WHOLE}.txt"]),
    ],
)
def test_a_number_over_words_and_names_of_files_is_found(
    files: FileHouse, text: str, names: list[str]
) -> None:
    said = send(files, text, names)
    assert said["state"] in {"quarantined", "blocked"}
    assert files.seen() == []


def test_who_writes_is_told_of_a_number_over_words_names_and_quote_before_sending(files: FileHouse) -> None:
    messaging, ana = files.house.chat.messaging, files.house.people["ana"]
    quoted = ItemId(files.house.send(files.room, "ben", SECOND)["id"])
    named, foreign = (files.upload(f"{SECOND}.txt", b"x", sender=who) for who in ("ana", "ben"))
    for draft in ({"files": (named,)}, {"quotes": quoted}):
        advice = messaging.draft(ana, files.room, f"pay {FIRST}", **draft)
        assert advice["verdict"] in {"redact", "quarantine", "block"}, draft
    assert messaging.draft(ana, files.room, f"pay {FIRST}")["verdict"] == "allow"
    with pytest.raises(NotFound):
        messaging.draft(ana, files.room, "look", files=(foreign,))
    assert len(files.seen()) == 1


def test_names_that_make_no_number_pass(files: FileHouse) -> None:
    send(files, f"pay {FIRST}", ["2026-03-02 minutes.txt", "1111 1112.txt"])
    assert len(files.seen()) == 1


def test_a_name_in_an_earlier_message_counts_with_what_comes_after_it(files: FileHouse) -> None:
    send(files, "", [f"{FIRST}.txt"])
    answer = files.house.send(files.room, "ana", SECOND)
    assert answer["state"] == "blocked"
    assert len(files.seen()) == 1


def test_a_name_counts_with_the_message_before_it(files: FileHouse) -> None:
    files.house.send(files.room, "ana", f"my card is {FIRST}")
    send(files, "", [f"{SECOND}.txt"])
    assert len(files.seen()) == 1
    assert files.own()["state"] == "quarantined"


@pytest.mark.parametrize(("quoted", "words"), [(FIRST, SECOND), (SECOND, FIRST), ("4111 1111 11", "11 1111")])
def test_a_number_over_a_quote_and_ones_words_is_found_in_either_order(
    files: FileHouse, quoted: str, words: str
) -> None:
    house = files.house
    said = house.send(files.room, "ben", quoted)
    house.clock.advance(3_600)
    house.work()
    answer = house.send(files.room, "ana", words, quotes=ItemId(said["id"]))
    assert answer["state"] in {"redacted", "blocked"}
    shown = [item["view"] for item in files.seen() if item["id"] == answer["id"]]
    assert not any(words in view["text"] and "quote" in view for view in shown)


def test_an_edit_is_read_with_the_names_of_the_files(files: FileHouse) -> None:
    told = send(files, "see this", [f"{FIRST}.txt"])
    answer = files.house.edit(files.room, "ana", ItemId(told["id"]), f"and {SECOND}")
    assert answer["state"] == "edited", "words stand between"
    answer = files.house.edit(files.room, "ana", ItemId(told["id"]), SECOND)
    assert answer["state"] == "blocked"
    (seen,) = files.seen()
    assert seen["view"]["text"] == f"and {SECOND}"


def test_a_number_over_forwarded_words_and_ones_own_is_found(files: FileHouse) -> None:
    house = files.house
    house.add("dora")
    there = house.channel("harbour", "ben", "dora")
    said = house.send(files.room, "ana", SECOND)
    house.chat.gate.refresh()
    answer = house.chat.messaging.forward(
        house.people["ben"], new_id(), there, (files.room, ItemId(said["id"])), f"pay {FIRST}"
    )
    assert answer["state"] in {"redacted", "blocked"}
    seen = house.chat.messaging.history(house.people["dora"], there, None)["items"]
    assert SECOND not in str([item["view"] for item in seen])


def test_a_number_over_ones_reactions_is_found_and_single_digits_are_reactions(files: FileHouse) -> None:
    item = ItemId(files.house.send(files.room, "ana", "how many?")["id"])
    assert react(files, item, "keycap_3")["ok"]
    assert react(files, item, "keycap_7")["ok"]
    assert react(files, item, "41111111")["ok"]
    stopped = react(files, item, "11111111")
    assert stopped["state"] == "blocked"
    assert react(files, item, "11111111", "cleo")["ok"], "the other half is of somebody else"
    assert "11111111" not in str(
        [reactions for reactions, people in reactions_of(files, item).items() if len(people) > 1]
    )


def test_a_number_of_digits_on_keys_is_found(files: FileHouse) -> None:
    item = ItemId(files.house.send(files.room, "ana", "which one?")["id"])
    number = "4539 7812"
    assert all(react(files, item, alias)["ok"] for alias in ("card", *(f"keycap_{d}" for d in "4539")))
    assert all(react(files, item, f"keycap_{d}")["ok"] for d in "781")
    # Each digit can be given once: what goes on after them are keys with several.
    rest = next(
        end for end in (f"{tail:09d}" for tail in range(10**6)) if luhn(f"{number.replace(' ', '')[:7]}{end}")
    )
    assert react(files, item, rest)["state"] == "blocked"


def test_decisions_on_parts_replay_to_the_same_answers(files: FileHouse) -> None:
    house = files.house
    officer = house.officer("olga", Role.COMPLIANCE_OFFICER)
    send(files, f"pay {FIRST}", [f"{SECOND}.txt", "notes.txt"])
    said = house.send(files.room, "ben", FIRST)
    house.send(files.room, "ana", SECOND, quotes=ItemId(said["id"]))
    item = ItemId(said["id"])
    react(files, item, "41111111", "ana")
    react(files, item, "11111111", "ana")
    react(files, item, "keycap_3", "ana")
    house.work()
    counts = replay_archive(house.services, officer, first_month="", last_month="")
    assert counts[Outcome.DIFFERENT] == 0
    assert counts[Outcome.SAME] >= 6


def send(files: FileHouse, text: str, names: list[str]) -> dict[str, Any]:
    """Let Ana send files of these names, and have them decided; return what became of it."""
    uploaded = tuple(files.upload(name, b"harmless") for name in names)
    told = files.house.send(files.room, "ana", text, files=uploaded)
    files.check()
    stopped = files.house.chat.messaging.stopped(files.house.people["ana"], files.room)["items"]
    return next((item for item in stopped if item["id"] == told["id"]), {**told, "state": "sent"})


def react(files: FileHouse, item: ItemId, alias: str, who: str = "ben") -> dict[str, Any]:
    files.house.clock.advance(1)
    files.house.chat.gate.refresh()
    return files.house.chat.messaging.react(
        files.house.people[who], new_id(), files.room, item, alias, add=True
    )


def luhn(number: str) -> bool:
    digits = [int(d) for d in reversed(number)]
    return not (sum(digits[::2]) + sum(sum(divmod(2 * d, 10)) for d in digits[1::2])) % 10


def reactions_of(files: FileHouse, item: ItemId) -> dict[str, list[str]]:
    (found,) = [each for each in files.seen() if each["id"] == item]
    reactions: dict[str, list[str]] = found["view"]["reactions"]
    return reactions
