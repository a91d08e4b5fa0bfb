"""From text to blind tokens: segment, fold, keep positions, replace each term by a keyed hash.

Words are cut at the boundaries of UAX #29, tailored (as its section 4 allows) for recall: words
joined by a full stop, colon, apostrophe or underscore are cut as well unless digits stand on both
sides, so that "pdf" is found in ``report.pdf`` and "accord" in ``l'accord``. Han, Hiragana and Thai,
which need a dictionary to be cut into words, come out character by character; whoever types two of
them asks for a phrase. Emoji are terms, whole sequences included.

The same function reads documents and queries, so one always matches the other. Where it changes,
every index has to be rebuilt.
"""

import base64
import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from unicode_segmentation_rs import split_word_bounds

from audit.search.function_words import FUNCTION_WORDS
from audit.search.port import IndexDocument, SearchRecord
from core.types import to_ms

FILLER: Final = "-"
"""Stands in an index where a function word was, and between two names. No token equals it."""

LINK: Final = "link"
FILE: Final = "file"
TELLS_OF_FILES: Final = "tells-of-files"
"""Among what a document ``has`` since it tells whether there are files; of one without it, the text knows."""

_PURPOSE: Final = b"chancery/search/1"
_KEY_BYTES: Final = 32
_CACHED_TERMS: Final = 200_000
_CACHED_NAMES: Final = 10_000

_WORD_JOINTS = re.compile(r"_|[.:·‧'’\"](?!\d)|(?<!\d)[.:·‧'’\"]")
# Invisible characters that change nothing for a reader; the joiner is kept inside emoji only.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u200c\u200e\u200f\u2060\ufe00-\ufe0f\ufeff]")
_JOINER = "\u200d"


class Token(NamedTuple):
    """A folded term, its position among the terms, and its characters ``[start, end)`` in the text."""

    term: str
    position: int
    start: int
    end: int


def fold(text: str) -> str:
    """Return ``text`` as it is compared: NFKC, full case folding, no invisible characters."""
    if text.isascii():
        return text.lower()
    visible = _INVISIBLE.sub("", text)
    if _JOINER in visible and not any(map(_is_symbol, visible)):
        visible = visible.replace(_JOINER, "")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())


def analyse(text: str) -> tuple[Token, ...]:
    """Return the tokens of ``text`` in order; positions count from 0 without a gap."""
    tokens: list[Token] = []
    start = 0
    for segment in _segments(text):
        if segment != " ":
            for term, first, last in _terms(segment):
                tokens.append(Token(term, len(tokens), start + first, start + last))
        start += len(segment)
    return tuple(tokens)


def terms_of(text: str) -> list[str]:
    """Return only the terms of :func:`analyse`, by position: what indexing needs, in half the time."""
    return [term for segment in _segments(text) if segment != " " for term, _, _ in _terms(segment)]


def blind(index_key: bytes, field: str, term: str) -> str:
    """Return the first 64 bits of HMAC-SHA256 over (purpose, field, term) as 11 base64url characters.

    Every part is preceded by its length in four bytes, so no two triples give the same message.
    """
    parts = (_PURPOSE, field.encode(), term.encode())
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    digest = hmac.digest(index_key, message, "sha256")
    return base64.urlsafe_b64encode(digest[:8])[:11].decode("ascii")


class Blinder:
    """Makes the tokens of one partition; remembers those of frequent terms while it lives.

    Its memory is plain text: drop the blinder when the partition closes.
    """

    def __init__(self, index_key: bytes) -> None:
        if len(index_key) < _KEY_BYTES:
            raise ValueError(f"An index key has {_KEY_BYTES} bytes.")
        self._key = index_key
        self._known: dict[tuple[str, str], str] = {}
        self._known_names: dict[tuple[str, tuple[str, ...]], str] = {}

    def token(self, field: str, term: str) -> str:
        """Return the token of one folded term."""
        token = self._known.get((field, term))
        if token is None:
            if len(self._known) >= _CACHED_TERMS:
                self._known.clear()
            token = self._known[field, term] = blind(self._key, field, term)
        return token

    def document(self, record: SearchRecord) -> IndexDocument:
        """Return what an index may know of ``record``."""
        return IndexDocument(
            rid=record.rid,
            at_ms=to_ms(record.at),
            body=" ".join(
                FILLER if term in FUNCTION_WORDS else self.token("body", term)
                for term in terms_of(record.body)
            ),
            sender=self._names("from", record.sender_names),
            audience=self._names("to", record.audience_names),
            conversation=self._names("in", record.conversation_names),
            verdict=self.token("verdict", record.verdict),
            kind=self.token("kind", record.kind),
            has=" ".join(self.token("has", value) for value in _has(record)),
        )

    def _names(self, field: str, names: tuple[str, ...]) -> str:
        """Return the tokens of all names; a filler keeps a phrase from spanning two of them.

        Function words count in names: people are called Will and May. An audience is blinded once,
        not again for each of its messages.
        """
        joined = self._known_names.get((field, names))
        if joined is None:
            if len(self._known_names) >= _CACHED_NAMES:
                self._known_names.clear()
            blinded = (" ".join(self.token(field, term) for term in terms_of(name)) for name in names)
            joined = f" {FILLER} ".join(dict.fromkeys(filter(None, blinded)))
            self._known_names[field, names] = joined
        return joined


def document(index_key: bytes, record: SearchRecord) -> IndexDocument:
    """Return what an index may know of ``record``; for many records keep a :class:`Blinder`."""
    return Blinder(index_key).document(record)


def _has(record: SearchRecord) -> Iterator[str]:
    """Yield what a document has, beside its words."""
    yield TELLS_OF_FILES
    if record.has_link:
        yield LINK
    if record.has_file:
        yield FILE


@lru_cache(maxsize=65_536)
def _terms(segment: str) -> tuple[tuple[str, int, int], ...]:
    """Return (term, start, end) for each term of one UAX #29 segment; none for spaces and punctuation."""
    if not any(map(_is_content, segment)):
        return ()
    folded = fold(segment)
    if folded.isalnum() and folded.isascii():
        return ((folded, 0, len(segment)),)
    terms = []
    start = 0
    for piece in split_word_bounds(folded):
        for term, first in _pieces(piece):
            terms.append((term, start + first, start + first + len(term)))
        start += len(piece)
    if len(folded) != len(segment):  # folding moved characters: each term claims the whole segment
        return tuple((term, 0, len(segment)) for term, _, _ in terms)
    return tuple(terms)


def _pieces(word: str) -> Iterable[tuple[str, int]]:
    """Yield the parts of a folded word between its joints, with their offsets."""
    start = 0
    for joint in _WORD_JOINTS.finditer(word):
        if any(map(_is_content, word[start : joint.start()])):
            yield word[start : joint.start()], start
        start = joint.end()
    if any(map(_is_content, word[start:])):
        yield word[start:], start


def _is_content(character: str) -> bool:
    """Tell whether a character makes its segment worth a term: letters, digits, emoji."""
    return character.isalnum() or _is_symbol(character)


def _is_symbol(character: str) -> bool:
    """Tell whether a character is a pictograph or another symbol that is neither math nor currency."""
    return not character.isascii() and unicodedata.category(character) == "So"


def _segments(text: str) -> list[str]:
    """Return the UAX #29 segments; lone surrogates, which no UTF-8 text holds, become one character each."""
    try:
        return split_word_bounds(text)
    except UnicodeEncodeError:
        return split_word_bounds(text.encode("utf-8", "replace").decode("utf-8"))
