"""The Health page: what is wrong first, with what to do, and nothing but text from whoever wrote it."""

from collections.abc import Callable

from admin.bootstrap.pages import HealthLine, HealthState
from tests.fakes.chat_services import FakeChatServices
from tests.web.conftest import Browser
from web.app import with_code


def test_each_line_says_how_it_is_and_what_to_do(signed_in: Callable[[str], Browser]) -> None:
    page = signed_in("ivo").get("/console/health").text
    assert "Refuses 3 documents." in page
    assert "<code>chancery index rebuild</code>" in page
    assert "Act now" in page
    assert "Nothing to do." in page
    assert signed_in("ann").get("/console/health").status_code == 403


def test_what_was_not_checked_is_neither_well_nor_ill(
    services: FakeChatServices, signed_in: Callable[[str], Browser]
) -> None:
    services.health.lines = (HealthLine("keys", HealthState.UNCHECKED, "Not checked as this user."),)
    page = signed_in("ivo").get("/console/health").text
    assert "Not checked</span>" in page
    assert "Act now" not in page


def test_backticks_become_code_and_markup_stays_text() -> None:
    assert with_code("Run `a <b>` & <i>") == "Run <code>a &lt;b&gt;</code> &amp; &lt;i&gt;"
    assert with_code("one ` alone") == "one ` alone"


def test_an_address_with_a_slash_at_its_end_leads_to_the_page(signed_in: Callable[[str], Browser]) -> None:
    ivo = signed_in("ivo")
    for path in ("/console", "/console/health"):
        answer = ivo.get(f"{path}/")
        assert answer.status_code == 308
        assert answer.headers["Location"].endswith(path)
        assert ivo.get(path).status_code == 200
    assert 'href="/console"' in ivo.get("/console/health").text


def test_a_process_that_is_not_ready_says_503_and_why_in_a_word(
    services: FakeChatServices, browser: Browser
) -> None:
    assert browser.get("/readyz").get_json() == {"ok": True}
    services.readiness.says = "database"
    answer = browser.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (503, {"ok": False, "reason": "database"})
    assert browser.get("/healthz").status_code == 200, "it breathes"
