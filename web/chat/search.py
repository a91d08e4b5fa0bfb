"""Searching in one's own conversations, for the chat page. A query travels in a body, never in an address."""

from dataclasses import asdict
from typing import Annotated, Any

import msgspec
from flask import Blueprint, request

from core.errors import InvalidInput
from core.identity.permissions import Permission
from core.types import PersonId
from web.context import pages_services
from web.ports import Hit
from web.security import permission, visitor

blueprint = Blueprint("search", __name__)


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A search: the query, and where the page before ended."""

    query: Annotated[str, msgspec.Meta(max_length=4_000)]
    after: (
        tuple[Annotated[int, msgspec.Meta(ge=0, le=2**53)], Annotated[str, msgspec.Meta(max_length=64)]]
        | None
    ) = None


@blueprint.post("/api/search")
@permission(Permission.CHAT_USE)
def search() -> dict[str, Any]:
    """Return a page of messages, newest first, and where the next one begins."""
    try:
        asked = msgspec.json.decode(request.get_data(), type=Asked)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput("The request is incomplete or malformed.", code="bad_request") from error
    after = Hit(*asked.after) if asked.after else None
    page = pages_services().search.search(PersonId(visitor().principal.id), asked.query, after=after)
    last = page.next_page
    return {
        "found": [asdict(one) for one in page.found],
        "next": [last.at_ms, last.rid] if last else None,
        "waiting": page.waiting,
    }
