"""The Health page in a browser: long fingerprints break, words do not, at every width and in both themes."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import pytest
from playwright.sync_api import Locator
from werkzeug.serving import make_server

from admin.bootstrap.pages import HealthLine, HealthState
from core.settings import Settings
from tests.e2e.browser import NARROW, WIDE, Window, Windows
from tests.fakes.chat_services import PASSWORD, services_with_people
from web.app import create_pages

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

FINGERPRINT = "SHA256:" + "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" * 2
LINES = (
    HealthLine(
        "directory from here",
        HealthState.RED,
        "The directory ldaps://dc1.a-rather-long-department-name.acme.example:636 cannot answer: its "
        f"certificate is not accepted (self-signed certificate): CN=dc1, {FINGERPRINT}.",
        "Nobody can sign in. See that the server runs, and that `ldap.uris` and `ldap.ca_file` are right.",
    ),
    HealthLine("archive", HealthState.RED, "1,204 items are not archived yet.", "Look for `archiver`."),
    HealthLine("policy", HealthState.OK, f"Number 12, {'0123456789abcdef' * 4}, confirmed."),
    HealthLine("partitions", HealthState.WARNING, "No keys ahead.", "Run `chancery keys rotate`."),
    HealthLine("desk keys", HealthState.UNCHECKED, "Not checked as this user."),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_long_fingerprints_break_and_words_do_not(
    windows: Windows, console: str, size: tuple[int, int], scheme: Literal["light", "dark"]
) -> None:
    ivo = windows.open("ivo", size=size, scheme=scheme)
    ivo.sign_in(console, "ivo", PASSWORD)
    ivo.page.wait_for_url(lambda url: "/signin" not in url)
    ivo.goto(f"{console}/console/health/")
    ivo.heading("Health").wait_for()
    ivo.shot(f"health-{size[0]}-{scheme}", full=True)
    assert ivo.overflow() == 0
    for words in ("Directory from here", "Archive", "Partitions", "Desk keys"):
        assert lines_of(ivo.page.get_by_role("rowheader", name=words)) == 1, words
    for badge in ("Act now", "Not checked"):
        assert lines_of(ivo.page.get_by_text(badge, exact=True).first) == 1, badge
    assert broken_words(ivo, "td.step") == []
    assert ivo.page.locator("td.step code").first.text_content() == "ldap.uris"
    assert ivo.faint() == []


def lines_of(place: Locator) -> int:
    """Return on how many lines the text of an element stands."""
    found: int = place.evaluate(
        """(element) => {
          const range = document.createRange(); range.selectNodeContents(element);
          return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
        }"""
    )
    return found


def broken_words(window: Window, places: str) -> list[str]:
    """Return the words that are broken in two by the width of their cell."""
    found: list[str] = window.page.evaluate(
        """(places) => [...document.querySelectorAll(places)].flatMap((cell) => {
          const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), broken = [];
          for (let node = walker.nextNode(); node; node = walker.nextNode())
            for (const word of node.data.matchAll(/[^\\s]+/g)) {
              const range = document.createRange();
              range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
              if (range.getClientRects().length > 1) broken.push(word[0]);
            }
          return broken;
        })""",
        places,
    )
    return found


@pytest.fixture(scope="module")
def console() -> Iterator[str]:
    """The chat pages with long lines on their Health page; returns where they are."""
    services = services_with_people()
    with_address = services.for_pages()
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    services.settings = replace(Settings(), chat_url=f"http://127.0.0.1:{server.server_port}")
    services.health.lines = LINES
    server.app = create_pages(with_address)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield services.settings.chat_url
    server.shutdown()
    thread.join()
    server.server_close()
