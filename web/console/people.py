"""People for IT: who there is, in which groups, and who is disabled."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.errors import ChanceryError, InvalidInput
from core.identity.permissions import Permission
from core.types import PersonId
from web import errors
from web.context import pages_services
from web.security import permission, visitor

blueprint = Blueprint("people", __name__, url_prefix="/console/people")


@blueprint.get("")
@permission(Permission.PERSON_MANAGE)
def index() -> str:
    """Show everybody."""
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


def _page(form: dict[str, str] | None = None, error: ChanceryError | None = None) -> str:
    people = pages_services().people
    return render_template(
        "console/people.html",
        people=people.everybody(),
        builtin=people.builtin,
        form=form or dict.fromkeys(("username", "name", "email", "groups"), ""),
        error=error,
    )
