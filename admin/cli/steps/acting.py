"""Who acts on the command line: a password that is checked now, and the permission table."""

from collections.abc import Mapping
from typing import Any

from admin.wiring.chat import ChatServices, chat_services
from admin.wiring.desk import DeskServices, desk_services
from admin.wiring.ground import Ground
from core.crypto.rings import ProcessRole
from core.identity.permissions import Permission, Principal, PrincipalKind, check_permission
from core.settings import Settings
from core.types import SystemClock

COMMAND_LINE = "command line"
"""Stands in for an address: attempts here are throttled together."""


def open_chat(settings: Settings) -> ChatServices:
    """Return the chat world as ``pages`` has it."""
    return chat_services(Ground(settings, ProcessRole.PAGES, SystemClock()))


def open_desk(settings: Settings) -> DeskServices:
    """Return the evidence world as the desk has it."""
    return desk_services(Ground(settings, ProcessRole.DESK, SystemClock()))


def acting_person(chat: ChatServices, argument: Mapping[str, Any], permission: Permission) -> Principal:
    """Return who acts, known by the directory and entitled to ``permission``.

    Raises:
        NotSignedIn: ``bad_credentials``.
        Limited: ``too_many_attempts``.
        Denied: ``denied``, naming the roles that are entitled.
    """
    person = chat.signin.authenticate(argument["as"], argument["password"], COMMAND_LINE)
    roles = chat.people.mapping.roles_for(person.profile)
    principal = Principal(PrincipalKind.CHAT, person.id, roles)
    check_permission(principal, permission)
    return principal


def acting_officer(desk: DeskServices, argument: Mapping[str, Any], permission: Permission) -> Principal:
    """Return which officer acts, known by the desk's own credential; raises as :func:`acting_person`."""
    officer = desk.signin.authenticate(argument["as"], argument["password"], COMMAND_LINE)
    principal = Principal(PrincipalKind.DESK, officer.id, officer.roles)
    check_permission(principal, permission)
    return principal
