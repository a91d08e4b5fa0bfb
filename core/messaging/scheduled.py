"""Messages that are sent later: kept sealed until then, and sent as if their sender did it at that moment.

Nothing is decided ahead: whether somebody may say this to these people is asked when it goes, and
whether they are still there. Each is sent under a request id of its own, so that a process that dies
anywhere sends it once. What cannot be sent stays where its sender sees it, with the reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import bindparam, delete, func, insert, select, update

from core.errors import ChanceryError, Conflict, InvalidInput, NotFound
from core.messaging.carried import Carried, Quoting
from core.messaging.files.rows import do_free, do_let_go, do_reserve, files_of
from core.messaging.files.send import check_count
from core.messaging.model import Conversation, ItemState
from core.messaging.send import SCHEDULED, Writing, check_member, check_text, check_thread_root
from core.messaging.vault import Vault
from core.schema import chat
from core.store import Row, Statement, Store, Tx
from core.types import Clock, ConversationId, ItemId, PersonId, from_ms, new_id, rfc3339, to_ms

PURPOSE: Final = "scheduled"
FURTHEST: Final = timedelta(days=366)
PER_PERSON: Final = 100
KEPT: Final = timedelta(days=1)
"""For how long it is remembered that one was sent or taken back, so that all windows learn of it."""

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
_DUE = Statement(
    select(chat.scheduled)
    .where(_s.state.in_(("waiting", "sending")), _s.due_ms <= bindparam("now"))
    .order_by(_s.due_ms, _s.id)
    .limit(200)
)
_MOVE = Statement(
    update(chat.scheduled)
    .where(_s.id == bindparam("which"), _s.state.in_(("waiting", "sending")))
    .values(state=bindparam("to"), code=bindparam("why"), item_id=bindparam("item"), at_ms=bindparam("now"))
)
_FORGET = Statement(
    delete(chat.scheduled).where(_s.state.in_(("sent", "removed")), _s.at_ms < bindparam("before"))
)

_log = structlog.get_logger(__name__)


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


class Sends(Protocol):
    """Says something in a conversation (see :class:`core.messaging.service.Messaging`)."""

    def send(
        self,
        sender: PersonId,
        client_id: str,
        conversation: ConversationId,
        text: str,
        *,
        thread_root: ItemId | None = None,
        source: str = "native",
        files: tuple[str, ...] = (),
        quotes: ItemId | None = None,
        quotes_if_there: bool = False,
    ) -> dict[str, Any]:
        """Say something."""
        ...


class ScheduledSender:
    """Sends what is due; runs in the worker."""

    def __init__(
        self,
        *,
        store: Store,
        scheduled: Scheduled,
        messaging: Sends,
        clock: Clock,
        check_sender: Callable[[Tx, PersonId], None],
        record_not_sent: Callable[[Tx, PersonId, str, str], None],
        reach: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._store, self._scheduled, self._messaging, self._clock = store, scheduled, messaging, clock
        self._check_sender, self._record, self._reach = check_sender, record_not_sent, reach

    def run(self) -> int:
        """Send all that is due; return for how many it is settled."""
        now = to_ms(self._clock.now())
        settled = sum(self._one(row) for row in self._store.read(lambda tx: tx.rows(_DUE, now=now)))
        kept = now - int(KEPT.total_seconds() * 1000)
        self._store.write(lambda tx: tx.run(_FORGET, before=kept))
        return settled

    def _one(self, row: Row) -> bool:
        # From here on it cannot be taken back: somebody may have seen it already.
        if not self._move(row, ScheduledState.SENDING):
            return False
        self._reach("scheduled.before_sending")
        try:
            later = self._scheduled.said(row)
            self._store.read(lambda tx: self._check_sender(tx, PersonId(row.person_id)))
            answer = self._messaging.send(
                PersonId(row.person_id),
                f"scheduled-{row.id}",
                ConversationId(row.conversation_id),
                later.text,
                thread_root=later.thread_root,
                source=SCHEDULED,
                files=later.files,
                quotes=later.quotes,
                quotes_if_there=True,
            )
        except ChanceryError as error:
            if error.retryable:
                # Nothing was written: it waits, and can still be taken back.
                self._move(row, ScheduledState.WAITING)
                return False
            return self._fail(row, error.code)
        self._reach("scheduled.after_sending")
        # With files it is on its way: what becomes of it then stands in the conversation.
        goes = answer["ok"] or answer["code"] == ItemState.CHECKING
        state = ScheduledState.SENT if goes else ScheduledState.STOPPED
        return self._move(row, state, "" if goes else str(answer["code"]), answer["id"])

    def _fail(self, row: Row, code: str) -> bool:
        _log.info("scheduled message not sent", code=code)

        def work(tx: Tx) -> bool:
            moved = self._do_move(tx, row, ScheduledState.FAILED, code, None)
            if moved:
                self._record(tx, PersonId(row.person_id), row.conversation_id, code)
            return moved

        return self._store.write(work)

    def _move(self, row: Row, state: ScheduledState, code: str = "", item: str | None = None) -> bool:
        return self._store.write(lambda tx: self._do_move(tx, row, state, code, item))

    def _do_move(self, tx: Tx, row: Row, state: ScheduledState, code: str, item: str | None) -> bool:
        now = to_ms(self._clock.now())
        return bool(tx.run(_MOVE, which=row.id, to=state, why=code, item=item, now=now))
