"""What is said against a policy: a stable code, what stands in its sentence, and the sentence in English.

Programs branch on the code. The command line prints the English sentence, pages look it up in the language
of whoever reads them. Places of a sentence take a number, text of the author's, or a complaint of its own
(``what`` was expected, what was ``given``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

SAYS: Final[Mapping[str, str]] = {
    # files and YAML
    "no_policy": "There is no policy here.",
    "not_utf8": "This is not UTF-8 text.",
    "cannot_be_read": "Cannot be read: {why}.",
    "no_yaml_files": "No *.yaml file is in this folder.",
    "too_long": "Longer than {limit} characters; split it.",
    "bad_yaml": "This is not valid YAML: {why}.",
    "too_deep": "More than {limit} levels deep.",
    "alias": "Aliases (*{name}) are refused; write the value out.",
    "anchor": "Anchors (&{name}) are refused; write the value out.",
    "tag": "Tags ({name}) are refused; write the plain value.",
    # keys
    "key_no_text": "A key is plain text; put it in quotes.",
    "key_twice": "This key stands already in line {line}.",
    "value_twice": "Stands already in {file}, line {line}.",
    "key_missing": "This key is missing; it has no default.",
    "unknown_key": "Unknown key; known here: {known}.",
    "unknown_key_near": "Unknown key; did you mean '{near}'?",
    "unsupported_section": "The section '{name}' is not supported yet; take it out.",
    # values
    "expected": "Expected {what}, not {given}.",
    "expected_one_of": "Expected one of {allowed}, not '{given}'.",
    "expected_range": "Expected a whole number from {low} to {high}, not {given}.",
    "expected_exactly": "Expected exactly {count} entries, not {given}.",
    "expected_at_least": "Expected at least {count} entries, not {given}.",
    "expected_at_most": "Expected at most {count} entries, not {given}.",
    "empty": "This may not be empty.",
    "too_many_characters": "This may not be longer than {limit} characters.",
    "bad_name": "A name begins with a letter and has up to 64 letters, digits, - and _.",
    "bad_file_type": "A type of files is written as in application/pdf or image/*.",
    "bad_language": "A language is written as in de or pt-BR.",
    # what was expected or given
    "keys": "keys with values",
    "list": "a list",
    "text": "text",
    "whole_number": "a whole number",
    "boolean": "true or false",
    "time": "a time with its zone, such as 2026-03-31T18:00:00Z",
    "nothing": "nothing",
    "written": "'{text}'",
    "read_as": "'{text}', which YAML reads as {kind} (put text in quotes)",
    # names, and what belongs together
    "id_of_engine": "The id '{name}' is used by the engine itself; ids stand on the record.",
    "id_taken": "The id '{name}' is used by {path}; ids stand on the record.",
    "english_missing": "Say it in English (en) too: whoever reads another language is told that.",
    "language_missing": "The notice speaks {languages} elsewhere; say this in it too.",
    "no_segment": "There is no segment '{name}' (known: {known}).",
    "no_segments": "There is no segment '{name}': none are defined.",
    "no_detector": "The catalogue has no detector '{name}'.",
    "no_rule": "There is no rule '{name}' in this bundle.",
    "test_name_taken": "Two tests have this name; a report could not tell them apart.",
    # barriers and rules
    "one_segment": "A barrier stands between two different segments.",
    "own_crossing": "Nobody approves a crossing of their own; name somebody else.",
    "own_chaperone": "A chaperone is a third person; name somebody else.",
    "crossing_ends_first": "This crossing ends before it begins.",
    "allows": "A rule that allows has no effect; take it out.",
    "nothing_to_redact": "Nothing marks what to redact; name links or detectors.",
    "silent_stop": "Only a flag can be silent: who is stopped or covered has to know why.",
    "silent_notice": "Nobody is told of a silent rule; take the notice out.",
    "nothing_to_find": "Nothing to look for; name detectors, a lexicon or a pattern.",
    "bad_word": "A word needs at least one letter or digit.",
    "own_evidence": "Evidence is something else than what the rule looks for.",
    # patterns
    "pattern_length": "A pattern has 1 to {limit} characters, not {count}.",
    "pattern_refused": "RE2 does not accept this pattern: {why}.",
    "pattern_matches_empty": (
        "This pattern matches the empty text, so it would match everywhere; require at least one character."
    ),
    "pattern_takes_nothing": "This pattern matches without taking a character; require at least one.",
    # allowed, but hardly meant
    "empty_segment": "Nobody can be in this segment: it names no group, attribute or person.",
    "idle_segment": "No rule names this segment.",
    "allowed_and_denied": "{name} is allowed and denied; it may not be sent.",
    "no_edits_to_see": "Nobody may edit, so there is no history to see.",
    "untested": "No test of the bundle expects rule '{name}'.",
    "crossing_over": "This crossing has ended; take it out.",
    "long_crossing": "{people} are both kept apart by {barrier} and let across it for more than a year.",
    "sides_differ": "{first} and {second} differ; the other side is then hidden.",
    "crossings_differ": "A crossing of {first} is still stopped by {second}, or vice versa.",
    "apart_already": "{first} keeps the same two segments apart already.",
    # the bundle's own tests
    "wrong_verdict": "Expected {expected}, got {verdict} by {rules}.",
    "wrong_verdict_without_rule": "Expected {expected}, got {verdict} by no rule.",
    "wrong_rules": "Expected {expected} to decide, got {rules}.",
    "rules_unexpected": "Expected no rule to decide, got {rules}.",
    "no_rule_decided": "Expected {expected} to decide, got no rule.",
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is said; ``params`` stand in the places of its sentence."""

    code: str
    params: Mapping[str, "str | int | Complaint"]

    def __str__(self) -> str:
        """Return the sentence in English."""
        told = {k: f"{value:,}" if isinstance(value, int) else value for k, value in self.params.items()}
        return SAYS[self.code].format_map(told)

    def as_dict(self) -> dict[str, Any]:
        """Return the form in which a typed error carries it."""
        params = {
            name: value.as_dict() if isinstance(value, Complaint) else value
            for name, value in self.params.items()
        }
        return {"code": self.code, "params": params, "message": str(self)}


def complain(code: str, **params: "str | int | Complaint | Iterable[str]") -> Complaint:
    """Return what ``code`` says; several names are joined, and what cannot be printed is written out."""
    return Complaint(code, {name: _put_in(value) for name, value in params.items()})


def _put_in(value: "str | int | Complaint | Iterable[str]") -> "str | int | Complaint":
    if isinstance(value, int | Complaint):
        return value
    told = value if isinstance(value, str) else ", ".join(value)
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in told)
