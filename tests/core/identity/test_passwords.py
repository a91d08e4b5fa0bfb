"""Rules for new passwords, and hashes of kept ones."""

import pytest

from core.errors import InvalidInput, TooLarge
from core.identity.passwords import HashCost, Passwords, check_new_password
from tests.factories.identity import CHEAP, PASSWORD, CountingHasher


def test_a_password_is_known_again_and_no_other_is() -> None:
    passwords = Passwords(CHEAP)
    stored = passwords.hash(PASSWORD)
    assert stored.startswith("$argon2id$")
    assert passwords.verify(stored, PASSWORD)
    assert not passwords.verify(stored, PASSWORD + " ")
    assert stored != passwords.hash(PASSWORD)


def test_the_same_characters_typed_otherwise_are_the_same_password() -> None:
    passwords = Passwords(CHEAP)
    assert passwords.verify(passwords.hash("Zu\u0308rich am See"), "Zürich am See")


def test_nobodys_password_costs_one_hash_and_is_never_right() -> None:
    passwords = Passwords(CHEAP, CountingHasher)
    before = CountingHasher.computed
    assert not passwords.verify(None, PASSWORD)
    assert CountingHasher.computed == before + 1


def test_a_damaged_hash_lets_nobody_in() -> None:
    passwords = Passwords(CHEAP)
    assert not passwords.verify("$argon2id$broken", PASSWORD)
    assert not passwords.verify("", PASSWORD)


def test_a_hash_of_another_cost_still_works_and_is_called_outdated() -> None:
    old, new = Passwords(CHEAP), Passwords(HashCost(memory_kib=16, passes=1, lanes=1))
    stored = old.hash(PASSWORD)
    assert new.verify(stored, PASSWORD)
    assert new.is_outdated(stored)
    assert not old.is_outdated(stored)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("", "password_too_short"),
        ("my name is Alice!", "password_holds_name"),
        ("my name is ＡＬＩＣＥ!", "password_holds_name"),
        ("aaaaaaaaaaaaaaaa", "password_too_simple"),
        ("abababababababab", "password_too_simple"),
    ],
)
def test_a_password_that_others_would_guess_is_refused_with_its_reason(password: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_new_password(password, "alice")
    assert refused.value.code == code


def test_a_password_beyond_all_bounds_is_refused() -> None:
    with pytest.raises(TooLarge) as refused:
        check_new_password("abcdef" * 200, "alice")
    assert refused.value.code == "password_too_long"


def test_a_good_password_is_accepted() -> None:
    check_new_password(PASSWORD, "alice")
