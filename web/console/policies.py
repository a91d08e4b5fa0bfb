"""Policies for their authors: what is in force, check a bundle, propose one. Approval is at the desk."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.errors import ChanceryError, InvalidInput, Unavailable
from core.identity.permissions import Permission
from policies.written import written
from web import errors
from web.console.words import sections
from web.context import pages_services
from web.ports import LintReport
from web.security import MAX_BUNDLE_BODY, permission, visitor

blueprint = Blueprint("policies", __name__, url_prefix="/console/policies")


@blueprint.get("")
@permission(Permission.CONSOLE_VIEW)
def index() -> str:
    """Show the bundle in force, in words, and all proposals."""
    policies = pages_services().policies
    try:
        live = policies.live()
    except Unavailable as error:
        return render_template("console/policies.html", live=None, error=error, sections=(), proposals=())
    return render_template(
        "console/policies.html",
        live=live,
        error=None,
        sections=sections(live.bundle),
        proposals=policies.proposals(),
    )


@blueprint.get("/draft")
@permission(Permission.POLICY_LINT)
def draft() -> str:
    """Offer a place to paste a bundle; ``?from=live`` begins with the one in force."""
    if request.args.get("from") != "live":
        return _draft("", "")
    return _draft(written(pages_services().policies.live().bundle), "")


@blueprint.post("/lint")
@permission(Permission.POLICY_LINT, max_body=MAX_BUNDLE_BODY)
def lint() -> str | tuple[str, int]:
    """Say what is wrong with a bundle, and what its own tests say."""
    source, reason = _source(), request.form.get("reason", "")
    try:
        report = pages_services().policies.lint(source)
    except ChanceryError as error:
        if not errors.wants_page():
            raise
        return _draft(source, reason, error=error), error.status
    return _draft(source, reason, report=report)


@blueprint.post("/propose")
@permission(Permission.POLICY_PROPOSE, max_body=MAX_BUNDLE_BODY)
def propose() -> Response | tuple[str, int]:
    """Propose a bundle with a reason."""
    source, reason = _source(), request.form.get("reason", "").strip()
    try:
        pages_services().policies.propose(visitor().principal, source, reason)
    except ChanceryError as error:
        if not errors.wants_page():
            raise
        return _draft(source, reason, error=error), error.status
    return redirect(url_for("policies.index", _anchor="proposals"), code=303)


def _source() -> str:
    """Return the bundle of the form: the file if one was chosen, else the text."""
    uploaded = request.files.get("file")
    if uploaded is None or not uploaded.filename:
        return request.form.get("source", "")
    try:
        return bytes(uploaded.read()).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput("The file is not UTF-8 text. Save it as UTF-8.", code="bad_encoding") from error


def _draft(
    source: str, reason: str, *, report: LintReport | None = None, error: ChanceryError | None = None
) -> str:
    return render_template("console/draft.html", source=source, reason=reason, report=report, error=error)
