"""Who people are to one another: found by name, shown as a card, and who can read a conversation.

Whom a barrier hides does not exist for the viewer; whom it explains is shown with the reason why the
two may not talk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from admin.bootstrap.chat import ChatServices
from core.errors import NotFound
from core.identity.permissions import GRANTS, Permission
from core.messaging.answers import words_of
from core.messaging.model import Person
from core.store import Tx
from core.types import ConversationId, ConversationKind, PersonId

T = TypeVar("T")

PEOPLE_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Cards:
    """Answers about people."""

    chat: ChatServices

    def find(self, viewer: PersonId, query: str) -> dict[str, Any]:
        """Return people to talk with whose name matches, and whether there are more.

        Whom a barrier hides is not among them, and no account that takes no part in conversations.
        """

        def read(tx: Tx) -> dict[str, Any]:
            ids = [person.id for person in self.chat.people.everybody(tx) if person.active]
            everybody = self.chat.roster.people(tx, ids)
            me, wanted = everybody.get(viewer), query.strip().casefold()
            found: list[dict[str, Any]] = []
            for person in sorted(everybody.values(), key=lambda p: p.display_name.casefold()):
                if me is None or person.id == viewer or not person.takes_part:
                    continue
                if not _matches(person, wanted):
                    continue
                card = self._card(me, person)
                if card is None:
                    continue
                if len(found) == PEOPLE_SHOWN:
                    return {"people": found, "more": True}
                found.append(card)
            return {"people": found, "more": False}

        return self._read(read)

    def profile(
        self, viewer: PersonId, person: PersonId, is_here: Callable[[PersonId, PersonId], bool]
    ) -> dict[str, Any]:
        """Return what the viewer may know of a person, also of one who has left.

        Raises:
            NotFound: ``no_person``, also for whom a barrier hides.
        """

        def read(tx: Tx) -> dict[str, Any]:
            me = self.chat.roster.people(tx, (viewer,)).get(viewer)
            other = self.chat.roster.anybody(tx, person)
            card = self._card(me, other) if me is not None and other is not None else None
            if other is None or card is None:
                raise NotFound("There is no such person.", code="no_person")
            known = self.chat.people.get(tx, person)
            said = {name.casefold(): value for name, value in known.profile.attributes.items()}
            return {
                **card,
                "email": other.email,
                "title": said.get("title", ""),
                "department": said.get("department", ""),
                "left": not known.active,
                "takes_part": other.takes_part,
            }

        found = self._read(read)
        return {**found, "here": not found["left"] and is_here(viewer, person)}

    def readers(self, viewer: PersonId, conversation: ConversationId) -> dict[str, Any]:
        """Return who can read a conversation, and for how long, to one of its members.

        The chat does not know who the officers are: a person whom the directory names becomes one only
        at the desk. So roles are told, and how many people are named for them.
        """

        def read(tx: Tx) -> dict[str, Any]:
            room = self.chat.messaging.rooms.load_for(tx, conversation, viewer)
            roles = GRANTS[Permission.ARCHIVE_READ].roles
            named = sum(
                1
                for person in self.chat.people.everybody(tx)
                if person.active and roles & self.chat.people.mapping.candidate_roles_for(person.profile)
            )
            return {
                "members": len(room.members),
                "external": sorted(p.id for p in room.members.values() if p.facts.external),
                "open_to_all": room.kind is ConversationKind.PUBLIC,
                "kept_days": self._days(room.kind),
                "officers": {"roles": sorted(map(str, roles)), "named": named},
            }

        return self._read(read)

    def _card(self, me: Person, other: Person) -> dict[str, Any] | None:
        """Return a person as a viewer is shown them; None for whom a barrier hides."""
        if not self.chat.gate.may_see(me.facts, other.facts):
            return None
        _, why = self.chat.gate.sight(me.facts, other.facts)
        return {
            "id": other.id,
            "username": other.username,
            "name": other.display_name,
            "external": other.facts.external,
            "segments": list(self.chat.gate.segment_titles(other.facts)),
            "barred": words_of(why) if why is not None else None,
        }

    def _days(self, kind: ConversationKind) -> int:
        return next(rule.days for rule in self.chat.gate.settings().retention if rule.kind is kind)

    def _read(self, work: Callable[[Tx], T]) -> T:
        return self.chat.blocking.read(lambda: self.chat.store.read(work))


def _matches(person: Person, wanted: str) -> bool:
    if not wanted:
        return True
    words = [person.username.casefold(), *person.display_name.casefold().split()]
    return any(word.startswith(wanted) for word in words) or wanted in person.display_name.casefold()
