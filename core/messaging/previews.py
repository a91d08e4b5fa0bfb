"""Link previews: what the first link of a message leads to, decided for its audience and shown with it.

The page was fetched by the worker, never by a reader. Its words are decided like any others, on a
surface of their own; what a policy says anything against is kept as evidence and shown to nobody.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import bindparam, select

from core.errors import Conflict, NotFound
from core.jobs import Jobs
from core.messaging.attempt import PlainAttempt, Question
from core.messaging.model import (
    Before,
    Conversation,
    ItemState,
    ItemType,
    NewVersion,
    Outcome,
    Person,
    VersionKind,
)
from core.messaging.send import Writing
from core.schema import chat
from core.store import Row, Statement, Tx
from core.types import ConversationId, Decision, Facts, ItemId, PersonFacts, PersonId, Surface, Verdict

PREVIEW: Final = "preview"
"""The worker's job for a message with a link, and the part of its view that shows the page."""
PREVIEWER: Final = Person(
    PersonId("previews"), "previews", "Link previews", "", PersonFacts(PersonId("previews"))
)

_ITEM = Statement(select(chat.items).where(chat.items.c.id == bindparam("item")))
_SHOWN = frozenset({ItemState.SENT, ItemState.EDITED, ItemState.REDACTED})
_JOBS = Jobs(chat.jobs)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page says of itself."""

    url: str
    title: str
    description: str
    site: str

    def text(self) -> str:
        """Return all of it, as it is decided."""
        return "\n".join(filter(None, (self.site, self.title, self.description, self.url)))

    def as_dict(self) -> dict[str, str]:
        """Return the form in which views and records hold it."""
        return {"url": self.url, "title": self.title, "description": self.description, "site": self.site}


def first_link(tokens: Iterable[Any]) -> str | None:
    """Return where the first link of a message leads (see :mod:`core.messaging.markup`)."""
    for token in tokens:
        if isinstance(token, Mapping):
            found = token.get("href") if token["t"] == "a" else first_link(token.get("c", ()))
            if found:
                return str(found)
    return None


def linked(writing: Writing, tx: Tx, item: str) -> str | None:
    """Return the link for which a message waits to show a preview; None where there is none (any more)."""
    row = tx.one(_ITEM, item=item)
    if row is None or row.state not in _SHOWN or row.created_cseq is None:
        return None
    view = writing.showing.view(row)
    return None if PREVIEW in view else first_link(view.get("tokens", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPreview(PlainAttempt):
    """The worker has seen the page that a message links to."""

    writing: Writing
    client_id: str
    conversation: ConversationId
    item: ItemId
    link: str
    seen: Seen

    @property
    def sender(self) -> PersonId:
        """The worker itself; whose message it is stands in what is decided."""
        return PREVIEWER.id

    def fingerprint(self) -> str:
        """Return what makes a retry the same request."""
        return json.dumps(["preview", self.item, self.link])

    def check(self, tx: Tx, conversation: Conversation) -> Sequence[Question]:
        """Ask whether the author of the message could say this to these people."""
        row = self._row(tx, conversation)
        author = self.writing.rooms.anybody(tx, PersonId(row.sender_id))
        facts = author.facts if author else PersonFacts(PersonId(row.sender_id))
        return (
            Question(Surface.PREVIEW, facts, self.seen.text(), conversation.others(PersonId(row.sender_id))),
        )

    def write(self, tx: Tx, before: Before, facts: Facts | None, decision: Decision | None) -> Outcome:
        """Show the page with the message, or keep what was found in it as evidence."""
        assert facts is not None and decision is not None
        row = self._row(tx, before.conversation)
        # What would have to be covered is not shown: a page is not the sender's to mend.
        delivered = decision.verdict.delivers and decision.verdict is not Verdict.REDACT
        new = NewVersion(
            item=self.item,
            version=row.version + 1,
            kind=VersionKind.PREVIEW,
            type=ItemType.MESSAGE,
            state=ItemState(row.state),
            sender=PersonId(row.sender_id),
            actor=PREVIEWER.id,
            at=self.writing.clock.now(),
            month=row.month,
            delivered=delivered,
            view={**self.writing.showing.view(row), PREVIEW: self.seen.as_dict()} if delivered else None,
            record={PREVIEW: self.seen.as_dict()},
            thread_root=ItemId(row.thread_root) if row.thread_root else None,
        )
        frame = self.writing.versions.write(
            tx, before.conversation, new, PREVIEWER, facts=facts, decision=decision, text=self.seen.text()
        )
        return Outcome({"ok": delivered, "id": self.item}, frames=(frame,) if frame else ())

    def _row(self, tx: Tx, conversation: Conversation) -> Row:
        if conversation.closed:
            raise Conflict("This conversation is closed.", code="conversation_closed")
        if linked(self.writing, tx, self.item) != self.link:
            raise NotFound("The message does not show this link any more.", code="no_message")
        return tx.sole(_ITEM, item=self.item)


def do_want_preview(tx: Tx, new: NewVersion, conversation: ConversationId) -> None:
    """Have the worker look at what a message links to, once this transaction is durable."""
    payload = {"item": new.item, "version": new.version, "conversation": conversation}
    _JOBS.add(tx, PREVIEW, orjson.dumps(payload), new.at)
