"""Help for employees, and a page that shows every part of the screens in every state.

Both are for everybody: nothing on them is anybody's, and help stands where one cannot get in.
"""

import re
from functools import cache
from typing import Final

from flask import Blueprint, render_template

from web.assets import STATIC
from web.security import public

blueprint = Blueprint("help", __name__, url_prefix="/help")

_SYMBOL: Final = re.compile(r'<symbol id="([a-z]+)"')


@blueprint.get("")
@public
def page() -> str:
    """Say what is kept, who reads it, what the states of a message mean, and which keys there are."""
    return render_template("help/page.html")


@blueprint.get("/components")
@public
def components() -> str:
    """Show every component in every state, for those who build screens and for the tests."""
    return render_template("help/components.html", icon_names=icon_names())


@cache
def icon_names() -> tuple[str, ...]:
    """Return the names of all icons of the sprite."""
    return tuple(_SYMBOL.findall((STATIC / "icons.svg").read_text("utf-8")))
