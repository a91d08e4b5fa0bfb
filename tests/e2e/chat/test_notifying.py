"""What the desktop is told of a message, as much as the policy lets out; and how much is unread, in title and icon."""

from typing import Any

import pytest
from playwright.sync_api import expect

from admin.wiring.pages import PolicyAuthoring
from core.identity.permissions import Principal, PrincipalKind, Role
from core.types import ConversationId, ConversationKind, new_id
from policies.standard import pack_source
from tests.e2e.browser import Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow, GermanChatWindow
from tests.factories.suite import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

# The browser's own Notification, with what it was given kept beside it. Without a desktop Chromium grants
# nothing, whatever it is told; that leave was given is therefore said here.
_KEPT = """
  globalThis.told = [];
  globalThis.Notification = new Proxy(globalThis.Notification, {
    get: (real, name) => (name === 'permission' ? 'granted' : Reflect.get(real, name)),
    construct(real, [title, options]) {
      const shown = Reflect.construct(real, [title, options]);
      told.push({ title, body: options.body, click: () => shown.onclick() });
      return shown;
    },
  });
"""


@pytest.fixture
def direct(firm: Firm) -> ConversationId:
    """Ana and Ben in a conversation of two."""
    firm.services.gate.refresh()
    ana, ben = (firm.suite.people[name] for name in ("ana", "ben"))
    answer = firm.services.messaging.open(ben, new_id(), ConversationKind.DIRECT, [ana], "")
    return ConversationId(answer["conversation"])


@pytest.fixture
def elsewhere(firm: Firm, windows: Windows) -> ChatWindow:
    """Ana, who looks at another conversation and lets the chat tell her desktop."""
    room = firm.room("ana", "cleo", name=f"elsewhere {new_id()[-6:]}")
    window = firm.open(windows, "ana", room)
    window.page.add_init_script(_KEPT)
    window.page.reload()
    window.ready(room)
    return window


@pytest.mark.parametrize(
    ("setting", "title", "body"),
    [
        ("full", "Ben Okafor", "see you at nine"),
        ("sender", "Ben Okafor", ""),
        ("none", "New message", ""),
    ],
)
def test_the_desktop_is_told_as_much_as_the_policy_lets_out(
    firm: Firm, elsewhere: ChatWindow, direct: ConversationId, setting: str, title: str, body: str
) -> None:
    enforce(firm, setting)
    elsewhere.page.reload()
    elsewhere.ready()
    firm.say(direct, "ben", "see you at nine")
    assert told(elsewhere) == [{"title": title, "body": body}]


def test_a_click_on_what_the_desktop_shows_opens_the_message(
    firm: Firm, elsewhere: ChatWindow, direct: ConversationId
) -> None:
    firm.say(direct, "ben", "come and see")
    told(elsewhere)
    elsewhere.page.evaluate("() => told[0].click()")
    expect(elsewhere.message("come and see")).to_be_focused()
    firm.say(direct, "ben", "and now you look here")
    elsewhere.hears("and now you look here")
    assert len(told(elsewhere)) == 1


def test_of_what_is_muted_the_desktop_hears_nothing_but_mentions(
    firm: Firm, elsewhere: ChatWindow, direct: ConversationId
) -> None:
    elsewhere.enter("Ben Okafor")
    elsewhere.button("More about this conversation").click()
    elsewhere.page.get_by_role("menuitemcheckbox", name="Mute").click()
    elsewhere.page.go_back()
    firm.say(direct, "ben", "just chatting")
    firm.say(direct, "ben", "@ana, this one is for you")
    assert len(told(elsewhere)) == 1
    elsewhere.enter("Ben Okafor")
    elsewhere.button("More about this conversation").click()
    elsewhere.page.get_by_role("menuitemcheckbox", name="Mute").click()


def test_the_desktop_is_told_in_the_language_of_the_page(
    firm: Firm, windows: Windows, direct: ConversationId
) -> None:
    enforce(firm, "none")
    room = firm.room("ana", "cleo", name=f"anderswo {new_id()[-6:]}")
    ana = firm.open(windows, "ana", room, GermanChatWindow, locale="de-DE")
    ana.page.add_init_script(_KEPT)
    ana.page.reload()
    ana.ready(room)
    firm.say(direct, "ben", "bis gleich")
    assert told(ana) == [{"title": "Neue Nachricht", "body": ""}]


def test_how_much_is_unread_stands_in_the_title_and_the_icon(firm: Firm, windows: Windows) -> None:
    # Somebody new, who has read everything.
    new = f"zoe{new_id()[-6:]}"
    firm.suite.add(new, "it", name="Zoe Adler")
    read, other = (firm.room(new, "tom", name=f"{name} {new_id()[-6:]}") for name in ("read", "other"))
    zoe = firm.open(windows, new, read)
    plain, icon = "Chat · Chancery", zoe.page.locator('link[rel="icon"]')
    expect(zoe.page).to_have_title(plain)
    before = str(icon.evaluate("link => link.href"))
    for text in ("one", "two"):
        firm.say(other, "tom", text)
    expect(zoe.page).to_have_title(f"(2) {plain}")
    unread = before.replace("icon.svg", "icon-unread.svg")
    expect(icon).to_have_js_property("href", unread)
    assert zoe.page.request.get(unread).ok
    zoe.goto(f"{firm.url}/chat#{other}")
    zoe.ready(other)
    expect(zoe.page).to_have_title(plain)
    expect(icon).to_have_js_property("href", before)


def told(window: ChatWindow) -> list[dict[str, Any]]:
    """Wait until the desktop was told something; return all of it."""
    ask = "() => told.map(({ title, body }) => ({ title, body }))"
    found: list[dict[str, Any]] = wait_for(lambda: window.page.evaluate(ask), 30, "what the desktop is told")
    return found


def enforce(firm: Firm, setting: str) -> None:
    """Put a policy in force that lets notifications say so much."""
    desk, gate = firm.suite.desk(), firm.services.gate
    try:
        gate.refresh()
        before = gate.epoch()
        source = pack_source("demo").replace("usage:\n", f"usage:\n  notification_text: {setting}\n", 1)
        source = source.replace("name: Demo bank", f"name: Demo bank, {setting} {new_id()[-6:]}", 1)
        author = Principal(PrincipalKind.CHAT, firm.suite.people["cleo"], frozenset({Role.POLICY_AUTHOR}))
        proposal = PolicyAuthoring(firm.services).propose(author, source, "what notifications say")
        wait_for(lambda: [p for p in desk.approvals.proposals() if p.id == proposal.id], 15, "the mirror")
        desk.approvals.approve(proposal.id, "somebody else", "approver")

        def enforced() -> bool:
            gate.refresh()
            return gate.epoch() > before

        wait_for(enforced, 30, "the policy in force")
    finally:
        for store in (desk.archive, desk.keystore, desk.store):
            store.close()
