"""Signing in at the desk with the desk's own credentials; enrolling; one's own sessions.

Passwords may be pasted and come from password managers (WCAG 2.2, 3.3.8).
"""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.errors import ChanceryError, InvalidInput
from core.identity.permissions import Permission
from core.types import SessionId
from web import errors
from web.desk.context import acting, desk, field
from web.security import (
    end_session,
    local_path,
    permission,
    public,
    start_session,
    visitor_or_none,
)
from web.signin.agents import browser_of

blueprint = Blueprint("signin", __name__)

Page = tuple[str, int, dict[str, str]]


@blueprint.get("/signin")
@public
def form() -> Response | str:
    """Ask for name and password."""
    if visitor_or_none() is not None:
        return redirect(_next(), code=303)
    said = {"ended": "You are signed out.", "enrolled": "Your password is set. Sign in with it."}
    note = next((sentence for name, sentence in said.items() if name in request.args), "")
    return _form("", note=note)


@blueprint.post("/signin")
@public
def sign_in() -> Response | Page:
    """Start a session, or say why not."""
    username = request.form.get("username", "")
    try:
        token, _ = desk().signin.sign_in(
            username,
            request.form.get("password", ""),
            request.remote_addr or "",
            request.user_agent.string,
        )
    except ChanceryError as error:
        if not errors.wants_page():
            raise
        return _form(username, error=error), error.status, errors.retry_header(error)
    response = redirect(_next(), code=303)
    start_session(response, token)
    return response


@blueprint.get("/enrol")
@public
def enrolment() -> str:
    """Ask for the one-time code and a password."""
    return render_template("desk/enrol.html", error=None, code="")


@blueprint.post("/enrol")
@public
def enrol() -> Response | Page:
    """Set an officer's password; the code is spent."""
    password = request.form.get("password", "")
    try:
        if password != request.form.get("again", ""):
            raise InvalidInput("The two passwords differ. Type the same one twice.", code="passwords_differ")
        desk().officers.enrol(field("code"), password)
    except ChanceryError as error:
        if not errors.wants_page():
            raise
        page = render_template("desk/enrol.html", error=error, code=request.form.get("code", ""))
        return page, error.status, errors.retry_header(error)
    return redirect(url_for("signin.form", enrolled=1), code=303)


@blueprint.post("/signout")
@permission(Permission.SESSION_OWN)
def sign_out() -> Response:
    """End this session."""
    principal = acting()
    if principal.session is not None:
        desk().signin.revoke(principal.id, principal.session)
    return _signed_out()


@blueprint.get("/sessions")
@permission(Permission.SESSION_OWN)
def sessions() -> str:
    """Show where one is signed in."""
    principal = acting()
    found = [(each, browser_of(each.user_agent)) for each in desk().signin.sessions(principal.id)]
    return render_template("desk/sessions.html", sessions=found, own=principal.session)


@blueprint.post("/sessions/<session>/end")
@permission(Permission.SESSION_OWN)
def end(session: str) -> Response:
    """End one of one's own sessions."""
    principal = acting()
    desk().signin.revoke(principal.id, SessionId(session))
    return _signed_out() if session == principal.session else redirect(url_for("signin.sessions"), code=303)


@blueprint.post("/sessions/end-all")
@permission(Permission.SESSION_OWN)
def end_all() -> Response:
    """Sign out everywhere, here too."""
    principal = acting()
    desk().signin.sign_out_everywhere(principal.id, principal.id)
    return _signed_out()


def _form(username: str, *, error: ChanceryError | None = None, note: str = "") -> str:
    return render_template("desk/signin.html", wanted=_next(), username=username, error=error, note=note)


def _signed_out() -> Response:
    response = redirect(url_for("signin.form", ended=1), code=303)
    end_session(response)
    return response


def _next() -> str:
    return local_path(request.values.get("next", ""), url_for("home"))
