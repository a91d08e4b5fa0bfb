"""Matters: open, add to, close; and their searches. Query words travel in bodies and are kept sealed."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.bootstrap.desk import Ask, Found, KeptSearch
from audit.matters.matters import Matter
from audit.search.port import Hit
from core.errors import ChanceryError, InvalidInput
from core.identity.permissions import Permission
from core.types import MatterId, OfficerId
from web import errors
from web.desk.context import acting, day, desk, field, number
from web.files import serving
from web.security import permission

MOST_AROUND = 100

blueprint = Blueprint("matters", __name__, url_prefix="/matters")


@blueprint.get("")
@permission(Permission.MATTER_OPEN)
def index() -> str:
    """Show one's matters."""
    return _index("")


@blueprint.post("")
@permission(Permission.MATTER_OPEN)
def open_matter() -> Response | tuple[str, int]:
    """Open a matter with a purpose and its officers."""
    purpose = field("purpose")
    officers = [OfficerId(officer) for officer in request.form.getlist("officer")]
    try:
        matter = desk().matters.open(acting(), purpose, officers)
    except ChanceryError as error:
        if not errors.wants_page():
            raise
        return _index(purpose, error), error.status
    return redirect(url_for("matters.page", matter=matter), code=303)


@blueprint.get("/<matter>")
@permission(Permission.MATTER_OPEN)
def page(matter: str) -> str:
    """Show a matter: its purpose, its officers, its searches, and a place to search."""
    return _page(_matter(matter), Ask("", ""))


@blueprint.post("/<matter>/officers")
@permission(Permission.MATTER_OPEN)
def add_officers(matter: str) -> Response:
    """Let further officers read in a matter."""
    officers = [OfficerId(officer) for officer in request.form.getlist("officer")]
    desk().matters.add(acting(), MatterId(matter), officers)
    return redirect(url_for("matters.page", matter=matter), code=303)


@blueprint.post("/<matter>/close")
@permission(Permission.MATTER_OPEN)
def close(matter: str) -> Response | tuple[str, int]:
    """Close a matter: nothing more is read in it."""
    try:
        desk().matters.close(acting(), MatterId(matter))
    except ChanceryError as error:
        if not errors.wants_page() or error.status == 404:
            raise
        return _page(_matter(matter), Ask("", ""), error), error.status
    return redirect(url_for("matters.page", matter=matter), code=303)


@blueprint.post("/<matter>/searches")
@permission(Permission.ARCHIVE_SEARCH)
def ask(matter: str) -> Response | tuple[str, int]:
    """Keep what is asked, and go to its results."""
    asked = Ask(field("query"), field("reason"))
    try:
        asked = Ask(asked.query, asked.reason, day("first"), day("last"))
        search = desk().matters.keep(acting(), MatterId(matter), asked)
    except ChanceryError as error:
        if not errors.wants_page() or error.status == 404:
            raise
        return _page(_matter(matter), asked, error), error.status
    return redirect(url_for("matters.results", matter=matter, search=search), code=303)


@blueprint.get("/<matter>/searches/<search>")
@permission(Permission.ARCHIVE_SEARCH)
def results(matter: str, search: str) -> str | tuple[str, int]:
    """Show one page of what a search finds."""
    found_in, kept = _matter(matter), _search(matter, search)
    if kept.officer != acting().id:
        return _page(found_in, Ask(kept.ask.query, "", kept.ask.first, kept.ask.last))
    try:
        found = desk().matters.run(acting(), found_in.id, search, _cursor())
    except ChanceryError as error:
        if not errors.wants_page():
            raise
        return _results(found_in, kept, None, error), error.status
    return _results(found_in, kept, found)


@blueprint.get("/<matter>/searches/<search>/items/<item>")
@permission(Permission.ARCHIVE_READ)
def read(matter: str, search: str, item: str) -> str:
    """Show an item with all its versions, its decisions, its proof, and what was said around it."""
    return _item(matter, search, item)


@blueprint.post("/<matter>/searches/<search>/items/<item>")
@permission(Permission.MESSAGE_RECALL)
def recall(matter: str, search: str, item: str) -> Response | tuple[str, int]:
    """Recall a delivered message or restore it; the worker carries it out."""
    reason, decision = field("reason"), field("decision")
    try:
        if decision == "recall":
            desk().recalls.recall(acting(), MatterId(matter), search, item, reason)
        elif decision == "restore":
            desk().recalls.restore(acting(), MatterId(matter), search, item, reason)
        else:
            raise InvalidInput("Choose to recall or to restore.", code="bad_decision")
    except ChanceryError as error:
        if not errors.wants_page() or error.status == 404:
            raise
        return _item(matter, search, item, reason, error), error.status
    return redirect(url_for("matters.read", matter=matter, search=search, item=item), code=303)


@blueprint.get("/<matter>/searches/<search>/items/<item>/files/<file>")
@permission(Permission.ARCHIVE_READ)
def evidence(matter: str, search: str, item: str, file: str) -> Response:
    """Give a file of an item as its sender sent it; that it was given is on record."""
    found = desk().matters.file(acting(), MatterId(matter), search, item, file)
    return serving.download(found.name, found.size, found.read)


def _item(matter: str, search: str, item: str, reason: str = "", error: ChanceryError | None = None) -> str:
    found_in, kept = _matter(matter), _search(matter, search)
    around = number("around", 8, MOST_AROUND)
    reading = desk().matters.read(acting(), found_in.id, search, item, around)
    return render_template(
        "desk/item.html",
        matter=found_in,
        kept=kept,
        reading=reading,
        recallable=desk().recalls.of(acting(), reading),
        reason=reason,
        error=error,
        more=min(around * 3, MOST_AROUND) if around < MOST_AROUND else None,
    )


def _matter(matter: str) -> Matter:
    return desk().matters.get(acting(), MatterId(matter))


def _search(matter: str, search: str) -> KeptSearch:
    return desk().matters.search(acting(), MatterId(matter), search)


def _cursor() -> Hit | None:
    """Return where the page begins: after the last hit of the one before, a time and an id."""
    at_ms, _, rid = request.args.get("after", "").partition(".")
    return Hit(int(at_ms), rid) if at_ms.isascii() and at_ms.isdigit() and len(at_ms) < 16 and rid else None


def _index(purpose: str, error: ChanceryError | None = None) -> str:
    principal = acting()
    return render_template(
        "desk/matters.html",
        matters=desk().matters.of(principal),
        colleagues=[one for one in desk().officers.colleagues() if one.id != principal.id],
        purpose=purpose,
        error=error,
    )


def _page(matter: Matter, asked: Ask, error: ChanceryError | None = None) -> str:
    return render_template(
        "desk/matter.html",
        matter=matter,
        officers=[one for one in desk().officers.officers() if one.id in matter.officers],
        others=[one for one in desk().officers.colleagues() if one.id not in matter.officers],
        searches=desk().matters.searches(acting(), matter.id),
        ask=asked,
        error=error,
    )


def _results(
    matter: Matter, kept: KeptSearch, found: Found | None, error: ChanceryError | None = None
) -> str:
    return render_template(
        "desk/results.html", matter=matter, kept=kept, ask=kept.ask, found=found, error=error,
        further="after" in request.args,
    )  # fmt: skip
