"""Legal holds: what must not be destroyed, by person or conversation, inside a matter; and retention."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.bootstrap.desk import HoldAsk
from core.errors import ChanceryError
from core.identity.permissions import Permission
from core.types import to_ms
from web import errors
from web.desk.context import acting, day, desk, field
from web.security import permission

blueprint = Blueprint("holds", __name__)


@blueprint.get("/holds")
@permission(Permission.HOLD_MANAGE)
def index() -> str:
    """Show all holds, and a form that a record may have filled with its person or conversation."""
    asked = HoldAsk(
        matter=request.args.get("matter", ""),
        person=desk().holds.username(request.args.get("person", "")),
        conversation=request.args.get("conversation", ""),
    )
    return _index(asked)


@blueprint.post("/holds")
@permission(Permission.HOLD_MANAGE)
def add() -> Response | tuple[str, int]:
    """Put a person, a conversation, or what both share on hold."""
    asked = HoldAsk(
        matter=field("matter"),
        person=field("person"),
        conversation=field("conversation"),
        reason=field("reason"),
        accept_lost=bool(field("accept_lost")),
    )
    try:
        asked = HoldAsk(
            asked.matter, asked.person, asked.conversation, day("first"), day("last"), asked.reason,
            asked.accept_lost,
        )  # fmt: skip
        hold = desk().holds.add(acting(), asked)
    except ChanceryError as error:
        if not errors.wants_page():
            raise
        return _index(asked, error), error.status
    return redirect(url_for("holds.page", hold=hold), code=303)


@blueprint.get("/holds/<hold>")
@permission(Permission.HOLD_MANAGE)
def page(hold: str) -> str:
    """Show one hold, what it pins, and a place to release it."""
    return _page(hold, "")


@blueprint.post("/holds/<hold>/release")
@permission(Permission.HOLD_MANAGE)
def release(hold: str) -> Response | tuple[str, int]:
    """Release a hold; that deletes nothing."""
    reason = field("reason")
    try:
        desk().holds.release(acting(), hold, reason)
    except ChanceryError as error:
        if not errors.wants_page() or error.status == 404:
            raise
        return _page(hold, reason, error), error.status
    return redirect(url_for("holds.page", hold=hold), code=303)


@blueprint.get("/retention")
@permission(Permission.STATUS_VIEW)
def retention() -> str:
    """Show every partition, when its time is over, and how far it is destroyed; no text, and no name."""
    return render_template("desk/retention.html", lines=desk().retention.lines())


def _index(asked: HoldAsk, error: ChanceryError | None = None) -> str:
    principal = acting()
    return render_template(
        "desk/holds.html",
        holds=desk().holds.all(principal),
        matters=[matter for matter in desk().matters.of(principal) if matter.closed_ms is None],
        people=desk().holds.people(),
        ask=asked,
        where=desk().holds.where(principal, asked.matter, asked.conversation) if asked.conversation else None,
        error=error,
    )


def _page(hold: str, reason: str, error: ChanceryError | None = None) -> str:
    found = desk().holds.get(acting(), hold)
    lines = {line.partition: line for line in desk().retention.lines()}
    return render_template(
        "desk/hold.html",
        hold=found,
        lines=[lines[name] for name in sorted(found.scope, reverse=True) if name in lines],
        reason=reason,
        error=error,
        now_ms=to_ms(desk().clock.now()),
    )
