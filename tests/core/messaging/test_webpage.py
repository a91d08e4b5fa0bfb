"""A page is shown by what it says of itself, as short plain text, whatever it is made of."""

import time

import pytest

from core.egress import Page
from core.messaging.webpage import DESCRIPTION, TITLE, seen_on

LINK = "https://news.example/today"


def test_a_page_says_its_title_description_and_site() -> None:
    body = """<html><head><meta property="og:title" content="Prices &amp; rates"><title>Other</title>
    <meta name=description content="What  it\ncosts."><meta property="og:site_name" content="News">
    </head><body><title>no</title></body>"""
    seen = seen_on(_page(body), LINK)
    assert seen is not None
    assert (seen.url, seen.title, seen.description, seen.site) == (
        LINK,
        "Prices & rates",
        "What it costs.",
        "News",
    )
    assert seen.text() == f"News\nPrices & rates\nWhat it costs.\n{LINK}"


@pytest.mark.parametrize(
    "body", ["", "plain", "<body><title>late</title>", "<title> \u200b </title>", "\0\xff"]
)
def test_a_page_that_says_nothing_is_not_shown(body: str) -> None:
    assert seen_on(_page(body), LINK) is None


def test_nothing_that_is_not_seen_and_nothing_overlong_is_taken_over() -> None:
    body = f"<title>a\u202eb\u2066c\x07{'x' * 999}</title><meta name=description content='{'y' * 999}'>"
    seen = seen_on(_page(body), LINK)
    assert seen is not None
    assert (seen.title[:3], len(seen.title), len(seen.description)) == ("abc", TITLE, DESCRIPTION)


def test_markup_stays_text() -> None:
    seen = seen_on(_page("<title>&lt;script&gt;alert(1)&lt;/script&gt;</title>"), LINK)
    assert seen is not None
    assert seen.title == "<script>alert(1)</script>"


@pytest.mark.parametrize(("charset", "title"), [("iso-8859-1", "Zürich"), ("no-such-charset", "Z�rich")])
def test_a_page_is_read_in_its_own_charset(charset: str, title: str) -> None:
    seen = seen_on(Page(LINK, "<title>Zürich</title>".encode("iso-8859-1"), charset), LINK)
    assert seen is not None
    assert seen.title == title


@pytest.mark.parametrize(
    "piece", ["<!--", "<![CDATA[", "<a ", "</", "<title>", "&#x", "<?x", "<meta content='"]
)
def test_no_page_keeps_the_worker_for_long(piece: str) -> None:
    begun = time.process_time()
    seen_on(_page(piece * (500_000 // len(piece))), LINK)
    assert time.process_time() - begun < 5


def _page(body: str) -> Page:
    return Page(LINK, body.encode("utf-8", "replace"), "utf-8")
