"""The words for the sender: what was found, why it matters, what can be done, in plain sentences.

Standard sentences are English here, and are told in the reader's language by whoever shows them. An
author's own words always win; where they are in several languages, the notice has a translation for
each. A notice never holds more of the text than the masked excerpt.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from core.types import Finding, Notice, Surface, Verdict
from policies.model.rules import Barrier
from policies.model.texts import ENGLISH, NoticeText, Text, languages_of, text_in


class Cause(StrEnum):
    """Why a verdict is stricter than its rule says, or has another subject than a text."""

    RULE = "rule"
    BARRIER = "barrier"
    HIDDEN_BARRIER = "hidden_barrier"
    MEMBERSHIP = "membership"
    PRECEDING = "preceding"
    BESIDE = "beside"
    SHORT = "short"
    EDIT = "edit"
    UNSCANNABLE = "unscannable"
    FILE = "file"
    UNREADABLE = "unreadable"
    FILE_TYPE = "file_type"
    FILE_SIZE = "file_size"


@dataclass(frozen=True, slots=True)
class Template:
    """Sentences with ``{what}``, ``{excerpt}``, ``{problem}``, ``{rule}``, ``{hours}``, ``{surface}``."""

    title: str
    why: str
    actions: tuple[str, ...] = ()


_REMOVE = "Remove it and send again."
_ASK = "If you need this, ask Compliance and name rule {rule}."

STANDARD: Mapping[tuple[Verdict, Cause], Template] = {
    (Verdict.FLAG, Cause.RULE): Template(
        "Flagged: {what}.",
        "Rule {rule} marks this for Compliance. It is delivered all the same.",
        ("If it is right, you need do nothing.", "If it is wrong, report it; Compliance sees that."),
    ),
    (Verdict.FLAG, Cause.UNREADABLE): Template(
        "Flagged: a file cannot be read ({problem}).",
        "What cannot be read cannot be checked. It is delivered all the same, and Compliance can see that.",
        ("Next time, send it in a form that can be read.",),
    ),
    (Verdict.WARN, Cause.RULE): Template(
        "Before you send: {what}.",
        "Rule {rule} asks you to look twice. Nothing was sent yet.",
        ("Remove it.", "Send anyway; the record shows that you were asked."),
    ),
    (Verdict.JUSTIFY, Cause.RULE): Template(
        "This needs a reason: {what}.",
        "Rule {rule} lets it pass only with a reason. Nothing was sent yet.",
        ("Remove it.", "Send with a reason; the reason is kept with the message."),
    ),
    (Verdict.REDACT, Cause.RULE): Template(
        "Covered for everybody else: {what}.",
        "Rule {rule} keeps this out of conversations. Others get your message without it.",
        ("If somebody needs it, use a place that is meant for it.",),
    ),
    (Verdict.QUARANTINE, Cause.RULE): Template(
        "Waiting for Compliance: {what}.",
        "Rule {rule} asks for a second pair of eyes. It lapses after {hours} hours.",
        ("Wait; you are told what was decided.", "Withdraw it."),
    ),
    (Verdict.QUARANTINE, Cause.UNSCANNABLE): Template(
        "Waiting for Compliance: this could not be checked to its end.",
        "It is too dense, or a check failed. It lapses after {hours} hours.",
        ("Wait; you are told what was decided.", "Withdraw it and send it in smaller pieces."),
    ),
    (Verdict.BLOCK, Cause.RULE): Template(
        "Blocked: {what}.", "Rule {rule} does not let this pass. Nobody else has seen it.", (_REMOVE, _ASK)
    ),
    (Verdict.BLOCK, Cause.BARRIER): Template(
        "You can't write this here: {what} (rule {rule}).",
        "Nothing was sent.",
        ("If you need a crossing, ask Control Room.",),
    ),
    (Verdict.BLOCK, Cause.HIDDEN_BARRIER): Template(
        "This can't be sent here (rule {rule}).", "Nothing was sent.", ("If you need to, ask Compliance.",)
    ),
    (Verdict.BLOCK, Cause.MEMBERSHIP): Template(
        "These people can't be in one conversation: {what} (rule {rule}).",
        "Nothing was changed.",
        ("If you need a crossing, ask Control Room.",),
    ),
    (Verdict.BLOCK, Cause.PRECEDING): Template(
        "Blocked: together with your earlier messages this makes {what}.",
        "The earlier part has been seen already and cannot be covered any more (rule {rule}). "
        "Nobody else has seen this part.",
        ("Delete the earlier part if it should not stay.", _ASK),
    ),
    (Verdict.BLOCK, Cause.BESIDE): Template(
        "Blocked: together with what stands beside it this makes {what}.",
        "The parts are in names of files, in what you quote or forward, or in your earlier messages, and "
        "cannot be covered there (rule {rule}). Nobody else has seen this.",
        ("Remove one of the parts and send again.", _ASK),
    ),
    (Verdict.BLOCK, Cause.SHORT): Template(
        "This {surface} was not taken: {what}.",
        "A {surface} cannot be covered, explained or wait for a release, so rule {rule} refuses it. "
        "Nothing was changed.",
        ("Choose another one.",),
    ),
    (Verdict.BLOCK, Cause.EDIT): Template(
        "Your edit wasn't saved: {what}.",
        "Rule {rule} does not let this pass. Others still see your message as it was.",
        ("Remove it and save again.",),
    ),
    (Verdict.QUARANTINE, Cause.FILE): Template(
        "Waiting for Compliance: {what} in a file.",
        "Rule {rule} would cover it, and a file cannot be covered. It lapses after {hours} hours.",
        ("Wait; you are told what was decided.", "Withdraw it, take it out of the file and send it again."),
    ),
    (Verdict.BLOCK, Cause.FILE): Template(
        "Blocked: {what} in a file.",
        "Rule {rule} would cover it, and a file cannot be covered. Nobody else has seen it.",
        ("Take it out of the file and send it again.", _ASK),
    ),
    (Verdict.WARN, Cause.UNREADABLE): Template(
        "Before you send: a file cannot be read ({problem}).",
        "What cannot be read cannot be checked. Nothing was sent yet.",
        ("Send it in a form that can be read.", "Send anyway; the record shows that you were asked."),
    ),
    (Verdict.JUSTIFY, Cause.UNREADABLE): Template(
        "This needs a reason: a file cannot be read ({problem}).",
        "What cannot be read cannot be checked. Nothing was sent yet.",
        ("Send it in a form that can be read.", "Send with a reason; the reason is kept with the message."),
    ),
    (Verdict.QUARANTINE, Cause.UNREADABLE): Template(
        "Waiting for Compliance: a file cannot be read ({problem}).",
        "What cannot be read cannot be checked. It lapses after {hours} hours.",
        ("Wait; you are told what was decided.", "Withdraw it and send it in a form that can be read."),
    ),
    (Verdict.BLOCK, Cause.UNREADABLE): Template(
        "Blocked: a file cannot be read ({problem}).",
        "What cannot be read cannot be checked. Nobody else has seen it.",
        ("Send it in a form that can be read.",),
    ),
    (Verdict.BLOCK, Cause.FILE_TYPE): Template(
        "Blocked: files of this type may not be sent ({excerpt}).",
        "Your firm's policy goes by what is in a file, not by its name. Nobody else has seen it.",
        ("Send it in another form.",),
    ),
    (Verdict.BLOCK, Cause.FILE_SIZE): Template(
        "Blocked: a file is larger than may be sent.",
        "Nobody else has seen it.",
        ("Make it smaller, or send it in parts.",),
    ),
    (Verdict.BLOCK, Cause.UNSCANNABLE): Template(
        "Blocked: this could not be checked to its end.",
        "It is too dense to check, or a check failed. Nobody else has seen it.",
        ("Send it in smaller pieces.",),
    ),
}
"""The standard sentences by verdict and cause."""

SIGHT = Template(
    "You can't message this person: {what} (rule {rule}).", "", ("If you need a crossing, ask Control Room.",)
)
"""The standard sentences about somebody who is beyond an explained barrier."""

SURFACES: Mapping[Surface, str] = {
    Surface.MESSAGE: "message",
    Surface.EDIT: "edit",
    Surface.REACTION: "reaction",
    Surface.PREVIEW: "link preview",
    Surface.CONVERSATION_NAME: "name",
    Surface.TOPIC: "topic",
    Surface.MEMBERSHIP: "change of members",
    Surface.FILE: "file",
    Surface.FILE_NAME: "file name",
}

PROBLEMS: Mapping[str, str] = {
    "locked": "it has a password",
    "damaged": "it is damaged",
    "archive": "it is an archive",
    "unknown": "its type is not known",
    "embedded": "it holds other files",
    "no_text": "no text was found in it",
    "too_large": "it is too large",
    "too_long": "its text is too long",
    "bomb": "it unpacks to far too much",
    "metadata": "what is hidden in it cannot be taken out",
    "too_slow": "reading it took too long",
    "stopped": "reading it failed",
}
"""Why the text of a file is not known, in words."""


def notice_for(
    finding: Finding, cause: Cause, *, title: Text, own: NoticeText | None, surface: Surface, hours: int
) -> Notice:
    """Return what the sender is told about the finding that decided, in each language of the author.

    ``title`` is the rule's own name for what it looks for. An author's notice replaces title and
    actions; where the verdict is stricter than the rule says, the standard sentence explains why.
    """

    def said(language: str) -> Notice:
        return _notice(finding, cause, text_in(title, language), own, surface, hours, language)

    others = languages_of(title) | (own.languages if own is not None else frozenset())
    return _translated(said, others)


def _notice(
    finding: Finding,
    cause: Cause,
    title: str,
    own: NoticeText | None,
    surface: Surface,
    hours: int,
    language: str,
) -> Notice:
    template = STANDARD.get((finding.verdict, cause)) or STANDARD[finding.verdict, Cause.RULE]
    words = {
        "what": f"{title} ({finding.excerpt})" if finding.excerpt else title,
        "excerpt": finding.excerpt,
        "problem": PROBLEMS.get(finding.excerpt, finding.excerpt),
        "rule": finding.rule,
        "hours": hours,
        "surface": SURFACES[surface],
    }
    why = template.why.format(**words)
    actions = tuple(action.format(**words) for action in template.actions)
    if own is None:
        return Notice(template.title.format(**words), why, actions)
    stricter = cause in {Cause.PRECEDING, Cause.BESIDE, Cause.SHORT, Cause.EDIT}
    said = " ".join(part for part in (text_in(own.why, language), why if stricter else "") if part)
    own_actions = tuple(text_in(action, language) for action in own.actions)
    return Notice(text_in(own.title, language), said or why, own_actions or actions)


def sight_notice(barrier: Barrier) -> Notice:
    """Return what a person is told about somebody who is beyond an explained barrier."""
    own = barrier.notice

    def said(language: str) -> Notice:
        if own is not None:
            actions = tuple(text_in(action, language) for action in own.actions)
            return Notice(text_in(own.title, language), text_in(own.why, language), actions)
        what = text_in(barrier.title, language)
        return Notice(SIGHT.title.format(what=what, rule=barrier.id), SIGHT.why, SIGHT.actions)

    return _translated(said, own.languages if own is not None else languages_of(barrier.title))


def _translated(said: Callable[[str], Notice], languages: Iterable[str]) -> Notice:
    """Return what is said in English, with what is said otherwise in other languages."""
    first = said(ENGLISH)
    others = {each: said(each) for each in sorted(languages) if each != ENGLISH}
    return replace(first, translations={each: told for each, told in others.items() if told != first})
