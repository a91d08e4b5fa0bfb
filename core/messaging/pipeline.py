"""The one path on which anything is said: check, decide, write, answer, deliver.

Every operation of the messaging core is an :class:`Attempt`. It says what is to be decided and how
each answer is written; the pipeline reads the state it is decided on, asks the gate, and commits.
Inside the transaction the state is compared again: what became stale is decided anew.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import bindparam, insert, select

from core import metrics
from core.crypto.chat_keys import month_of
from core.errors import Conflict, InvalidInput, NotFound, Stale, Unavailable
from core.messaging.attempt import NOTHING, Answer, Asking, Attempt, Confirmation, Confirmed, Question
from core.messaging.blank import is_blank
from core.messaging.model import Before, Conversation, Outcome
from core.messaging.rooms import Rooms
from core.messaging.said import said_since
from core.messaging.state import Head, Key, State, note_attempt, state_of
from core.messaging.vault import Vault
from core.messaging.writer import GroupCommit
from core.ports import Blocking, PolicyGate
from core.schema import chat
from core.store import Statement, Store, Tx
from core.types import (
    Clock,
    ConversationId,
    Facts,
    Preceding,
    RuleId,
    Surface,
    Verdict,
    to_ms,
)

_i, _r = chat.items.c, chat.receipts.c

_NEW_ATTEMPT = Statement(insert(chat.attempts))
_CONFIRMED = Statement(
    select(_r.rules, _r.text_hash, _r.verdict, _i.sender_id, _i.conversation_id)
    .join(chat.items, _i.id == _r.item_id)
    .where(_r.decision_id == bindparam("decision"))
)

TRIES = 32
_ASKS = frozenset({Verdict.WARN, Verdict.JUSTIFY})
"""Verdicts that a sender can answer; what was stopped for good is not confirmed, and gives no reason."""
_AFTER_TEXTS = frozenset({Surface.MESSAGE, Surface.EDIT, Surface.FILE_NAME})
ANSWER = "answer"
LONGEST_WAIT = timedelta(minutes=10)
"""How long a write may wait for its transaction, generously."""
REMEMBERED = 10_000


class Pipeline:
    """Carries attempts of one process."""

    def __init__(
        self,
        *,
        store: Store,
        vault: Vault,
        rooms: Rooms,
        gate: PolicyGate,
        writer: GroupCommit[Key, Outcome],
        blocking: Blocking,
        clock: Clock,
        preceding: Callable[[], timedelta],
        admit: Callable[[], None],
    ) -> None:
        self.store, self.vault, self.rooms, self.clock = store, vault, rooms, clock
        self._gate, self._writer, self._blocking = gate, writer, blocking
        self._preceding, self._admit = preceding, admit
        self._ensured: set[tuple[ConversationId, str]] = set()

    def run(self, attempt: Attempt) -> dict[str, Any]:
        """Carry one attempt to its answer.

        Raises:
            Unavailable: ``policy_unavailable``, ``busy``, ``archive_behind`` or ``retry``; retryable.
            ChanceryError: what the attempt's checks raise; nothing was written.
        """
        self._admit()
        for _ in range(TRIES):
            try:
                return self._once(attempt)
            except Stale:
                continue
        raise Unavailable(
            "The conversation is changing too fast. Your message will be tried again.", code="retry"
        )

    def preview(self, asking: Asking) -> Answer | None:
        """Return what would be decided now, or nothing where nothing is asked. Nothing is written.

        Raises:
            Unavailable: ``policy_unavailable``; retryable.
            ChanceryError: what its checks raise.
        """

        def look(tx: Tx) -> tuple[Before, Sequence[Question], Confirmed]:
            return self._asked(tx, asking, state_of(tx, Key(asking.sender, "", asking.conversation)))

        before, questions, confirmed = self._blocking.read(lambda: self.store.read(look))
        return self._decide(asking, before, questions, confirmed)

    def _once(self, attempt: Attempt) -> dict[str, Any]:
        given, before, questions, confirmed = self._blocking.read(
            lambda: self.store.read(lambda tx: self._look(tx, attempt))
        )
        if given is not None:
            return given
        assert before is not None
        facts, decision = self._decide(attempt, before, questions, confirmed) or (None, None)
        now = self.clock.now()
        month = month_of(now)
        # The transaction may run after the turn of the month.
        for needed in {month, month_of(now + LONGEST_WAIT)}:
            self._ensure_keys(before.conversation, needed)

        key = Key(attempt.sender, attempt.client_id, attempt.conversation, before.seen)

        def write(tx: Tx) -> Outcome:
            state = state_of(tx, key)
            earlier = self._answered(attempt, state)
            if earlier is not None:
                return Outcome(earlier)
            _compare(attempt, before, state, fresh=bool(questions))
            outcome = attempt.write(tx, before, facts, decision)
            self._remember(tx, attempt, month, outcome.answer)
            note_attempt(tx, key)
            return outcome

        answer = self._writer.submit(write, key).answer
        if decision is not None:
            metrics.MESSAGES.add(decision.verdict)
        return answer

    def _ensure_keys(self, conversation: Conversation, month: str) -> None:
        """Make the month's key before the transaction that needs it; once a process."""
        if (conversation.id, month) not in self._ensured:
            self._blocking.commit(lambda: self.vault.ensure(conversation.id, month, conversation.kind))
            if len(self._ensured) >= REMEMBERED:
                self._ensured.clear()
            self._ensured.add((conversation.id, month))

    def _look(
        self, tx: Tx, attempt: Attempt
    ) -> tuple[dict[str, Any] | None, Before | None, Sequence[Question], Confirmed]:
        state = state_of(tx, Key(attempt.sender, attempt.client_id, attempt.conversation))
        earlier = self._answered(attempt, state)
        if earlier is not None:
            return earlier, None, (), NOTHING
        return None, *self._asked(tx, attempt, state)

    def _asked(self, tx: Tx, asking: Asking, state: State) -> tuple[Before, Sequence[Question], Confirmed]:
        """Return what is to be decided, and on what."""
        conversation = asking.opening
        if conversation is None:
            conversation = self.rooms.of_row(tx, _present(state).row)
        questions = asking.check(tx, conversation)
        before = Before(
            conversation=conversation,
            policy_epoch=state.policy_epoch,
            seen=state.head.cseq if state.head else 0,
            preceding=self._said(tx, asking, conversation) if questions and questions[0].text else (),
            text=questions[0].text if questions else "",
        )
        confirmed = self._confirmed(tx, asking, asking.confirms) if asking.confirms else NOTHING
        return before, questions, confirmed

    def _decide(
        self, asking: Asking, before: Before, questions: Sequence[Question], confirmed: Confirmed
    ) -> Answer | None:
        """Ask the gate each question; who asks makes one answer of them."""
        answers: list[Answer] = []
        for question in questions:
            given = question.confirmed or confirmed
            facts = Facts(
                surface=question.surface,
                sender=question.sender,
                conversation=before.conversation.id,
                kind=before.conversation.kind,
                audience=question.audience,
                at=self.clock.now(),
                preceding=self._preceding_of(before, question),
                confirmed=given.rules,
                confirmed_text=given.text_hash,
                approved=asking.approved,
                file=question.file,
                origin=question.origin,
                beside=question.beside,
            )
            decision = self._gate.decide(facts, question.text, self._blocking.breathe)
            if decision.policy_epoch < before.policy_epoch:
                raise Unavailable(
                    "The policy is being updated. Your message will be tried again.",
                    code="policy_unavailable",
                )
            answers.append((facts, decision))
        return asking.judge(answers) if answers else None

    @staticmethod
    def _preceding_of(before: Before, question: Question) -> tuple[Preceding, ...]:
        """Return the sender's last texts; an edit comes after what others read before it."""
        return before.preceding if question.surface in _AFTER_TEXTS else ()

    def _answered(self, attempt: Attempt, state: State) -> dict[str, Any] | None:
        row = state.earlier
        if row is None:
            return None
        if row.request_hash != self.vault.text_hash(row.conversation_id, row.month, attempt.fingerprint()):
            raise Conflict(
                "This message id was used for another message. Send it again with a new one.",
                code="client_id_reused",
            )
        place = f"{attempt.sender}/{attempt.client_id}"
        answer: dict[str, Any] = self.vault.open(ANSWER, row.conversation_id, row.month, place, row.answer)
        return answer

    def _remember(self, tx: Tx, attempt: Attempt, month: str, answer: dict[str, Any]) -> None:
        place = f"{attempt.sender}/{attempt.client_id}"
        tx.put(
            _NEW_ATTEMPT,
            sender_id=attempt.sender,
            client_id=attempt.client_id,
            request_hash=self.vault.text_hash(attempt.conversation, month, attempt.fingerprint()),
            conversation_id=attempt.conversation,
            month=month,
            answer=self.vault.seal(ANSWER, attempt.conversation, month, place, answer),
            at_ms=to_ms(self.clock.now()),
        )

    def _said(self, tx: Tx, asking: Asking, conversation: Conversation) -> tuple[Preceding, ...]:
        since = self.clock.now() - self._preceding()
        return said_since(tx, self.vault, conversation.id, asking.sender, since)

    def _confirmed(self, tx: Tx, asking: Asking, confirmation: Confirmation) -> Confirmed:
        """Return what the sender confirmed; the gate compares the text with the one warned about."""
        row = tx.one(_CONFIRMED, decision=confirmation.decision)
        mine = row is not None and (row.sender_id, row.conversation_id) == (
            asking.sender,
            asking.conversation,
        )
        if row is None or not mine or row.verdict not in _ASKS:
            raise InvalidInput("There is no warning of yours to confirm here.", code="nothing_to_confirm")
        if row.verdict == Verdict.JUSTIFY and is_blank(confirmation.reason):
            raise InvalidInput(
                "Say why this has to be sent; the reason is kept with the message.", code="needs_reason"
            )
        return Confirmed(frozenset(RuleId(rule) for rule in orjson.loads(row.rules)), row.text_hash)


def _compare(attempt: Attempt, before: Before, now: State, *, fresh: bool) -> None:
    """Raise Stale where the decision was taken on something that is no longer so."""
    moved = attempt.opening is None and _present(now).revision != before.conversation.revision
    if moved or (fresh and now.policy_epoch != before.policy_epoch):
        raise Stale("The conversation or the policy changed.")
    if fresh and now.said > before.seen:
        # Another text of the same sender came in between: a number may be split over both.
        raise Stale("Another message came in between.")


def _present(state: State) -> Head:
    if state.head is None:
        raise NotFound("There is no such conversation.", code="no_conversation")
    return state.head
