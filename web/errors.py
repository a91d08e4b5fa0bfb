"""One handler for everything that goes wrong: a stable code, a sentence, a request id.

Never a stack trace. What is not one of our errors becomes ``internal``; the log has its type and
place under the request id, and never its message, which may hold text of a conversation.
"""

import math
import traceback

import structlog
from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from core.errors import ChanceryError, InvalidInput, NotFound, NotSignedIn, TooLarge
from core.types import new_id
from web.preferences import leave_alone

REQUEST_ID_HEADER = "X-Request-Id"
SIGN_IN_ENDPOINT = "signin.form"

_log = structlog.get_logger("web")


class WrongMethod(InvalidInput):
    """The page exists, but not for this method."""

    status = 405
    default_code = "wrong_method"


class Internal(ChanceryError):
    """Something that should not happen; the log knows where."""

    status = 500
    default_code = "internal"


def install(app: Flask) -> None:
    """Give every request an id and every failure one form."""

    @app.before_request
    def name_request() -> None:
        # A thread serves one request after another: what it logs belongs to this one.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id())

    @app.after_request
    def tell_request_id(response: Response) -> Response:
        response.headers[REQUEST_ID_HEADER] = request_id()
        return response

    @app.errorhandler(ChanceryError)
    def typed(error: ChanceryError) -> AnyResponse:
        return answer(error)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> AnyResponse:
        if error.code is not None and error.code < 400:
            return AnyResponse(headers=error.get_headers(), status=error.code)
        return answer(from_http(error))

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> AnyResponse:
        _log.error(
            "request_failed",
            endpoint=request.endpoint,
            error=type(error).__qualname__,
            where=[
                f"{at.filename}:{at.lineno} {at.name}"
                for at in traceback.extract_tb(error.__traceback__)[-5:]
            ],
        )
        return answer(Internal("Something went wrong on our side. Nothing was saved; try again."))


def request_id() -> str:
    """Return the id of this request, which stands in the log and on the error page."""
    if "request_id" not in g:
        g.request_id = new_id()[:12]
    found: str = g.request_id
    return found


def wants_page() -> bool:
    """Tell whether whoever asks is a browser that shows pages, not a program."""
    accepted = request.accept_mimetypes
    return accepted["text/html"] > 0 and accepted["text/html"] >= accepted["application/json"]


def answer(error: ChanceryError) -> AnyResponse:
    """Return ``error`` in the form that was asked for."""
    if error.status >= 500:
        leave_alone()
    if not wants_page():
        response: AnyResponse = jsonify({**error.as_dict(), "request_id": request_id()})
    elif isinstance(error, NotSignedIn) and request.method == "GET" and request.endpoint:
        return redirect(url_for(SIGN_IN_ENDPOINT, next=request.path), code=303)
    else:
        response = make_response(render_template("error.html", error=error))
    response.status_code = error.status
    response.headers.update(retry_header(error))
    return response


def retry_header(error: ChanceryError) -> dict[str, str]:
    """Return ``Retry-After`` in whole seconds (RFC 9110, 10.2.3) where the error says when."""
    wait = error.params.get("retry_after")
    return {} if wait is None else {"Retry-After": str(math.ceil(wait))}


def from_http(error: HTTPException) -> ChanceryError:
    """Return one of our errors for one that Flask raised by itself."""
    if error.code == 404:
        return NotFound("There is no such page.", code="no_page")
    if error.code == 405:
        return WrongMethod("This page cannot be used in this way.")
    if error.code == 413:
        return TooLarge("This is more than the page takes. Send less at a time.")
    if error.code is not None and error.code < 500:
        return InvalidInput("The request is incomplete or malformed.", code="bad_request")
    return Internal("Something went wrong on our side. Nothing was saved; try again.")
