"""Steps of ``chancery person`` and ``chancery policy propose``, in the chat world."""

import base64
from typing import Any

from admin.cli.steps.acting import acting_person, open_chat
from admin.wiring.chat import ChatServices
from admin.wiring.pages import PeopleAdministration, PolicyAuthoring
from core.errors import NotFound
from core.identity.permissions import Permission
from core.settings import Settings
from core.types import PersonId


def add(settings: Settings, argument: dict[str, Any]) -> str:
    """Add a person to the built-in directory; return their id."""
    chat = open_chat(settings)
    by = acting_person(chat, argument, Permission.PERSON_MANAGE)
    return PeopleAdministration(chat).add(
        by,
        username=argument["username"],
        name=argument["name"],
        email=argument["email"],
        groups=argument["groups"],
        password=argument["new_password"],
    )


def set_groups(settings: Settings, argument: dict[str, Any]) -> None:
    """Replace somebody's groups in the built-in directory."""
    chat = open_chat(settings)
    by = acting_person(chat, argument, Permission.PERSON_MANAGE)
    PeopleAdministration(chat).set_groups(by, _person(chat, argument["username"]), argument["groups"])


def disable(settings: Settings, argument: dict[str, Any]) -> None:
    """Take an account and its sessions away."""
    chat = open_chat(settings)
    by = acting_person(chat, argument, Permission.PERSON_MANAGE)
    PeopleAdministration(chat).disable(by, _person(chat, argument["username"]))


def propose(settings: Settings, argument: dict[str, Any]) -> dict[str, str]:
    """Propose a policy in its canonical form; return the proposal's id and the bundle's hash."""
    chat = open_chat(settings)
    by = acting_person(chat, argument, Permission.POLICY_PROPOSE)
    form = base64.b64decode(argument["canonical"])
    proposal = PolicyAuthoring(chat).propose_form(by, form, argument["reason"])
    return {"proposal": proposal.id, "hash": proposal.hash}


def _person(chat: ChatServices, username: str) -> PersonId:
    found = chat.store.read(lambda tx: chat.people.by_username(tx, username))
    if found is None:
        raise NotFound(f"Nobody goes by {username!r}.", code="no_person")
    return found.id
