"""What the websocket process answers with: the messaging core and what surrounds it for sockets."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import InitVar, dataclass, field
from typing import Any, TypeVar

from admin.bootstrap.chat import ChatServices
from core.bus import Hint, Moved
from core.errors import ChanceryError, NotSignedIn
from core.identity.permissions import Principal, PrincipalKind, Role
from core.identity.preferences import Preferences
from core.identity.sessions import Session
from core.messaging.membership import membership_history
from core.messaging.own_changes import OwnChange, own_changes
from core.messaging.rooms import Rooms
from core.messaging.service import Messaging
from core.ports import Blocking
from core.settings import Settings
from core.store import Tx
from core.types import (
    Clock,
    ConversationId,
    ConversationKind,
    PersonId,
    SessionId,
    UsageRules,
)
from web.realtime.cards import Cards
from web.realtime.connections import Connection, Connections, Emitter
from web.realtime.fanout import Fanout
from web.realtime.hints import Hints, Pair
from web.realtime.own import OwnChanges

COOKIE = "__Host-chancery"
CHANNELS_SHOWN = 200

T = TypeVar("T")


@dataclass(slots=True)
class RealtimeServices:
    """The services of one websocket process."""

    chat: ChatServices
    connections: Connections
    fanout: Fanout
    emit: InitVar[Emitter]
    cookie: str = COOKIE
    hints: Hints = field(init=False)
    own: OwnChanges = field(init=False)

    def __post_init__(self, emit: Emitter) -> None:
        """Hints ask these services who may be shown to whom."""
        self.own = OwnChanges(
            self.chat.store, self.clock, self.blocking, self.connections, emit, self._own_changes
        )
        self.hints = Hints(self.clock, self.connections, emit, self.may_be_present, self.chat.bus)

    def listen(self) -> None:
        """Hear what other processes hint at, from now on."""
        self.chat.bus.listen(self._heard)

    def _heard(self, hint: Hint) -> None:
        if isinstance(hint, Moved):
            self.fanout.moved(hint.conversation)
        else:
            self.hints.heard(hint)

    @property
    def settings(self) -> Settings:
        """The settings of this process."""
        return self.chat.settings

    @property
    def clock(self) -> Clock:
        """Where time comes from."""
        return self.chat.clock

    @property
    def blocking(self) -> Blocking:
        """How this process waits."""
        return self.chat.blocking

    @property
    def messaging(self) -> Messaging:
        """The messaging core."""
        return self.chat.messaging

    @property
    def cards(self) -> Cards:
        """Who people are to one another."""
        return Cards(self.chat)

    @property
    def _rooms(self) -> Rooms:
        return self.chat.messaging.rooms

    # -- sessions ---------------------------------------------------------------------------------

    def find_session(self, token: str) -> tuple[Session, frozenset[Role]] | None:
        """Return the live session of a token and its person's roles; None if there is none."""

        def read(tx: Tx) -> tuple[Session, frozenset[Role]] | None:
            try:
                session = self.chat.sessions.check(tx, token)
            except NotSignedIn:
                return None
            roles = self._roles(tx, PersonId(session.person))
            return None if roles is None else (session, roles)

        return self._read(read)

    def live_sessions(self, sessions: Mapping[SessionId, PersonId]) -> dict[SessionId, frozenset[Role]]:
        """Return those of ``sessions`` that are alive, with the roles that their people have now."""

        def read(tx: Tx) -> dict[SessionId, frozenset[Role]]:
            live = {}
            for session, person in sessions.items():
                try:
                    self.chat.sessions.check_alive(tx, session, person)
                except NotSignedIn:
                    continue
                roles = self._roles(tx, person)
                if roles is not None:
                    live[session] = roles
            return live

        return self._read(read)

    @staticmethod
    def principal(connection: Connection) -> Principal:
        """Return who asks, with the roles in force at the last beat."""
        return Principal(PrincipalKind.CHAT, connection.person, connection.roles, connection.session)

    def _roles(self, tx: Tx, person: PersonId) -> frozenset[Role] | None:
        """Return a person's chat roles; None for a leaver."""
        found = self.chat.people.get(tx, person)
        return self.chat.people.mapping.roles_for(found.profile) if found.active else None

    # -- what is shown ----------------------------------------------------------------------------

    def hears(self, person: PersonId) -> dict[ConversationId, int]:
        """Return the conversations of a person with the ``cseq`` at which they joined."""
        return self._read(lambda tx: self._rooms.of_person(tx, person))

    def members(self, conversation: ConversationId) -> dict[PersonId, int]:
        """Return the members of a conversation with the ``cseq`` at which each joined."""

        def read(tx: Tx) -> dict[PersonId, int]:
            here = self._rooms.load(tx, conversation).members
            joined = self._rooms.joined(tx, conversation)
            return {person: cseq for person, cseq in joined.items() if person in here}

        return self._read(read)

    def me(self, person: PersonId) -> dict[str, Any]:
        """Return one's own names and roles."""
        found = self._read(lambda tx: self.chat.people.get(tx, person))
        roles = self.chat.people.mapping.roles_for(found.profile)
        return {
            "id": person,
            "username": found.profile.username,
            "name": found.profile.display_name,
            "roles": sorted(roles),
        }

    def preferences(self, person: PersonId) -> dict[str, Any]:
        """Return how a person wants the chat."""
        return self._read(lambda tx: self.chat.preferences.of(tx, person)).as_dict()

    def prefer(self, connection: Connection, **change: Any) -> dict[str, Any]:
        """Change what a person prefers, tell their other connections, and return what is preferred now."""
        person = connection.person
        now, at_ms = self.blocking.commit(
            lambda: self.chat.store.write(lambda tx: self.chat.preferences.do_change(tx, person, **change))
        )
        self.own.tell(_preferred(person, now, at_ms), but=connection.sid)
        return now.as_dict()

    def _own_changes(self, tx: Tx, since_ms: int) -> Iterator[OwnChange]:
        """Yield what people arranged, marked and preferred since then, in any process."""
        yield from own_changes(tx, since_ms)
        for person, now, at_ms in self.chat.preferences.changed_since(tx, since_ms):
            yield _preferred(PersonId(person), now, at_ms)

    def retention(self) -> dict[str, int]:
        """Return how many days each kind of conversation is kept."""
        return {str(rule.kind): rule.days for rule in self.chat.gate.settings().retention}

    def usage(self) -> UsageRules:
        """Return what the policy lets people do with what was said."""
        return self.chat.gate.settings().usage

    def channels(self, viewer: PersonId) -> list[dict[str, Any]]:
        """Return public channels, without those of whose people a barrier lets nothing through to the viewer.

        Name and topic are words of whoever was ever in the channel, and here they reach others.
        """

        def read(tx: Tx) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = []
            told: dict[PersonId, bool] = {}
            for conversation in self.chat.messaging.resync.public_channels(tx):
                room = self._rooms.load(tx, conversation)
                if viewer not in room.members and not self._is_told(tx, viewer, conversation, told):
                    continue
                found.append(
                    {
                        "id": room.id,
                        "name": room.name,
                        "topic": room.topic,
                        "members": len(room.members),
                        "joined": viewer in room.members,
                    }
                )
                if len(found) == CHANNELS_SHOWN:
                    break
            return found

        return self._read(read)

    def _is_told(
        self, tx: Tx, viewer: PersonId, conversation: ConversationId, known: dict[PersonId, bool]
    ) -> bool:
        """Tell whether everybody who was ever in a channel may tell the viewer something there."""
        tellers = {PersonId(str(spell["person"])) for spell in membership_history(tx, conversation)}
        unknown = tellers - known.keys()
        people = self.chat.roster.people(tx, unknown | {viewer}) if unknown else {}
        for teller in unknown:
            known[teller] = teller not in people or (
                viewer in people
                and self.chat.gate.may_tell(
                    people[teller].facts, people[viewer].facts, ConversationKind.PUBLIC
                )
            )
        return all(known[teller] for teller in tellers)

    def may_be_present(self, pairs: Collection[Pair]) -> dict[Pair, bool]:
        """Return, for each pair, whether the first may learn that the second is here: one read for all."""
        ids = {person for pair in pairs for person in pair}
        people = self._read(lambda tx: self.chat.roster.people(tx, tuple(ids)))

        def may(viewer: PersonId, other: PersonId) -> bool:
            if viewer not in people or other not in people:
                return False
            return self.chat.gate.may_see(people[viewer].facts, people[other].facts)

        try:
            return {(viewer, other): may(viewer, other) for viewer, other in pairs}
        except ChanceryError:
            # Without a confirmed policy nobody is shown to anybody.
            return dict.fromkeys(pairs, False)

    # -- the beat ---------------------------------------------------------------------------------

    def refresh_policy(self) -> None:
        """Confirm the bundle in force; what fails leaves it unconfirmed, and sending stops."""
        self.blocking.read(self.chat.gate.refresh)

    def _read(self, work: Callable[[Tx], T]) -> T:
        return self.blocking.read(lambda: self.chat.store.read(work))


def _preferred(person: PersonId, now: Preferences, at_ms: int) -> OwnChange:
    return OwnChange(person, "preferred", {"preferences": now.as_dict()}, at_ms)
