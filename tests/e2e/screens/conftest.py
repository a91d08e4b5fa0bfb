"""One served firm with something to see on every screen, and who is signed in where."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser

from core.types import new_id
from tests.e2e.browser import Window, Windows
from tests.e2e.desk.page import ROLES, DeskWindow, Firm, at_desk
from tests.factories.pseudo import write_languages
from tests.factories.suite import PASSWORD, make_suite

PEOPLE = {
    "ana": ("Ana Ribeiro", "research"),
    "ben": ("Ben Okafor", "research"),
    "cleo": ("Cleo Lindqvist", "operations"),
    "ida": ("Ida Novak", "it"),
    "otto": ("Otto Brandt", "compliance"),
}
CLOSED_ROLES = ROLES.replace("{", '{ it_administrator = ["it"], policy_author = ["it"],', 1)


@dataclass(frozen=True)
class House:
    """A firm, the addresses of what can be looked at in it, and the sessions of those who look."""

    firm: Firm
    desk: dict[str, str]
    ana: Any
    ida: Any
    olga: Any

    @property
    def chat_url(self) -> str:
        """Where the chat answers."""
        return self.firm.suite.settings.chat_url

    @property
    def desk_url(self) -> str:
        """Where the desk answers."""
        return self.firm.suite.settings.desk_url


@pytest.fixture(scope="session")
def house(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    languages = write_languages(tmp_path_factory.mktemp("languages"))
    suite = make_suite(
        tmp_path_factory.mktemp("screens"),
        policy="demo",
        CHANCERY_DIRECTORY_ROLES=CLOSED_ROLES,
        CHANCERY_LANGUAGES_FOLDER=str(languages),
    )
    for username, (name, group) in PEOPLE.items():
        suite.add(username, group, name=name)
    suite.start()
    firm = Firm(suite)
    _talk(firm)
    windows = Windows(chromium)
    try:
        desk, olga = _look_into(firm, windows)
        ana, ida = (_signed_in(windows, firm, name) for name in ("ana", "ida"))
        yield House(firm, desk, ana, ida, olga)
    finally:
        windows.close()
        firm.close()
        suite.stop()


def _talk(firm: Firm) -> None:
    """Say something of every kind; what is stopped waits for its sender or for an officer."""
    channel = {"client_id": new_id(), "kind": "public", "people": [], "name": "deals"}
    firm.ana.ask("open", channel)
    first = firm.say("Good morning. The **Falcon** sheet is at https://example.com/sheet, run `prices()`:")
    firm.say("* first\n* second\n\n> what somebody else said\n\n```\ndef run():\n    return 42\n```")
    react = {"conversation": firm.room, "item": first["id"], "alias": "thumbs_up", "add": True}
    firm.ben.emit("react", {"client_id": new_id(), **react})
    reply = {
        "client_id": new_id(),
        "conversation": firm.room,
        "text": "@ana seen",
        "thread_root": first["id"],
    }
    firm.ben.emit("send", reply)
    changed = firm.say("said in haste")
    firm.change("edit", changed["id"], text="said with care, about the walnut desk")
    firm.change("delete", firm.say("a mistake")["id"])
    firm.say("my card is 4111 1111 1111 1111")
    firm.say("I can guarantee a return of 12 percent")
    firm.say("CL-123456 called")
    firm.say("Project Kestrel signs on Friday")
    firm.say("AKIAIOSFODNN7EXAMPLE")
    greeting = {"client_id": new_id(), "conversation": firm.room, "text": "@ana, look at this, please"}
    firm.ben.emit("send", greeting)


def _look_into(firm: Firm, windows: Windows) -> tuple[dict[str, str], Any]:
    """Open a matter, search, read and hold; return the addresses of what is to be seen, and Olga's session."""
    olga: DeskWindow = at_desk(windows, firm)
    matter = olga.open_matter("Complaint 2026-17")
    record = olga.find(matter, '"walnut desk"').first.get_by_role("link")
    results = olga.page.url
    record.click()
    olga.page.wait_for_url("**/items/**")
    addresses = {"matter": matter, "results": results, "item": olga.page.url}
    olga.link("Hold this conversation").click()
    olga.box("Reason").fill("Letter of today")
    olga.button("Place hold").click()
    olga.page.wait_for_url("**/holds/**")
    addresses["hold"] = olga.page.url
    olga.goto(f"{olga.url}/queue")
    olga.until(lambda: olga.page.locator("main table a").count())
    addresses["entry"] = str(olga.page.locator("main table a").first.evaluate("link => link.href"))
    return addresses, olga.context.storage_state()


def _signed_in(windows: Windows, firm: Firm, username: str) -> Any:
    window: Window = windows.open(username)
    window.sign_in(firm.suite.settings.chat_url, username, PASSWORD)
    window.page.wait_for_url(lambda url: "signin" not in url)
    return window.context.storage_state()
