"""What a message links to is shown only where setting and policy allow it, once it was decided for its readers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from admin.preview_chores import PreviewChores
from core.egress import Egress, Page
from core.errors import Denied, Unavailable
from core.types import ConversationId, ItemId, Surface, UsageRules
from tests.factories.chat import ANA, BEN, CLEO, make_chat

LINK = "https://news.example/today"


class Web(Egress):
    """Pages by address, and what was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, str] = {}
        self.asked: list[str] = []

    def fetch(self, url: str) -> Page:
        self.asked.append(url)
        if url not in self.pages:
            raise Denied("This link is not followed.", code="egress_refused")
        return Page(url, self.pages[url].encode(), "utf-8")


class Desk:
    """A chat with a worker that follows links."""

    def __init__(self, folder: Path) -> None:
        self.chat, self.web, self.on = make_chat(folder, previews_enabled=True), Web(), True
        self.chat.usage.append(UsageRules(previews=True))
        self.room = self.chat.direct()
        self.chores = self.worker()

    def worker(self) -> PreviewChores:
        chat = self.chat
        return PreviewChores(chat.store, chat.clock, chat.messaging, self.web, lambda: self.on)

    def say(self, text: str, title: str = "Prices today") -> ItemId:
        self.web.pages[LINK] = f"<title>{title}</title>"
        return ItemId(self.chat.send(self.room, text)["id"])

    def work(self) -> None:
        self.chores.run()
        self.chores.show()

    def view(self, item: ItemId) -> dict:  # type: ignore[type-arg]
        page = self.chat.messaging.around(BEN, self.room, item=item)
        view: dict = next(each for each in page["items"] if each["id"] == item)["view"]  # type: ignore[type-arg]
        return view


def test_the_first_link_is_followed_decided_and_shown_to_everybody(desk: Desk) -> None:
    item = desk.say(f"read **this**: [news]({LINK}) and https://other.example/")
    assert desk.web.asked == []
    desk.chat.gate.asked.clear()
    desk.work()
    assert desk.web.asked == [LINK]
    facts, text = desk.chat.gate.asked[0]
    assert (facts.surface, facts.sender.id, [p.id for p in facts.audience]) == (Surface.PREVIEW, ANA, [BEN])
    assert text == f"Prices today\n{LINK}"
    preview = {"url": LINK, "title": "Prices today", "description": "", "site": ""}
    assert desk.view(item)["preview"] == preview
    assert desk.chat.delivery.frames[-1].payload["view"]["preview"] == preview
    desk.work()
    assert len(desk.web.asked) == 1


@pytest.mark.parametrize("word", ["[redact]", "[block]", "[quarantine]", "[warn]"])
def test_a_page_that_a_policy_says_anything_against_is_shown_to_nobody(desk: Desk, word: str) -> None:
    item = desk.say(LINK, title=f"canary {word}")
    frames = len(desk.chat.delivery.frames)
    desk.work()
    assert "preview" not in desk.view(item)
    assert len(desk.chat.delivery.frames) == frames


def test_without_setting_or_policy_no_link_is_followed(desk: Desk, tmp_path: Path) -> None:
    desk.chat.usage.append(UsageRules())
    desk.say(LINK)
    desk.work()
    desk.chat.usage.append(UsageRules(previews=True))
    desk.say(LINK)
    desk.on = False
    desk.work()
    off = make_chat(tmp_path / "off")
    off.usage.append(UsageRules(previews=True))
    off.send(off.direct(), LINK)
    assert PreviewChores(off.store, off.clock, off.messaging, desk.web, lambda: True).run() == 0
    off.store.close()
    assert desk.web.asked == []


def test_what_was_edited_is_looked_at_anew_and_what_was_deleted_is_not(desk: Desk) -> None:
    item, gone = desk.say(LINK), desk.say(LINK)
    desk.work()
    desk.chat.messaging.edit(ANA, desk.chat.ids(), desk.room, item, "https://other.example/ instead")
    assert "preview" not in desk.view(item)
    desk.web.pages["https://other.example/"] = "<title>Other</title>"
    desk.chat.messaging.delete(ANA, desk.chat.ids(), desk.room, gone)
    desk.work()
    assert desk.view(item)["preview"]["title"] == "Other"
    assert "preview" not in desk.view(gone)


def test_a_message_that_changes_while_its_link_is_followed_shows_nothing_old(desk: Desk) -> None:
    item = desk.say(LINK)
    desk.chores.run()
    desk.chat.messaging.edit(ANA, desk.chat.ids(), desk.room, item, "never mind")
    desk.chores.show()
    assert "preview" not in desk.view(item)


def test_a_worker_that_dies_after_fetching_shows_it_once(desk: Desk) -> None:
    item = desk.say(LINK)
    desk.chores.run()
    again = desk.worker()
    desk.chat.clock.advance(120)
    again.run()
    again.show()
    desk.chores.show()
    assert desk.view(item)["preview"]["title"] == "Prices today"
    assert len([f for f in desk.chat.delivery.frames if "preview" in f.payload["view"]]) == 1


def test_a_link_that_is_not_followed_and_a_policy_that_is_away_cost_nothing(desk: Desk) -> None:
    desk.chat.send(desk.room, "https://inside.example/")
    item = desk.say(LINK)

    def refuse(facts: object, _text: str) -> None:
        raise Unavailable("Not now.", code="policy_unavailable")

    desk.chat.gate.on_ask = refuse
    desk.work()
    assert "preview" not in desk.view(item)
    desk.chat.gate.on_ask = lambda _facts, _text: None
    desk.chat.clock.advance(120)
    desk.work()
    assert desk.view(item)["preview"]["title"] == "Prices today"


def test_a_barrier_between_author_and_readers_stops_a_preview_too(desk: Desk) -> None:
    group = ConversationId(desk.chat.group(ANA, BEN, CLEO))
    desk.web.pages[LINK] = "<title>canary</title>"
    desk.chat.send(group, LINK)
    desk.chat.gate.barred.add(frozenset({ANA, CLEO}))
    desk.work()
    assert "canary" not in str([frame.payload for frame in desk.chat.delivery.frames])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.chat.store.close()
