"""From detectors to one Hyperscan database, and the one pass over a text.

The pass finds where the dearer work must look: triggers of numbers, evasions and encodings, forms and
phrases, administrators' patterns, and the keywords that support a value. It decides nothing. Patterns
carry no start of match (Hyperscan finds them in any order, by their end); ``scan.py`` confirms.

Block mode only; every running scan has a ``Scratch`` of its own, taken from a free list. (A
thread-local would become one for each green thread, and a scan never yields, so a list is both
smaller and safe in threads and green threads alike.)
"""

import hashlib
import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from importlib.metadata import version
from typing import Any

import hyperscan

from policies.dlp.catalogue import get_detector
from policies.dlp.detector import Detector, DetectorId, Mask
from policies.dlp.families import Family, families_of
from policies.dlp.fold import fold_phrase
from policies.dlp.lint import check_lexicon, check_names, compile_pattern
from policies.dlp.numbers import Layouts
from policies.dlp.triggers import ASCII_EVASION, ENCODED, FOREIGN_EVASION, NUMBER, OTHER_MARK, PLAIN_MARK

#: A pattern of an administrator that can match more than this is searched in the whole text at once.
WIDEST_MATCH = 512
#: RE2 programs above this size are not given to Hyperscan, whose compiler could take long over them.
_PROGRAM_LIMIT = 2_000

_SHORT_KEYWORD = 4

#: The entries of marks.
PLAIN_ENTRY, OTHER_ENTRY = range(2)

_CASELESS = hyperscan.HS_FLAG_CASELESS
_UTF8 = hyperscan.HS_FLAG_UTF8
_ONCE = hyperscan.HS_FLAG_SINGLEMATCH


class Kind(IntEnum):
    """What a hit of the first pass is about. Marks and keywords alone find nothing."""

    MARK = 0
    NUMBER = 1
    EVASION = 2
    ENCODED = 3
    SHAPE = 4
    PHRASE = 5
    PATTERN = 6
    KEYWORD = 7


@dataclass(frozen=True, slots=True)
class Entry:
    """What one expression of the database stands for.

    ``detector`` is an index; ``part`` the family of a shape, or the length of a phrase or keyword.
    ``supports`` are the detectors that a keyword makes likely. ``folded`` phrases count only in the
    folded view.
    """

    kind: Kind
    detector: int = -1
    part: int = 0
    words: str = ""
    supports: tuple[int, ...] = ()
    folded: bool = False


@dataclass(frozen=True, slots=True)
class AdminPattern:
    """An administrator's pattern: its RE2 program, and whether the first pass may decide to skip it."""

    detector: int
    program: Any
    prefiltered: bool
    wide: bool


@dataclass(frozen=True, slots=True)
class DetectorSet:
    """Everything compiled, frozen, and safe to share between threads.

    The first two entries are marks, plain and other; then, up to ``first_keyword``, what calls for work;
    the others are keywords.
    """

    detectors: tuple[Detector, ...]
    families: tuple[Family, ...]
    layouts: Layouts
    patterns: tuple[AdminPattern, ...]
    entries: tuple[Entry, ...]
    first_keyword: int
    fingerprint: str
    patterns_unfiltered: bool
    _main: "_Pass"
    _foreign: "_Pass"

    def hits(self, data: bytes) -> list[tuple[int, int]]:
        """Return (entry, end offset in bytes) of everything the pass sees in ``data``."""
        found: list[tuple[int, int]] = []
        self._main.scan(data, _collect, found)
        if not data.isascii():
            self._foreign.scan(data, _collect, found)
        return found

    def raw_scan(self, data: bytes) -> None:
        """Scan ``data`` and drop every hit: what the pass alone costs. For measurements."""
        self._main.scan(data, _ignore, None)
        if not data.isascii():
            self._foreign.scan(data, _ignore, None)


class _Pass:
    """A database and the scratch spaces of the scans that run in it at this moment."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._free: list[Any] = []

    def scan(self, data: bytes, handler: Callable[..., None], context: Any) -> None:
        try:
            scratch = self._free.pop()
        except IndexError:
            scratch = hyperscan.Scratch(self._database)
        self._database.scan(data, handler, 0, context, scratch)
        self._free.append(scratch)


def _collect(entry: int, _start: int, end: int, _flags: int, found: list[tuple[int, int]]) -> None:
    found.append((entry, end))


def _ignore(_entry: int, _start: int, _end: int, _flags: int, _context: None) -> None:
    return None


def _keyword_expressions(keyword: str) -> list[str]:
    """Return expressions for a keyword: plain literals where possible, which compile and scan fastest.

    Short words carry borders, or they would be found inside others all the time; for longer ones
    ``examine.py`` checks. Case folds for ASCII alone, so other letters come in each of their cases.
    """
    edge = r"\b" if keyword.isascii() and len(keyword) <= _SHORT_KEYWORD and keyword.isalnum() else ""
    forms = [keyword] if keyword.isascii() else [keyword, keyword.upper(), keyword.capitalize()]
    return [edge + r"[ _\-]".join(map(re.escape, form.split())) + edge for form in dict.fromkeys(forms)]


def _phrase_forms(phrase: str) -> dict[str, bool]:
    """Return the written forms of a phrase, each with whether it counts only in the folded view."""
    plain = phrase.casefold()
    forms = dict.fromkeys((plain, phrase, plain.replace("ss", "ß")), False)
    forms.setdefault(fold_phrase(phrase).casefold(), True)
    return forms


def _phrase_expression(phrase: str) -> str:
    words = r"\s{1,4}".join(re.escape(word) for word in phrase.replace("\u2019", "'").split())
    return words.replace("'", "(?:'|\u2019)")


class _Expressions:
    """Expressions, flags and entries under construction; entries are numbered from ``first``."""

    def __init__(self, first: int = 0) -> None:
        self._first = first
        self.expressions: list[bytes] = []
        self.flags: list[int] = []
        self.entries: list[Entry] = []

    def add(self, expression: str, flags: int, entry: Entry) -> None:
        self.expressions.append(expression.encode("utf-8", "replace"))
        self.flags.append(flags)
        self.entries.append(entry)

    def fingerprint(self) -> str:
        digest = hashlib.sha256(f"{version('hyperscan')} {self._first}".encode())
        for expression, flags in zip(self.expressions, self.flags, strict=True):
            digest.update(b"%d:%d:%b" % (len(expression), flags, expression))
        return digest.hexdigest()

    def database(self, cache: MutableMapping[str, bytes] | None) -> Any:
        key = self.fingerprint()
        if cache is not None and key in cache:
            return hyperscan.loadb(cache[key], hyperscan.HS_MODE_BLOCK)
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        database.compile(
            expressions=self.expressions,
            ids=list(range(self._first, self._first + len(self.expressions))),
            elements=len(self.expressions),
            flags=self.flags,
        )
        if cache is not None:
            cache[key] = bytes(hyperscan.dumpb(database))
        return database


def _custom(name: str, mask: Mask) -> Detector:
    """Return the detector that stands for an administrator's word list or pattern."""
    return Detector(DetectorId(name), name, name, "custom", negative=(), mask=mask)


def _admin_pattern(build: _Expressions, index: int, name: str, text: str) -> AdminPattern:
    program = compile_pattern(name, text)
    entry = Entry(Kind.PATTERN, index)
    if program.programsize > _PROGRAM_LIMIT or not _compiles(text):
        return AdminPattern(index, program, prefiltered=False, wide=True)
    build.add(text, _UTF8, entry)
    return AdminPattern(index, program, prefiltered=True, wide=_compiles(text, longer_than=WIDEST_MATCH))


def _compiles(pattern: str, longer_than: int = 0) -> bool:
    """Tell whether Hyperscan accepts ``pattern``, and accepts that it matches more than so many bytes."""
    extended = hyperscan.ExpressionExt  # type: ignore[attr-defined]  # missing in the stubs
    limits = [extended(flags=hyperscan.HS_EXT_FLAG_MIN_LENGTH, min_length=longer_than + 1)]
    try:
        hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK).compile(
            expressions=[pattern.encode("utf-8", "replace")],
            ids=[0],
            elements=1,
            flags=[_UTF8],
            ext=limits if longer_than else None,
        )
    except hyperscan.error as error:
        return bool(longer_than) and "min_length" not in str(error)
    return True


def compile_detectors(
    detectors: Sequence[DetectorId],
    lexicons: Mapping[str, Sequence[str]],
    patterns: Mapping[str, str],
    cache: MutableMapping[str, bytes] | None = None,
) -> DetectorSet:
    """Compile built-in detectors, word lists and RE2 patterns into one set.

    ``cache`` keeps serialized databases by fingerprint; they fit only the same Hyperscan release and
    kind of processor, so a cache is never shared between machines.

    Raises:
        InvalidInput: ``unknown_detector``, ``bad_pattern``, ``bad_lexicon`` or ``duplicate_detector``.
    """
    built_in = [get_detector(name) for name in dict.fromkeys(detectors)]
    check_names([detector.id for detector in built_in], lexicons, patterns)
    words = [_custom(name, Mask.PLAIN) for name in lexicons]
    everything = (*built_in, *words, *(_custom(name, Mask.NONE) for name in patterns))
    build = _Expressions()
    for marks in (PLAIN_MARK, OTHER_MARK):
        build.add(marks, _ONCE, Entry(Kind.MARK))
    layouts = Layouts(built_in)
    if layouts:
        build.add(NUMBER, _ONCE, Entry(Kind.NUMBER))
    foreign = _Expressions(first=len(build.entries))
    for expressions, evasion in ((build, ASCII_EVASION), (foreign, FOREIGN_EVASION)):
        expressions.add(evasion, _ONCE, Entry(Kind.EVASION))
    build.add(ENCODED, _ONCE, Entry(Kind.ENCODED))
    families = families_of(built_in)
    for part, family in enumerate(families):
        flags = (_CASELESS if family.caseless else 0) | (_ONCE if family.locate else 0)
        for trigger in family.triggers:
            build.add(trigger, flags, Entry(Kind.SHAPE, part=part))
    keywords: dict[str, list[int]] = {}
    for index, detector in enumerate(built_in):
        for keyword in detector.keywords:
            keywords.setdefault(keyword, []).append(index)
    _add_lexicons(build, len(built_in), lexicons)
    start = len(built_in) + len(lexicons)
    administrators = tuple(
        _admin_pattern(build, start + offset, name, text)
        for offset, (name, text) in enumerate(patterns.items())
    )
    first_keyword = len(build.entries)
    for keyword, supported in keywords.items():
        entry = Entry(Kind.KEYWORD, part=len(keyword), supports=tuple(supported))
        for expression in _keyword_expressions(keyword):
            build.add(expression, _CASELESS, entry)
    return DetectorSet(
        detectors=everything,
        families=families,
        layouts=layouts,
        patterns=administrators,
        entries=tuple(build.entries),
        first_keyword=first_keyword,
        fingerprint=build.fingerprint(),
        patterns_unfiltered=any(not pattern.prefiltered for pattern in administrators),
        _main=_Pass(build.database(cache)),
        _foreign=_Pass(foreign.database(cache)),
    )


def _add_lexicons(build: _Expressions, first: int, lexicons: Mapping[str, Sequence[str]]) -> None:
    for index, (name, phrases) in enumerate(lexicons.items(), first):
        forms: dict[str, bool] = {}
        for phrase in check_lexicon(name, phrases):
            for form, folded in _phrase_forms(phrase).items():
                forms[form] = forms.get(form, True) and folded
        for form, folded in forms.items():
            flags = _CASELESS if form.isascii() else _CASELESS | _UTF8
            build.add(
                _phrase_expression(form), flags, Entry(Kind.PHRASE, index, len(form), form, folded=folded)
            )
