"""People of the chat: who they are stays sealed, and a person is the same under every name.

A person is known by the directory's stable id. Renaming keeps the person; whoever later bears an
old name is somebody else. Names, groups and attributes are sealed under a key of that person's
own; look-ups go by keyed tags. Disabling takes all sessions away in the same transaction. Whom an
administrator disabled, no directory brings back; whom the directory took away, it does.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from core.errors import Conflict, NotFound
from core.identity.directory import DirectoryMapping, DirectoryPerson, canonical_username
from core.identity.profile import Profile
from core.identity.sealing import Recorder, Sealer, bound_to
from core.identity.sessions import Sessions
from core.schema import chat
from core.store import Among, Row, Statement, Store, Tx
from core.trail import Tag
from core.types import Clock, PersonFacts, PersonId, new_id, to_ms

ACTIVE = "active"
DISABLED = "disabled"
GONE = "gone"
CACHED = 4_096

_p = chat.people.c
_BY_ID = Statement(select(chat.people).where(_p.id == bindparam("who")))
_BY_IDS = Among(select(chat.people), _p.id)
_BY_STABLE = Statement(select(chat.people).where(_p.stable_tag == bindparam("tag")))
_BY_LOGIN = Statement(
    select(chat.people)
    .where(_p.login_tag == bindparam("tag"), _p.state == ACTIVE)
    .order_by(_p.changed_ms.desc())
)
_ALL = Statement(select(chat.people).order_by(_p.created_ms, _p.id))
_ADD = Statement(insert(chat.people).values({c.name: bindparam(c.name) for c in _p}))
_SET_PROFILE = Statement(
    update(chat.people)
    .where(_p.id == bindparam("who"))
    .values(
        login_tag=bindparam("login"),
        profile=bindparam("sealed"),
        revision=_p.revision + 1,
        changed_ms=bindparam("at"),
    )
)
_SET_STATE = Statement(
    update(chat.people)
    .where(_p.id == bindparam("who"))
    .values(
        state=bindparam("to_state"),
        profile=bindparam("sealed"),
        revision=_p.revision + 1,
        changed_ms=bindparam("at"),
    )
)


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the chat store has them at one ``revision``."""

    id: PersonId
    profile: Profile
    state: str
    revision: int

    @property
    def active(self) -> bool:
        """Tell whether this person may sign in."""
        return self.state == ACTIVE

    def facts(self) -> PersonFacts:
        """Return what policies see."""
        return PersonFacts(self.id, self.profile.segments, self.profile.groups, self.profile.external)

    def as_directory_person(self) -> DirectoryPerson:
        """Return what the directory said."""
        p = self.profile
        return DirectoryPerson(p.stable_id, p.username, p.display_name, p.email, p.groups, p.attributes)


class People:
    """The ``people`` table of the chat store.

    ``facts_changed`` runs in the transaction that changed what policies see of anybody, so that
    decisions taken before are taken again.
    """

    def __init__(
        self,
        clock: Clock,
        sealer: Sealer,
        sessions: Sessions,
        record: Recorder,
        facts_changed: Callable[[Tx], Any],
        mapping: DirectoryMapping,
    ) -> None:
        self._clock = clock
        self._sealer = sealer
        self._sessions = sessions
        self._record = record
        self._facts_changed = facts_changed
        self.mapping = mapping
        self._opened: OrderedDict[tuple[bytes, bytes], Profile] = OrderedDict()

    # -- reading ----------------------------------------------------------------------------------

    def get(self, tx: Tx, person: PersonId) -> Person:
        """Return one person, disabled or not.

        Raises:
            NotFound: ``no_person``.
        """
        return self._person(self._row(tx, person))

    def some(self, tx: Tx, ids: Iterable[PersonId]) -> dict[PersonId, Person]:
        """Return those of ``ids`` that exist and are not disabled."""
        return self._of_rows([row for row in _BY_IDS.rows(tx, ids) if row.state == ACTIVE])

    def ever(self, tx: Tx, ids: Iterable[PersonId]) -> dict[PersonId, Person]:
        """Return those of ``ids`` that exist, disabled or not."""
        return self._of_rows(_BY_IDS.rows(tx, ids))

    def by_stable_id(self, tx: Tx, directory: str, stable_id: str) -> Person | None:
        """Return the person whom ``directory`` knows by ``stable_id``."""
        row = tx.one(_BY_STABLE, tag=self._stable_tag(directory, stable_id))
        return self._person(row) if row else None

    def by_username(self, tx: Tx, username: str, directory: str | None = None) -> Person | None:
        """Return the active person who goes by ``username``; the one who took the name last."""
        bearers = map(self._person, tx.rows(_BY_LOGIN, tag=self._login_tag(username)))
        return next((one for one in bearers if directory in {None, one.profile.directory}), None)

    def everybody(self, tx: Tx) -> Iterator[Person]:
        """Yield all people, disabled ones too, oldest first."""
        for row in tx.rows(_ALL):
            yield self._person(row)

    def is_news(self, person: Person, directory: str, known: DirectoryPerson) -> bool:
        """Tell whether ``directory`` says something of ``person`` that is not written yet."""
        return self._profile(directory, known) != person.profile

    # -- writing ----------------------------------------------------------------------------------

    def prepare(self, store: Store, directory: str, known: DirectoryPerson) -> PersonId:
        """Return the id to give to :meth:`do_upsert`, with its key made. Outside any transaction."""
        found = store.read(lambda tx: self.by_stable_id(tx, directory, known.stable_id))
        person = found.id if found else PersonId(new_id())
        if found is None:
            self._sealer.ensure(person)
        return person

    def do_upsert(
        self, tx: Tx, directory: str, known: DirectoryPerson, prepared: PersonId, by: str = ""
    ) -> Person:
        """Write what ``directory`` says about one person, if it is new or has changed.

        ``by`` is who did it for the trail; the directory itself unless given.

        Whoever had left the directory is active again: it vouches for them. Whoever was disabled
        stays disabled until :meth:`do_enable`.
        """
        row = tx.one(_BY_STABLE, tag=self._stable_tag(directory, known.stable_id))
        profile = self._profile(directory, known)
        if row is None:
            return self._add(tx, prepared, profile, by or directory)
        person = self._person(row)
        if person.profile != profile:
            person = self._change(tx, person, profile, by or directory)
        return self._return(tx, person.id, by or directory) if person.state == GONE else person

    def do_disable(self, tx: Tx, person: PersonId, by: str) -> Person:
        """Take the account and all sessions away: a leaver. What they wrote stays.

        Raises:
            NotFound: ``no_person``.
            Conflict: ``already_disabled``.
        """
        if self.get(tx, person).state == DISABLED:
            raise Conflict("This person is disabled already.", code="already_disabled")
        return self._take_away(tx, person, DISABLED, by)

    def do_depart(self, tx: Tx, person: PersonId, by: str) -> Person:
        """Take the account and all sessions away because the directory no longer lets them in.

        Raises:
            NotFound: ``no_person``.
        """
        return self._take_away(tx, person, GONE, by)

    def do_enable(self, tx: Tx, person: PersonId, by: str) -> Person:
        """Give the account back.

        Raises:
            NotFound: ``no_person``.
            Conflict: ``already_enabled``; ``username_taken`` when somebody else bears the name now;
                ``not_in_directory`` when they left the directory.
        """
        found = self.get(tx, person)
        if found.active:
            raise Conflict("This person is not disabled.", code="already_enabled")
        if found.state == GONE:
            raise Conflict(
                "The directory does not let this person in. Enable them there.", code="not_in_directory"
            )
        if self.by_username(tx, found.profile.username, found.profile.directory):
            raise Conflict(
                "Somebody else goes by this name now. Rename one of them first.", code="username_taken"
            )
        return self._return(tx, person, by)

    # -- inside -----------------------------------------------------------------------------------

    def _add(self, tx: Tx, person: PersonId, profile: Profile, by: str) -> Person:
        now = to_ms(self._clock.now())
        login, stable = (
            self._login_tag(profile.username),
            self._stable_tag(profile.directory, profile.stable_id),
        )
        tx.run(
            _ADD,
            id=person,
            stable_tag=stable,
            login_tag=login,
            profile=self._sealed(_binding(person, stable, login, ACTIVE), person, profile),
            state=ACTIVE,
            revision=1,
            created_ms=now,
            changed_ms=now,
        )
        self._facts_changed(tx)
        self._record(tx, Tag.PERSON_ADDED, by, person, profile.as_dict())
        return Person(person, profile, ACTIVE, 1)

    def _change(self, tx: Tx, person: Person, profile: Profile, by: str) -> Person:
        login, stable = (
            self._login_tag(profile.username),
            self._stable_tag(profile.directory, profile.stable_id),
        )
        tx.run(
            _SET_PROFILE,
            who=person.id,
            login=login,
            sealed=self._sealed(_binding(person.id, stable, login, person.state), person.id, profile),
            at=to_ms(self._clock.now()),
        )
        changed = Person(person.id, profile, person.state, person.revision + 1)
        if _for_policies(changed) != _for_policies(person):
            self._facts_changed(tx)
        self._record(tx, Tag.PERSON_CHANGED, by, person.id, profile.as_dict())
        return changed

    def _take_away(self, tx: Tx, person: PersonId, state: str, by: str) -> Person:
        self._set_state(tx, person, state)
        ended = self._sessions.do_revoke_all(tx, person)
        self._record(tx, Tag.PERSON_DISABLED, by, person, {"state": state, "sessions_ended": ended})
        return self.get(tx, person)

    def _return(self, tx: Tx, person: PersonId, by: str) -> Person:
        self._set_state(tx, person, ACTIVE)
        self._record(tx, Tag.PERSON_CHANGED, by, person, {"state": ACTIVE})
        return self.get(tx, person)

    def _set_state(self, tx: Tx, person: PersonId, state: str) -> None:
        found = self._row(tx, person)
        profile = self._person(found).profile
        binding = _binding(person, found.stable_tag, found.login_tag, state)
        sealed = self._sealed(binding, person, profile)
        tx.run(_SET_STATE, who=person, to_state=state, sealed=sealed, at=to_ms(self._clock.now()))
        self._facts_changed(tx)

    def _row(self, tx: Tx, person: PersonId) -> Row:
        row = tx.one(_BY_ID, who=person)
        if row is None:
            raise NotFound("There is no such person.", code="no_person")
        return row

    def _profile(self, directory: str, known: DirectoryPerson) -> Profile:
        return Profile(
            directory=directory,
            stable_id=known.stable_id,
            username=known.username,
            display_name=known.display_name,
            email=known.email,
            groups=known.groups,
            attributes=dict(known.attributes),
            segments=self.mapping.segments_for(known),
            external=self.mapping.is_external(known),
        )

    def _of_rows(self, rows: Sequence[Row]) -> dict[PersonId, Person]:
        self._sealer.foresee([row.id for row in rows if _sealed_in(row) not in self._opened])
        return {PersonId(row.id): self._person(row) for row in rows}

    def _person(self, row: Row) -> Person:
        known = _sealed_in(row)
        profile = self._opened.get(known)
        if profile is None:
            profile = self._opened[known] = Profile.from_bytes(self._sealer.open(row.id, *known))
            while len(self._opened) > CACHED:
                self._opened.popitem(last=False)
        return Person(PersonId(row.id), profile, row.state, row.revision)

    def _sealed(self, binding: bytes, person: PersonId, profile: Profile) -> bytes:
        return self._sealer.seal(person, profile.as_bytes(), binding)

    def _stable_tag(self, directory: str, stable_id: str) -> str:
        return self._sealer.tag("person.stable", f"{directory}\x00{stable_id}")

    def _login_tag(self, username: str) -> str:
        return self._sealer.tag("person.login", canonical_username(username))


def _binding(person: str, stable: str, login: str, state: str) -> bytes:
    """Return what a profile is bound to: nobody comes back, or under another name, by a column alone."""
    return bound_to("people.profile", person, stable, login, state)


def _sealed_in(row: Row) -> tuple[bytes, bytes]:
    """Return a row's profile as it lies there, and what it is bound to.

    An opened one is kept by these: ciphertext never repeats, so what is undone leaves nothing stale.
    """
    return row.profile, _binding(row.id, row.stable_tag, row.login_tag, row.state)


def _for_policies(person: Person) -> tuple[object, ...]:
    """Return all that a policy's segments may depend on: facts, name and attributes."""
    return person.facts(), person.profile.username, person.profile.attributes
