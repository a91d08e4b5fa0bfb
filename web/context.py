"""What views reach for: the services of their application."""

from typing import TYPE_CHECKING, Any

from flask import current_app

if TYPE_CHECKING:
    from web.ports import PagesServices

SERVICES = "chancery.services"


def services() -> Any:
    """Return what the application was made with, whichever it is."""
    return current_app.extensions[SERVICES]


def pages_services() -> "PagesServices":
    """Return the services of the chat pages."""
    found: PagesServices = services()
    return found
