"""Makes the demo's officers, as a firm would; a step of role ``desk``.

The first officer of a new house enrols with the one-time code of ``chancery init``, confirms whom
the directory names, and hands each a one-time code; they enrol. Then the first account, which is
nobody's, is taken away by the approver. The officer opens the matter in which to read.
"""

from typing import Any

from admin.demo.firm import load_firm, read_data
from admin.demo.ground import BuildingGround
from admin.demo.passwords import new_password
from admin.wiring.desk import DeskServices, desk_services
from core.crypto.rings import ProcessRole
from core.errors import NotFound
from core.identity.officer_rows import Officer
from core.identity.permissions import Principal, PrincipalKind, Role, roles_from
from core.settings import Settings
from core.types import SystemClock


def enrol(settings: Settings, argument: dict[str, Any]) -> dict[str, Any]:
    """Enrol the firm's officers with ``argument["passwords"]`` by user name, and open a matter.

    ``argument["code"]`` is the first officer's one-time code. Returns the number of the matter.

    Raises:
        NotFound: ``no_candidate``; the directory names somebody no more.
    """
    desk = desk_services(BuildingGround(settings, ProcessRole.DESK, SystemClock()))
    firm = load_firm()
    try:
        first = desk.officers.enrol(argument["code"], new_password())
        enrolled = {
            username: _confirmed(desk, first, username, roles, argument["passwords"][username])
            for username, roles in firm.officers.items()
        }
        approver = next(o for o in enrolled.values() if Role.COMPLIANCE_APPROVER in o.roles)
        desk.officers.disable(first.id, by=_principal(approver))
        return {"matter": _open_matter(desk, enrolled)}
    finally:
        for store in (desk.archive, desk.keystore, desk.store):
            store.close()


def _confirmed(
    desk: DeskServices, first: Officer, username: str, roles: tuple[str, ...], password: str
) -> Officer:
    named = [one for one in desk.officers.candidates() if one.profile.username == username]
    if not named:
        raise NotFound(f"The directory names {username} for no role at the desk.", code="no_candidate")
    code = desk.officers.confirm(named[0].person, _principal(first), roles_from(roles))
    return desk.officers.enrol(code, password)


def _open_matter(desk: DeskServices, enrolled: dict[str, Officer]) -> int:
    officer = next(o for o in enrolled.values() if Role.COMPLIANCE_OFFICER in o.roles)
    return desk.matters.open(officer.id, read_data("story")["matter"]).number


def _principal(officer: Officer) -> Principal:
    return Principal(PrincipalKind.DESK, officer.id, officer.roles)
