"""Help is there for everybody, also for those who cannot get in, in their language."""

import re

from tests.web.conftest import Browser
from web.help.views import icon_names


def test_help_says_what_is_kept_and_who_reads_it_to_everybody(browser: Browser) -> None:
    page = browser.get("/help").text
    assert "Compliance officers, inside a matter and with a reason" in page
    german = browser.get("/help", **{"Accept-Language": "de"}).text
    assert "Compliance-Beauftragte" in german


def test_the_page_of_components_shows_every_icon_and_every_tone(browser: Browser) -> None:
    page = browser.get("/help/components").text
    assert len(icon_names()) > 50
    assert set(re.findall(r"icons\.svg#([a-z]+)", page)) >= set(icon_names())
    for tone in ("good", "warn", "bad"):
        assert f'class="note {tone}"' in page and f'class="badge {tone}"' in page


def test_sign_in_and_every_page_lead_to_help(browser: Browser) -> None:
    assert 'href="/help"' in browser.get("/signin").text
    browser.sign_in("ann")
    assert 'href="/help"' in browser.get("/sessions").text
