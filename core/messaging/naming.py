"""Names people whom an answer speaks of and who are no member any more: a client knows only members.

Whoever sees an item was a member together with everybody it speaks of; nobody else is named.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from core.messaging.markup import mentioned
from core.messaging.model import Person
from core.messaging.rooms import Rooms
from core.store import Tx
from core.types import ConversationId, PersonId

Item = Mapping[str, Any]


class Naming:
    """Names the former members of one answer at a time."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def former(self, tx: Tx, items: Iterable[Item]) -> list[dict[str, Any]]:
        """Return whom ``items``, as their reader is shown them, speak of and who left since, also the firm.

        However many there are, they are read together.
        """
        spoken: dict[ConversationId, set[PersonId]] = {}
        for item in items:
            spoken.setdefault(ConversationId(item["conversation"]), set()).update(people_in(item))
        return named(self._rooms.gone(tx, spoken))

    def heard(self, tx: Tx, item: dict[str, Any], members: Container[PersonId]) -> dict[str, Any]:
        """Return an item as ``members`` hear it at once, with the names of whom it speaks of beside them.

        Nearly always there is nobody, and nothing is read.
        """
        absent = {person for person in people_in(item) if person not in members}
        return {**item, "former": named(self._rooms.ever(tx, absent).values())} if absent else item


def named(people: Iterable[Person]) -> list[dict[str, Any]]:
    """Return people as a client knows them by name."""
    return [
        {"id": each.id, "username": each.username, "name": each.display_name, "external": each.facts.external}
        for each in sorted(people, key=lambda each: each.display_name.casefold())
    ]


def people_in(item: Item) -> Iterator[PersonId]:
    """Yield whom an item speaks of; nobody for a bare one."""
    if "sender" in item:
        yield item["sender"]
    view = item.get("view", {})
    yield from view.get("mentions", ())
    for people in view.get("reactions", {}).values():
        yield from people
    if "pinned" in view:
        yield view["pinned"]["by"]
    if person := view.get("data", {}).get("person"):
        yield person
    if "quote" in view:
        yield from _quoted(view["quote"])
    # Whose words are forwarded may never have been here, and their name stands beside them.
    yield from (person for _, person in mentioned(view.get("forwarded", {}).get("tokens", ())))


def _quoted(quote: Mapping[str, Any]) -> Iterator[PersonId]:
    if not quote.get("empty"):
        yield quote["sender"]
        yield from (person for _, person in mentioned(quote["tokens"]))
