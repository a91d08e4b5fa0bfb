"""What an administrator may give: patterns that RE2 accepts, and lists of words.

A pattern is refused before anything is built from it when RE2 does not accept it (no look-around, no
back-references), when it matches the empty text, or when it is too long or too large. Python's ``re``
never sees one. RE2 matches in linear time (https://github.com/google/re2/wiki/WhyRE2).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import re2

from core.errors import InvalidInput
from policies.complaints import Complaint, complain

#: Longest pattern, in characters.
PATTERN_LIMIT = 1_000
#: Longest phrase of a word list, in characters, and most phrases in one list.
PHRASE_LIMIT = 200
PHRASES_LIMIT = 20_000
#: Memory that RE2 may use for one compiled pattern, in bytes; counted repetition beyond it is refused.
_RE2_MEMORY = 1 << 20


def compile_pattern(name: str, pattern: str) -> Any:
    """Return the RE2 program of an administrator's pattern.

    Raises:
        InvalidInput: ``bad_pattern``, with ``name`` and what to change.
    """
    program = _program(pattern)
    if isinstance(program, Complaint):
        raise InvalidInput(f"The pattern {name!r} cannot be used. {program}", code="bad_pattern", name=name)
    return program


def refusal_of(pattern: str) -> Complaint | None:
    """Return why an administrator's pattern cannot be used, or nothing."""
    program = _program(pattern)
    return program if isinstance(program, Complaint) else None


def _program(pattern: str) -> Any:
    """Return the RE2 program of a pattern, or why there is none."""
    if not pattern or len(pattern) > PATTERN_LIMIT:
        return complain("pattern_length", limit=PATTERN_LIMIT, count=len(pattern))
    options = re2.Options()
    options.max_mem = _RE2_MEMORY
    options.log_errors = False
    try:
        program = re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        reason = error.args[0] if error.args else ""
        words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        return complain("pattern_refused", why=words)
    if program.fullmatch("") or program.search(""):
        return complain("pattern_matches_empty")
    for nothing in (" ", "a", "0"):
        found = program.search(nothing)
        if found is not None and found.start() == found.end():
            return complain("pattern_takes_nothing")
    return program


def check_lexicon(name: str, phrases: Sequence[str]) -> tuple[str, ...]:
    """Return the phrases of a word list without surrounding white space and repeats.

    Raises:
        InvalidInput: ``bad_lexicon``, with ``name`` and what to change.
    """
    if isinstance(phrases, str) or not phrases or len(phrases) > PHRASES_LIMIT:
        raise InvalidInput(
            f"The word list {name!r} needs 1 to {PHRASES_LIMIT} phrases.", code="bad_lexicon", name=name
        )
    kept: dict[str, None] = {}
    for phrase in phrases:
        plain = " ".join(phrase.split())
        if not any(character.isalnum() for character in plain) or len(plain) > PHRASE_LIMIT:
            raise InvalidInput(
                f"The word list {name!r} has a phrase without a letter or digit, or longer than {PHRASE_LIMIT} "
                "characters.",
                code="bad_lexicon",
                name=name,
            )
        kept[plain] = None
    return tuple(kept)


def check_names(detectors: Sequence[str], *named: Mapping[str, Any]) -> None:
    """Refuse a name that means two things, because a match says only the name.

    Raises:
        InvalidInput: ``duplicate_detector``.
    """
    seen = set(detectors)
    for group in named:
        for name in group:
            if name in seen:
                raise InvalidInput(
                    f"The name {name!r} is taken by another detector, word list or pattern.",
                    code="duplicate_detector",
                    name=name,
                )
            seen.add(name)
