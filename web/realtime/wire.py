"""The wire: one typed, closed form for each event a client may send. Unknown fields are refused."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
import orjson

from core.identity.preferences import Notify, SendWith, Theme
from core.messaging.send import bad_text
from core.types import ConversationKind

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Text = Annotated[str, msgspec.Meta(max_length=200_000)]
Short = Annotated[str, msgspec.Meta(max_length=2_000)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


def check_storable(payload: Any) -> None:
    """Refuse a payload with what is no text in UTF-8.

    Raises:
        InvalidInput: ``bad_text``.
    """
    try:
        orjson.dumps(payload)
    except TypeError:
        raise bad_text() from None


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base of all forms."""


class Nothing(Form, frozen=True):
    """An event without fields."""


class Confirms(Form, frozen=True):
    """The warning that is confirmed, and why."""

    decision: Id
    reason: Short = ""


class Send(Form, frozen=True):
    """Say something; ``quotes`` is a message of the same conversation.

    Where links are followed, a later version of the message shows ``view.preview {url, title, description,
    site}`` of its first link; all of it is plain text, and all but ``title`` may be empty.

    Where something is quoted the message shows ``view.quote {item, sender, at, cseq, text, tokens}``, or
    ``view.quote {empty: true}`` to whoever may not see what is quoted: it is from before they joined, or
    was taken back. The quote is decided together with the text, after it: a finding that begins behind
    the end of the text stands in what is quoted, or forwarded.
    """

    client_id: Id
    conversation: Id
    text: Text
    thread_root: Id | None = None
    confirms: Confirms | None = None
    files: Annotated[tuple[Id, ...], msgspec.Meta(max_length=10)] = ()
    quotes: Id | None = None


class Report(Form, frozen=True):
    """Say that what was found in one's own words is wrong; ``decision`` is that of the answer.

    Officers find it beside the message. Each decision can be reported once: ``already_reported``.
    """

    client_id: Id
    conversation: Id
    decision: Id


class Schedule(Form, frozen=True):
    """Say something later. It is decided when it goes, as if one sent it at that moment.

    Answers ``entry {id, conversation, state, code, item, text, thread_root, files, quotes, quote, at}``, as
    ``scheduled {}`` answers ``entries`` (what waits and what could not be sent, the next one first). Files
    are kept for it from then on. ``quote`` is what would be quoted now; without one the message goes without
    its quote: what was quoted is not there any more. ``state`` is
    ``waiting``, ``sending``, ``stopped`` (``item`` is the stopped message, ``code`` its state) or
    ``failed`` (``code`` says why). Every change comes as the event ``scheduled {id, conversation,
    state, code, item}``, also that it was ``sent`` or ``removed``. To change one, take it back
    (``unschedule {id}``, which also puts away what could not be sent) and schedule it anew.
    """

    client_id: Id
    conversation: Id
    text: Text
    at: datetime
    thread_root: Id | None = None
    files: Annotated[tuple[Id, ...], msgspec.Meta(max_length=10)] = ()
    quotes: Id | None = None


class Unschedule(Form, frozen=True):
    """Take back what was to be said later, or put away what could not be sent.

    Its files are forgotten, or with ``keep_files`` uploaded files again, which can be sent otherwise.
    """

    id: Id
    keep_files: bool = False


class Source(Form, frozen=True):
    """Where a message stands that is forwarded."""

    conversation: Id
    item: Id


class Forward(Form, frozen=True):
    """Say again in ``conversation`` what was said elsewhere; ``text`` is one's own word on it, or empty.

    It is decided for the new audience, the author's barriers included. Its files go along as files of the
    new message; such a one is ``checking`` first, as it is for ``send``. The message shows ``view.forwarded
    {sender, name, at, text, tokens, conversation, item}``; only whoever is a member of that conversation
    can follow it there. Where it was stopped, its sender's own view says ``source`` as it was asked for here.
    """

    client_id: Id
    conversation: Id
    source: Source
    text: Text = ""
    thread_root: Id | None = None
    confirms: Confirms | None = None


class Edit(Form, frozen=True):
    """Replace the text of one's own message."""

    client_id: Id
    conversation: Id
    item: Id
    text: Text
    confirms: Confirms | None = None


class Prefer(Form, frozen=True):
    """Change how one wants the chat; what is not named stays."""

    theme: Theme | None = None
    language: Annotated[str, msgspec.Meta(max_length=8)] | None = None
    send_with: SendWith | None = None
    single_keys: bool | None = None
    notify: Notify | None = None
    introduced: bool | None = None


class OnItem(Form, frozen=True):
    """Delete or withdraw one's own message; pin or unpin anybody's.

    A pinned message shows ``view.pinned {by, at}``. ``pins {conversation}`` answers ``items``.
    """

    client_id: Id
    conversation: Id
    item: Id


class React(Form, frozen=True):
    """Add or take back a reaction."""

    client_id: Id
    conversation: Id
    item: Id
    alias: Short
    add: bool


class Open(Form, frozen=True):
    """Open a conversation."""

    client_id: Id
    kind: ConversationKind
    people: Annotated[list[Id], msgspec.Meta(max_length=500)]
    name: Short = ""


class Rename(Form, frozen=True):
    """Change a channel's name."""

    client_id: Id
    conversation: Id
    name: Short


class Topic(Form, frozen=True):
    """Change a channel's topic."""

    client_id: Id
    conversation: Id
    topic: Short


class OnConversation(Form, frozen=True):
    """Join, leave or close a conversation."""

    client_id: Id
    conversation: Id


class OnMember(Form, frozen=True):
    """Invite somebody, or take somebody out."""

    client_id: Id
    conversation: Id
    person: Id


class Mark(Form, frozen=True):
    """Say how far one has read.

    One's other connections get the event ``marked {conversation, cseq, by_hand}``; ``by_hand`` says that
    it was put back, by ``unread``.
    """

    conversation: Id
    cseq: Count


class Unread(Form, frozen=True):
    """Keep as unread what one has read, from ``cseq`` on, until one reads it again.

    Without a number it begins at the last message of somebody else. Answers ``cseq``, as far as it counts as
    read. Nobody else learns of it.
    """

    conversation: Id
    cseq: Count | None = None


class Sync(Form, frozen=True):
    """Ask for everything after the numbers one knows."""

    known: Annotated[dict[Id, Count], msgspec.Meta(max_length=1_000)]


class History(Form, frozen=True):
    """Ask for a page of history: before or after a ``created_cseq``; neither is the newest.

    Answers ``items`` (oldest first; each with ``replies`` and, where there are any, ``last_reply_at``),
    ``more`` (before the page), ``more_after`` (after it) and ``through``.
    """

    conversation: Id
    before: Count | None = None
    after: Count | None = None


class Around(Form, frozen=True):
    """Ask for a page around one place: a message, a time (RFC 3339 with a zone) or a ``cseq``.

    Answers as :class:`History`, with ``anchor`` (the item to scroll to, or null) and ``thread`` (the
    first message of the thread, where ``item`` is a reply in it; else null).
    """

    conversation: Id
    item: Id | None = None
    at: datetime | None = None
    cseq: Count | None = None


class Arrange(Form, frozen=True):
    """Mute, favour or hide a conversation for oneself; what is left out stays.

    Answers ``settings`` as heads carry them: ``{muted, favourite, hidden}``. One's other connections
    get the event ``arranged {conversation, settings}``. Only direct and group conversations can be
    hidden; what is hidden comes back, without an event of its own, with the next message in it.
    """

    conversation: Id
    muted: bool | None = None
    favourite: bool | None = None
    hidden: bool | None = None


class Thread(Form, frozen=True):
    """Ask for a page of a thread: its first message, and the replies after a ``created_cseq``.

    Answers ``items``, ``more``, ``following`` and ``read``, the ``cseq`` up to which one has read it.
    """

    conversation: Id
    root: Id
    after: Count = 0


class Follow(Form, frozen=True):
    """Follow a thread or follow it no more, and say how far one has read it; what is left out stays.

    One's other connections get the event ``followed {conversation, root, following, read}``, which is
    also what is answered. Who begins a thread, replies in it or is mentioned in it follows it already.
    """

    conversation: Id
    root: Id
    on: bool | None = None
    read: Count | None = None


class Listing(Form, frozen=True):
    """Ask for a page of a list over all one's conversations; ``before`` is ``next`` of the page before.

    ``threads`` answers ``threads``, each ``{conversation, root, last_reply, replies, unread}`` with two
    items, ``unread`` (how many threads have unread replies) and ``next``. ``mentions`` answers ``items``
    and ``next``. Newest first; ``next`` is null at the end.
    """

    before: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class Which(Form, frozen=True):
    """Name a conversation."""

    conversation: Id


class Focus(Form, frozen=True):
    """Say which conversation is on the screen."""

    conversation: Id | None


class Draft(Form, frozen=True):
    """Ask what a policy would say to a message that is being written; nothing is stored.

    ``files``, ``quotes`` and ``source`` are as for ``send`` and ``forward``; of files only the names are
    known by then. Answers ``verdict``, ``notice`` (or null) and ``findings``; a finding that begins behind
    the end of the text stands in what is quoted or forwarded.
    """

    conversation: Id
    text: Text
    files: Annotated[tuple[Id, ...], msgspec.Meta(max_length=10)] = ()
    quotes: Id | None = None
    source: Source | None = None


class Versions(Form, frozen=True):
    """Ask what a message said before. Refused with ``history_not_shown`` unless the policy shows it.

    Answers ``versions``, the first wording first: ``{version, at, text, tokens}``, or ``{version, at,
    gone: true}`` for one that is kept no more. ``hello`` says in ``usage {edit_history, edit_minutes,
    delete_minutes, notification_text}`` what the policy allows (null minutes: no limit), and the event
    ``usage`` says it again when that changes.
    """

    conversation: Id
    item: Id


class Profile(Form, frozen=True):
    """Ask who somebody is. ``no_person`` also for whom a barrier hides.

    Answers ``profile``: what ``people`` answers of somebody, and ``email``, ``title`` and ``department``
    (empty where the directory says nothing), ``left`` and ``here``. ``readers {conversation}`` answers
    ``members`` (how many), ``external`` (ids), ``open_to_all`` (a public channel), ``kept_days`` and
    ``officers {roles, named}``: which roles of Compliance may read, and how many people the directory
    names for them.
    """

    person: Id


class FindPeople(Form, frozen=True):
    """Look people up by the start of a name.

    Answers ``people``, each ``{id, username, name, external, segments, barred}``; ``segments`` are titles,
    ``barred`` is null or ``{title, why, actions}`` where a barrier keeps the two apart.
    """

    query: Short
