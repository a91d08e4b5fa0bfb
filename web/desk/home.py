"""The desk's first page."""

from flask import render_template

from core.identity.permissions import Permission, is_permitted
from core.types import to_ms
from web.desk.context import acting, desk
from web.security import permission


@permission(Permission.DESK_SIGN_IN)
def home() -> str:
    """Show one's queues with their ages, one's matters, and how complete the record is."""
    principal = acting()
    matters = desk().matters.of(principal) if is_permitted(principal, Permission.MATTER_OPEN) else []
    return render_template(
        "desk/home.html",
        overview=desk().home.overview(),
        matters=[matter for matter in matters if matter.closed_ms is None],
        now_ms=to_ms(desk().clock.now()),
    )
