"""How whoever looks at a page wants it, and where they say so: on the chat's side and at the desk alike."""

from typing import Final

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.errors import ChanceryError
from core.identity.permissions import Permission
from core.identity.preferences import DEFAULTS, Notify, Preferences, SendWith, Theme
from web.context import services
from web.i18n import gettext, languages
from web.security import permission, visitor, visitor_or_none

blueprint = Blueprint("preferences", __name__)

_CHOICES: Final = ("theme", "language", "send_with", "notify")
_SWITCHES: Final = ("single_keys",)


def preferred() -> Preferences:
    """Return what whoever looks at this page prefers; the defaults of strangers."""
    if "preferences" not in g:
        # Also while they are read: what goes wrong then is told on a page as well.
        leave_alone()
        found = visitor_or_none()
        if found is not None:
            g.preferences = services().preferences.of(found.principal.id)
    chosen: Preferences = g.preferences
    return chosen


def leave_alone() -> None:
    """Show this page with the defaults: where preferences are kept may be what is broken."""
    g.preferences = DEFAULTS


@blueprint.get("/preferences")
@permission(Permission.PREFERENCES_OWN)
def page() -> str:
    """Show what one has chosen, and what else there is."""
    return _page(preferred())


@blueprint.post("/preferences")
@permission(Permission.PREFERENCES_OWN)
def change() -> Response | tuple[str, int]:
    """Take over what one has chosen; what the form does not show stays."""
    choices = {name: request.form.get(name) for name in _CHOICES}
    switches = {name: name in request.form for name in _SWITCHES}
    try:
        services().preferences.change(visitor().principal.id, **choices, **switches)
    except ChanceryError as error:
        return _page(preferred(), error=error), error.status
    return redirect(url_for("preferences.page", saved=1), code=303)


def _page(chosen: Preferences, error: ChanceryError | None = None) -> str:
    return render_template(
        "preferences.html",
        chosen=chosen,
        error=error,
        saved="saved" in request.args,
        themes={
            Theme.SYSTEM: gettext("As my system"),
            Theme.LIGHT: gettext("Light"),
            Theme.DARK: gettext("Dark"),
            Theme.CONTRAST: gettext("High contrast"),
        },
        languages={"": gettext("As my browser"), **{code: each.name for code, each in languages().items()}},
        sends={
            SendWith.ENTER: gettext("Enter sends, Shift+Enter starts a new line"),
            SendWith.CTRL_ENTER: gettext("Ctrl+Enter sends, Enter starts a new line"),
        },
        notifies={
            Notify.MENTIONS: gettext("Direct messages and mentions of me"),
            Notify.ALL: gettext("Every message that is not muted"),
            Notify.NOTHING: gettext("Nothing"),
        },
    )
