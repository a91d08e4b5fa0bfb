"""The folded view: what a reader sees, in plain ASCII where it can be, with a way back.

Evasions change the code points, not what is read: invisible characters inside a number, fullwidth or
mathematical digits, a Cyrillic letter in a Latin word, emoji between groups. Folding undoes them (NFKC
a character at a time, digits of all scripts to ASCII, format characters and marks removed, look-alike
letters mapped where a word mixes scripts). It costs some 20 microseconds a message, so it runs only
when the first pass saw one of these. Every folded character knows its place in the original.
"""

import functools
import re
import unicodedata
from dataclasses import dataclass

from policies.dlp.confusables import CONFUSABLES, DIGIT_LETTERS

_FOREIGN = re.compile(r"[^\x00-\x7f]|[\t\r\n]")
_TOKEN = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]*+[^\W_\x00-\x7f][^\W_]*+")
_ASCII_ALNUM = re.compile(r"[0-9A-Za-z]")
_DIGIT_LOOKALIKE = re.compile(r"(?<![^\W_])[OolI|]*+[0-9][0-9OolI|]*+(?![^\W_])")
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_QUOTES = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u00b7": ".",
    "\u2022": ".",
    "\u30fb": ".",
}


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text. ``origin[i]`` is the offset in the original of folded character ``i``."""

    text: str
    origin: tuple[int, ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that folded characters ``start`` to ``end`` came from."""
        return self.origin[start], self.origin[end - 1] + 1


@functools.lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    """Return what one character that is not printable ASCII reads as; empty when it is invisible."""
    if character in "\t\r\n":
        return " "
    if character in _QUOTES:
        return _QUOTES[character]
    category = unicodedata.category(character)
    if category in {"Cf", "Mn", "Me"} or character in _FILLERS:
        return ""
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    if category in {"Zs", "Zl", "Zp"}:
        return " "
    if category == "Pd" or character == "\u2212":
        return "-"
    compatible = unicodedata.normalize("NFKD", character)
    plain = "".join(c for c in compatible if unicodedata.category(c) not in {"Mn", "Me"})
    if plain.isascii() and plain:
        return plain
    if category in {"So", "Sk"}:
        return " "
    return unicodedata.normalize("NFC", plain) if len(compatible) > 1 else character


def _ascii_lookalikes(token: re.Match[str]) -> str:
    """Map look-alike letters in a word that mixes scripts; a word of one script stays as it is."""
    word = token.group()
    return word.translate(CONFUSABLES) if _ASCII_ALNUM.search(word) else word


def _digit_lookalikes(token: re.Match[str]) -> str:
    """Map letters that imitate digits in a token that has nothing but these and digits."""
    return token.group().translate(DIGIT_LETTERS)


def fold(text: str) -> Folded:
    """Return the folded view of ``text``. Pure; the same text always folds alike."""
    pieces: list[str] = []
    origin: list[int] = []
    done = 0
    for match in _FOREIGN.finditer(text):
        at = match.start()
        if at > done:
            pieces.append(text[done:at])
            origin.extend(range(done, at))
        done = at + 1
        folded = _fold_character(match.group())
        if folded:
            pieces.append(folded)
            origin.extend([at] * len(folded))
    pieces.append(text[done:])
    origin.extend(range(done, len(text)))
    read = _TOKEN.sub(_ascii_lookalikes, "".join(pieces))
    return Folded(_DIGIT_LOOKALIKE.sub(_digit_lookalikes, read), tuple(origin))


def fold_phrase(phrase: str) -> str:
    """Return how a phrase of a word list reads after folding."""
    return fold(phrase).text
