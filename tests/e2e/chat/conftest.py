"""One firm for all tests of the chat in browsers; each test talks in conversations of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import expect

from admin.wiring.chat import ChatServices
from core.types import ConversationId, ConversationKind, new_id
from tests.e2e.browser import Windows
from tests.e2e.chat.page import ChatWindow
from tests.factories.suite import PASSWORD, Suite, make_suite

NAMES = {
    "ana": ("Ana Ribeiro", "research"),
    "ben": ("Ben Okafor", "research"),
    "cleo": ("Cleo Lindqvist", "research"),
    "tom": ("Tom Fischer", "trading"),
    "ida": ("Ida Novak", "it"),
}


@dataclass
class Firm:
    """A served suite, and what a test prepares in it before windows are opened."""

    suite: Suite
    services: ChatServices
    _signed_in: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the chat answers."""
        return self.suite.settings.chat_url

    def room(self, *people: str, name: str = "") -> ConversationId:
        """Open a channel (or a group, without a name) in which the first of ``people`` begins."""
        self.services.gate.refresh()
        first, *others = (self.suite.people[each] for each in people)
        kind = ConversationKind.PUBLIC if name else ConversationKind.GROUP
        answer = self.services.messaging.open(first, new_id(), kind, others, name)
        return ConversationId(answer["conversation"])

    def say(self, room: ConversationId, username: str, text: str) -> None:
        """Let somebody say something that policy allows."""
        self.services.gate.refresh()
        assert self.services.messaging.send(self.suite.people[username], new_id(), room, text)["ok"]

    @contextmanager
    def worker_away(self) -> Iterator[None]:
        """Stop the worker for a while; not while it writes, or nobody else could."""
        worker = self.suite.children()["worker"]
        self.services.store.write(lambda _: worker.suspend())
        try:
            yield
        finally:
            worker.resume()

    def open(
        self,
        windows: Windows,
        username: str,
        room: str = "",
        kind: type[ChatWindow] = ChatWindow,
        **options: Any,
    ) -> ChatWindow:
        """Open a window of somebody who is signed in, at a conversation."""
        if username not in self._signed_in:
            self._sign_in(windows, username)
        state = self._signed_in[username]
        window = windows.open_as(kind, username, storage_state=state, **options)
        window.goto(f"{self.url}/chat#{room}")
        window.ready(room)
        return window

    def _sign_in(self, windows: Windows, username: str) -> None:
        window = windows.open_as(ChatWindow, username)
        window.sign_in(self.url, username, PASSWORD)
        window.page.wait_for_url("**/chat*")
        self._signed_in[username] = window.context.storage_state()
        window.context.close()

    def forget(self, username: str) -> None:
        """Forget the session of somebody whose sessions a test has ended."""
        self._signed_in.pop(username, None)

    def both(self, windows: Windows, room: str, names: Sequence[str] = ("ana", "ben")) -> list[ChatWindow]:
        """Open a window for each of ``names`` at the same conversation."""
        return [self.open(windows, name, room) for name in names]


@pytest.fixture(scope="session")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    """A served firm of research, trading and IT under the demo policy."""
    suite = make_suite(
        tmp_path_factory.mktemp("firm"),
        policy="demo",
        CHANCERY_PREVIEWS_ENABLED="true",
        CHANCERY_PREVIEWS_NETWORKS='["127.0.0.0/8"]',
        CHANCERY_DIRECTORY_ROLES='{ it_administrator = ["it"], policy_author = ["it"] }',
    )
    for username, (name, group) in NAMES.items():
        suite.add(username, group, name=name)
    suite.start()
    services = suite.chat()
    yield Firm(suite, services)
    services.store.close()
    suite.stop()


@pytest.fixture
def talk(firm: Firm, windows: Windows) -> list[ChatWindow]:
    """Ana and Ben at a channel of their own, each in a window; the channel's name is new."""
    room = firm.room("ana", "ben", name=f"room {new_id()[-6:]}")
    ana, ben = firm.both(windows, room)
    expect(ana.composer).to_be_visible()
    return [ana, ben]
