"""Typing and presence: hints that are never stored, never acknowledged, and may be lost.

They are flushed together once a second as one frame for each conversation, only to sockets that
have the conversation on the screen. Other processes learn of them over the bus, and of who is here.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from core.bus import Bus, Online, Typing
from core.types import Clock, ConversationId, PersonId, new_id
from web.realtime.connections import Connection, Connections, Emitter

TYPING_SECONDS = 5.0
# Within this time a barrier, a change of groups or a new policy takes effect on who is seen here.
PRESENCE_SECONDS = 5.0
# Who is connected here is told to other processes when it changes, and this often in any case ...
TOLD_EVERY_SECONDS = 5.0
# ... and believed by them for this long.
BELIEVED_SECONDS = 15.0

Pair = tuple[PersonId, PersonId]
MayBePresent = Callable[[Collection[Pair]], Mapping[Pair, bool]]


class Hints:
    """Hints of this process."""

    def __init__(
        self,
        clock: Clock,
        connections: Connections,
        emit: Emitter,
        may_see: MayBePresent,
        bus: Bus,
    ) -> None:
        self._clock = clock
        self._connections = connections
        self._emit = emit
        self._may_see = may_see
        self._bus = bus
        self._process = new_id()
        self._elsewhere: dict[str, tuple[frozenset[PersonId], float]] = {}
        self._told: frozenset[PersonId] = frozenset()
        self._tell_at = 0.0
        self._typing: dict[ConversationId, dict[PersonId, float]] = defaultdict(dict)
        self._shown: dict[str, frozenset[PersonId]] = {}
        self._known: dict[Pair, bool] = {}
        self._known_until = 0.0

    def typing(self, connection: Connection, conversation: ConversationId) -> None:
        """Note that somebody types where they are a member."""
        if conversation in connection.hears:
            self._typing[conversation][connection.person] = self._clock.monotonic() + TYPING_SECONDS
            self._bus.publish(Typing(conversation, connection.person))

    def focus(self, connection: Connection, conversation: ConversationId | None) -> None:
        """Note which conversation a connection shows."""
        connection.focus = conversation if conversation in connection.hears else None

    def stop_typing(self, connection: Connection, conversation: ConversationId) -> None:
        """Note that what was typed was sent."""
        if self._typing.get(conversation, {}).pop(connection.person, None) is not None:
            self._bus.publish(Typing(conversation, connection.person, stopped=True))

    def heard(self, hint: Typing | Online) -> None:
        """Take in what another process told."""
        now = self._clock.monotonic()
        if isinstance(hint, Online):
            self._elsewhere[hint.process] = frozenset(hint.people), now + BELIEVED_SECONDS
        elif hint.stopped:
            self._typing.get(hint.conversation, {}).pop(hint.person, None)
        else:
            self._typing[hint.conversation][hint.person] = now + TYPING_SECONDS

    def flush(self) -> None:
        """Send what changed since the last flush."""
        now = self._clock.monotonic()
        for conversation, typing in list(self._typing.items()):
            for person in [p for p, until in typing.items() if until < now]:
                del typing[person]
            if not typing:
                del self._typing[conversation]
        online = self._online(now)
        self._learn(online, now)
        for connection in self._connections:
            focus = connection.focus
            if focus is None:
                continue
            others = [p for p in self._typing.get(focus, {}) if p != connection.person]
            if others:
                self._emit("typing", {"conversation": focus, "people": others}, [connection.sid])
            me = connection.person
            seen = frozenset(p for p in online if p == me or self._known.get((me, p), False))
            if self._shown.get(connection.sid) != seen:
                self._shown[connection.sid] = seen
                self._emit("presence", {"online": sorted(seen)}, [connection.sid])

    def _online(self, now: float) -> frozenset[PersonId]:
        """Return who is here, in any process; tell the others who is in this one."""
        here = frozenset(self._connections.people())
        if here != self._told or now > self._tell_at:
            self._told, self._tell_at = here, now + TOLD_EVERY_SECONDS
            self._bus.publish(Online(self._process, tuple(sorted(here))))
        self._elsewhere = {p: found for p, found in self._elsewhere.items() if found[1] > now}
        return here.union(*(people for people, _ in self._elsewhere.values()))

    def _learn(self, online: Collection[PersonId], now: float) -> None:
        """Ask once for all pairs that are not known: whoever looks at a conversation, and who is here."""
        if now > self._known_until:
            self._known, self._known_until = {}, now + PRESENCE_SECONDS
        looking = {connection.person for connection in self._connections if connection.focus is not None}
        pairs = [(me, p) for me in looking for p in online if p != me and (me, p) not in self._known]
        if pairs:
            self._known.update(self._may_see(pairs))

    def is_here(self, viewer: PersonId, person: PersonId) -> bool:
        """Tell whether the viewer may learn that somebody is here, and they are."""
        now = self._clock.monotonic()
        elsewhere = (people for people, until in self._elsewhere.values() if until > now)
        if person not in self._connections.people().union(*elsewhere):
            return False
        return person == viewer or self._may_see([(viewer, person)]).get((viewer, person), False)

    def forget(self, sid: str) -> None:
        """Forget a closed connection."""
        self._shown.pop(sid, None)
