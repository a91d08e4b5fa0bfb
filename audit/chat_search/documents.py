"""A message of the chat as it is searched: its text, and the names of who said it and where."""

from collections.abc import Iterable, Mapping
from typing import Any

from audit.search.port import SearchRecord
from core.messaging.markup import mentions_in
from core.messaging.model import Conversation, Person
from core.store import Row
from core.types import from_ms


def part_of(month: str, kind: str) -> str:
    """Return the name of the part of the index that holds the messages of a month and kind."""
    return f"{month}-{kind}"


def chat_record(
    row: Row,
    view: Mapping[str, Any],
    sender: Person | None,
    conversation: Conversation,
    left: Iterable[Person],
    read: Mapping[str, str],
) -> SearchRecord:
    """Return an item's row and view as they are searched; names are those of now.

    ``read`` has, by the ids of its files, what was read from them.

    A conversation without a name is called by its people, and by those who ``left`` it.
    """
    names: tuple[str, ...] = (conversation.id, conversation.name)
    if not conversation.name:
        people = (*conversation.members.values(), *left)
        names = (conversation.id, *(name for person in people for name in names_of(person)))
    return SearchRecord(
        rid=row.id,
        partition=part_of(row.month, conversation.kind),
        at=from_ms(row.created_ms),
        sender_names=names_of(sender) if sender else (row.sender_id,),
        audience_names=(),
        conversation_names=tuple(filter(None, names)),
        body="\n".join(filter(None, (words_of(view), *files_of(view, read)))),
        verdict="",
        kind="",
        has_link=any(_has_link(part.get("tokens", ())) for part in (view, view.get("forwarded", {}))),
        has_file=bool(view.get("files")),
    )


def words_of(view: Mapping[str, Any]) -> str:
    """Return the words that a message shows. What is forwarded is said again, what is quoted is not."""
    forwarded = view.get("forwarded", {}).get("text", "")
    return "\n".join(filter(None, (view.get("text", ""), forwarded)))


def mentions_of(view: Mapping[str, Any]) -> list[tuple[int, int, str]]:
    """Return where in the words of a message somebody is mentioned, and who."""
    found: list[tuple[int, int, str]] = []
    at = 0
    for part in (view, view.get("forwarded", {})):
        text = part.get("text", "")
        found += [
            (at + first, at + last, who) for first, last, who in mentions_in(text, part.get("tokens", ()))
        ]
        at += len(text) + 1 if text else 0
    return found


def files_of(view: Mapping[str, Any], read: Mapping[str, str]) -> list[str]:
    """Return, for each file that a message shows, its name and what was read from it."""
    return [f"{file['name']}\n{read.get(file['id'], '')}".strip() for file in view.get("files", ())]


def names_of(person: Person) -> tuple[str, ...]:
    """Return the names by which a person is looked for."""
    return tuple(filter(None, (person.id, person.username, person.email, person.display_name)))


def _has_link(tokens: Iterable[Any]) -> bool:
    """Tell whether a message shows a link (see :mod:`core.messaging.markup`)."""
    nodes = (token for token in tokens if not isinstance(token, str))
    return any(node["t"] == "a" or _has_link(node.get("c", ())) for node in nodes)
