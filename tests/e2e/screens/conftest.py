"""One served firm with something to see on every screen, and who is signed in where."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from admin.wiring.pages import PolicyAuthoring
from core.identity.permissions import Principal, PrincipalKind, Role
from core.messaging.scheduled import Later
from core.types import ConversationId, SystemClock, new_id, to_ms
from policies.standard import pack_source
from tests.e2e.browser import Window, Windows
from tests.e2e.chat.page import ChatWindow
from tests.e2e.desk.page import ROLES, DeskWindow, Firm, at_desk
from tests.e2e.screens.looking import LANGUAGES, Language, Onlooker
from tests.factories.files import pdf, png
from tests.factories.pseudo import write_languages
from tests.factories.suite import PASSWORD, make_suite

PEOPLE = {
    "ana": ("Ana Ribeiro", "research"),
    "ben": ("Ben Okafor", "research"),
    "cleo": ("Cleo Lindqvist", "operations"),
    "nia": ("Nia Mensah", "operations"),
    "tom": ("Tom Fischer", "trading"),
    "ida": ("Ida Novak", "it"),
    "otto": ("Otto Brandt", "compliance"),
}
CLOSED_ROLES = ROLES.replace("{", '{ it_administrator = ["it"], policy_author = ["it"],', 1)


@dataclass(frozen=True)
class House:
    """A firm, the addresses of what can be looked at in it, and the sessions of those who look.

    ``full`` is a channel with everything that passes; Nia is new and has not said a word.
    """

    firm: Firm
    desk: dict[str, str]
    full: str
    ana: Any
    nia: Any
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
    full = _fill(firm)
    _propose(firm)
    windows = Windows(chromium)
    try:
        ana, nia, ida = (_signed_in(windows, firm, name) for name in ("ana", "nia", "ida"))
        _send_files(firm, windows, full, ana)
        desk, olga = _look_into(firm, windows)
        yield House(firm, desk, full, ana, nia, ida, olga)
    finally:
        windows.close()
        firm.close()
        suite.stop()


@pytest.fixture(params=LANGUAGES, ids=lambda language: language.locale)
def language(request: pytest.FixtureRequest) -> Language:
    chosen: Language = request.param
    return chosen


@pytest.fixture
def onlooker(language: Language) -> Iterator[Onlooker]:
    """Whoever looks in a language; what the screens owed is told at the end, all at once."""
    looking = Onlooker(language)
    yield looking
    assert not looking.owed, looking.owed


def opened(windows: Windows, onlooker: Onlooker, session: Any) -> Window:
    """Open a window in a language; some screens answer with an error on purpose."""
    window = windows.open(onlooker.language.locale, locale=onlooker.language.locale, storage_state=session)
    window.expect("status of 40[34]")
    return window


def _talk(firm: Firm) -> None:
    """Say something of every kind; what is stopped waits for its sender or for an officer."""
    firm.ana.ask("prefer", {"introduced": True})
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
    here = {"conversation": firm.room}
    firm.ben.ask("send", {"client_id": new_id(), **here, "text": "Northgate? Project Northgate is next"})
    gone = firm.ben.emit("send", {"client_id": new_id(), **here, "text": "Blue Heron too"})["id"]
    firm.ben.ask("withdraw", {"client_id": new_id(), **here, "item": gone})
    greeting = {"client_id": new_id(), "conversation": firm.room, "text": "@ana, look at this, please"}
    firm.ben.emit("send", greeting)


def _fill(firm: Firm) -> str:
    """Say in a channel what passes: changed, quoted, forwarded, pinned, mentioned, and said later."""
    people = [firm.suite.people["ben"]]
    room = str(
        firm.ana.ask("open", {"client_id": new_id(), "kind": "public", "people": people, "name": "harbour"})[
            "conversation"
        ]
    )
    firm.ana.ask(
        "topic", {"client_id": new_id(), "conversation": room, "topic": "What comes in and goes out"}
    )
    first = firm.say(
        "The **Orca** comes in at *nine*, see the [plan](https://example.com/plan).", conversation=room
    )
    firm.ben.ask("send", {"client_id": new_id(), "conversation": room, "text": "@ana who meets her?"})
    firm.say(
        "| berth | ship | at |\n| --- | --- | ---: |\n| 4 | Orca | 9:00 |\n| 7 | Puffin | 11:30 |",
        conversation=room,
    )
    changed = firm.say("I shall", conversation=room)
    firm.ana.ask(
        "edit",
        {"client_id": new_id(), "conversation": room, "item": changed["id"], "text": "I do, at berth four"},
    )
    firm.ben.ask(
        "send",
        {"client_id": new_id(), "conversation": room, "text": "good", "quotes": changed["id"]},
    )
    firm.ana.ask("pin", {"client_id": new_id(), "conversation": room, "item": first["id"]})
    source = {"conversation": room, "item": first["id"]}
    told = {
        "client_id": new_id(),
        "conversation": room,
        "source": source,
        "text": "once more, for those who come late",
    }
    firm.ana.ask("forward", told)
    due = to_ms(SystemClock().now() + timedelta(days=2))
    chat = firm.suite.chat()
    chat.gate.refresh()
    ana = firm.suite.people["ana"]
    chat.messaging.schedule(ana, Later(new_id(), ConversationId(room), "Good morning, all", due))
    chat.store.close()
    return room


def _propose(firm: Firm) -> None:
    """Propose a change of the policy; who approves it finds it at the desk."""
    chat = firm.suite.chat()
    source = pack_source("demo").replace("lexicon: [Kestrel,", "lexicon: [Zebrafish, Kestrel,", 1)
    author = Principal(PrincipalKind.CHAT, firm.suite.people["ida"], frozenset({Role.POLICY_AUTHOR}))
    PolicyAuthoring(chat).propose(author, source, "a new code name")
    chat.store.close()


def _send_files(firm: Firm, windows: Windows, room: str, session: Any) -> None:
    """Send a picture, a document and a note, and wait until they were checked."""
    window = windows.open_as(ChatWindow, "files", storage_state=session)
    window.goto(f"{firm.suite.settings.chat_url}/chat#{room}")
    window.ready(room)
    files = [
        FilePayload(name="harbour.png", mimeType="image/png", buffer=png(1200, 800)),
        FilePayload(name="offer.pdf", mimeType="application/pdf", buffer=pdf("Our offer of March")),
        FilePayload(name="minutes.txt", mimeType="text/plain", buffer=b"We meet again on Friday."),
    ]
    with window.page.expect_file_chooser() as choosing:
        window.button("Add files").first.click()
    choosing.value.set_files(files)
    expect(window.page.locator('.tray [data-state="done"]')).to_have_count(len(files))
    window.say("What came with her")
    expect(window.message("What came with her")).to_have_attribute("data-state", "sent")
    window.context.close()


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
    addresses["entry"] = _first(olga)
    addresses["queue-ended"] = f"{olga.url}/queue?ended="
    olga.goto(f"{olga.url}/policies")
    olga.until(lambda: olga.page.locator("main table a").count())
    addresses["policy"] = _first(olga)
    return addresses, olga.context.storage_state()


def _first(window: Window) -> str:
    """Return the address of the first entry of a table."""
    return str(window.page.locator("main table a").first.evaluate("link => link.href"))


def _signed_in(windows: Windows, firm: Firm, username: str) -> Any:
    window: Window = windows.open(username)
    window.sign_in(firm.suite.settings.chat_url, username, PASSWORD)
    window.page.wait_for_url(lambda url: "signin" not in url)
    return window.context.storage_state()
