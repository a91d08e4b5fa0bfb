"""Officers: confirm a candidate whom the directory names, hand over a one-time code, disable."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.bootstrap.desk import HandOver
from core.errors import ChanceryError
from core.identity.permissions import Permission
from core.types import OfficerId, PersonId
from web import errors
from web.desk.context import acting, desk
from web.security import permission

blueprint = Blueprint("officers", __name__, url_prefix="/officers")


@blueprint.get("")
@permission(Permission.OFFICER_CONFIRM)
def index() -> str:
    """Show officers, and whom the directory names."""
    return _page()


@blueprint.post("/confirm/<person>")
@permission(Permission.OFFICER_CONFIRM)
def confirm(person: str) -> str | tuple[str, int]:
    """Confirm a candidate and show the one-time code, once."""
    try:
        handed = desk().officers.confirm(acting(), PersonId(person), request.form.getlist("role"))
    except ChanceryError as error:
        if not errors.wants_page():
            raise
        return _page(error=error), error.status
    return _page(handed)


@blueprint.post("/<officer>/disable")
@permission(Permission.OFFICER_DISABLE)
def disable(officer: str) -> Response | tuple[str, int]:
    """Take a desk account and its sessions away."""
    try:
        desk().officers.disable(acting(), OfficerId(officer))
    except ChanceryError as error:
        if not errors.wants_page() or error.status == 404:
            raise
        return _page(error=error), error.status
    return redirect(url_for("officers.index"), code=303)


def _page(handed: HandOver | None = None, error: ChanceryError | None = None) -> str:
    return render_template(
        "desk/officers.html",
        officers=desk().officers.officers(),
        candidates=desk().officers.candidates(acting()),
        own=acting().id,
        handed=handed,
        error=error,
    )
