"""How a file is answered: which part of it, and so that no browser takes it for a page of ours."""

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final
from urllib.parse import quote

from flask import Response, request

INLINE: Final = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "audio/flac",
        "audio/mp4",
        "video/mp4",
        "video/webm",
        "video/quicktime",
    }
)
"""What a browser may show by itself; nothing of it can run."""
_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_SAFE: Final = re.compile(r"[^A-Za-z0-9._ -]")


def answer(
    name: str, kind: str, size: int, read: Callable[[int, int], Iterator[bytes]], tag: str = ""
) -> Response:
    """Return a file, or the range of it that was asked for (RFC 9110, 13 and 14).

    ``tag`` names these bytes and no others: a browser that has them already is told so.
    """
    shown_as = kind if kind in INLINE else "application/octet-stream"
    # What was not looked at yet is answered with the same bytes as another type.
    tag = tag and f"{tag} {shown_as}"
    if tag and request.if_none_match.contains_weak(tag):
        return _tagged(Response(status=304), tag)
    same = not tag or "If-Range" not in request.headers or request.if_range.etag == tag
    wanted = _range(request.headers.get("Range", ""), size) if same else None
    if wanted is not None and wanted[0] >= wanted[1]:
        refused = Response(status=416)
        refused.headers["Content-Range"] = f"bytes */{size}"
        return refused
    start, end = wanted or (0, size)
    inline = kind in INLINE and request.args.get("download") is None
    pieces: Iterator[bytes] = iter(())
    if request.method != "HEAD":
        rest = read(start, end)
        # The first piece is read now: what cannot be read is an error, not half an answer.
        pieces = chain([next(rest, b"")], rest)
    response = Response(pieces, status=200 if wanted is None else 206, mimetype=None)
    response.headers.update(
        {
            "Content-Type": shown_as,
            "Content-Length": str(end - start),
            "Content-Disposition": disposition(name, inline=inline),
            "Content-Security-Policy": _POLICY,
            "Accept-Ranges": "bytes",
        }
    )
    if wanted is not None:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return _tagged(response, tag)


def _tagged(response: Response, tag: str) -> Response:
    # Kept by this browser alone, and asked about again each time: membership may end.
    response.headers["Cache-Control"] = "private, no-cache"
    if tag:
        response.set_etag(tag)
    return response


def download(name: str, size: int, read: Callable[[int, int], Iterator[bytes]]) -> Response:
    """Return a file to be saved, never shown: what officers open may be anything."""
    return answer(name, "application/octet-stream", size, read)


def disposition(name: str, *, inline: bool) -> str:
    """Return the header that names a file (RFC 6266), in ASCII and as it is."""
    how, plain = "inline" if inline else "attachment", _SAFE.sub("_", name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _range(header: str, size: int) -> tuple[int, int] | None:
    """Return the one range asked for; none where there are several or it is no range of bytes."""
    found = _RANGE.fullmatch(header.strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size if int(last) else 0
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size
