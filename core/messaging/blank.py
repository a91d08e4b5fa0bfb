"""Texts that a person would call empty, whatever characters they are made of."""

import unicodedata
from typing import Final

_NEVER_SEEN: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
# Letters, marks and symbols by their category that are drawn as nothing
# (Default_Ignorable_Code_Point in Unicode's DerivedCoreProperties.txt, and the empty Braille pattern).
_DRAWN_AS_NOTHING: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_JOINERS: Final = frozenset("\u200c\u200d")


def is_blank(text: str) -> bool:
    """Tell whether nothing of ``text`` can be seen."""
    return all(_is_invisible(character) for character in text)


def hides_something(text: str) -> bool:
    """Tell whether ``text`` holds line ends, what is drawn as nothing, or what turns its direction.

    Joiners and variation selectors, which some scripts and emoji need, are not counted.
    """
    return any(
        character in _DRAWN_AS_NOTHING
        or (unicodedata.category(character) in _NEVER_SEEN - {"Zs"} and character not in _JOINERS)
        for character in text
    )


def _is_invisible(character: str) -> bool:
    return (
        unicodedata.category(character) in _NEVER_SEEN
        or character in _DRAWN_AS_NOTHING
        or "\u180b" <= character <= "\u180f"
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
    )
