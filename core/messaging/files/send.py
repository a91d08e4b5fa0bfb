"""Sending a message with files: it waits, seen by its sender alone, until its files were read and decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from core.crypto.chat_keys import month_of
from core.errors import InvalidInput
from core.jobs import Jobs
from core.messaging.attempt import Confirmation, PlainAttempt, Question
from core.messaging.carried import Carried, Carries
from core.messaging.files.model import File
from core.messaging.files.rows import check_sendable, do_attach
from core.messaging.model import Before, Conversation, ItemState, ItemType, NewVersion, Outcome, VersionKind
from core.messaging.send import (
    SCHEDULED,
    Writing,
    check_member,
    check_text,
    check_thread_root,
    message_view,
    request_key,
)
from core.messaging.vault import Vault
from core.schema import chat
from core.store import Row, Tx
from core.types import ConversationId, Decision, Facts, ItemId, PersonId, new_id, rfc3339, to_ms

MOST: Final = 10
"""How many files one message carries."""
READ_FILES: Final = "read-files"
DECIDE_FILES: Final = "decide-files"
"""The worker's two jobs for such a message."""

_JOBS = Jobs(chat.jobs)


@dataclass(frozen=True, slots=True)
class SendFiles(PlainAttempt):
    """One person sends files, with or without a text, or confirms what was warned about."""

    writing: Writing
    vault: Vault
    sender: PersonId
    client_id: str
    conversation: ConversationId
    text: str
    files: tuple[str, ...]
    thread_root: ItemId | None = None
    confirms: Confirmation | None = None
    source: str = "native"
    carries: Carries | None = None

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return request_key(
            self.conversation, self.text, self.thread_root, self.confirms, self.carries, self.files
        )

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Raise a typed error if this cannot be sent here; nothing is decided before it was read."""
        check_member(conversation, self.sender)
        if self.text:
            check_text(self.text, self.writing.max_chars)
        if self.thread_root is not None:
            check_thread_root(tx, conversation.id, self.thread_root)
        self._carried(tx, conversation)
        self.check_files(tx, conversation)
        return ()

    def check_files(self, tx: Tx, conversation: Conversation) -> None:
        """Raise a typed error unless each file can be sent now."""
        check_count(self.files)
        self._sendable(tx, conversation)

    def do_attach(
        self, tx: Tx, conversation: Conversation, item: ItemId, month: str, at_ms: int
    ) -> Sequence[File]:
        """Let the message carry the files from now on."""
        rows = self._sendable(tx, conversation)
        return [do_attach(tx, self.vault, row, item, place, month, at_ms) for place, row in enumerate(rows)]

    def _sendable(self, tx: Tx, conversation: Conversation) -> list[Row]:
        return check_sendable(tx, conversation.id, self.sender, self.files, reserved=self.source == SCHEDULED)

    def _carried(self, tx: Tx, conversation: Conversation) -> Carried | None:
        if self.carries is None:
            return None
        return self.carries.read(tx, self.writing.rooms, self.writing.showing, conversation, self.sender)

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Write the message as one that is being checked, and the job that checks it."""
        conversation, at = before.conversation, self.writing.clock.now()
        item, month = ItemId(new_id()), month_of(at)
        attached = self.do_attach(tx, conversation, item, month, to_ms(at))
        carried = self._carried(tx, conversation)
        view, _, has_link = message_view(conversation, self.text, at, carried)
        view["files"] = [file.view() for file in attached]
        view |= self.carries.asked_for() if self.carries else {}
        record: dict[str, Any] = {
            "has_link": has_link,
            "source": self.source,
            "client_id": self.client_id,
            "files": [file.evidence() for file in attached],
            **(carried.as_record() if carried else {}),
        }
        if self.confirms is not None:
            confirms = {"confirms": self.confirms.decision, "reason": self.confirms.reason}
            view, record = view | confirms, record | confirms
        new = NewVersion(
            item=item,
            version=1,
            kind=VersionKind.CREATE,
            type=ItemType.MESSAGE,
            state=ItemState.CHECKING,
            sender=self.sender,
            actor=self.sender,
            at=at,
            month=month,
            delivered=False,
            view=view,
            record=record,
            thread_root=self.thread_root,
        )
        self.writing.versions.write(tx, conversation, new, conversation.members[self.sender], text=self.text)
        payload = {"item": item, "conversation": self.conversation, "sender": self.sender}
        _JOBS.add(tx, READ_FILES, orjson.dumps(payload), at)
        return Outcome(_checking(item, at=rfc3339(at), files=view["files"]))


def check_count(files: Sequence[str]) -> None:
    """Refuse more files than a message carries, and one that is named twice.

    Raises:
        InvalidInput: ``too_many_files``.
    """
    if len(files) > MOST or len(set(files)) != len(files):
        raise InvalidInput(
            f"A message carries at most {MOST} files, each once.", code="too_many_files", limit=MOST
        )


def _checking(item: ItemId, *, at: str, files: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the answer for what nobody else sees before it was checked."""
    return {
        "ok": False,
        "code": ItemState.CHECKING,
        "retryable": False,
        "message": "Your files are being checked. Nobody else sees them before.",
        "id": item,
        "state": ItemState.CHECKING,
        "at": at,
        "files": files,
    }
