"""Mirrors what the desk has to know of the chat world: people whom the directory names, and proposals.

Everything readable is sealed to the desk's mailbox. Rows carry revisions, so a mirror that runs
twice, late or out of order changes nothing.
"""

from sqlalchemy import bindparam, insert, select

from admin.wiring.ground import DESK_MAIL
from admin.wiring.worker import WorkerServices
from core.crypto.hybrid import seal_to
from core.crypto.pins import DESK_MAILBOX, Pins
from core.identity.candidates import Nomination, Profile, do_mirror_candidate
from core.identity.people import Person
from core.schema import chat, desk
from core.store import Statement, Tx
from core.types import to_ms
from policies.lifecycle import State

_REVISIONS = Statement(select(chat.people.c.id, chat.people.c.revision))
_PROPOSALS = Statement(select(chat.proposals))
_KNOWN = Statement(select(desk.proposals.c.id))
_ADD = Statement(insert(desk.proposals).values({c.name: bindparam(c.name) for c in desk.proposals.c}))


class Mirror:
    """Carries changes of people and proposals to the desk store."""

    def __init__(self, worker: WorkerServices) -> None:
        self._worker = worker
        self._mailbox = Pins(worker.archive_ring).mailbox(DESK_MAILBOX)
        self._seen: dict[str, int] = {}

    def run(self) -> int:
        """Mirror what changed; return how much did."""
        return self._people() + self._proposals()

    def _people(self) -> int:
        chat_side = self._worker.chat
        revisions = {r.id: r.revision for r in chat_side.store.read(lambda tx: tx.rows(_REVISIONS))}
        changed = {person for person, revision in revisions.items() if self._seen.get(person) != revision}
        if not changed:
            return 0
        found = chat_side.store.read(
            lambda tx: [person for person in chat_side.people.everybody(tx) if person.id in changed]
        )
        now = to_ms(chat_side.clock.now())
        letters = {person.id: self._seal(self._nomination(person).as_bytes()) for person in found}

        def work(tx: Tx) -> int:
            return sum(
                do_mirror_candidate(
                    tx,
                    person.id,
                    letters[person.id],
                    present=person.active,
                    revision=person.revision,
                    at_ms=now,
                )
                for person in found
            )

        mirrored = self._worker.desk.write(work)
        self._seen = revisions
        return mirrored

    def _nomination(self, person: Person) -> Nomination:
        known = person.profile
        return Nomination(
            person.id,
            Profile(known.username, known.display_name, known.email),
            self._worker.chat.people.mapping.candidate_roles_for(known),
        )

    def _proposals(self) -> int:
        rows = self._worker.chat.store.read(lambda tx: tx.rows(_PROPOSALS))
        if not rows:
            return 0
        known = {row.id for row in self._worker.desk.read(lambda tx: tx.rows(_KNOWN))}
        new = [row for row in rows if row.id not in known]
        if not new:
            return 0
        chat_side = self._worker.chat
        people = chat_side.store.read(lambda tx: {p.id: p for p in chat_side.people.everybody(tx)})
        mirrored = [
            {
                "id": row.id,
                "hash": row.hash,
                "canonical": row.canonical,
                "author_id": row.author_id,
                "author_name": self._seal(people[row.author_id].profile.display_name.encode()),
                "reason": self._seal(
                    chat_side.owners.open(row.author_id, row.reason, f"proposal/{row.id}".encode())
                ),
                "predecessor": "",
                "number": 0,
                "state": State.DRAFT,
                "decided_by": None,
                "decided_ms": None,
                "at_ms": row.at_ms,
            }
            for row in new
        ]
        self._worker.desk.write(lambda tx: tx.run_many(_ADD, mirrored))
        return len(mirrored)

    def _seal(self, plain: bytes) -> bytes:
        return seal_to(self._mailbox, plain, DESK_MAIL)
