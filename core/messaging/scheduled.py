"""Messages that are sent later: kept sealed until then, and sent as if their sender did it at that moment.

Nothing is decided ahead: whether somebody may say this to these people is asked when it goes, and
whether they are still there. Each is sent under a request id of its own, so that a process that dies
anywhere sends it once. What cannot be sent stays where its sender sees it, with the reason.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import bindparam, func, insert, select, update

from core.errors import ChanceryError, Conflict, InvalidInput, NotFound
from core.messaging.carried import Carried, Quoting
from core.messaging.files.rows import do_free, do_let_go, do_reserve, files_of
from core.messaging.files.send import check_count
from core.messaging.model import Conversation
from core.messaging.send import Writing, check_member, check_text, check_thread_root
from core.messaging.vault import Vault
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, ItemId, PersonId, from_ms, new_id, rfc3339, to_ms

PURPOSE: Final = "scheduled"
FURTHEST: Final = timedelta(days=366)
PER_PERSON: Final = 100

_s = chat.scheduled.c

_NEW = Statement(insert(chat.scheduled))
_ONE = Statement(select(chat.scheduled).where(_s.id == bindparam("which"), _s.person_id == bindparam("who")))
_SAME = Statement(
    select(chat.scheduled).where(_s.person_id == bindparam("who"), _s.client_id == bindparam("client"))
)
_MINE = Statement(
    select(chat.scheduled)
    .where(_s.person_id == bindparam("who"), _s.state.not_in(("sent", "removed")))
    .order_by(_s.due_ms, _s.id)
)
_COUNT = Statement(
    select(func.count()).where(_s.person_id == bindparam("who"), _s.state.in_(("waiting", "sending")))
)
_REMOVE = Statement(
    update(chat.scheduled)
    .where(_s.id == bindparam("which"), _s.state.not_in(("sending", "sent")))
    .values(state="removed", code="", body=b"", at_ms=bindparam("now"))
)


class ScheduledState(StrEnum):
    """What became of a message that is to be sent later."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    STOPPED = "stopped"
    FAILED = "failed"
    REMOVED = "removed"


def check_time(now_ms: int, due_ms: int) -> None:
    """Refuse a time that is over or more than a year ahead.

    Raises:
        InvalidInput: ``bad_time``.
    """
    if not now_ms < due_ms <= now_ms + FURTHEST.total_seconds() * 1000:
        raise InvalidInput("Choose a time in the future, within a year.", code="bad_time")


@dataclass(frozen=True, slots=True)
class Later:
    """What somebody wants to say later."""

    client_id: str
    conversation: ConversationId
    text: str
    due_ms: int
    thread_root: ItemId | None = None
    files: tuple[str, ...] = ()
    quotes: ItemId | None = None


class Scheduled:
    """The messages of one store that are to be sent later."""

    def __init__(self, vault: Vault, writing: Writing) -> None:
        self._vault, self._writing = vault, writing

    def do_schedule(
        self, tx: Tx, room: Conversation, person: PersonId, later: Later, month: str
    ) -> dict[str, Any]:
        """Keep a message for later; the same request twice is kept once.

        Raises:
            Conflict: ``client_id_reused``.
            InvalidInput: ``too_many_scheduled``, ``bad_time``, or what a message is refused with.
        """
        same = tx.one(_SAME, who=person, client=later.client_id)
        if same is not None:
            if same.state == ScheduledState.REMOVED:
                return self.entry(tx, same)
            if self.said(same) != later:
                raise Conflict(
                    "This message id was used for another message. Send it again with a new one.",
                    code="client_id_reused",
                )
            return self.entry(tx, same)
        now = self._writing.clock.now()
        check_member(room, person)
        if later.text or not later.files:
            check_text(later.text, self._writing.max_chars)
        check_count(later.files)
        check_time(to_ms(now), later.due_ms)
        if later.thread_root is not None:
            check_thread_root(tx, room.id, later.thread_root)
        if later.quotes is not None:
            self._quoted(tx, room, person, later.quotes)
        if tx.value(_COUNT, who=person) >= PER_PERSON:
            raise InvalidInput(
                f"{PER_PERSON} of your messages wait to be sent. Take one back first.",
                code="too_many_scheduled",
            )
        which = new_id()
        said = {
            "text": later.text,
            "thread_root": later.thread_root,
            "files": later.files,
            "quotes": later.quotes,
        }
        tx.run(
            _NEW,
            id=which,
            person_id=person,
            conversation_id=room.id,
            client_id=later.client_id,
            month=month,
            body=self._vault.seal(PURPOSE, room.id, month, which, said),
            due_ms=later.due_ms,
            state=ScheduledState.WAITING,
            code="",
            item_id=None,
            at_ms=to_ms(now),
        )
        do_reserve(tx, room.id, person, later.files, which)
        return self.entry(tx, tx.sole(_ONE, which=which, who=person))

    def do_unschedule(self, tx: Tx, person: PersonId, which: str, *, keep_files: bool) -> dict[str, Any]:
        """Take a message back, or put away one that was not sent; its files go, or are its sender's again.

        Raises:
            NotFound: ``not_scheduled``.
            Conflict: ``already_sent``.
        """
        row, now = tx.one(_ONE, which=which, who=person), to_ms(self._writing.clock.now())
        if row is None or row.state == ScheduledState.REMOVED:
            raise NotFound("There is no such scheduled message.", code="not_scheduled")
        if not tx.run(_REMOVE, which=which, now=now):
            raise Conflict("This message was sent in the meantime.", code="already_sent")
        if keep_files:
            do_free(tx, which, now)
        else:
            do_let_go(tx, which)
        return brief(tx.sole(_ONE, which=which, who=person))

    def of(self, tx: Tx, person: PersonId) -> list[dict[str, Any]]:
        """Return what a person wants to say later, and what could not be said, the next one first."""
        return [self.entry(tx, row) for row in tx.rows(_MINE, who=person)]

    def entry(self, tx: Tx, row: Row) -> dict[str, Any]:
        """Return one as its sender sees it; without what it says where the key is gone.

        ``quote`` is what would be quoted now: nothing, where nobody may quote that any more.
        """
        told = {**brief(row), "at": rfc3339(from_ms(row.due_ms))}
        try:
            later = self.said(row)
            files = [file.view() for file in files_of(tx, self._vault, row.id)]
        except ChanceryError:
            return {**told, "text": "", "thread_root": None, "files": [], "quotes": None, "quote": None}
        return {
            **told,
            "text": later.text,
            "thread_root": later.thread_root,
            "files": files,
            "quotes": later.quotes,
            "quote": self._quote(tx, row, later),
        }

    def _quote(self, tx: Tx, row: Row, later: Later) -> dict[str, Any] | None:
        if later.quotes is None:
            return None
        try:
            room = self._writing.rooms.load_for(tx, later.conversation, PersonId(row.person_id))
            quoted = self._quoted(tx, room, PersonId(row.person_id), later.quotes)
        except NotFound:
            return None
        view: dict[str, Any] = quoted.as_view(room)[quoted.kind]
        return view

    def _quoted(self, tx: Tx, room: Conversation, person: PersonId, item: ItemId) -> Carried:
        """Return what is quoted. Raises NotFound ``no_message``."""
        quoted = Quoting(item).read(tx, self._writing.rooms, self._writing.showing, room, person)
        assert quoted is not None, "only what goes without its quote finds nothing"
        return quoted

    def said(self, row: Row) -> Later:
        """Return what is to be said. Raises IntegrityError."""
        said = self._vault.open(PURPOSE, row.conversation_id, row.month, row.id, row.body)
        return Later(
            row.client_id,
            ConversationId(row.conversation_id),
            str(said["text"]),
            row.due_ms,
            ItemId(said["thread_root"]) if said["thread_root"] else None,
            tuple(said.get("files", ())),
            quotes=ItemId(said["quotes"]) if said.get("quotes") else None,
        )


def brief(row: Row) -> dict[str, Any]:
    """Return what a person's windows learn of a change: no text."""
    return {
        "id": row.id,
        "conversation": row.conversation_id,
        "state": ScheduledState(row.state),
        "code": row.code,
        "item": row.item_id,
    }
