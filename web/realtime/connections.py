"""Live connections of this process: whose they are, and which conversations each may hear."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.identity.permissions import Role
from core.types import ConversationId, PersonId, SessionId

Emitter = Callable[[str, dict[str, Any], Sequence[str]], None]
"""Sends one event with its payload to sockets, by their ``sid``."""


@dataclass(slots=True)
class Connection:
    """One websocket.

    ``roles`` are those in force at the last beat; ``hears`` holds, for each conversation, the
    ``cseq`` at which its person joined; ``transport`` is the id of the socket under it.
    """

    sid: str
    person: PersonId
    session: SessionId
    roles: frozenset[Role]
    hears: dict[ConversationId, int] = field(default_factory=dict)
    focus: ConversationId | None = None
    transport: str = ""
    unacked: int = 0


class Connections:
    """All connections, found by socket, person, session or conversation."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Connection] = {}
        self._by_person: dict[PersonId, set[str]] = defaultdict(set)
        self._by_conversation: dict[ConversationId, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._by_sid)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._by_sid.values()))

    def add(self, connection: Connection) -> None:
        """Take in a connection with what it hears."""
        self._by_sid[connection.sid] = connection
        self._by_person[connection.person].add(connection.sid)
        for conversation in connection.hears:
            self._by_conversation[conversation].add(connection.sid)

    def remove(self, sid: str) -> Connection | None:
        """Forget a connection."""
        connection = self._by_sid.pop(sid, None)
        if connection is None:
            return None
        self._discard(self._by_person, connection.person, sid)
        for conversation in connection.hears:
            self._discard(self._by_conversation, conversation, sid)
        return connection

    def get(self, sid: str) -> Connection | None:
        """Return the connection of a socket."""
        return self._by_sid.get(sid)

    def of_person(self, person: PersonId) -> list[Connection]:
        """Return a person's connections."""
        return [self._by_sid[sid] for sid in self._by_person.get(person, ())]

    def hearing(self, conversation: ConversationId) -> list[Connection]:
        """Return the connections that hear a conversation."""
        return [self._by_sid[sid] for sid in self._by_conversation.get(conversation, ())]

    def conversations(self) -> Iterable[ConversationId]:
        """Return the conversations that anybody here hears."""
        return list(self._by_conversation)

    def people(self) -> set[PersonId]:
        """Return who is connected here."""
        return set(self._by_person)

    def enter(self, connection: Connection, conversation: ConversationId, sees_from: int) -> None:
        """Let a connection hear a conversation."""
        connection.hears[conversation] = sees_from
        self._by_conversation[conversation].add(connection.sid)

    def leave(self, connection: Connection, conversation: ConversationId) -> None:
        """Let a connection no longer hear a conversation."""
        connection.hears.pop(conversation, None)
        self._discard(self._by_conversation, conversation, connection.sid)

    @staticmethod
    def _discard(index: dict, key: object, sid: str) -> None:  # type: ignore[type-arg]
        index[key].discard(sid)
        if not index[key]:
            del index[key]
