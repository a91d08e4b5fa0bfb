"""Proposed policies: read, compare, see their own tests, approve or reject."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from core.errors import ChanceryError, InvalidInput
from core.identity.permissions import Permission
from web import errors
from web.console.words import sections
from web.desk.context import acting, desk, field
from web.desk.rendering import differences, outline
from web.security import permission

blueprint = Blueprint("policies", __name__, url_prefix="/policies")


@blueprint.get("")
@permission(Permission.POLICY_APPROVE)
def index() -> str:
    """Show all proposals."""
    policies = desk().policies
    return render_template("desk/policies.html", proposals=policies.proposals(acting()), head=policies.head())


@blueprint.get("/<proposal>")
@permission(Permission.POLICY_APPROVE)
def page(proposal: str) -> str:
    """Show one proposal in words, its differences and its tests."""
    return _page(proposal)


@blueprint.post("/<proposal>")
@permission(Permission.POLICY_APPROVE)
def decide(proposal: str) -> Response | tuple[str, int]:
    """Approve or reject a proposal."""
    decision = field("decision")
    try:
        if decision == "approve":
            desk().policies.approve(acting(), proposal)
        elif decision == "reject":
            desk().policies.reject(acting(), proposal)
        else:
            raise InvalidInput("Choose to approve or to reject.", code="bad_decision")
    except ChanceryError as error:
        if not errors.wants_page() or error.status == 404:
            raise
        return _page(proposal, error), error.status
    return redirect(url_for("policies.page", proposal=proposal), code=303)


def _page(proposal: str, error: ChanceryError | None = None) -> str:
    review = desk().policies.review(acting(), proposal)
    lines = outline(review.canonical)
    compared = differences(outline(review.in_force), lines) if review.in_force is not None else None
    return render_template(
        "desk/policy.html",
        review=review,
        proposed=review.proposed,
        sections=sections(review.bundle),
        outline=lines,
        differences=compared,
        error=error,
    )
