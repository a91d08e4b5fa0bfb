"""What the policy would say to a message that somebody writes: it is asked as for sending, and never said.

Its quote, or what it forwards, and the names of its files are known while one writes. What stands in the
files is known when they were read, after sending.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.messaging.answers import findings_of, notice_of
from core.messaging.attempt import Answer, PlainAttempt, Question
from core.messaging.blank import is_blank
from core.messaging.carried import Carried, Carries, decided_text
from core.messaging.files.checking import judged, questions_of
from core.messaging.files.model import File
from core.messaging.files.rows import file_row, files_of, no_file, open_file
from core.messaging.files.send import check_count
from core.messaging.model import Conversation
from core.messaging.send import Writing, check_member, check_text
from core.messaging.vault import Vault
from core.store import Tx
from core.types import ConversationId, ItemId, PersonId, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(PlainAttempt):
    """A message as it stands where somebody writes it.

    ``files`` are uploads of the writer; ``source`` is a message whose files would be passed on.
    """

    writing: Writing
    vault: Vault
    sender: PersonId
    conversation: ConversationId
    text: str
    files: tuple[str, ...] = ()
    source: ItemId | None = None
    carries: Carries | None = None

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Ask what sending it would ask, as far as that is known. Raises what sending it would raise."""
        check_member(conversation, self.sender)
        if not is_blank(self.text):
            check_text(self.text, self.writing.max_chars)
        carried = self._carried(tx, conversation)
        files = self._files(tx)
        speaks = self.carries is not None and self.carries.speaks
        if is_blank(self.text) and not files and not speaks:
            return ()
        sender, others = conversation.members[self.sender].facts, conversation.others(self.sender)
        return questions_of(sender, others, decided_text(self.text, carried), files, (), carried)

    def judge(self, answers: Sequence[Answer]) -> Answer:
        """Return all decisions as one."""
        return judged(answers)

    def _carried(self, tx: Tx, conversation: Conversation) -> Carried | None:
        if self.carries is None:
            return None
        return self.carries.read(tx, self.writing.rooms, self.writing.showing, conversation, self.sender)

    def _files(self, tx: Tx) -> tuple[File, ...]:
        if self.source is not None:
            return files_of(tx, self.vault, self.source)
        check_count(self.files)
        rows = [file_row(tx, file) for file in self.files]
        if any(row.owner_id != self.sender or row.conversation_id != self.conversation for row in rows):
            raise no_file()
        return tuple(open_file(self.vault, row) for row in rows)


def advice(answer: Answer | None) -> dict[str, Any]:
    """Return what a writer is told of an answer: of a flag that its rule keeps to itself, nothing."""
    nothing: dict[str, Any] = {"verdict": Verdict.ALLOW, "notice": None, "findings": []}
    if answer is None:
        return nothing
    _, decision = answer
    if decision.verdict is Verdict.FLAG and decision.notice is None:
        return nothing
    notice = notice_of(decision) if decision.notice is not None else None
    return {"verdict": decision.verdict, "notice": notice, "findings": findings_of(decision)}
