"""The addresses of files."""

from typing import Annotated, Any

import msgspec
from flask import Blueprint, Response, jsonify, request

from core.blobs.sealed import CHUNK
from core.errors import InvalidInput
from core.identity.permissions import Permission
from core.messaging.files.model import Role
from core.messaging.files.rows import no_file
from core.types import ConversationId, PersonId
from web.context import pages_services
from web.files.serving import answer
from web.security import permission, visitor

blueprint = Blueprint("files", __name__)

_PICTURES = {"thumb": Role.THUMB, "preview": Role.PREVIEW}
"""What is shown in a page by itself; the text that was read, and what is evidence, have no address."""


class Begin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The form that begins an upload."""

    client_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    conversation: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    name: Annotated[str, msgspec.Meta(max_length=1_000)]
    size: Annotated[int, msgspec.Meta(ge=0, le=2**50)]


@blueprint.post("/api/files")
@permission(Permission.FILE_SEND)
def begin() -> Response:
    """Begin an upload, or find the one that this request began before."""
    try:
        form = msgspec.json.decode(request.get_data(), type=Begin)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InvalidInput("This is no upload that the server knows.", code="bad_request") from None
    return jsonify(
        pages_services().files.uploads.start(
            _me(), form.client_id, ConversationId(form.conversation), form.name, form.size
        )
    )


@blueprint.put("/api/files/<file>/<int:offset>")
@permission(Permission.FILE_SEND, max_body=CHUNK)
def piece(file: str, offset: int) -> Response:
    """Take one piece."""
    return jsonify(pages_services().files.uploads.write(_me(), file, offset, request.get_data(cache=False)))


@blueprint.get("/api/files/<file>")
@permission(Permission.FILE_SEND)
def state(file: str) -> Response:
    """Tell how far an upload came."""
    return jsonify(pages_services().files.uploads.state(_me(), file))


@blueprint.delete("/api/files/<file>")
@permission(Permission.FILE_SEND)
def cancel(file: str) -> Response:
    """Forget a file that was not sent."""
    pages_services().files.uploads.cancel(_me(), file)
    return jsonify({"ok": True})


@blueprint.get("/api/conversations/<conversation>/files")
@permission(Permission.CHAT_USE)
def listed(conversation: str) -> Response:
    """List the files of a conversation."""
    before = request.args.get("before", type=_place)
    found: dict[str, Any] = pages_services().files.shown.list(_me(), ConversationId(conversation), before)
    return jsonify(found)


@blueprint.get("/files/<file>")
@permission(Permission.CHAT_USE)
def whole(file: str) -> Response:
    """Give a file; its name is in a header, for what people wrote stands in no address."""
    shown = pages_services().files.shown
    given = shown.get(_me(), file)
    stored = given.stored
    return answer(
        given.file.meta.name,
        given.type,
        stored.size,
        lambda start, end: shown.read(given, start, end),
        stored.id,
    )


@blueprint.get("/files/<file>/<which>")
@permission(Permission.CHAT_USE)
def picture(file: str, which: str) -> Response:
    """Give a small picture of a file."""
    shown = pages_services().files.shown
    if which not in _PICTURES:
        raise no_file()
    given = shown.get(_me(), file, _PICTURES[which])
    stored = given.stored
    return answer(
        f"{which}.webp",
        given.type,
        stored.size,
        lambda start, end: shown.read(given, start, end),
        stored.id,
    )


def _place(text: str) -> int:
    """Return a place in a list; one that no store could hold is as good as none. Raises ValueError."""
    place = int(text)
    if not 0 <= place <= 2**53:
        raise ValueError(text)
    return place


def _me() -> PersonId:
    return PersonId(visitor().principal.id)
