"""What each socket event does: one row a event, each with its form and its permission.

An event that is not in the table is refused; a test compares the table with the permissions and
drives every row. Handlers only translate between wire and core; nothing is decided here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from core.errors import InvalidInput
from core.identity.permissions import Permission
from core.messaging.attempt import Confirmation
from core.messaging.own_changes import OwnChange, arranged, marked
from core.messaging.scheduled import Later
from core.types import ConversationId, ItemId, PersonId, to_ms
from web.realtime import wire
from web.realtime.connections import Connection
from web.realtime.services import RealtimeServices

Handler = Callable[[RealtimeServices, Connection, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its form, what it needs, what it does.

    ``counted`` tells that it counts as a message of its person; ``weighed`` that it costs as much to decide,
    and is counted apart.
    """

    form: type[wire.Form]
    permission: Permission
    handle: Handler
    counted: bool = False
    weighed: bool = False


def _hello(s: RealtimeServices, c: Connection, _: wire.Nothing) -> dict[str, Any]:
    return {
        "me": s.me(c.person),
        "conversations": s.messaging.overview(c.person),
        "recalled": s.messaging.recalled_unseen(c.person),
        "limits": {"max_chars": s.settings.message_max_chars},
        "retention": s.retention(),
        "usage": s.usage().as_dict(),
        "preferences": s.preferences(c.person),
    }


def _sync(s: RealtimeServices, c: Connection, f: wire.Sync) -> dict[str, Any]:
    known = {ConversationId(k): v for k, v in f.known.items()}
    return s.messaging.since(c.person, known)


def _history(s: RealtimeServices, c: Connection, f: wire.History) -> dict[str, Any]:
    return s.messaging.history(c.person, ConversationId(f.conversation), f.before, after=f.after)


def _around(s: RealtimeServices, c: Connection, f: wire.Around) -> dict[str, Any]:
    if f.at is not None and f.at.tzinfo is None:
        raise InvalidInput("Say in which time zone this is: 2026-03-31T18:00:00Z.", code="bad_place")
    item = ItemId(f.item) if f.item else None
    return s.messaging.around(c.person, ConversationId(f.conversation), item=item, at=f.at, cseq=f.cseq)


def _arrange(s: RealtimeServices, c: Connection, f: wire.Arrange) -> dict[str, Any]:
    conversation = ConversationId(f.conversation)
    now = s.messaging.arrange(c.person, conversation, muted=f.muted, favourite=f.favourite, hidden=f.hidden)
    s.own.tell(arranged(c.person, conversation, now), but=c.sid)
    return {"settings": now.as_dict()}


def _prefer(s: RealtimeServices, c: Connection, f: wire.Prefer) -> dict[str, Any]:
    return {"preferences": s.prefer(c, **msgspec.structs.asdict(f))}


def _thread(s: RealtimeServices, c: Connection, f: wire.Thread) -> dict[str, Any]:
    return s.messaging.thread(c.person, ConversationId(f.conversation), ItemId(f.root), f.after)


def _versions(s: RealtimeServices, c: Connection, f: wire.Versions) -> dict[str, Any]:
    return {"versions": s.messaging.versions(c.person, ConversationId(f.conversation), ItemId(f.item))}


def _follow(s: RealtimeServices, c: Connection, f: wire.Follow) -> dict[str, Any]:
    root = ItemId(f.root)
    now = s.messaging.follow(c.person, ConversationId(f.conversation), root, on=f.on, read=f.read)
    if now is None:
        return {"conversation": f.conversation, "root": root, "following": False, "read": 0}
    s.own.tell(now, but=c.sid)
    return dict(now.payload)


def _threads(s: RealtimeServices, c: Connection, f: wire.Listing) -> dict[str, Any]:
    return s.messaging.followed_threads(c.person, f.before)


def _mentions(s: RealtimeServices, c: Connection, f: wire.Listing) -> dict[str, Any]:
    return s.messaging.mentioned(c.person, f.before)


def _stopped(s: RealtimeServices, c: Connection, f: wire.Which) -> dict[str, Any]:
    stopped = s.messaging.stopped(c.person, ConversationId(f.conversation))
    return {**stopped, "usual_wait_ms": s.messaging.usual_wait_ms()}


def _head(s: RealtimeServices, c: Connection, f: wire.Which) -> dict[str, Any]:
    return {"conversation": s.messaging.head(c.person, ConversationId(f.conversation))}


def _members(s: RealtimeServices, c: Connection, f: wire.Which) -> dict[str, Any]:
    return s.messaging.members_over_time(c.person, ConversationId(f.conversation))


def _send(s: RealtimeServices, c: Connection, f: wire.Send) -> dict[str, Any]:
    root = ItemId(f.thread_root) if f.thread_root else None
    s.hints.stop_typing(c, ConversationId(f.conversation))
    return s.messaging.send(
        c.person,
        f.client_id,
        ConversationId(f.conversation),
        f.text,
        thread_root=root,
        confirms=_confirmation(f.confirms),
        files=f.files,
        quotes=ItemId(f.quotes) if f.quotes else None,
    )


def _report(s: RealtimeServices, c: Connection, f: wire.Report) -> dict[str, Any]:
    return s.messaging.report(c.person, f.client_id, ConversationId(f.conversation), f.decision)


def _schedule(s: RealtimeServices, c: Connection, f: wire.Schedule) -> dict[str, Any]:
    if f.at.tzinfo is None:
        raise InvalidInput("Say in which time zone this is: 2026-03-31T18:00:00Z.", code="bad_time")
    root = ItemId(f.thread_root) if f.thread_root else None
    quotes = ItemId(f.quotes) if f.quotes else None
    later = Later(
        f.client_id, ConversationId(f.conversation), f.text, to_ms(f.at), root, tuple(f.files), quotes
    )
    entry = s.messaging.schedule(c.person, later)
    _tell_scheduled(s, c, entry)
    return {"entry": entry}


def _scheduled(s: RealtimeServices, c: Connection, _: wire.Nothing) -> dict[str, Any]:
    return s.messaging.scheduled_by(c.person)


def _unschedule(s: RealtimeServices, c: Connection, f: wire.Unschedule) -> dict[str, Any]:
    _tell_scheduled(s, c, s.messaging.unschedule(c.person, f.id, keep_files=f.keep_files))
    return {}


def _tell_scheduled(s: RealtimeServices, c: Connection, entry: dict[str, Any]) -> None:
    told = {name: entry[name] for name in ("id", "conversation", "state", "code", "item")}
    s.own.tell(OwnChange(c.person, "scheduled", told, to_ms(s.clock.now())), but=c.sid)


def _forward(s: RealtimeServices, c: Connection, f: wire.Forward) -> dict[str, Any]:
    return s.messaging.forward(
        c.person,
        f.client_id,
        ConversationId(f.conversation),
        (ConversationId(f.source.conversation), ItemId(f.source.item)),
        f.text,
        thread_root=ItemId(f.thread_root) if f.thread_root else None,
        confirms=_confirmation(f.confirms),
    )


def _edit(s: RealtimeServices, c: Connection, f: wire.Edit) -> dict[str, Any]:
    return s.messaging.edit(
        c.person,
        f.client_id,
        ConversationId(f.conversation),
        ItemId(f.item),
        f.text,
        _confirmation(f.confirms),
    )


def _delete(s: RealtimeServices, c: Connection, f: wire.OnItem) -> dict[str, Any]:
    return s.messaging.delete(c.person, f.client_id, ConversationId(f.conversation), ItemId(f.item))


def _withdraw(s: RealtimeServices, c: Connection, f: wire.OnItem) -> dict[str, Any]:
    return s.messaging.withdraw(c.person, f.client_id, ConversationId(f.conversation), ItemId(f.item))


def _react(s: RealtimeServices, c: Connection, f: wire.React) -> dict[str, Any]:
    return s.messaging.react(
        c.person, f.client_id, ConversationId(f.conversation), ItemId(f.item), f.alias, add=f.add
    )


def _pin(s: RealtimeServices, c: Connection, f: wire.OnItem) -> dict[str, Any]:
    return s.messaging.pin(c.person, f.client_id, ConversationId(f.conversation), ItemId(f.item), on=True)


def _unpin(s: RealtimeServices, c: Connection, f: wire.OnItem) -> dict[str, Any]:
    return s.messaging.pin(c.person, f.client_id, ConversationId(f.conversation), ItemId(f.item), on=False)


def _pins(s: RealtimeServices, c: Connection, f: wire.Which) -> dict[str, Any]:
    return s.messaging.pinned(c.person, ConversationId(f.conversation))


def _open(s: RealtimeServices, c: Connection, f: wire.Open) -> dict[str, Any]:
    return s.messaging.open(c.person, f.client_id, f.kind, [PersonId(p) for p in f.people], f.name)


def _rename(s: RealtimeServices, c: Connection, f: wire.Rename) -> dict[str, Any]:
    return s.messaging.rename(c.person, f.client_id, ConversationId(f.conversation), f.name)


def _topic(s: RealtimeServices, c: Connection, f: wire.Topic) -> dict[str, Any]:
    return s.messaging.set_topic(c.person, f.client_id, ConversationId(f.conversation), f.topic)


def _close(s: RealtimeServices, c: Connection, f: wire.OnConversation) -> dict[str, Any]:
    return s.messaging.close(c.person, f.client_id, ConversationId(f.conversation))


def _invite(s: RealtimeServices, c: Connection, f: wire.OnMember) -> dict[str, Any]:
    return s.messaging.invite(c.person, f.client_id, ConversationId(f.conversation), PersonId(f.person))


def _join(s: RealtimeServices, c: Connection, f: wire.OnConversation) -> dict[str, Any]:
    return s.messaging.invite(c.person, f.client_id, ConversationId(f.conversation), c.person)


def _remove(s: RealtimeServices, c: Connection, f: wire.OnMember) -> dict[str, Any]:
    return s.messaging.remove(c.person, f.client_id, ConversationId(f.conversation), PersonId(f.person))


def _leave(s: RealtimeServices, c: Connection, f: wire.OnConversation) -> dict[str, Any]:
    return s.messaging.leave(c.person, f.client_id, ConversationId(f.conversation))


def _mark(s: RealtimeServices, c: Connection, f: wire.Mark) -> dict[str, Any]:
    conversation = ConversationId(f.conversation)
    cseq = s.messaging.mark(c.person, conversation, f.cseq)
    s.own.tell(marked(c.person, conversation, cseq, to_ms(s.clock.now())), but=c.sid)
    return {"cseq": cseq}


def _unread(s: RealtimeServices, c: Connection, f: wire.Unread) -> dict[str, Any]:
    conversation = ConversationId(f.conversation)
    cseq = s.messaging.keep_unread(c.person, conversation, f.cseq)
    s.own.tell(marked(c.person, conversation, cseq, to_ms(s.clock.now()), by_hand=True), but=c.sid)
    return {"cseq": cseq}


def _draft(s: RealtimeServices, c: Connection, f: wire.Draft) -> dict[str, Any]:
    source = f.source
    return s.messaging.draft(
        c.person,
        ConversationId(f.conversation),
        f.text,
        files=f.files,
        quotes=ItemId(f.quotes) if f.quotes else None,
        forwards=(ConversationId(source.conversation), ItemId(source.item)) if source else None,
    )


def _people(s: RealtimeServices, c: Connection, f: wire.FindPeople) -> dict[str, Any]:
    return s.cards.find(c.person, f.query)


def _profile(s: RealtimeServices, c: Connection, f: wire.Profile) -> dict[str, Any]:
    return {"profile": s.cards.profile(c.person, PersonId(f.person), s.hints.is_here)}


def _readers(s: RealtimeServices, c: Connection, f: wire.Which) -> dict[str, Any]:
    return s.cards.readers(c.person, ConversationId(f.conversation))


def _channels(s: RealtimeServices, c: Connection, _: wire.Nothing) -> dict[str, Any]:
    return {"channels": s.channels(c.person)}


def _typing(s: RealtimeServices, c: Connection, f: wire.Which) -> dict[str, Any]:
    s.hints.typing(c, ConversationId(f.conversation))
    return {}


def _focus(s: RealtimeServices, c: Connection, f: wire.Focus) -> dict[str, Any]:
    s.hints.focus(c, ConversationId(f.conversation) if f.conversation else None)
    return {}


def _confirmation(confirms: wire.Confirms | None) -> Confirmation | None:
    return Confirmation(confirms.decision, confirms.reason) if confirms else None


_P = Permission

EVENTS: Mapping[str, Event] = {
    "hello": Event(wire.Nothing, _P.CHAT_USE, _hello),
    "sync": Event(wire.Sync, _P.CHAT_USE, _sync),
    "history": Event(wire.History, _P.CHAT_USE, _history),
    "around": Event(wire.Around, _P.CHAT_USE, _around),
    "thread": Event(wire.Thread, _P.CHAT_USE, _thread),
    "threads": Event(wire.Listing, _P.CHAT_USE, _threads),
    "mentions": Event(wire.Listing, _P.CHAT_USE, _mentions),
    "follow": Event(wire.Follow, _P.CHAT_USE, _follow),
    "versions": Event(wire.Versions, _P.CHAT_USE, _versions),
    "pins": Event(wire.Which, _P.CHAT_USE, _pins),
    "stopped": Event(wire.Which, _P.CHAT_USE, _stopped),
    "head": Event(wire.Which, _P.CHAT_USE, _head),
    "members": Event(wire.Which, _P.CHAT_USE, _members),
    "mark": Event(wire.Mark, _P.CHAT_USE, _mark),
    "unread": Event(wire.Unread, _P.CHAT_USE, _unread),
    "arrange": Event(wire.Arrange, _P.CHAT_USE, _arrange),
    "prefer": Event(wire.Prefer, _P.PREFERENCES_OWN, _prefer),
    "typing": Event(wire.Which, _P.CHAT_USE, _typing),
    "focus": Event(wire.Focus, _P.CHAT_USE, _focus),
    "people": Event(wire.FindPeople, _P.PEOPLE_FIND, _people),
    "profile": Event(wire.Profile, _P.PEOPLE_FIND, _profile),
    "readers": Event(wire.Which, _P.CHAT_USE, _readers),
    "channels": Event(wire.Nothing, _P.CHAT_USE, _channels),
    "draft": Event(wire.Draft, _P.MESSAGE_SEND, _draft, weighed=True),
    "send": Event(wire.Send, _P.MESSAGE_SEND, _send, counted=True),
    "report": Event(wire.Report, _P.MESSAGE_SEND, _report, counted=True),
    "schedule": Event(wire.Schedule, _P.MESSAGE_SEND, _schedule, counted=True),
    "scheduled": Event(wire.Nothing, _P.CHAT_USE, _scheduled),
    "unschedule": Event(wire.Unschedule, _P.MESSAGE_SEND, _unschedule, counted=True),
    "forward": Event(wire.Forward, _P.MESSAGE_SEND, _forward, counted=True),
    "react": Event(wire.React, _P.MESSAGE_SEND, _react, counted=True),
    "pin": Event(wire.OnItem, _P.MESSAGE_SEND, _pin, counted=True),
    "unpin": Event(wire.OnItem, _P.MESSAGE_SEND, _unpin, counted=True),
    "edit": Event(wire.Edit, _P.MESSAGE_CHANGE, _edit, counted=True),
    "delete": Event(wire.OnItem, _P.MESSAGE_CHANGE, _delete, counted=True),
    "withdraw": Event(wire.OnItem, _P.MESSAGE_CHANGE, _withdraw, counted=True),
    "open": Event(wire.Open, _P.CONVERSATION_CREATE, _open, counted=True),
    "join": Event(wire.OnConversation, _P.CONVERSATION_JOIN, _join, counted=True),
    "invite": Event(wire.OnMember, _P.CONVERSATION_JOIN, _invite, counted=True),
    "remove": Event(wire.OnMember, _P.CONVERSATION_JOIN, _remove, counted=True),
    "leave": Event(wire.OnConversation, _P.CONVERSATION_JOIN, _leave, counted=True),
    "rename": Event(wire.Rename, _P.CONVERSATION_MANAGE, _rename, counted=True),
    "topic": Event(wire.Topic, _P.CONVERSATION_MANAGE, _topic, counted=True),
    "close": Event(wire.OnConversation, _P.CONVERSATION_MANAGE, _close, counted=True),
}
