"""Every state of a message, as its sender and its readers see it, with its sentence, in both languages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import bindparam, update

from admin.desk_jobs import LAPSED
from core.messaging.model import VersionKind
from core.schema import chat
from core.store import Statement
from core.types import ConversationId, ItemId, new_id
from tests.e2e.browser import Windows
from tests.e2e.chat.conftest import Firm
from tests.e2e.chat.page import ChatWindow, GermanChatWindow

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

KINDS: Final[Mapping[str, type[ChatWindow]]] = {"en-GB": ChatWindow, "de-DE": GermanChatWindow}
SAYS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "en-GB": {
        "waiting": ("not sent yet",),
        "failed": ("Not sent. This conversation is closed.", "Retry", "Edit", "Discard"),
        "edited": ("edited",),
        "deleted": ("This message was deleted.",),
        "expired": ("Deleted under retention policy.",),
        "redacted": ("▮▮▮ [payment card]", "partly covered by policy"),
        "needs_confirmation": ("Not sent yet", "only you see this", "Send anyway", "Edit", "Discard"),
        "needs_reason": ("Not sent: needs a reason", "Your reason; it is kept with the message"),
        "quarantined": ("Waiting for Compliance", "If nobody decides, it lapses tomorrow at", "Withdraw"),
        "blocked": ("Blocked", "Nobody else has seen it.", "Why was this stopped?", "Edit"),
        "withdrawn": ("Withdrawn", "You took this back before it was decided. Nobody else here has seen it."),
        "rejected": ("Not released", "Compliance decided against it. Nobody else here has seen it."),
        "lapsed": ("Lapsed", "Nobody decided in time, so it was never delivered."),
    },
    "de-DE": {
        "waiting": ("noch nicht gesendet",),
        "failed": ("Nicht gesendet. Diese Unterhaltung ist geschlossen.", "Erneut versuchen", "Verwerfen"),
        "edited": ("bearbeitet",),
        "deleted": ("Diese Nachricht wurde gelöscht.",),
        "expired": ("Nach der Aufbewahrungsrichtlinie gelöscht.",),
        "redacted": ("nach Richtlinie teilweise verdeckt",),
        "needs_confirmation": ("Noch nicht gesendet", "nur Sie sehen dies", "Trotzdem senden", "Verwerfen"),
        "needs_reason": ("Nicht gesendet: Begründung nötig", "Ihre Begründung"),
        "quarantined": (
            "Wartet auf Compliance",
            "Entscheidet niemand, verfällt sie morgen um",
            "Zurückziehen",
        ),
        "blocked": ("Blockiert", "Niemand sonst hat", "Warum wurde dies angehalten?"),
        "withdrawn": ("Zurückgezogen", "Niemand sonst hier hat es gesehen."),
        "rejected": ("Nicht freigegeben", "Compliance hat sich dagegen entschieden."),
        "lapsed": ("Verfallen", "Niemand hat rechtzeitig entschieden"),
    },
}
STOPPED: Final = {
    "needs_confirmation": "CL-123456 called",
    "needs_reason": "I can guarantee a return of 12 percent",
    "quarantined": "Project Kestrel signs on Friday",
    "blocked": "the key is AKIAIOSFODNN7EXAMPLE",
}
# As the worker leaves an item behind once the key of its month is destroyed.
_EXPIRE: Final = Statement(
    update(chat.items)
    .where(chat.items.c.id == bindparam("item"))
    .values(state="expired", view=None, expires_ms=None)
)


@dataclass
class Stage:
    """Ana, who writes in one language, and Ben, who reads in it, in a channel of their own."""

    firm: Firm
    room: ConversationId
    ana: ChatWindow
    ben: ChatWindow
    locale: str

    def says(self, place: Locator, state: str) -> None:
        """Wait until ``place`` says what belongs to ``state`` in this language."""
        for words in SAYS[self.locale][state]:
            expect(place).to_contain_text(words)
        self.ana.shot(f"state-{state}-{self.locale[:2]}")

    def send(self, text: str) -> ItemId:
        """Let Ana say something without her window; return its id."""
        self.firm.services.gate.refresh()
        answer = self.firm.services.messaging.send(self.firm.suite.people["ana"], new_id(), self.room, text)
        return ItemId(answer["id"])


@pytest.fixture(params=sorted(KINDS))
def stage(firm: Firm, windows: Windows, request: pytest.FixtureRequest) -> Stage:
    locale: str = request.param
    room = firm.room("ana", "ben", name=f"states {new_id()[-6:]}")
    ana, ben = (firm.open(windows, name, room, KINDS[locale], locale=locale) for name in ("ana", "ben"))
    return Stage(firm, room, ana, ben, locale)


def test_what_policy_stops_says_so_to_its_sender_and_nothing_to_others(stage: Stage) -> None:
    for state, text in STOPPED.items():
        stage.says(stage.ana.sent(text, state), state)
    stage.send("and on we go")
    stage.ben.hears("and on we go")
    for text in STOPPED.values():
        stage.ben.sees_not(text)


def test_what_becomes_of_a_waiting_message_is_told_with_its_reason(stage: Stage) -> None:
    messaging, ana = stage.firm.services.messaging, stage.firm.suite.people["ana"]
    for state in ("withdrawn", "rejected", "lapsed"):
        item = stage.send(f"Project Kestrel {state}")
        stage.ana.page.reload()
        stage.ana.ready(stage.room)
        waiting = stage.ana.message(f"Project Kestrel {state}")
        expect(waiting).to_have_attribute("data-state", "quarantined")
        kind = {"rejected": VersionKind.REJECT, "lapsed": VersionKind.LAPSE}.get(state)
        if kind is None:
            waiting.get_by_role("button", name=SAYS[stage.locale]["quarantined"][-1]).click()
        else:
            messaging.end_quarantine(kind, ana, new_id(), stage.room, item, LAPSED, "Not public yet")
        ended = stage.ana.message(f"Project Kestrel {state}")
        expect(ended).to_have_attribute("data-state", state)
        stage.says(ended, state)
    stage.ben.sees_not(re.compile("Kestrel"))


def test_what_was_delivered_and_changed_says_so_to_everybody(stage: Stage) -> None:
    messaging, ana = stage.firm.services.messaging, stage.firm.suite.people["ana"]
    covered, edited, deleted, expired = (
        stage.send(text)
        for text in ("my card is 4111 1111 1111 1111", "first wording", "gone soon", "kept no more")
    )
    assert covered
    messaging.edit(ana, new_id(), stage.room, edited, "second wording")
    stage.says(stage.ben.message("second wording"), "edited")
    messaging.delete(ana, new_id(), stage.room, deleted)
    for window in (stage.ana, stage.ben):
        stage.says(window.became("deleted"), "deleted")
        stage.says(window.became("redacted"), "redacted")
    stage.firm.services.store.write(lambda tx: tx.run(_EXPIRE, item=expired))
    for window in (stage.ana, stage.ben):
        window.page.reload()
        window.ready(stage.room)
        stage.says(window.became("expired"), "expired")
        window.sees_not("kept no more")


def test_what_waits_on_the_device_says_so_and_what_is_refused_can_be_tried_again(stage: Stage) -> None:
    stage.ana.expect("ERR_INTERNET_DISCONNECTED|WebSocket|ERR_")
    stage.ana.drop()
    stage.ana.say("written without a network")
    stage.says(stage.ana.became("sending"), "waiting")
    stage.firm.services.messaging.close(stage.firm.suite.people["ana"], new_id(), stage.room)
    stage.ana.context.set_offline(False)
    stage.says(stage.ana.became("failed"), "failed")
    stage.ben.sees_not("written without a network")
