"""The release queue: what waits, its archived record, and the decision on it."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.bootstrap.desk import QueueOrder
from core.errors import ChanceryError, Conflict, InvalidInput
from core.identity.permissions import Permission
from core.types import to_ms
from web import errors
from web.desk.context import acting, desk, field, number
from web.files import serving
from web.security import permission

blueprint = Blueprint("queue", __name__, url_prefix="/queue")


@blueprint.get("")
@permission(Permission.RELEASE_DECIDE)
def index() -> str:
    """Show what waits for a decision, with who, where and why; or, ``?ended``, what was decided."""
    start, ended = number("start", 0, 10**6), "ended" in request.args
    order = QueueOrder.EXPIRES if request.args.get("order") == QueueOrder.EXPIRES else QueueOrder.SINCE
    queue = desk().queue
    return render_template(
        "desk/queue.html",
        queue=queue.ended(start) if ended else queue.waiting(acting(), order, start),
        ended=ended,
        order=order,
        start=start,
        now_ms=to_ms(desk().clock.now()),
    )


@blueprint.get("/<item>")
@permission(Permission.RELEASE_DECIDE)
def entry(item: str) -> str:
    """Show an entry with its record while it can be decided; afterwards what came of it."""
    return _entry(item)


@blueprint.get("/<item>/files/<file>")
@permission(Permission.RELEASE_DECIDE)
def evidence(item: str, file: str) -> Response:
    """Give a file of an entry that waits; that it was given is on record."""
    found = desk().queue.file(acting(), item, file)
    return serving.download(found.name, found.size, found.read)


@blueprint.post("/<item>")
@permission(Permission.RELEASE_DECIDE)
def decide(item: str) -> Response | tuple[str, int]:
    """Release or reject an entry; the worker carries it out."""
    reason, decision = field("reason"), field("decision")
    try:
        if decision == "release":
            desk().queue.release(acting(), item, request.form.getlist("approved"), reason)
        elif decision == "reject":
            desk().queue.reject(acting(), item, reason)
        else:
            raise InvalidInput("Choose to release or to reject.", code="bad_decision")
    except ChanceryError as error:
        if not errors.wants_page() or error.status == 404:
            raise
        return _entry(item, reason, error), error.status
    return redirect(url_for("queue.entry", item=item), code=303)


def _entry(item: str, reason: str = "", error: ChanceryError | None = None) -> str:
    """Return the page of an entry; one that was decided meanwhile is shown as it stands now."""
    found, opened = desk().queue.get(item), None
    if found.state.is_open:
        try:
            opened = desk().queue.read(acting(), item)
        except Conflict:
            found = desk().queue.get(item)
    return render_template(
        "desk/entry.html",
        entry=found,
        opened=opened,
        following=None if found.state.is_open else desk().queue.following(item),
        reason=reason,
        error=error,
        now_ms=to_ms(desk().clock.now()),
    )
