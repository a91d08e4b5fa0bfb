"""The whole of identity on real stores and real keys, with cheap hashes and a clock to drive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from core.access import Database
from core.crypto.key_rows import StoredKeyRows
from core.crypto.owner_keys import OwnerKeys, RingOwnerKeys
from core.crypto.rings import ProcessRole, RingName, create_ring
from core.identity.builtin import BuiltinDirectory
from core.identity.candidates import Nomination, Profile, do_mirror_candidate
from core.identity.directory import Directory, DirectoryMapping
from core.identity.officers import Officers
from core.identity.passwords import HashCost, Passwords
from core.identity.people import People
from core.identity.permissions import Principal, PrincipalKind, Role
from core.identity.sealing import Sealer
from core.identity.sessions import SessionLimits, Sessions
from core.identity.signin import DeskSignIn, SignIn
from core.identity.throttle import Throttle, ThrottleLimits
from core.schema import chat, desk
from core.store import Store, Tx
from core.trail import Tag
from core.types import OfficerId, PersonId
from tests.factories.stores import empty_store
from tests.fakes.clock import DrivenClock

CHEAP = HashCost(memory_kib=8, passes=1, lanes=1)
LIMITS = SessionLimits(idle=timedelta(hours=1), absolute=timedelta(hours=10))
PASSWORD = "correct horse battery"

MAPPING = DirectoryMapping(
    roles={
        Role.IT_ADMINISTRATOR: frozenset({"it"}),
        Role.POLICY_AUTHOR: frozenset({"policy"}),
        Role.COMPLIANCE_OFFICER: frozenset({"compliance"}),
        Role.COMPLIANCE_APPROVER: frozenset({"compliance"}),
    },
    segments={"research": frozenset({"research", "departmentNumber=RES"}), "trading": frozenset({"trading"})},
    external_groups=frozenset({"guests"}),
)


class RecordedTrail:
    """A recorder that keeps rows in memory, for looking at."""

    def __init__(self) -> None:
        self.rows: list[tuple[Tag, str, str, Mapping[str, Any]]] = []

    def __call__(self, _tx: Tx, tag: Tag, actor: str, subject: str, detail: Mapping[str, Any]) -> None:
        self.rows.append((tag, actor, subject, dict(detail)))

    def tags(self) -> list[Tag]:
        return [row[0] for row in self.rows]


class CountingHasher(PasswordHasher):
    """Argon2 that counts how often it was computed, over all instances."""

    computed = 0

    def hash(self, *given: Any, **named: Any) -> str:
        CountingHasher.computed += 1
        return super().hash(*given, **named)

    def verify(self, *given: Any, **named: Any) -> Any:
        CountingHasher.computed += 1
        return super().verify(*given, **named)


@dataclass
class ChatIdentity:
    """Identity of the chat side."""

    store: Store
    clock: DrivenClock
    sealer: Sealer
    trail: RecordedTrail
    sessions: Sessions
    people: People
    passwords: Passwords
    builtin: BuiltinDirectory
    throttle: Throttle
    epoch: list[int]

    def sign_in(self, directory: Directory | None = None) -> SignIn:
        return SignIn(
            self.store, directory or self.builtin, self.people, self.sessions, self.throttle, self.trail
        )


@dataclass
class DeskIdentity:
    """Identity of the desk side. The worker's mail is not sealed here."""

    store: Store
    clock: DrivenClock
    trail: RecordedTrail
    sessions: Sessions
    officers: Officers
    throttle: Throttle
    sign_in: DeskSignIn

    def mirror(
        self, person: str, username: str, *roles: Role, present: bool = True, revision: int = 1
    ) -> PersonId:
        """Write what the worker would mirror."""
        known = PersonId(person)
        letter = Nomination(known, Profile(username, username.title()), frozenset(roles)).as_bytes()
        self.store.write(
            lambda tx: do_mirror_candidate(
                tx,
                known,
                letter,
                present=present,
                revision=revision,
                at_ms=revision,
            )
        )
        return known

    def first_approver(self, username: str = "first") -> Principal:
        """Make and enrol the first officer."""
        officer = self.officers.enrol(self.officers.first_officer(username, "First Officer"), PASSWORD)
        return self.principal(officer.id)

    def principal(self, officer: OfficerId) -> Principal:
        found = self.store.read(lambda tx: self.officers.check_active(tx, officer))
        return Principal(PrincipalKind.DESK, found.id, found.roles)


def chat_identity(
    folder: Path,
    *,
    mapping: DirectoryMapping = MAPPING,
    cost: HashCost = CHEAP,
    limits: ThrottleLimits | None = None,
) -> ChatIdentity:
    """Return a fresh chat store with everything around it."""
    store = empty_store(folder, Database.CHAT)
    ring = create_ring(RingName.CHAT, folder / "keys", ProcessRole.PAGES)
    sealer = OwnerKeys(ring, StoredKeyRows(store))
    clock, trail, epoch = DrivenClock(), RecordedTrail(), [0]
    sessions = Sessions(chat.sessions, clock, LIMITS, sealer)

    def facts_changed(_tx: Tx) -> None:
        epoch[0] += 1

    people = People(clock, sealer, sessions, trail, facts_changed, mapping)
    passwords = Passwords(cost, CountingHasher)
    builtin = BuiltinDirectory(store, people, sessions, passwords, clock, trail, sealer)
    throttle = Throttle(chat.throttles, clock, limits or ThrottleLimits(), sealer)
    return ChatIdentity(store, clock, sealer, trail, sessions, people, passwords, builtin, throttle, epoch)


def desk_identity(folder: Path) -> DeskIdentity:
    """Return a fresh desk store with everything around it."""
    store = empty_store(folder, Database.DESK)
    sealer = RingOwnerKeys(create_ring(RingName.DISCOVERY, folder / "keys", ProcessRole.DESK))
    clock, trail = DrivenClock(), RecordedTrail()
    sessions = Sessions(desk.sessions, clock, LIMITS, sealer)
    officers = Officers(
        store,
        sealer,
        sessions,
        Passwords(CHEAP, CountingHasher),
        clock,
        trail,
        open_mail=lambda sealed: sealed,
    )
    throttle = Throttle(desk.throttles, clock, ThrottleLimits(), sealer)
    sign_in = DeskSignIn(store, officers, sessions, throttle, trail)
    return DeskIdentity(store, clock, trail, sessions, officers, throttle, sign_in)
