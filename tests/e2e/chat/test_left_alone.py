"""A conversation that others left says so, and is not taken for another one."""

import re

import pytest
from playwright.sync_api import expect

from core.types import ConversationKind, new_id
from tests.e2e.browser import Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

ALONE = "Nobody else is here any more: nobody receives what you write."


def title(window: ChatWindow, text: str) -> None:
    """Wait for the title of the conversation that is shown."""
    expect(window.page.get_by_role("heading", name=text, exact=True, level=1)).to_be_visible()


def test_a_group_that_others_leave_is_not_taken_for_one_person(firm: Firm, windows: Windows) -> None:
    ana_id, ben_id, cleo_id = (firm.suite.people[name] for name in ("ana", "ben", "cleo"))
    room = firm.room("ana", "ben", "cleo")
    ana = firm.open(windows, "ana", room)
    title(ana, "Ben Okafor, Cleo Lindqvist")
    firm.services.messaging.leave(cleo_id, new_id(), room)
    title(ana, "You and Ben Okafor")
    ana.sees_not(ALONE)
    firm.services.messaging.leave(ben_id, new_id(), room)
    title(ana, "Only you (Ben Okafor, Cleo Lindqvist left)")
    ana.sees(ALONE)
    entries = ana.page.get_by_role("navigation").get_by_role("button")
    expect(entries.and_(ana.button("Only you (Ben Okafor, Cleo Lindqvist left)"))).to_be_visible()
    ana.shot("left-alone")
    ana.page.set_viewport_size({"width": 360, "height": 740})
    ana.shot("left-alone-360")
    firm.services.gate.refresh()
    firm.services.messaging.invite(ana_id, new_id(), room, ben_id)
    title(ana, "You and Ben Okafor")


def test_whoever_left_a_conversation_is_named_beside_what_they_said_there(
    firm: Firm, windows: Windows
) -> None:
    gone = f"vera{new_id()[-6:]}"
    firm.suite.add(gone, "research", name="Vera Former")
    ana_id, vera = firm.suite.people["ana"], firm.suite.people[gone]
    room = firm.room("ana", "ben", gone)
    firm.say(room, gone, "one last word")
    firm.say(room, "ben", f"thanks @{gone}")
    said = firm.services.messaging.history(ana_id, room)["items"]
    last = next(item for item in said if item["view"].get("text") == "one last word")
    firm.services.messaging.react(vera, new_id(), room, last["id"], "heart", add=True)
    firm.services.messaging.pin(ana_id, new_id(), room, last["id"], on=True)
    firm.services.messaging.remove(ana_id, new_id(), room, vera)
    ben = firm.open(windows, "ben", room)
    message = ben.message("one last word")
    expect(message.get_by_role("button", name="Vera Former", exact=True)).to_be_visible()
    expect(message.get_by_role("button", name=re.compile("Vera Former$")).last).to_have_text(re.compile("1"))
    expect(ben.message("thanks @Vera Former")).to_be_visible()
    ben.sees("Ana Ribeiro removed Vera Former")
    ben.sees_not("Somebody who left")
    ben.shot("named-after-leaving")


def test_whoever_left_the_firm_is_still_named_where_one_talked_to_them(firm: Firm, windows: Windows) -> None:
    gone = f"uma{new_id()[-6:]}"
    firm.suite.add(gone, "research", name="Uma Gone")
    firm.services.gate.refresh()
    uma, ana_id = firm.suite.people[gone], firm.suite.people["ana"]
    pair = firm.services.messaging.open(ana_id, new_id(), ConversationKind.DIRECT, [uma])["conversation"]
    firm.say(pair, gone, "one last word")
    firm.services.store.write(lambda tx: firm.services.people.do_disable(tx, uma, "test"))
    ana = firm.open(windows, "ana", pair)
    title(ana, "Uma Gone (left)")
    ana.sees("Account no longer active")
    ana.sees(ALONE)
    expect(ana.message("one last word").get_by_role("button", name="Uma Gone")).to_be_visible()
    ana.shot("left-firm")
