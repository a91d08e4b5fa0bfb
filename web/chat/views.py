"""The chat page: a frame rendered here, and an island that talks to the websocket.

The page holds no conversation: everything that people said comes over the websocket, to whoever is
a member at that moment.
"""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from core.identity.permissions import Permission, is_permitted
from web.context import pages_services
from web.security import permission, visitor

blueprint = Blueprint("chat", __name__)


def home() -> Response:
    """Go where this person can do something: the chat, or the console."""
    principal = visitor().principal
    if is_permitted(principal, Permission.CHAT_USE):
        return redirect(url_for("chat.page"), code=303)
    if is_permitted(principal, Permission.CONSOLE_VIEW):
        return redirect(url_for("console.overview"), code=303)
    return redirect(url_for("signin.sessions"), code=303)


@blueprint.get("/chat")
@permission(Permission.CHAT_USE)
def page() -> str:
    """Show the chat."""
    return render_template(
        "chat/page.html",
        realtime_url=pages_services().settings.realtime_url,
        person=visitor().principal.id,
    )
