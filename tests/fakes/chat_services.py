"""The services of the chat pages in memory: the same answers and errors, no store."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from audit.chat_search.reading import Found
from core.errors import Conflict, InvalidInput, Limited, NotFound, NotSignedIn, Unavailable
from core.identity.passwords import check_new_password
from core.identity.people import Person
from core.identity.permissions import Principal, PrincipalKind, Role
from core.identity.preferences import DEFAULTS, Preferences, changed
from core.identity.profile import Profile
from core.identity.sessions import Session
from core.identity.signin import SignedIn
from core.messaging.files.shown import ShownFiles
from core.messaging.files.uploads import Uploads
from core.settings import Settings
from core.types import PersonId, SessionId, new_id, to_ms
from policies import lifecycle
from policies.bundle import Bundle, bundle_hash, canonical
from policies.bundle_tests import TestReport
from policies.check import Vocabulary
from policies.complaints import complain
from policies.lifecycle import Proposal
from policies.source import parse
from tests.fakes.clock import DrivenClock
from web.ports import (
    Files,
    FoundPage,
    HealthLine,
    HealthState,
    Hit,
    LintReport,
    LivePolicy,
    PagesServices,
    PersonRow,
)

DEMO_BUNDLE = """
name: House rules
segments:
  research: {title: Research, groups: [research]}
  trading: {title: Trading, groups: [trading]}
barriers:
  - {id: RT-1, title: Research and trading, between: [research, trading]}
dlp:
  rules:
    - {id: CARDS, title: a payment card number, verdict: redact, detectors: [payment-card]}
    - {id: CODE, title: a code name, verdict: justify, lexicon: [Falcon]}
retention: {direct: 2555, group: 2555, public: 90, private: 400}
tests:
  - {name: Code names need a reason, given: {text: Falcon}, expect: {verdict: justify, rules: [CODE]}}
"""
PASSWORD = "correct horse battery"
VOCABULARY = Vocabulary(frozenset({"payment-card"}), lambda _pattern: None)


@dataclass
class FakeSignIn:
    """Accounts by name, with plain passwords and a wait after three failures."""

    clock: DrivenClock
    accounts: dict[str, tuple[str, Person, frozenset[Role]]] = field(default_factory=dict)
    open_sessions: dict[str, SignedIn] = field(default_factory=dict)
    failures: int = 0

    def add(self, username: str, password: str, *roles: Role, name: str = "") -> Person:
        profile = Profile("fake", new_id(), username, name or username.title())
        person = Person(PersonId(new_id()), profile, "active", 1)
        self.accounts[username] = (password, person, frozenset(roles or {Role.EMPLOYEE}))
        return person

    def sign_in(self, username: str, password: str, address: str, user_agent: str) -> tuple[str, SignedIn]:
        if self.failures >= 3:
            raise Limited(
                "Too many failed attempts to sign in. Wait 15 s and try again.",
                code="too_many_attempts",
                retry_after=15,
            )
        account = self.accounts.get(username)
        if account is None or account[0] != password:
            self.failures += 1
            raise NotSignedIn("This name and password do not belong together.", code="bad_credentials")
        _, person, roles = account
        now = to_ms(self.clock.now())
        session = Session(SessionId(new_id()), person.id, now, now, now + 3_600_000, address, user_agent)
        principal = Principal(PrincipalKind.CHAT, person.id, roles, session.id)
        token = new_id()
        self.open_sessions[token] = SignedIn(principal, person, session)
        return token, self.open_sessions[token]

    def identify(self, token: str) -> SignedIn:
        if token not in self.open_sessions:
            raise NotSignedIn("You are not signed in, or your session has ended. Sign in again.")
        return self.open_sessions[token]

    def sessions(self, person: str) -> Sequence[Session]:
        return [each.session for each in self.open_sessions.values() if each.person.id == person]

    def revoke(self, person: str, session: SessionId) -> None:
        for token, each in self.open_sessions.items():
            if each.session.id == session and each.person.id == person:
                del self.open_sessions[token]
                return
        raise NotFound("This session has ended already.", code="no_session")

    def sign_out_everywhere(self, person: str, by: str, *, but: SessionId | None = None) -> int:
        gone = [
            token
            for token, each in self.open_sessions.items()
            if each.person.id == person and each.session.id != but
        ]
        for token in gone:
            del self.open_sessions[token]
        return len(gone)


@dataclass
class FakePassword:
    """The passwords of those accounts, or of a directory server."""

    signin: FakeSignIn
    kept_here: bool = True

    def change(self, who: Principal, username: str, current: str, new: str, address: str) -> None:
        if not self.kept_here:
            raise Conflict("Your firm's directory keeps your password.", code="password_elsewhere")
        check_new_password(new, username)
        password, person, roles = self.signin.accounts[username]
        if current != password:
            raise InvalidInput("The current password is not right.", code="wrong_password")
        self.signin.accounts[username] = (new, person, roles)
        self.signin.sign_out_everywhere(who.id, who.id, but=who.session)


@dataclass
class FakePeople:
    """People in a dictionary."""

    rows: dict[PersonId, PersonRow] = field(default_factory=dict)
    builtin: bool = True

    def everybody(self) -> Sequence[PersonRow]:
        return sorted(self.rows.values(), key=lambda row: row.name)

    def add(
        self, by: Principal, *, username: str, name: str, email: str, groups: Sequence[str], password: str
    ) -> PersonId:
        if len(password) < 12:
            raise InvalidInput("A password takes at least 12 characters.", code="password_too_short")
        if any(row.username == username for row in self.rows.values()):
            raise Conflict(f"The name {username} is taken. Choose another.", code="username_taken")
        person = PersonId(new_id())
        self.rows[person] = PersonRow(
            person, username, name, email, tuple(groups), ("employee",), external=False, active=True
        )
        return person

    def set_groups(self, by: Principal, person: PersonId, groups: Sequence[str]) -> None:
        self.rows[person] = replace(self._get(person), groups=tuple(groups))

    def disable(self, by: Principal, person: PersonId) -> None:
        if person == by.id:
            raise Conflict("This is your own account. Ask another.", code="own_account")
        if not self._get(person).active:
            raise Conflict("This person is disabled already.", code="already_disabled")
        self.rows[person] = replace(self._get(person), active=False)

    def enable(self, by: Principal, person: PersonId) -> None:
        self.rows[person] = replace(self._get(person), active=True)

    def _get(self, person: PersonId) -> PersonRow:
        if person not in self.rows:
            raise NotFound("There is no such person.", code="no_person")
        return self.rows[person]


@dataclass
class FakePolicies:
    """One live bundle, checked by the real parser; the bundle's own tests are not run."""

    clock: DrivenClock
    bundle: Bundle = field(default_factory=lambda: parse([("demo.yaml", DEMO_BUNDLE)], VOCABULARY))
    made: list[Proposal] = field(default_factory=list)

    def live(self) -> LivePolicy:
        return LivePolicy(1, bundle_hash(self.bundle), datetime(2026, 11, 2, 9, 0, tzinfo=UTC), self.bundle)

    def lint(self, source: str) -> LintReport:
        hashed = bundle_hash(parse([("pasted", source)], VOCABULARY))
        return LintReport(hashed, (("segments.research", complain("idle_segment")),), TestReport(hashed, ()))

    def propose(self, by: Principal, source: str, reason: str) -> Proposal:
        form = canonical(parse([("pasted", source)], VOCABULARY))
        proposal = lifecycle.propose(form, by.id, reason, self.clock.now(), new_id())
        self.made.insert(0, proposal)
        return proposal

    def proposals(self) -> Sequence[Proposal]:
        return self.made


@dataclass
class FakeHealth:
    """One check of each kind, or what a test wants to be shown."""

    lines: Sequence[HealthLine] = (
        HealthLine("index", HealthState.RED, "Refuses 3 documents.", "Then `chancery index rebuild`."),
        HealthLine("directory", HealthState.WARNING, "One of two servers is away.", "See that it runs."),
        HealthLine("archive", HealthState.OK, "Nothing waits."),
    )

    def report(self) -> Sequence[HealthLine]:
        return self.lines


@dataclass
class FakeSearch:
    """Finds the messages that it was given whose text holds the query; remembers who asked what."""

    said: list[Found] = field(default_factory=list)
    asked: list[tuple[PersonId, str, Hit | None]] = field(default_factory=list)

    def search(self, person: PersonId, text: str, *, after: Hit | None = None) -> FoundPage:
        self.asked.append((person, text, after))
        if "*" in text:
            raise InvalidInput("Whole words are found here.", code="bad_query", position=0, expected="a word")
        found = [one for one in self.said if any(text in part.text for part in one.excerpt)]
        return FoundPage(tuple(found), Hit(7, found[-1].item) if found else None, waiting=3)


@dataclass
class FakePreferences:
    """Preferences in a dictionary, by the real rules."""

    held: dict[str, Preferences] = field(default_factory=dict)

    def of(self, owner: str) -> Preferences:
        return self.held.get(owner, DEFAULTS)

    def change(self, owner: str, **change: Any) -> Preferences:
        self.held[owner] = changed(self.of(owner), **change)
        return self.held[owner]


@dataclass
class FakeReadiness:
    """Says what it was told to say."""

    says: str = ""

    def answer(self) -> tuple[dict[str, Any], int]:
        return ({"ok": False, "reason": self.says}, 503) if self.says else ({"ok": True}, 200)


class NoFiles:
    """Files of a house that keeps none; what real ones answer is tried in ``tests/web/files``."""

    @property
    def uploads(self) -> Uploads:
        raise Unavailable("There are no files here.", code="blobs_unavailable")

    @property
    def shown(self) -> ShownFiles:
        raise Unavailable("There are no files here.", code="blobs_unavailable")


@dataclass
class FakeChatServices:
    """All of them together, with their own types, so that a test can look inside."""

    settings: Settings = field(default_factory=Settings)
    clock: DrivenClock = field(default_factory=DrivenClock)
    people: FakePeople = field(default_factory=FakePeople)
    health: FakeHealth = field(default_factory=FakeHealth)
    search: FakeSearch = field(default_factory=FakeSearch)
    readiness: FakeReadiness = field(default_factory=FakeReadiness)
    preferences: FakePreferences = field(default_factory=FakePreferences)
    files: Files = field(default_factory=NoFiles)

    def __post_init__(self) -> None:
        self.signin = FakeSignIn(self.clock)
        self.password = FakePassword(self.signin)
        self.policies = FakePolicies(self.clock)

    def for_pages(self) -> PagesServices:
        """Return them as the application is given them."""
        return self


def services_with_people() -> FakeChatServices:
    """Return services that know an employee, an administrator and a policy author."""
    services = FakeChatServices()
    services.signin.add("ann", PASSWORD, Role.EMPLOYEE, name="Ann Archer")
    services.signin.add("ivo", PASSWORD, Role.IT_ADMINISTRATOR, name="Ivo Ito")
    services.signin.add("pia", PASSWORD, Role.EMPLOYEE, Role.POLICY_AUTHOR, name="Pia Prent")
    by = Principal(PrincipalKind.CHAT, "seed", frozenset())
    people = [
        ("ann", "Ann Archer", ["research"]),
        ("ben", "Ben Baker", ["trading"]),
        ("ivo", "Ivo Ito", ["it"]),
    ]
    for username, name, groups in people:
        services.people.add(
            by,
            username=username,
            name=name,
            email=f"{username}@firm.example",
            groups=groups,
            password="x" * 12,
        )
    return services
