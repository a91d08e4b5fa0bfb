"""Style sheets, scripts and vendored libraries, under an address that changes with their content.

``/assets/<build>/…`` may be kept for ever: relative imports of scripts inherit the build, so a page
never mixes two releases.
"""

import gzip
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import brotli
from flask import Blueprint, Flask, Response, request, send_from_directory, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from web import joined
from web.security import public

STATIC = Path(__file__).parent / "static"

# Not left to the machine's own table: a script of the wrong type is not run.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}

_TEXTS = ("text/", "application/json", "image/svg")

# The better one first. Each asset is compressed once, so it may take its time.
_CODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "br": lambda octets: brotli.compress(octets, quality=11),
    "gzip": lambda octets: gzip.compress(octets, 9, mtime=0),
}


def build_id(made: Mapping[str, bytes], folder: Path = STATIC) -> str:
    """Return 16 hexadecimal characters that change whenever any asset does."""
    digest = hashlib.sha256()
    files = (path for path in sorted(folder.rglob("*")) if path.suffix in _TYPES)
    named = ((path.relative_to(folder).as_posix(), path.read_bytes()) for path in files)
    for name, octets in (*named, *sorted(made.items())):
        digest.update(f"{len(name)}:{name}:{len(octets)}:".encode())
        digest.update(octets)
    return digest.hexdigest()[:16]


def install(app: Flask, made: Mapping[str, bytes]) -> None:
    """Serve the assets of this build and let templates name them; ``made`` are those that are no files."""
    build = build_id(made)
    blueprint = Blueprint("assets", __name__)

    compressed: dict[tuple[str, str], bytes] = {}

    @blueprint.get("/assets/<asked>/<path:name>")
    @public
    def file(asked: str, name: str) -> Response:
        kind = _TYPES.get(Path(name).suffix)
        if asked != build or kind is None:
            raise NotFound
        octets = made.get(name) or joined.file(STATIC, name)
        if octets is not None:
            response = Response(octets, mimetype=kind)
        else:
            response = send_from_directory(STATIC, name, mimetype=kind)
        if kind.startswith(_TEXTS):
            response.headers["Vary"] = "Accept-Encoding"
            coding = next((each for each in _CODINGS if request.accept_encodings[each] > 0), None)
            if coding is not None:
                _compress(response, compressed, name, coding)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    def asset(name: str) -> str:
        return url_for("assets.file", asked=build, name=name)

    app.register_blueprint(blueprint)
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["sprite"] = Markup((STATIC / "icons.svg").read_text("utf-8"))  # noqa: S704 - our own file


def _compress(response: Response, known: dict[tuple[str, str], bytes], name: str, coding: str) -> None:
    """Put the compressed form into a response; it is made once, as an asset never changes."""
    response.direct_passthrough = False
    # Read also where the other form is known: a file that nobody reads is never closed.
    plain = response.get_data()
    if (name, coding) not in known:
        known[name, coding] = _CODINGS[coding](plain)
    response.set_data(known[name, coding])
    response.headers["Content-Encoding"] = coding
