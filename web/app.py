"""The Flask applications: the chat pages, the desk, and the base that they share.

Each imports its pages when it is made: no process imports what another role needs.
"""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify
from jinja2 import StrictUndefined
from markupsafe import Markup, escape
from werkzeug.middleware.proxy_fix import ProxyFix

from admin.bootstrap import read_settings
from core.identity.permissions import Permission, Role, is_permitted
from web import assets, context, errors, i18n, preferences, security
from web.context import SERVICES
from web.security import MAX_BUNDLE_BODY, Guard, csrf_token, permission, public, visitor_or_none
from web.visitor import chat_visitor, desk_visitor

if TYPE_CHECKING:
    from web.desk.ports.pages import DeskPages
    from web.ports import PagesServices

# Said by the filter ``role``.
ROLES = {
    Role.EMPLOYEE: i18n.noted("employee"),
    Role.POLICY_AUTHOR: i18n.noted("policy author"),
    Role.IT_ADMINISTRATOR: i18n.noted("IT administrator"),
    Role.COMPLIANCE_OFFICER: i18n.noted("compliance officer"),
    Role.COMPLIANCE_APPROVER: i18n.noted("compliance approver"),
    Role.POLICY_APPROVER: i18n.noted("policy approver"),
    Role.AUDITOR: i18n.noted("auditor"),
}
_BACKTICKS = re.compile(r"`([^`]+)`")


def create_app_base(
    name: str, guard: Guard, services: Any, *, frame: str = "frame.html", trusted_proxies: int = 0
) -> Flask:
    """Return an application with everything but its pages.

    ``services`` is what its views are given; ``frame`` is the template that puts its navigation around
    a page, errors included; ``trusted_proxies`` says how many proxies in front may state the client's
    address.
    """
    app = Flask(name, root_path=str(assets.STATIC.parent), static_folder=None, template_folder="templates")
    # No secret key: nothing is kept in the client, sessions are on the server.
    app.config.update(MAX_CONTENT_LENGTH=MAX_BUNDLE_BODY, MAX_FORM_MEMORY_SIZE=MAX_BUNDLE_BODY)
    app.extensions[SERVICES] = services
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["when"] = when
    app.jinja_env.filters["code"] = with_code
    app.jinja_env.filters["sentence"] = i18n.sentence_of
    app.jinja_env.filters["said"] = i18n.said
    app.jinja_env.filters["complained"] = i18n.complained
    app.jinja_env.filters["told"] = i18n.gettext
    app.jinja_env.filters["number"] = i18n.number
    app.jinja_env.filters["role"] = lambda name: i18n.gettext(ROLES[Role(name)])
    app.jinja_env.globals.update(
        frame=frame,
        csrf_token=csrf_token,
        request_id=errors.request_id,
        visitor=visitor_or_none,
        may=may,
        preferred=preferences.preferred,
    )
    if trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted_proxies, x_proto=0)  # type: ignore[method-assign]
    errors.install(app)
    security.install(app, guard)
    languages = i18n.read_languages(i18n.folders_of(services.settings))
    i18n.install(app, languages, preferred=lambda: preferences.preferred().language)
    assets.install(app, i18n.assets_of(languages))
    app.register_blueprint(preferences.blueprint)
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)
    return app


def create_pages(services: "PagesServices") -> Flask:
    """Return the chat pages: sign-in, chat, IT console."""
    from web.chat import search
    from web.chat import views as chat
    from web.console import overview, people, policies
    from web.files import views as files
    from web.help import views as help_pages
    from web.signin import views as signin

    settings = services.settings
    guard = Guard(
        url=settings.chat_url,
        cookie=security.CHAT_COOKIE,
        visitor=lambda token: chat_visitor(services.signin.identify(token)),
        connects=(security.websocket_origin(settings.realtime_url),),
    )
    app = create_app_base("chancery.pages", guard, services, trusted_proxies=settings.trusted_proxies)
    for pages in (signin, chat, search, files, people, policies, overview, help_pages):
        app.register_blueprint(pages.blueprint)
    app.add_url_rule("/", "home", permission(Permission.SESSION_OWN)(chat.home))
    return app


def create_desk_app() -> Flask:
    """Return the desk with the settings of this process, for gunicorn."""
    from admin.bootstrap.desk import build_desk_pages

    return create_desk(build_desk_pages(read_settings()))


def create_desk(services: "DeskPages") -> Flask:
    """Return the compliance desk: its own host name, cookie, accounts and sessions."""
    from web.desk import pages as desk

    guard = Guard(
        url=services.settings.desk_url,
        cookie=security.DESK_COOKIE,
        visitor=lambda token: desk_visitor(services.signin.identify(token)),
    )
    app = create_app_base(
        "chancery.desk",
        guard,
        services,
        frame="desk/layout.html",
        trusted_proxies=services.settings.trusted_proxies,
    )
    desk.install(app)
    return app


@public
def healthz() -> Response:
    """Answer that the process breathes; says nothing else to nobody in particular."""
    return jsonify({"ok": True})


@public
def readyz() -> tuple[Response, int]:
    """Answer whether the process can do its work: 503 and a short code while it cannot."""
    told, status = context.services().readiness.answer()
    return jsonify(told), status


def with_code(text: str) -> Markup:
    """Return a sentence with what stands in backticks as code."""
    return Markup(_BACKTICKS.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - it was escaped


def may(name: str) -> bool:
    """Tell a template whether to show what the permission ``name`` allows; never in place of the check."""
    found = visitor_or_none()
    return found is not None and is_permitted(found.principal, Permission(name))


def when(at: datetime | int) -> str:
    """Return a time (or milliseconds since 1970) as people read it, in UTC."""
    moment = datetime.fromtimestamp(at / 1000, UTC) if isinstance(at, int) else at
    return i18n.moment(moment)
