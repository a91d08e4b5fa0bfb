"""What the chat pages are given beyond the messaging core: people for IT, policies for authors, health."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select

from admin.health.lines import HealthLine, ok, red, worst_first
from admin.health.readiness import Readiness
from admin.health.told import told_lines
from admin.wiring.chat import ChatServices
from admin.wiring.chat_search import chat_search
from admin.wiring.files import FileServices, file_services
from admin.wiring.readiness import readiness
from audit.chat_search.service import ChatSearch
from core.access import Database
from core.errors import Conflict, Unavailable
from core.identity.builtin import BuiltinDirectory
from core.identity.own_password import OwnPassword
from core.identity.people import Person
from core.identity.permissions import Principal
from core.identity.preferences import OwnPreferences
from core.identity.signin import SignIn
from core.schema import chat
from core.settings import Settings
from core.store import Row, Statement, Tx
from core.trail import Tag
from core.types import BundleHash, Clock, PersonId, from_ms, new_id, to_ms
from policies.bundle import Bundle, bundle_hash, canonical, from_canonical
from policies.bundle_tests import TestReport, run_tests
from policies.check import Said, lint
from policies.lifecycle import Proposal, State, propose
from policies.source import parse
from policies.standard import standard_compiler, standard_vocabulary

_b, _p = chat.bundles.c, chat.proposals.c

_LIVE = Statement(select(chat.bundles).where(_b.state == "enforced").order_by(_b.number.desc()).limit(1))
_PROPOSALS = Statement(select(chat.proposals).order_by(_p.at_ms.desc()))
_PROPOSE = Statement(insert(chat.proposals).values({c.name: bindparam(c.name) for c in _p}))


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person as IT sees them."""

    id: PersonId
    username: str
    name: str
    email: str
    groups: tuple[str, ...]
    roles: tuple[str, ...]
    external: bool
    active: bool


class PeopleAdministration:
    """People for IT. With a directory server people are changed there, and only disabled here."""

    def __init__(self, services: ChatServices) -> None:
        self._services = services

    @property
    def builtin(self) -> bool:
        """Tell whether people are kept here."""
        return isinstance(self._services.directory, BuiltinDirectory)

    def everybody(self) -> Sequence[PersonRow]:
        """Return all people, disabled ones too, by name."""
        people = self._services.people
        found = self._services.store.read(lambda tx: [self._row(person) for person in people.everybody(tx)])
        return sorted(found, key=lambda row: row.name.casefold())

    def add(
        self, by: Principal, *, username: str, name: str, email: str, groups: Sequence[str], password: str
    ) -> PersonId:
        """Add a person to the built-in directory."""
        return self._directory().add(
            username, password, display_name=name, by=by.id, email=email, groups=groups
        ).id  # fmt: skip

    def set_groups(self, by: Principal, person: PersonId, groups: Sequence[str]) -> None:
        """Replace a person's groups in the built-in directory."""
        self._directory().set_groups(person, groups, by.id)

    def disable(self, by: Principal, person: PersonId) -> None:
        """Take the account and all sessions away. Raises Conflict ``own_account``, ``already_disabled``."""
        if person == by.id:
            # Whoever does this by mistake cannot take it back.
            raise Conflict(
                "This is your own account. Ask another administrator to disable it.", code="own_account"
            )
        self._services.store.write(lambda tx: self._services.people.do_disable(tx, person, by.id))

    def enable(self, by: Principal, person: PersonId) -> None:
        """Give the account back."""
        self._services.store.write(lambda tx: self._services.people.do_enable(tx, person, by.id))

    def _directory(self) -> BuiltinDirectory:
        directory = self._services.directory
        if not isinstance(directory, BuiltinDirectory):
            raise Conflict("People are kept in your directory server. Change them there.", code="not_builtin")
        return directory

    def _row(self, person: Person) -> PersonRow:
        profile, mapping = person.profile, self._services.people.mapping
        roles = mapping.roles_for(profile) | mapping.candidate_roles_for(profile)
        return PersonRow(
            person.id,
            profile.username,
            profile.display_name,
            profile.email,
            tuple(sorted(profile.groups)),
            tuple(sorted(roles)),
            profile.external,
            person.active,
        )


@dataclass(frozen=True, slots=True)
class LivePolicy:
    """The bundle in force."""

    number: int
    hash: BundleHash
    enforced_at: datetime
    bundle: Bundle


@dataclass(frozen=True, slots=True)
class LintReport:
    """A well-formed bundle: its hash, what is hardly meant, and what its own tests say."""

    hash: BundleHash
    warnings: tuple[Said, ...]
    tests: TestReport


class PolicyAuthoring:
    """Policies for their authors: read, check, propose."""

    def __init__(self, services: ChatServices) -> None:
        self._services = services
        self._compiler = standard_compiler()

    def live(self) -> LivePolicy:
        """Return the bundle in force. Raises Unavailable ``policy_unavailable``."""
        row = self._services.store.read(lambda tx: tx.one(_LIVE))
        if row is None:
            raise Unavailable("No policy is in force yet.", code="policy_unavailable")
        return LivePolicy(
            row.number, BundleHash(row.hash), from_ms(row.at_ms), from_canonical(bytes(row.canonical))
        )

    def lint(self, source: str) -> LintReport:
        """Check a bundle's YAML and run its own tests; nothing is written."""
        bundle = parse([("bundle.yaml", source)], standard_vocabulary())
        report = run_tests(self._compiler.compile(bundle))
        warnings = tuple(lint(bundle, self._services.clock.now()))
        return LintReport(bundle_hash(bundle), warnings, report)

    def propose(self, by: Principal, source: str, reason: str) -> Proposal:
        """Propose a bundle for approval at the desk; the reason is sealed."""
        bundle = parse([("bundle.yaml", source)], standard_vocabulary())
        return self.propose_form(by, canonical(bundle), reason)

    def propose_form(self, by: Principal, form: bytes, reason: str) -> Proposal:
        """Propose a bundle in its canonical form; raises InvalidInput if it is none."""
        from_canonical(form)
        proposal = propose(form, by.id, reason, self._services.clock.now(), new_id())
        sealed = self._services.owners.seal(by.id, reason.encode(), _reason_place(proposal.id))

        def work(tx: Tx) -> None:
            tx.run(
                _PROPOSE,
                id=proposal.id,
                hash=proposal.hash,
                canonical=form,
                author_id=by.id,
                reason=sealed,
                state=proposal.state,
                at_ms=to_ms(proposal.at),
            )
            self._services.trail.record(tx, Tag.POLICY_PROPOSED, by.id, proposal.id, {"hash": proposal.hash})

        self._services.store.write(work)
        return proposal

    def proposals(self) -> Sequence[Proposal]:
        """Return all proposals, newest first."""
        return [self._proposal(row) for row in self._services.store.read(lambda tx: tx.rows(_PROPOSALS))]

    def _proposal(self, row: Row) -> Proposal:
        reason = self._services.owners.open(row.author_id, bytes(row.reason), _reason_place(row.id))
        return Proposal(
            row.id,
            BundleHash(row.hash),
            bytes(row.canonical),
            row.author_id,
            reason.decode(),
            from_ms(row.at_ms),
            State(row.state),
        )


class Health:
    """How the suite is, without any content: the gate of this process, and what the others told."""

    def __init__(self, services: ChatServices) -> None:
        self._services = services

    def report(self) -> Sequence[HealthLine]:
        """Return every check, the worst first."""
        told = told_lines(self._services.settings, self._services.clock.now())
        return worst_first([self._policy(), *told])

    def _policy(self) -> HealthLine:
        try:
            self._services.gate.epoch()
        except Unavailable:
            step = (
                "Run `chancery doctor`: it says whether the database or the policy's signature is at fault."
            )
            return red("policy of pages", "Not confirmed by this process.", step)
        return ok("policy of pages", "Confirmed, and in force.")


@dataclass(frozen=True, slots=True)
class PagesServices:
    """All that the chat pages are given."""

    settings: Settings
    clock: Clock
    signin: SignIn
    password: OwnPassword
    people: PeopleAdministration
    policies: PolicyAuthoring
    health: Health
    search: ChatSearch
    readiness: Readiness
    preferences: OwnPreferences
    files: FileServices


def pages_services(chat_side: ChatServices) -> PagesServices:
    """Return the services of the chat pages."""
    files = file_services(chat_side)
    return PagesServices(
        chat_side.settings,
        chat_side.clock,
        chat_side.signin,
        OwnPassword(chat_side.signin, chat_side.directory),
        PeopleAdministration(chat_side),
        PolicyAuthoring(chat_side),
        Health(chat_side),
        chat_search(chat_side, files.texts),
        readiness(chat_side.clock, {Database.CHAT: chat_side.store}, policy=chat_side.gate.epoch),
        OwnPreferences(chat_side.store, chat_side.preferences),
        files,
    )


def _reason_place(proposal: str) -> bytes:
    return f"proposal/{proposal}".encode()
