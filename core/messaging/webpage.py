"""What a web page says of itself: title, description and the name of its site, as plain short text."""

import unicodedata
from html.parser import HTMLParser
from typing import Final

from core.egress import Page
from core.messaging.previews import Seen

LOOKED_AT: Final = 64 * 1024
"""How much of a page is parsed; what it says of itself stands at its beginning."""
TITLE, DESCRIPTION, SITE = 200, 400, 80

_NAMES: Final = {
    "og:title": "title",
    "twitter:title": "title",
    "og:description": "description",
    "description": "description",
    "og:site_name": "site",
}


def seen_on(page: Page, link: str) -> Seen | None:
    """Return what the page says, for the message that links to it; None if it says nothing."""
    head = _Head()
    head.feed(_decoded(page))
    title = _clean(head.found.get("title") or "".join(head.title), TITLE)
    if not title:
        return None
    description = _clean(head.found.get("description", ""), DESCRIPTION)
    return Seen(link, title, description, _clean(head.found.get("site", ""), SITE))


class _Head(HTMLParser):
    """Collects what stands in the head of a page; the first of each kind counts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}
        self.title: list[str] = []
        self._in_title = self._over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._over or tag == "body":
            self._over = True
        elif tag == "title":
            self._in_title = not self.title
        elif tag == "meta":
            given = {name: value or "" for name, value in attrs}
            kind = _NAMES.get((given.get("property") or given.get("name") or "").lower())
            if kind and given.get("content"):
                self.found.setdefault(kind, given["content"])

    def handle_endtag(self, tag: str) -> None:
        self._over = self._over or tag == "head"
        self._in_title = self._in_title and tag != "title"

    def handle_data(self, data: str) -> None:
        if self._in_title and not self._over:
            self.title.append(data)


def _decoded(page: Page) -> str:
    body = page.body[:LOOKED_AT]
    try:
        return body.decode(page.charset or "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _clean(text: str, most: int) -> str:
    """Return one line of text without anything that is not seen."""
    seen = "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    line = " ".join(seen.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
