"""The compliance desk as its officers name its parts, and a served firm with talk to look at."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Locator, expect

from admin.wiring.desk import DeskServices
from core.identity.officer_rows import Officer
from core.types import new_id
from tests.e2e.browser import Window, Windows
from tests.factories.socket import SocketClient
from tests.factories.suite import PASSWORD, Suite, wait_for

REASON = "complaint 2026-17"
ROLES = '{ compliance_officer = ["compliance"], auditor = ["audit"] }'
"""Which groups of the served firm name candidates for the desk (``directory.roles``)."""


class DeskWindow(Window):
    """One officer at the desk."""

    url = ""

    def enter(self, username: str) -> None:
        """Sign in as an officer does."""
        fields = {"Officer name": username, "Password": PASSWORD}
        self.fill_in(f"{self.url}/signin", fields, "Sign in")
        expect(self.heading("What waits")).to_be_visible()

    def open_matter(self, purpose: str) -> str:
        """Open a matter and return its address."""
        self.fill_in(f"{self.url}/matters", {"Purpose": purpose}, "Open matter")
        expect(self.heading(re.compile(r"^\d+ · "))).to_be_visible()
        return self.page.url

    def search(self, matter: str, query: str) -> None:
        """Ask, with a reason, and wait for the answer."""
        self.fill_in(matter, {"Search for": query, "Reason": REASON}, "Search")
        expect(self.page).to_have_url(re.compile("/searches"))

    def find(self, matter: str, query: str, matches: int = 1) -> Locator:
        """Ask until everything is indexed and there are ``matches``; return the results."""
        # An engine that is busy at first is said to be so, and asked again.
        self.expect("status of 503")
        self.search(matter, query)
        heading = re.compile(rf"^{matches} match(es)?$")
        self.until(lambda: self.heading(heading).count() and not self.page.locator(".coverage.short").count())
        return self.page.get_by_role("main").get_by_role("listitem")

    def until(self, condition: Callable[[], Any], seconds: float = 40) -> None:
        """Load the page again until ``condition`` holds."""

        def holds() -> bool:
            if condition():
                return True
            self.page.reload(wait_until="domcontentloaded")
            return bool(condition())

        wait_for(holds, seconds, f"what was awaited at {self.page.url}")

    @property
    def versions(self) -> Locator:
        """The versions of the record that is shown."""
        return self.page.get_by_role("region", name="All versions").locator("ol > li")


@dataclass
class Firm:
    """A served firm: Ana and Ben of research and Cleo of operations in one room; Olga at the desk."""

    suite: Suite
    desk: DeskServices = field(init=False)
    olga: Officer = field(init=False)
    ana: SocketClient = field(init=False)
    ben: SocketClient = field(init=False)
    room: str = field(init=False)

    def __post_init__(self) -> None:
        self.desk = self.suite.desk()
        self.olga = self.desk.officers.enrol(self.suite.code, PASSWORD)
        self.ana, self.ben = self.suite.connect("ana"), self.suite.connect("ben")
        people = [self.suite.people[name] for name in ("ben", "cleo")]
        opened = self.ana.ask("open", {"client_id": new_id(), "kind": "group", "people": people})
        self.room = opened["conversation"]

    def say(self, text: str, **more: str) -> dict[str, Any]:
        """Send as Ana, and again while that is too fast; return the answer."""
        sent = {"client_id": new_id(), "conversation": self.room, "text": text, **more}
        answer: dict[str, Any] = self.ana.ask("send", sent)
        return answer

    def change(self, event: str, item: str, **more: str) -> None:
        """Edit or delete a message of Ana's."""
        asked = {"client_id": new_id(), "conversation": self.room, "item": item, **more}
        answer = self.ana.emit(event, asked)
        assert answer["ok"], answer

    def heard(self, item: str) -> list[Any]:
        """Return what Ben received of an item."""
        return [one for one in self.ben.items(self.room) if one["id"] == item]

    def close(self) -> None:
        """Close what was opened here; the suite ends by itself."""
        for store in (self.desk.archive, self.desk.keystore, self.desk.store):
            store.close()


def at_desk(windows: Windows, firm: Firm, username: str = "olga", **options: Any) -> DeskWindow:
    """Open a window of an officer who signs in."""
    window = at_the_door(windows, firm, username, **options)
    window.enter(username)
    return window


def at_the_door(windows: Windows, firm: Firm, name: str, **options: Any) -> DeskWindow:
    """Open a window of somebody who has not signed in at the desk."""
    window = windows.open_as(DeskWindow, name, **options)
    window.url = firm.suite.settings.desk_url
    return window


def finds_it_after_edit_and_delete(firm: Firm, windows: Windows) -> None:
    """Send, edit and delete a message; find it by phrase; read all its versions with their proofs."""
    sent = firm.say("lunch at the quiet harbour tomorrow")
    firm.change("edit", sent["id"], text="lunch somewhere else tomorrow")
    firm.change("delete", sent["id"])
    olga = at_desk(windows, firm)
    matter = olga.open_matter("A look at research")
    results = olga.find(matter, '"quiet harbour"')
    expect(results.first.locator("mark")).to_have_text("quiet harbour")
    olga.shot("desk-results")
    results.first.get_by_role("link").click()
    olga.until(lambda: olga.page.get_by_text("Inclusion verified").count() == 3)
    for version, (what, text) in enumerate(
        [
            ("Sent", "lunch at the quiet harbour tomorrow"),
            ("Edited", "lunch somewhere else tomorrow"),
            ("Deleted", "the chat shows nothing from here on"),
        ]
    ):
        expect(olga.versions.nth(version)).to_contain_text(what)
        expect(olga.versions.nth(version)).to_contain_text(text)
    expect(olga.versions.first).to_contain_text("Ana, Ben, Cleo")
    olga.shot("desk-record")
