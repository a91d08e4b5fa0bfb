"""How the desk's views reach what they are given, and what forms send."""

from datetime import date

from flask import request

from core.errors import InvalidInput
from core.identity.permissions import Principal
from web.context import services
from web.desk.ports.pages import DeskPages
from web.security import visitor


def desk() -> DeskPages:
    """Return what this application was made with."""
    found: DeskPages = services()
    return found


def acting() -> Principal:
    """Return who asks. Raises NotSignedIn."""
    return visitor().principal


def field(name: str) -> str:
    """Return a field of the form without surrounding space."""
    return request.form.get(name, "").strip()


def day(name: str) -> date | None:
    """Return a day of the form, None if it is empty.

    Raises:
        InvalidInput: ``bad_dates``.
    """
    given = field(name)
    if not given:
        return None
    try:
        found = date.fromisoformat(given)
    except ValueError as error:
        raise InvalidInput("Write days as 2026-03-31.", code="bad_dates") from error
    if found == date.max:
        raise InvalidInput("Leave the last day open instead.", code="bad_dates")
    return found


def number(name: str, otherwise: int, most: int) -> int:
    """Return a number of the address between 0 and ``most``, or ``otherwise``."""
    given = request.args.get(name, "")
    return min(int(given), most) if given.isascii() and given.isdigit() and len(given) < 10 else otherwise
