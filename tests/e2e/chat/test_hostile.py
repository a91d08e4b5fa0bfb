"""Text that is made to do harm: shown as text, kept apart from what surrounds it, refused without loss."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from core.types import new_id
from tests.e2e.browser import Windows
from tests.e2e.chat.conftest import Firm

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

TURNED = "invoice\u202egnp.exe"
STACKED = "Z" + "\u0301\u0316" * 100 + "algo"
FLOOD = "now\u200b\u200d\u2060" * 400 + "here"
MARKUP = "<img src=x onerror=alert(1)><script>alert(1)</script>"


def test_hostile_texts_are_shown_as_text_and_stay_in_their_place(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name=f"hostile {new_id()[-5:]}")
    ana, ben = firm.both(windows, room)
    for text in (TURNED, STACKED, FLOOD, MARKUP, "| a | b |\n|---|---|\n| <b>1</b> | 2 |"):
        ana.write(text)
        ana.composer.press("Enter")
        expect(ana.composer).to_have_value("")
    ben.hears("<script>alert(1)</script>")
    expect(ben.log.get_by_role("cell", name="<b>1</b>")).to_be_visible()
    ana.sent("a plain word after it all")
    after = ben.hears("a plain word after it all")
    assert ben.overflow() == 0
    assert ben.page.locator("#app").locator("img, script, b").count() == 0
    # What a message holds does not reach over its neighbours.
    boxes = [box for row in ben.messages.all() if (box := row.bounding_box())]
    for above, below in pairwise(boxes):
        assert above["y"] + above["height"] <= below["y"] + 1
    expect(after).to_have_css("direction", "ltr")
    ben.shot("hostile")


def test_a_long_text_of_one_letter_is_laid_out_without_care_for_its_letters(
    firm: Firm, windows: Windows
) -> None:
    room = firm.room("ana", "ben", name=f"one letter {new_id()[-5:]}")
    ana, ben = firm.both(windows, room)
    # With kerning each key takes seconds in such a text.
    expect(ana.composer).to_have_css("font-kerning", "none")
    ana.say("x" * 9_000)
    ana.became("sent")
    expect(ben.hears("xxx").get_by_text("xxx")).to_have_css("font-kerning", "none")
    ana.sent("fine type again")
    expect(ana.message("fine type again")).to_have_css("font-kerning", "auto")


def test_thirty_thousand_characters_are_refused_without_loss(firm: Firm, windows: Windows) -> None:
    room = firm.room("ana", "ben", name=f"too long {new_id()[-5:]}")
    ana = firm.open(windows, "ana", room)
    text = "word " * 6_000
    ana.write(text)
    ana.sees("characters too many")
    expect(ana.button("Send", exact=True)).to_be_disabled()
    ana.composer.press("Enter")
    expect(ana.composer).to_have_value(text)
    ana.page.reload()
    ana.ready(room)
    expect(ana.composer).to_have_value(text)
    ana.sees("characters too many")
    expect(ana.page.get_by_text("Policy check unavailable")).to_have_count(0)
    ana.shot("too-long")
