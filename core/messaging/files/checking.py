"""Deciding a message with files, once they were read: its text, each file's name, each file's text.

Every question has a decision; together they make one. The strictest counts, as everywhere, and a
confirmation answers each text by its own hash.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import orjson
from sqlalchemy import bindparam, insert, select

from core.errors import Conflict
from core.messaging.answers import STOPPED_STATE, findings_of, notice_of, sent, stopped
from core.messaging.attempt import Answer, Confirmed, PlainAttempt, Question
from core.messaging.blank import is_blank
from core.messaging.carried import SOURCE, Carried, as_shown, beside_of, decided_text, origin_of
from core.messaging.files.model import File, FileState
from core.messaging.files.names import name_as_read, stem_of
from core.messaging.files.rows import do_move_files
from core.messaging.model import Before, Conversation, ItemState, NewVersion, Outcome, VersionKind
from core.messaging.quarantine import Release, waiting_item
from core.messaging.send import QUARANTINE_HOURS, Writing, message_view
from core.messaging.vault import Vault
from core.messaging.versions import VIEW, following
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import (
    ConversationId,
    Decision,
    Facts,
    FileFacts,
    Finding,
    ItemId,
    PersonFacts,
    PersonId,
    RuleId,
    Surface,
    Verdict,
    rfc3339,
)

_i, _r = chat.items.c, chat.receipts.c

_STOPPED = Statement(
    select(_r.rules, _i.id, _i.view, _i.month, _i.conversation_id)
    .join(chat.items, _i.id == _r.item_id)
    .where(_r.decision_id == bindparam("decision"))
)
_MENTION = Statement(insert(chat.mentions))
ASKED: Final = "asked"
"""The obligation that lists what was asked and answered for a message with files; it binds nobody."""

_ASKS = (Verdict.WARN, Verdict.JUSTIFY)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read, with the text that stands in it."""

    file: File
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFiles(PlainAttempt):
    """The worker has read the files of a message: it is delivered now, or stopped."""

    writing: Writing
    vault: Vault
    sender: PersonId
    client_id: str
    conversation: ConversationId
    item: ItemId
    files: tuple[ReadFile, ...]

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return json.dumps(["check", self.item])

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Ask about everything that would leave the sender, who must still be there."""
        row = waiting_item(tx, self.item, conversation.id, (ItemState.CHECKING,))
        if self.sender not in conversation.members or conversation.closed:
            raise Conflict(
                "The sender is no longer in this conversation, or it is closed.", code="cannot_deliver"
            )
        view = self._view(row)
        confirmed = self._confirmed(tx, str(view["confirms"])) if "confirms" in view else ()
        carried = Carried.of_view(tx, self.writing.rooms, view)
        text = decided_text(str(view["text"]), carried)
        sender, others = conversation.members[self.sender].facts, conversation.others(self.sender)
        return questions_of(sender, others, text, self.files, confirmed, carried)

    def judge(self, answers: Sequence[Answer]) -> Answer:
        """Return all decisions as one."""
        return judged(answers)

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Write the message as delivered or as stopped."""
        assert facts is not None and decision is not None
        row = waiting_item(tx, self.item, states=(ItemState.CHECKING,))
        at, text = self.writing.clock.now(), str(self._view(row)["text"])
        if decision.verdict.delivers:
            return self._deliver(tx, before, row, facts, decision, text, at)
        return self._stop(tx, before, row, facts, decision, text, at)

    def _deliver(
        self, tx: Tx, before: Before, row: Row, facts: Facts, decision: Decision, text: str, at: datetime
    ) -> Outcome:
        conversation = before.conversation
        redacted = decision.redacted if decision.verdict is Verdict.REDACT else None
        carried = Carried.of_view(tx, self.writing.rooms, self._view(row))
        shown, seen = as_shown(decision, text, carried)
        view, mentioned, has_link = message_view(conversation, shown, at, seen)
        said = self.writing.told(decision, text)
        view |= {"files": views_of(self.files), **said}
        record = {"has_link": has_link, **evidence_of(self.files), **(carried.as_record() if carried else {})}
        if redacted is not None:
            record["shown"] = shown
        state = ItemState.SENT if redacted is None else ItemState.REDACTED
        do_move_files(tx, self.item, FileState.SHOWN)
        new = self._version(row, state, at, delivered=True, view=view, record=record)
        frame = self.writing.versions.write(
            tx, conversation, new, conversation.members[self.sender],
            facts=facts, decision=decision, text=text,
        )  # fmt: skip
        assert frame is not None
        tx.run_many(
            _MENTION,
            [
                {"person_id": person, "conversation_id": conversation.id, "cseq": frame.cseq}
                for person in sorted(mentioned - {self.sender})
            ],
        )
        return Outcome(sent(self.item, state, frame.cseq, at, said), frames=(frame,))

    def _stop(
        self, tx: Tx, before: Before, row: Row, facts: Facts, decision: Decision, text: str, at: datetime
    ) -> Outcome:
        conversation, state = before.conversation, STOPPED_STATE[decision.verdict]
        expires = None
        said = self._view(row)
        carried = Carried.of_view(tx, self.writing.rooms, said)
        view, _, has_link = message_view(conversation, text, at, carried)
        view |= {
            **({SOURCE: said[SOURCE]} if SOURCE in said else {}),
            "files": stopped_views_of(self.files),
            "notice": notice_of(decision),
            "decision": decision.id,
            "findings": findings_of(decision),
            "hashes": list(decision.obligations.get("hashes", ())),
        }
        if state is ItemState.QUARANTINED:
            expires = at + timedelta(hours=int(decision.obligations.get("expires_hours", QUARANTINE_HOURS)))
            view["expires_at"] = rfc3339(expires)
        do_move_files(tx, self.item, FileState.STOPPED)
        record = {"has_link": has_link, **evidence_of(self.files), **(carried.as_record() if carried else {})}
        new = self._version(row, state, at, delivered=False, view=view, record=record, expires=expires)
        self.writing.versions.write(
            tx, conversation, new, conversation.members[self.sender],
            facts=facts, decision=decision, text=text,
        )  # fmt: skip
        return Outcome(stopped(self.item, state, at, decision, expires), ended=(conversation.id,))

    def _version(
        self,
        row: Row,
        state: ItemState,
        at: datetime,
        *,
        delivered: bool,
        view: dict[str, Any],
        record: dict[str, Any],
        expires: datetime | None = None,
    ) -> NewVersion:
        said = self._view(row)
        if "confirms" in said:
            record = record | {"confirms": said["confirms"], "reason": said["reason"]}
        new = following(
            row, VersionKind.CHECK, state, self.sender, at, delivered=delivered, view=view, record=record
        )
        return replace(new, expires=expires)

    def _view(self, row: Row) -> dict[str, Any]:
        view: dict[str, Any] = self.vault.open(VIEW, row.conversation_id, row.month, row.id, row.view)
        return view

    def _confirmed(self, tx: Tx, decision: str) -> tuple[Confirmed, ...]:
        """Return what was confirmed of each question of the stopped message, by the text of each."""
        row = tx.one(_STOPPED, decision=decision)
        if row is None or row.view is None:
            return ()
        rules = frozenset(RuleId(rule) for rule in orjson.loads(row.rules))
        return tuple(Confirmed(rules, str(hashed)) for hashed in self._view(row).get("hashes", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFiles(Release):
    """An officer's release of a message with files: all of it is decided again."""

    files: tuple[ReadFile, ...]

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Ask about text, names and files again."""
        Release.check(self, tx, conversation)
        row = waiting_item(tx, self.item, conversation.id)
        carried = Carried.of_view(tx, self.writing.rooms, self.view_of(row))
        text = decided_text(self.text_of(row), carried)
        sender, others = conversation.members[self.sender].facts, conversation.others(self.sender)
        return questions_of(sender, others, text, self.files, (), carried)

    def judge(self, answers: Sequence[Answer]) -> Answer:
        """Return all decisions as one."""
        return judged(answers)

    def do_show(self, tx: Tx) -> dict[str, Any]:
        """Show the files from now on."""
        do_move_files(tx, self.item, FileState.SHOWN)
        return {"files": views_of(self.files)}

    def evidence(self) -> dict[str, Any]:
        """Return the files as the archive keeps them."""
        return evidence_of(self.files)


def questions_of(
    facts: PersonFacts,
    others: tuple[PersonFacts, ...],
    text: str,
    files: Sequence[ReadFile | File],
    confirmed: Sequence[Confirmed],
    carried: Carried | None = None,
) -> tuple[Question, ...]:
    """Return what is asked, always in the same order: by it a confirmation finds its text.

    Text and names are read together, in either order: a number may be split over them. Of a file that nobody
    has read yet there is only the name.
    """
    origin = origin_of(carried)
    names = [(each.file if isinstance(each, ReadFile) else each).meta.name for each in files]

    def question(
        surface: Surface, text: str, file: FileFacts | None = None, beside: tuple[str, ...] = ()
    ) -> Question:
        return Question(surface, facts, text, others, file=file, origin=origin, beside=beside)

    questions = []
    if not is_blank(text):
        beside = (*map(stem_of, names), *beside_of(carried))
        questions.append(question(Surface.MESSAGE, text, beside=beside))
    for place, read in enumerate(files):
        before = (text, *map(stem_of, names[:place])) if text else tuple(map(stem_of, names[:place]))
        questions.append(question(Surface.FILE_NAME, name_as_read(names[place]), beside=before))
        if isinstance(read, ReadFile):
            questions.append(question(Surface.FILE, read.text, read.file.facts))
    answers = [*confirmed, *[None] * len(questions)]
    return tuple(
        replace(question, confirmed=given) for question, given in zip(questions, answers, strict=False)
    )


def judged(answers: Sequence[Answer]) -> Answer:
    """Return one decision of several, with the facts of the one that decided.

    What has to be confirmed comes before what is covered: covering delivers.
    """
    verdicts = {decision.verdict for _, decision in answers}
    worst = max(verdicts, key=lambda verdict: verdict.rank)
    if worst is Verdict.REDACT and verdicts & set(_ASKS):
        worst = max(verdicts & set(_ASKS), key=lambda verdict: verdict.rank)
    facts, first = next(answer for answer in answers if answer[1].verdict is worst)
    asked = [_asked(*answer) for answer in answers]
    covered = next((d.redacted for f, d in answers if f.surface is Surface.MESSAGE), None)
    return facts, replace(
        first,
        findings=tuple(
            _placed(finding, asked.surface) for asked, decision in answers for finding in decision.findings
        ),
        redacted=covered if worst is Verdict.REDACT else None,
        obligations={
            **_obligations(first.obligations, [decision.obligations for _, decision in answers]),
            ASKED: asked,
        },
        complete=all(decision.complete for _, decision in answers),
    )


def _asked(facts: Facts, decision: Decision) -> dict[str, Any]:
    """Return one question as the record keeps it, so that each can be decided again by itself."""
    return {
        "surface": facts.surface,
        "file": msgspec.to_builtins(facts.file),
        "preceding": msgspec.to_builtins(facts.preceding),
        "beside": list(facts.beside),
        "confirmed": sorted(facts.confirmed),
        "confirmed_text": facts.confirmed_text,
        "decision": msgspec.to_builtins(decision),
    }


def _placed(finding: Finding, surface: Surface) -> Finding:
    """Return a finding with a place only where that is in what the sender wrote."""
    return finding if surface is Surface.MESSAGE else replace(finding, start=0, end=0)


def _obligations(first: Mapping[str, Any], every: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        **first,
        "finding_keys": [key for each in every for key in each.get("finding_keys", ())],
        "passed": sorted({key for each in every for key in each.get("passed", ())}),
        "hashes": [each.get("text_hash", "") for each in every],
    }


def views_of(files: Sequence[ReadFile]) -> list[dict[str, Any]]:
    """Return files as the chat shows them."""
    return [read.file.view() for read in files]


def stopped_views_of(files: Sequence[ReadFile]) -> list[dict[str, Any]]:
    """Return files as their sender alone sees them once they are stopped: with which could not be read."""
    return [read.file.view() | ({"unread": True} if read.file.facts.problem else {}) for read in files]


def evidence_of(files: Sequence[ReadFile]) -> dict[str, Any]:
    """Return files as the archive keeps them, with the text that was decided on."""
    return {"files": [read.file.evidence(read.text) for read in files]}
