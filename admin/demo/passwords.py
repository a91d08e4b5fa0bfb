"""Passwords that the demo gives out: random, and possible to type."""

import secrets
from typing import Final

_CONSONANTS: Final = "bdfghklmnprstvz"
_VOWELS: Final = "aeiou"
_SYLLABLES: Final = 9


def new_password() -> str:
    """Return three invented words: 75 ** 9 possible ones, which is 56 bits."""
    syllables = [secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(_SYLLABLES)]
    return "-".join("".join(syllables[at : at + 3]) for at in range(0, _SYLLABLES, 3))
