"""People for IT: who there is, in which groups, and who is disabled."""

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.errors import ChanceryError, InvalidInput
from core.identity.permissions import Permission
from core.types import PersonId
from web import errors
from web.context import pages_services
from web.ports import PersonRow
from web.security import permission, visitor

blueprint = Blueprint("people", __name__, url_prefix="/console/people")

MOST_SHOWN: Final = 200


@blueprint.get("")
@permission(Permission.PERSON_MANAGE)
def index() -> str:
    """Show everybody, or, ``?find=``, whose name, address, group or role holds what is asked for."""
    return _page()


@blueprint.post("")
@permission(Permission.PERSON_MANAGE)
def add() -> Response | tuple[str, int]:
    """Add a person to the built-in directory."""
    form = {name: request.form.get(name, "").strip() for name in ("username", "name", "email", "groups")}
    try:
        pages_services().people.add(
            visitor().principal,
            username=form["username"],
            name=form["name"],
            email=form["email"],
            groups=groups_in(form["groups"]),
            password=request.form.get("password", ""),
        )
    except ChanceryError as error:
        if not errors.wants_page():
            raise
        return _page(form=form, error=error), error.status
    return redirect(url_for("people.index"), code=303)


@blueprint.post("/<person>/groups")
@permission(Permission.PERSON_MANAGE)
def set_groups(person: str) -> Response:
    """Replace a person's groups."""
    groups = groups_in(request.form.get("groups", ""))
    pages_services().people.set_groups(visitor().principal, PersonId(person), groups)
    return redirect(url_for("people.index"), code=303)


@blueprint.post("/<person>/state")
@permission(Permission.PERSON_MANAGE)
def set_state(person: str) -> Response:
    """Disable a person, or give the account back."""
    people, who = pages_services().people, PersonId(person)
    wanted = request.form.get("state", "")
    if wanted == "disabled":
        people.disable(visitor().principal, who)
    elif wanted == "active":
        people.enable(visitor().principal, who)
    else:
        raise InvalidInput("Choose whether the account is active or disabled.", code="bad_state")
    return redirect(url_for("people.index"), code=303)


def groups_in(text: str) -> list[str]:
    """Return the groups of a comma-separated list, each once, in its order."""
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def matching(people: Sequence[PersonRow], asked: str) -> Sequence[PersonRow]:
    """Return those of whom each word asked for is part of a name, an address, a group or a role."""
    words = asked.casefold().split()
    if not words:
        return people

    def fits(person: PersonRow) -> bool:
        told = (person.name, person.username, person.email, *person.groups, *person.roles)
        own = [each.casefold() for each in told]
        return all(any(word in each for each in own) for word in words)

    return [person for person in people if fits(person)]


def _page(form: dict[str, str] | None = None, error: ChanceryError | None = None) -> str:
    services = pages_services()
    everybody, asked = services.people.everybody(), request.args.get("find", "")
    found = matching(everybody, asked)
    return render_template(
        "console/people.html",
        people=found[:MOST_SHOWN],
        found=len(found),
        everybody=len(everybody),
        asked=asked,
        own=visitor().principal.id,
        builtin=services.people.builtin,
        form=form or dict.fromkeys(("username", "name", "email", "groups"), ""),
        error=error,
    )
