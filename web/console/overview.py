"""The console's first page, and health."""

from flask import Blueprint, render_template

from core.identity.permissions import Permission
from web.context import pages_services
from web.security import permission

blueprint = Blueprint("console", __name__)


@blueprint.get("/console/", alias=True)
@blueprint.get("/console")
@permission(Permission.CONSOLE_VIEW)
def overview() -> str:
    """Say what can be done here, by whom."""
    return render_template("console/overview.html")


@blueprint.get("/console/health/", alias=True)
@blueprint.get("/console/health")
@permission(Permission.STATUS_VIEW)
def health() -> str:
    """Show every check; red ones say the next step."""
    return render_template("console/health.html", lines=pages_services().health.report())
