"""What the chat processes are made of: people, sessions, the gate and the messaging core."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from admin.wiring.ground import Ground, chat_trail
from admin.wiring.policy import live_gate
from core import metrics
from core.access import Database
from core.blocking import InlineBlocking, ThreadBlocking
from core.bus import Bus, Moved, Silent
from core.bus.server import ServerBus
from core.crypto.chat_keys import ChatKeys
from core.crypto.key_rows import StoredKeyRows
from core.crypto.owner_keys import OwnerKeys
from core.crypto.rings import ProcessRole, Ring, RingName
from core.errors import NotFound
from core.identity.builtin import BuiltinDirectory
from core.identity.directory import Directory, mapping_from_settings
from core.identity.ldap import LdapDirectory, ldap_settings_from
from core.identity.passwords import HashCost, Passwords
from core.identity.people import People
from core.identity.people import Person as Known
from core.identity.preferences import PreferenceRows
from core.identity.sessions import SessionLimits, Sessions
from core.identity.signin import SignIn
from core.identity.throttle import Throttle, ThrottleLimits
from core.messaging.brake import ArchiveBrake
from core.messaging.build import build_messaging
from core.messaging.model import Person
from core.messaging.rooms import do_bump_policy_epoch
from core.messaging.service import Messaging
from core.ports import Blocking, Delivery
from core.schema import chat
from core.settings import Settings
from core.store import Store, Tx
from core.trail import Trail
from core.types import Clock, ConversationId, PersonFacts, PersonId
from policies.gate import LiveGate
from policies.people import labels


@dataclass(frozen=True, slots=True)
class ChatServices:
    """The chat world of one process."""

    settings: Settings
    clock: Clock
    store: Store
    ring: Ring
    keys: ChatKeys
    owners: OwnerKeys
    trail: Trail
    people: People
    sessions: Sessions
    passwords: Passwords
    directory: Directory
    signin: SignIn
    gate: LiveGate
    roster: "PeopleRoster"
    messaging: Messaging
    blocking: Blocking
    throttle: Throttle
    bus: Bus
    preferences: PreferenceRows


class PeopleRoster:
    """The :class:`core.messaging.rooms.Roster` of the ``people`` table, with what policies see."""

    def __init__(self, people: People) -> None:
        self._people = people

    def people(self, tx: Tx, ids: Iterable[PersonId]) -> Mapping[PersonId, Person]:
        """Return those of ``ids`` that exist and are not disabled."""
        return {found.id: self._as_member(found) for found in self._people.some(tx, ids).values()}

    def ever(self, tx: Tx, ids: Iterable[PersonId]) -> Mapping[PersonId, Person]:
        """Return those of ``ids`` that exist, also who has left."""
        return {found.id: self._as_member(found) for found in self._people.ever(tx, ids).values()}

    def anybody(self, tx: Tx, person: PersonId) -> Person | None:
        """Return a person, also one who has left."""
        try:
            return self._as_member(self._people.get(tx, person))
        except NotFound:
            return None

    def _as_member(self, person: Known) -> Person:
        profile, facts = person.profile, person.facts()
        seen = PersonFacts(
            facts.id,
            facts.segments | labels(profile.username, {k: (v,) for k, v in profile.attributes.items()}),
            facts.groups,
            facts.external,
        )
        takes_part = self._people.mapping.takes_part(profile)
        return Person(person.id, profile.username, profile.display_name, profile.email, seen, takes_part)


class Announcing:
    """The Delivery of a process without sockets: it hints at where the others find something."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def committed(self, conversation: ConversationId, frames: object) -> None:
        """Let the others look."""
        self._bus.publish(Moved(conversation))

    def stops_changed(self, conversation: ConversationId) -> None:
        """Let the others look."""
        self._bus.publish(Moved(conversation))

    def membership_changed(self, conversation: ConversationId, person: object, member: object) -> None:
        """Let the others look."""
        self._bus.publish(Moved(conversation))


def chat_services(
    ground: Ground, *, delivery: Delivery | None = None, blocking: Blocking | None = None
) -> ChatServices:
    """Build the chat world of a ``realtime``, ``pages`` or ``worker`` process."""
    settings, clock = ground.settings, ground.clock
    blocking = blocking or ThreadBlocking()
    store, ring = ground.store(Database.CHAT), ground.ring(RingName.CHAT)
    rows = StoredKeyRows(store)
    keys, owners = ChatKeys(ring, rows), OwnerKeys(ring, rows)
    trail = chat_trail(ground, ring)
    sessions = Sessions(
        chat.sessions,
        clock,
        SessionLimits(
            timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_absolute_hours)
        ),
        owners,
    )
    people = People(
        clock, owners, sessions, trail.record, do_bump_policy_epoch, mapping_from_settings(settings)
    )
    passwords = Passwords(HashCost(settings.argon2_memory_kib, settings.argon2_passes))
    directory = _directory(ground, store, people, sessions, passwords, trail, owners)
    throttle = Throttle(
        chat.throttles, clock, ThrottleLimits(account_attempts=settings.signin_attempts), owners
    )
    gate = live_gate(ground, ring, store)
    bus = bus_of(ground, ring, blocking)
    roster = PeopleRoster(people)
    messaging = build_messaging(
        settings=settings,
        store=store,
        keys=keys,
        owners=owners,
        roster=roster,
        gate=gate,
        delivery=delivery or Announcing(bus),
        blocking=blocking,
        clock=clock,
        preceding=lambda: gate.settings().preceding,
        usage=lambda: gate.settings().usage,
        admit=ArchiveBrake(settings, store, clock, blocking).admit,
    )
    metrics.POLICY_NUMBER.ask(gate.number_or_none)
    metrics.POLICY_AGE.ask(gate.confirmed_ago)
    signin = SignIn(store, directory, people, sessions, throttle, trail.record)
    return ChatServices(
        settings, clock, store, ring, keys, owners, trail, people, sessions, passwords, directory, signin,
        gate, roster, messaging, blocking, throttle, bus, PreferenceRows(chat.preferences, clock, owners),
    )  # fmt: skip


def bus_of(ground: Ground, ring: Ring, blocking: Blocking) -> Bus:
    """Return the bus of a process that holds the chat ring."""
    settings = ground.settings
    if not settings.bus_url:
        return Silent()
    return ServerBus(
        settings.bus_url,
        password=settings.bus_password,
        ca_file=settings.bus_ca_file,
        channel=f"chancery/{settings.tenant}",
        key=ring.subkey("bus"),
        # Whoever works inline must not wait for this server.
        blocking=ThreadBlocking() if isinstance(blocking, InlineBlocking) else blocking,
        clock=ground.clock,
    )


def _directory(
    ground: Ground,
    store: Store,
    people: People,
    sessions: Sessions,
    passwords: Passwords,
    trail: Trail,
    owners: OwnerKeys,
) -> Directory:
    # Nobody signs in at the websocket: that process needs no credentials of the directory server.
    if ground.settings.directory_kind == "ldap" and ground.role is not ProcessRole.REALTIME:
        return LdapDirectory(ldap_settings_from(ground.settings), ground.clock)
    return BuiltinDirectory(store, people, sessions, passwords, ground.clock, trail.record, owners)
