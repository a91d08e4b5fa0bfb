"""The chat page as its users name its parts."""

import re

from playwright.sync_api import Locator, expect

from tests.e2e.browser import Window


class ChatWindow(Window):
    """One person's chat."""

    conversations, box_of, log_of = "Conversations", "^Message ", "^Messages in "

    def ready(self, room: str = "") -> None:
        """Wait until the list of conversations is there, and the messages of ``room``."""
        expect(
            self.page.get_by_role("navigation", name=self.conversations, include_hidden=True)
        ).to_be_attached()
        if room:
            expect(self.page).to_have_url(re.compile(f"#{room}$"))
            expect(self.composer).to_be_visible()
            expect(self.log).to_have_attribute("aria-busy", "false")

    def write(self, text: str) -> None:
        """Type into the box of the conversation that is shown."""
        self.composer.fill(text)

    def say(self, text: str) -> None:
        """Write and send, without waiting for what becomes of it."""
        self.write(text)
        self.composer.press("Enter")

    @property
    def composer(self) -> Locator:
        """The box in which one writes."""
        return self.box(re.compile(self.box_of))

    def pane(self, name: str) -> Locator:
        """Return the pane called ``name``, which is the main part where there is room for no other."""
        by_role = self.page.get_by_role
        return by_role("complementary", name=name).or_(by_role("main", name=name, exact=True))

    @property
    def messages(self) -> Locator:
        """The messages of the conversation that is shown."""
        return self.log.get_by_role("listitem")

    @property
    def log(self) -> Locator:
        """The list of messages of the conversation that is shown."""
        return self.page.get_by_role("log", name=re.compile(self.log_of))

    def message(self, text: str | re.Pattern[str]) -> Locator:
        """Return the message that holds ``text``."""
        return self.messages.filter(has_text=text).last

    def hears(self, text: str | re.Pattern[str]) -> Locator:
        """Wait for a message that others sent, and return it."""
        found = self.message(text)
        expect(found).to_be_visible()
        return found

    def sent(self, text: str, state: str = "sent") -> Locator:
        """Say something and wait for what becomes of it."""
        self.say(text)
        found = self.message(text)
        expect(found).to_have_attribute("data-state", state)
        return found

    def became(self, state: str) -> Locator:
        """Wait for a message of one's own in ``state``, and return it."""
        found = self.messages.and_(self.page.locator(f'[data-state="{state}"]')).last
        expect(found).to_be_visible()
        return found

    def tool(self, message: Locator, name: str) -> None:
        """Use what can be done with a message."""
        message.hover()
        message.get_by_role("button", name=name, exact=True).click()

    def menu(self, message: Locator, name: str) -> None:
        """Use what stands in the menu of a message."""
        self.tool(message, "More actions")
        message.get_by_role("menuitem", name=name, exact=True).click()

    def enter(self, title: str) -> None:
        """Go into a conversation by the list."""
        # A person, not a group that they are in.
        name = re.compile(rf"(?<!and )(?<!, )\b{re.escape(title)}\b(?!,)")
        self.page.get_by_role("navigation", name="Conversations").get_by_role("button", name=name).click()
        expect(self.page.get_by_role("heading", name=title, level=1)).to_be_visible()

    def account(self, name: str) -> None:
        """Use what stands in the menu behind one's own name."""
        self.button(re.compile(": profile, preferences, sign out$")).click()
        self.page.get_by_role("menuitem", name=name, exact=True).click()

    def drop(self) -> None:
        """Lose the network: what is open breaks, and nothing new can be opened."""
        # What a page loads later is there a moment after it can be used.
        self.page.wait_for_load_state("networkidle")
        self.context.set_offline(True)

    def start(self, *people: str, channel: str = "", private: bool = False) -> None:
        """Start a conversation as the dialog lets one."""
        self.button("New conversation").first.click()
        dialog = self.page.get_by_role("dialog", name="New conversation")
        if channel:
            dialog.get_by_role("button", name="Make a channel").click()
            dialog.get_by_label("Name", exact=True).fill(channel)
            if private:
                dialog.get_by_label("Only who is invited").check()
        picker = dialog.get_by_label(re.compile("^(To|Invite people)"))
        for person in people:
            picker.fill(person)
            dialog.get_by_role("list", name="Found people").get_by_role(
                "button", name=re.compile(person, re.I)
            ).click()
        dialog.get_by_role("button", name=re.compile("^(Start|Start group|Make channel)$")).click()


class GermanChatWindow(ChatWindow):
    """One person's chat, in German."""

    conversations, box_of, log_of = "Unterhaltungen", "^Nachricht an ", "^Nachrichten in "
