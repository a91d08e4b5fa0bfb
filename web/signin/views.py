"""Signing in and out, one's own sessions, and one's own password where it is kept here.

Passwords may be pasted and come from password managers (WCAG 2.2, 3.3.8). Errors are shown in
words on the same page, with the wait where there is one.
"""

from typing import Final

import structlog
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.errors import ChanceryError, InvalidInput, Unavailable
from core.identity.permissions import Permission
from core.logs import Recurring
from core.types import SessionId
from web import errors
from web.context import pages_services
from web.security import (
    end_session,
    local_path,
    permission,
    public,
    start_session,
    visitor,
    visitor_or_none,
)
from web.signin.agents import browser_of

DIRECTORY_UNAVAILABLE: Final = "directory_unavailable"

blueprint = Blueprint("signin", __name__)
_directory_away = Recurring(structlog.get_logger(__name__), "nobody can be signed in")


@blueprint.get("/signin")
@public
def form() -> Response | str:
    """Ask for name and password."""
    wanted = _next()
    if visitor_or_none() is not None:
        return redirect(wanted, code=303)
    return render_template(
        "signin/form.html", wanted=wanted, username="", error=None, ended="ended" in request.args
    )


@blueprint.post("/signin")
@public
def sign_in() -> Response | tuple[str, int, dict[str, str]]:
    """Start a session, or say why not."""
    username = request.form.get("username", "")
    wanted = _next()
    try:
        token, _ = pages_services().signin.sign_in(
            username,
            request.form.get("password", ""),
            request.remote_addr or "",
            request.user_agent.string,
        )
    except ChanceryError as found:
        error = _for_strangers(found)
        if not errors.wants_page():
            return errors.answer(error)
        page = render_template("signin/form.html", wanted=wanted, username=username, error=error, ended=False)
        return page, error.status, errors.retry_header(error)
    _directory_away.well()
    response = redirect(wanted, code=303)
    start_session(response, token)
    return response


def _for_strangers(error: ChanceryError) -> ChanceryError:
    """Return what may be told to who is not signed in: not which servers there are, nor what ails them."""
    if error.code != DIRECTORY_UNAVAILABLE:
        return error
    _directory_away.failed()
    return Unavailable(
        "Nobody can be signed in right now: the firm's directory does not answer. Try again in a minute; "
        "if it goes on, tell IT.",
        code=error.code,
    )


@blueprint.post("/signout")
@permission(Permission.SESSION_OWN)
def sign_out() -> Response:
    """End this session."""
    principal = visitor().principal
    if principal.session is not None:
        pages_services().signin.revoke(principal.id, principal.session)
    return _signed_out()


@blueprint.get("/sessions")
@permission(Permission.SESSION_OWN)
def sessions() -> str:
    """Show where one is signed in."""
    principal = visitor().principal
    found = pages_services().signin.sessions(principal.id)
    return render_template(
        "signin/sessions.html",
        sessions=[(each, browser_of(each.user_agent)) for each in found],
        own=principal.session,
        kept_here=pages_services().password.kept_here,
        changed="changed" in request.args,
    )


@blueprint.post("/sessions/<session>/end")
@permission(Permission.SESSION_OWN)
def end(session: str) -> Response:
    """End one of one's own sessions."""
    principal = visitor().principal
    pages_services().signin.revoke(principal.id, SessionId(session))
    return _signed_out() if session == principal.session else redirect(url_for("signin.sessions"), code=303)


@blueprint.post("/sessions/end-all")
@permission(Permission.SESSION_OWN)
def end_all() -> Response:
    """Sign out everywhere, here too."""
    principal = visitor().principal
    pages_services().signin.sign_out_everywhere(principal.id, principal.id)
    return _signed_out()


@blueprint.get("/password")
@permission(Permission.SESSION_OWN)
def password() -> Response | str:
    """Ask for the current password and for another one."""
    if not pages_services().password.kept_here:
        return redirect(url_for("signin.sessions"), code=303)
    return render_template("signin/password.html", error=None)


@blueprint.post("/password")
@permission(Permission.SESSION_OWN)
def change_password() -> Response | tuple[str, int, dict[str, str]]:
    """Take another password; all other sessions end."""
    own, new = visitor(), request.form.get("password", "")
    try:
        if new != request.form.get("again", ""):
            raise InvalidInput("The two passwords differ. Type the same one twice.", code="passwords_differ")
        current, address = request.form.get("current", ""), request.remote_addr or ""
        pages_services().password.change(own.principal, own.username, current, new, address)
    except ChanceryError as error:
        if not errors.wants_page():
            return errors.answer(error)
        page = render_template("signin/password.html", error=error)
        return page, error.status, errors.retry_header(error)
    return redirect(url_for("signin.sessions", changed=1), code=303)


def _signed_out() -> Response:
    response = redirect(url_for("signin.form", ended=1), code=303)
    end_session(response)
    # Drafts and what waits to be sent lie in the browser: they go with whoever wrote them.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


def _next() -> str:
    return local_path(request.values.get("next", ""), url_for("home"))
