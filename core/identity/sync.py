"""Directory sync: whoever left loses everything at once, whoever changed is changed, nobody by mistake.

One run reads the directory, works out what it means, and only then writes. A run that would take away
more accounts than is usual, or that finds nobody, stops and changes nothing: a base that was moved or
a filter that was mistyped looks like everybody leaving. Roles of the desk are never given here; the
mirror carries candidates there, whom an officer confirms.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from core.identity.directory import Directory, DirectoryPerson, Reading
from core.identity.people import ACTIVE, GONE, People, Person
from core.identity.sealing import Recorder
from core.identity.sync_history import Counts, Outcome, SyncRun, do_keep, last_run
from core.store import Store, Tx
from core.trail import Tag
from core.types import Clock, to_ms

FULL_EVERY_S: Final = 3600.0
"""After this long everybody is read again, whatever the directory says of changes."""

_AT_ONCE: Final = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SyncLimits:
    """How many of a hundred active people one run may take the account of; one person it always may."""

    leavers_percent: float = 5.0

    def most(self, active: int) -> int:
        """Return how many of ``active`` people may leave at once."""
        return max(1, int(active * self.leavers_percent / 100))


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a reading means for the people whom we know."""

    added: Sequence[DirectoryPerson]
    changed: Sequence[DirectoryPerson]
    left: Sequence[Person]
    returned: Sequence[DirectoryPerson]
    present: int
    active: int

    @property
    def counts(self) -> Counts:
        return Counts(self.present, len(self.added), len(self.changed), len(self.left), len(self.returned))


class DirectorySync:
    """Carries what one directory says into the ``people`` table."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        people: People,
        clock: Clock,
        record: Recorder,
        limits: SyncLimits,
    ) -> None:
        self._store = store
        self._directory = directory
        self._people = people
        self._clock = clock
        self._record = record
        self._limits = limits
        self._cursor = ""
        self._present: frozenset[str] = frozenset()
        self._full_at = 0.0

    def run(self, by: str = "", *, leavers: int | None = None) -> SyncRun:
        """Do one run; ``leavers`` permits so many in place of the usual share.

        What ``by`` somebody is started reads everybody; else only what changed is read, where the
        directory can tell.

        Raises:
            Unavailable: ``directory_unavailable``; nothing was changed.
        """
        if by or self._clock.monotonic() - self._full_at >= FULL_EVERY_S:
            self._cursor = ""
        reading, plan = self._plan(self._cursor)
        reason = self._objection(plan, leavers)
        if reason:
            return self._ended(by, Outcome.STOPPED, reason, plan.counts)
        for part in _parts([*plan.changed, *plan.returned]):
            self._upsert(part, by)
        for part in _parts(plan.added):
            self._upsert(part, by)
        for leaving in _parts(plan.left):
            self._depart(leaving, by)
        if reading.full:
            self._full_at = self._clock.monotonic()
        self._cursor, self._present = reading.cursor, reading.present
        return self._ended(by, Outcome.DONE, "", plan.counts)

    def dry_run(self, *, leavers: int | None = None) -> SyncRun:
        """Return what a run would do now; nothing is written.

        Raises:
            Unavailable: ``directory_unavailable``.
        """
        _, plan = self._plan("")
        reason = self._objection(plan, leavers)
        outcome = Outcome.STOPPED if reason else Outcome.DONE
        return SyncRun(to_ms(self._clock.now()), "", outcome, reason, plan.counts)

    # -- inside -----------------------------------------------------------------------------------

    def _plan(self, cursor: str) -> tuple[Reading, _Plan]:
        # Known before the directory is asked: who comes while it answers is not taken for a leaver.
        known = {
            person.profile.stable_id: person
            for person in self._store.read(lambda tx: list(self._people.everybody(tx)))
            if person.profile.directory == self._directory.name
        }
        reading = self._directory.read(cursor)
        read = {person.stable_id: person for person in reading.people}
        if not reading.full and reading.present - self._present - read.keys():
            # Whole branches move without a change of the people in them.
            reading = self._directory.read()
            read = {person.stable_id: person for person in reading.people}
        gone = [
            stable_id
            for stable_id, person in known.items()
            if person.state == GONE and stable_id in reading.present
        ]
        returned = [one for one in (read.pop(i, None) or self._directory.person(i) for i in gone) if one]
        active = [person for person in known.values() if person.state == ACTIVE]
        left = [person for person in active if person.profile.stable_id not in reading.present]
        if len(left) <= self._limits.most(len(active)):
            # Few enough to ask for each: a list that pages build while people move can miss somebody.
            left = [person for person in left if self._directory.person(person.profile.stable_id) is None]
        added, changed = [], []
        for stable_id, one in read.items():
            person = known.get(stable_id)
            if person is None and self._has_a_place(one):
                added.append(one)
            elif person is not None and self._people.is_news(person, self._directory.name, one):
                changed.append(one)
        return reading, _Plan(added, changed, left, returned, len(reading.present), len(active))

    def _has_a_place(self, person: DirectoryPerson) -> bool:
        mapping = self._people.mapping
        return bool(mapping.roles_for(person) | mapping.candidate_roles_for(person))

    def _objection(self, plan: _Plan, leavers: int | None) -> str:
        """Return why the plan must not be carried out, or the empty text."""
        if not plan.present:
            return (
                "The directory shows nobody. Check ldap.base, ldap.user_filter and what the service account "
                "may read."
            )
        most = self._limits.most(plan.active) if leavers is None else leavers
        if len(plan.left) > most:
            return (
                f"{len(plan.left)} of {plan.active} people would lose their account; {most} may at once. "
                f"If they did leave, run `chancery directory sync --leavers {len(plan.left)}`."
            )
        return ""

    def _upsert(self, people: Sequence[DirectoryPerson], by: str) -> None:
        name = self._directory.name
        prepared = [(one, self._people.prepare(self._store, name, one)) for one in people]

        def work(tx: Tx) -> None:
            for one, person in prepared:
                self._people.do_upsert(tx, name, one, person, by)

        self._store.write(work)

    def _depart(self, leaving: Sequence[Person], by: str) -> None:
        def work(tx: Tx) -> None:
            for person in leaving:
                found = self._people.get(tx, person.id)
                # Whoever changed since was vouched for by the directory in the meantime.
                if found.active and found.revision == person.revision:
                    self._people.do_depart(tx, found.id, by or self._directory.name)

        self._store.write(work)

    def _ended(self, by: str, outcome: Outcome, reason: str, counts: Counts) -> SyncRun:
        run = SyncRun(to_ms(self._clock.now()), by, outcome, reason, counts)

        def work(tx: Tx) -> None:
            do_keep(tx, run)
            detail = {"outcome": run.outcome, "left": counts.left, "added": counts.added}
            self._record(tx, Tag.DIRECTORY_SYNCED, by or self._directory.name, self._directory.name, detail)

        news = by or (outcome is Outcome.DONE and counts.anything)
        if news or not run.says_the_same_as(self._store.read(last_run)):
            self._store.write(work)
        return run


def _parts(everything: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield ``everything`` in parts that fit one transaction."""
    for start in range(0, len(everything), _AT_ONCE):
        yield everything[start : start + _AT_ONCE]
