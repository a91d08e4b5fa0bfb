"""The trail: who did what when."""

from flask import Blueprint, render_template

from core.identity.permissions import Permission
from web.desk.context import desk, number
from web.security import permission

blueprint = Blueprint("trail", __name__, url_prefix="/trail")


@blueprint.get("")
@permission(Permission.TRAIL_READ)
def index() -> str:
    """Show the newest acts, or those before a leaf."""
    before = number("before", 0, 10**9)
    return render_template("desk/trail.html", page=desk().trail.page(before or None), before=before)
