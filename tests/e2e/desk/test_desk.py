"""The compliance desk in a browser, on a served suite: accounts, searching, deciding, holding."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import expect

from admin.wiring.pages import PolicyAuthoring
from core.identity.permissions import Principal, PrincipalKind, Role
from core.messaging.rooms import policy_epoch
from core.types import PersonId, new_id
from policies.standard import pack_source
from tests.e2e.browser import Windows
from tests.e2e.conftest import Serve
from tests.e2e.desk.page import (
    ROLES,
    DeskWindow,
    Firm,
    at_desk,
    at_the_door,
    finds_it_after_edit_and_delete,
)
from tests.factories.suite import PASSWORD, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180, func_only=True)]

NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><b>{{7*7}}</b> sapphire"


def test_a_candidate_is_confirmed_enrols_with_the_code_and_sees_no_matter_of_others(
    firm: Firm, windows: Windows
) -> None:
    olga = at_desk(windows, firm)
    matter = olga.open_matter("Only Olga reads this")
    olga.goto(f"{olga.url}/officers")
    olga.until(lambda: olga.heading("Otto").count())
    card = olga.page.locator("form").filter(has=olga.heading("Otto"))
    card.get_by_role("button", name="Confirm").click()
    code = olga.page.locator("p.code").inner_text()
    otto = at_the_door(windows, firm, "otto")
    fields = {"One-time code": code, "New password": PASSWORD, "The same again": PASSWORD}
    otto.fill_in(f"{otto.url}/enrol", fields, "Set password")
    otto.sees("Your password is set")
    otto.enter("otto")
    otto.goto(f"{otto.url}/matters")
    otto.sees("No matter is yours yet")
    otto.goto(matter)
    otto.sees("no_matter")
    otto.sees_not("Only Olga reads this")


def test_an_administrator_does_not_get_in(firm: Firm, windows: Windows) -> None:
    admin = at_the_door(windows, firm, "admin")
    admin.fill_in(f"{admin.url}/signin", {"Officer name": "admin", "Password": PASSWORD}, "Sign in")
    expect(admin.page.get_by_role("alert")).to_be_visible()
    admin.goto(f"{admin.url}/officers")
    expect(admin.page).to_have_url(re.compile("/signin"))


def test_an_officer_finds_a_message_by_phrase_after_edit_and_delete_and_reads_all_versions(
    firm: Firm, windows: Windows
) -> None:
    finds_it_after_edit_and_delete(firm, windows)


def test_a_released_message_arrives_in_the_chat_once(firm: Firm, windows: Windows) -> None:
    stopped = firm.say("Kestrel signs on Friday")
    assert stopped["code"] == "quarantined"
    olga = at_desk(windows, firm)
    open_entry(olga, stopped["id"])
    expect(olga.page.locator(".version .said .found")).to_have_text("Kestrel")
    assert not firm.heard(stopped["id"])
    olga.shot("desk-entry")
    olga.box("Reason").fill("Public since this morning")
    olga.button("Release", exact=True).click()
    firm.ben.wait(lambda: firm.heard(stopped["id"]))
    olga.until(lambda: olga.page.get_by_text("Released", exact=True).count())
    olga.sees("It was decided again at release, and delivered.")
    firm.say("something after it")
    firm.ben.wait(lambda: [one for one in firm.ben.items(firm.room) if "something after" in str(one)])
    assert len(firm.heard(stopped["id"])) == 1


def test_a_rejected_message_arrives_nowhere(firm: Firm, windows: Windows) -> None:
    stopped = firm.say("Kestrel is not for you")
    olga = at_desk(windows, firm)
    open_entry(olga, stopped["id"])
    olga.box("Reason").fill("Not public")
    olga.button("Reject").click()
    olga.until(lambda: olga.page.get_by_text("Nobody but the sender will see it").count())
    firm.say("and on we go")
    firm.ben.wait(lambda: [one for one in firm.ben.items(firm.room) if "on we go" in str(one)])
    assert not firm.heard(stopped["id"])


def test_a_policy_approved_by_a_second_person_is_live_and_nothing_passes_under_the_old_one(
    firm: Firm, windows: Windows
) -> None:
    chat = firm.suite.chat()
    source = pack_source("demo").replace("lexicon: [Kestrel,", "lexicon: [Zebrafish, Kestrel,", 1)
    author = Principal(
        PrincipalKind.CHAT, PersonId(firm.suite.people["ana"]), frozenset({Role.POLICY_AUTHOR})
    )
    proposal = PolicyAuthoring(chat).propose(author, source, "a new code name")
    before = chat.store.read(policy_epoch)
    assert firm.say("Zebrafish swims")["ok"]
    olga = at_desk(windows, firm)
    olga.goto(f"{olga.url}/policies")
    olga.until(lambda: olga.page.locator(f"a[href$='{proposal.id}']").count())
    olga.page.locator(f"a[href$='{proposal.id}']").click()
    expect(olga.page.locator("ins").first).to_contain_text("Zebrafish")
    olga.shot("desk-policy", full=True)
    olga.button("Approve and sign").click()
    wait_for(lambda: chat.store.read(policy_epoch) > before, 20, "the worker putting it in force")
    chat.store.close()
    # Two seconds are enough on a machine that has nothing else to do; here only the order is promised.
    answers = []

    def stopped() -> bool:
        answers.append(firm.say(f"Zebrafish {new_id()[:4]}"))
        return bool(answers[-1].get("code") == "quarantined")

    wait_for(stopped, 15, "the new policy")
    assert not [answer for answer in answers if answer["ok"] and answer.get("code") != "quarantined"]
    olga.goto(f"{olga.url}/policies")
    olga.sees("In force")


def test_a_hold_is_placed_from_a_record_pins_it_and_is_released_without_loss(
    firm: Firm, windows: Windows
) -> None:
    firm.say("the walnut desk")
    olga = at_desk(windows, firm)
    matter = olga.open_matter("Preservation")
    olga.find(matter, '"walnut desk"').first.get_by_role("link").click()
    olga.link("Hold this conversation").click()
    olga.box("Reason").fill("Letter of today")
    olga.button("Place hold").click()
    expect(olga.heading(re.compile(r"^Hold \d+$"))).to_be_visible()
    olga.sees("whatever is added to its scope")
    olga.shot("desk-hold")
    number = olga.heading(re.compile(r"^Hold \d+$")).inner_text().split()[1]
    hold = olga.page.url
    olga.goto(f"{olga.url}/retention")
    olga.sees(re.compile(rf"hold (\d+, )*{number}\b"))
    olga.fill_in(hold, {"Reason": "Settled"}, f"Release hold {number}")
    olga.sees("Nothing was deleted by that.")
    olga.find(matter, '"walnut desk"')


def test_what_was_done_and_what_is_proved_is_shown(firm: Firm, windows: Windows) -> None:
    firm.say("a proved pebble")
    olga = at_desk(windows, firm)
    matter = olga.open_matter("Proof")
    olga.find(matter, '"proved pebble"').first.get_by_role("link").click()
    olga.until(lambda: olga.page.get_by_text("Inclusion verified").count())
    olga.goto(olga.url)
    row = olga.page.get_by_role("row").filter(has_text="Ledger: messages")
    expect(row).to_contain_text("Unbroken")
    expect(row).to_contain_text(re.compile(r"\d+ entr(y|ies)"))
    olga.until(lambda: olga.page.get_by_text("All are in the ledger.").count())
    expect(olga.page.get_by_role("row").filter(has_text="Worker")).to_contain_text("Running")


def test_markup_in_a_message_is_text_wherever_it_is_shown(firm: Firm, windows: Windows) -> None:
    firm.say(NASTY)
    olga = at_desk(windows, firm)
    olga.page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    matter = olga.open_matter(NASTY)
    results = olga.find(matter, "sapphire")
    expect(results.first.locator(".said")).to_have_text(NASTY)
    results.first.get_by_role("link").click()
    expect(olga.versions.first.locator(".said")).to_have_text(NASTY)
    assert not olga.page.locator("main img, main b, main script:not([src])").count()


def test_letters_lead_through_results_and_hits_and_never_take_what_is_typed(
    firm: Firm, windows: Windows
) -> None:
    for number in range(3):
        firm.say(f"the copper kettle {number}, and once more: kettle")
    olga = at_desk(windows, firm)
    matter = olga.open_matter("By keys")
    results = olga.find(matter, "copper AND kettle", 3)
    # The keys are there once the page's script ran, and count while the list has the focus.
    olga.page.wait_for_load_state()
    expect(olga.heading("3 matches")).to_be_focused()
    for number in range(2):
        olga.page.keyboard.press("j")
        expect(results.nth(number).get_by_role("link")).to_be_focused()
    olga.page.keyboard.press("Enter")
    olga.sees("2 of 3 on this page of results")
    olga.page.keyboard.press("]")
    olga.page.keyboard.press("]")
    expect(olga.page.locator("mark[data-current]")).to_have_count(1)
    olga.page.keyboard.press("j")
    olga.sees("3 of 3 on this page of results")
    olga.page.keyboard.press("k")
    olga.sees("2 of 3 on this page of results")
    olga.goto(matter)
    olga.box("Search for").press_sequentially("jk[]")
    expect(olga.box("Search for")).to_have_value("jk[]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_fits_a_narrow_window_and_can_be_read_and_named(
    firm: Firm, windows: Windows, scheme: Literal["light", "dark"]
) -> None:
    endless = scheme * 60
    firm.say(endless)
    stopped = firm.say(f"Kestrel in a narrow window {new_id()[:4]}")
    olga = at_desk(windows, firm, size=(320, 640), scheme=scheme)
    matter = olga.open_matter("Narrow " + "and long " * 12)
    olga.find(matter, endless).first.get_by_role("link").click()
    addresses = [olga.page.url, matter, f"{olga.url}/queue/{stopped['id']}"]
    paths = ("", "queue", "matters", "holds", "retention", "policies", "officers", "sessions", "nowhere")
    owed = {}
    for address in (*addresses, *(f"{olga.url}/{path}" for path in paths)):
        olga.goto(address)
        found = {
            "wider": olga.overflow(),
            "nameless": olga.nameless(),
            "faint": olga.faint(),
            "small": olga.small_targets(),
            "headings": olga.page.locator("h1").count() - 1,
        }
        owed[address] = {name: value for name, value in found.items() if value}
        olga.shot(f"desk-narrow-{scheme}-{address.rpartition('/')[2][:12]}", full=True)
    assert not {address: found for address, found in owed.items() if found}


def open_entry(window: DeskWindow, item: str) -> None:
    """Open an entry of the release queue as soon as it is there and can be decided."""
    window.goto(f"{window.url}/queue")
    window.until(lambda: window.page.locator(f"a[href$='{item}']").count())
    window.page.locator(f"a[href$='{item}']").click()
    window.until(lambda: window.button("Release", exact=True).count())


@pytest.fixture(scope="module")
def firm(serve: Serve) -> Iterator[Firm]:
    people = {
        "ana": ("research",),
        "ben": ("research",),
        "cleo": ("operations",),
        "otto": ("compliance",),
    }
    made = Firm(serve(people, CHANCERY_DIRECTORY_ROLES=ROLES))
    yield made
    made.close()
