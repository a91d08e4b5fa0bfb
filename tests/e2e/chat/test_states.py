"""Every state of a message, as its sender and its readers see it, with its sentence, in both languages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pytest
from playwright.sync_api import FilePayload, Locator, expect
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
        "covered": (
            "What can I do?",
            "Covered for everybody else: payment card number (•••• 1111). Rule CARD-1 keeps this out of",
            "You wrote: ",
            "If somebody needs it, use a place that is meant for it.",
            "Report as wrong",
        ),
        "flagged": (
            "flagged; only you see this",
            "What can I do?",
            "Flagged: bank account number (•••• 5432). Rule BANK-1 marks this for Compliance.",
            "It is delivered all the same.",
            "If it is right, you need do nothing.",
            "If it is wrong, report it; Compliance sees that.",
            "Report as wrong",
        ),
        "reported": ("Reported. Compliance sees it beside your message.",),
        "checking": (
            "Checking",
            "only you see this",
            "Your files are being checked.",
            "Nobody in #states ",
            " has seen it.",
            "Cancel",
        ),
        "recalled": ("Removed under company policy.", "Learn more"),
        "recalled_own": ("Compliance removed your message under company policy.", "Nobody here sees it"),
        "needs_confirmation": (
            "Not sent yet",
            "only you see this",
            "Before you send: client number (••••).",
            "Rule CLIENT-1 asks you to look twice. Nothing was sent yet.",
            "Send anyway",
            "Edit",
            "Discard",
        ),
        "needs_reason": (
            "Not sent: needs a reason",
            "This needs a reason: promise of profit",
            "Rule GUAR-1 lets it pass only with a reason. Nothing was sent yet.",
            "Your reason; it is kept with the message",
            "Send with this reason",
        ),
        "quarantined": (
            "Waiting for Compliance",
            "Waiting for Compliance: this names a deal that is not public.",
            "Somebody here may not know of it yet (rule CODE-1).",
            "Nobody in #states ",
            " has seen it.",
            "If nobody decides, it lapses tomorrow at",
            "Withdraw",
        ),
        "blocked": (
            "Blocked",
            "Blocked: key or access token",
            "Rule SECRET-1 does not let this pass. Nobody else has seen it.",
            "Remove it and send again. If you need this, ask Compliance and name rule SECRET-1.",
            "Why was this stopped?",
            "Edit",
            "Ask for review",
        ),
        "withdrawn": ("Withdrawn", "You took this back before it was decided.", "Nobody in #states "),
        "rejected": ("Not released", "Compliance decided against it.", "Nobody in #states "),
        "lapsed": ("Lapsed", "Nobody decided in time, so it was never delivered."),
    },
    "de-DE": {
        "waiting": ("noch nicht gesendet",),
        "failed": ("Nicht gesendet. Diese Unterhaltung ist geschlossen.", "Erneut versuchen", "Verwerfen"),
        "edited": ("bearbeitet",),
        "deleted": ("Diese Nachricht wurde gelöscht.",),
        "expired": ("Nach der Aufbewahrungsrichtlinie gelöscht.",),
        "redacted": ("nach Richtlinie teilweise verdeckt",),
        "covered": (
            "Was kann ich tun?",
            "Für alle anderen verdeckt: Zahlungskartennummer (•••• 1111). Regel CARD-1 hält dies aus",
            "Sie haben geschrieben: ",
            "Als falsch melden",
        ),
        "flagged": (
            "markiert; nur Sie sehen dies",
            "Was kann ich tun?",
            "Markiert: Bankkontonummer (•••• 5432). Regel BANK-1 markiert dies für die Compliance.",
            "Es wird trotzdem zugestellt.",
            "Wenn es seine Richtigkeit hat, müssen Sie nichts tun.",
            "Als falsch melden",
        ),
        "reported": ("Gemeldet. Compliance sieht es neben Ihrer Nachricht.",),
        "checking": (
            "Wird geprüft",
            "nur Sie sehen dies",
            "Ihre Dateien werden geprüft.",
            "Niemand in #states ",
            " hat sie gesehen.",
            "Abbrechen",
        ),
        "recalled": ("Nach den Richtlinien des Unternehmens entfernt.", "Mehr erfahren"),
        "recalled_own": ("Compliance hat Ihre Nachricht nach den Richtlinien des Unternehmens entfernt.",),
        "needs_confirmation": (
            "Noch nicht gesendet",
            "nur Sie sehen dies",
            "Vor dem Senden: Kundennummer (••••).",
            "Regel CLIENT-1 bittet Sie um einen zweiten Blick. Noch wurde nichts gesendet.",
            "Trotzdem senden",
            "Verwerfen",
        ),
        "needs_reason": (
            "Nicht gesendet: Begründung nötig",
            "Hierfür ist eine Begründung nötig: Gewinnversprechen",
            "Regel GUAR-1 lässt es nur mit einer Begründung durch.",
            "Ihre Begründung",
        ),
        "quarantined": (
            "Wartet auf Compliance",
            "Wartet auf Compliance: Dies nennt ein Geschäft, das nicht öffentlich ist.",
            "Jemand hier darf noch nicht davon wissen (Regel CODE-1).",
            "Entscheidet niemand, verfällt sie morgen um",
            "Zurückziehen",
        ),
        "blocked": (
            "Blockiert",
            "Blockiert: Schlüssel oder Zugangstoken",
            "Regel SECRET-1 lässt dies nicht durch. Niemand sonst hat es gesehen.",
            "Warum wurde dies angehalten?",
            "Um Prüfung bitten",
        ),
        "withdrawn": (
            "Zurückgezogen",
            "Sie haben dies zurückgezogen, bevor entschieden wurde.",
            "Niemand in #states ",
        ),
        "rejected": ("Nicht freigegeben", "Compliance hat sich dagegen entschieden."),
        "lapsed": ("Verfallen", "Niemand hat rechtzeitig entschieden"),
    },
}
TIPS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "en-GB": {
        "flag": ("This will be sent with a flag.", "Flagged: bank account number (•••• 5432).", "Learn more"),
        "warn": ("You will be asked to look twice.", "Before you send: client number", "Send anyway"),
        "justify": ("You will be asked for a reason.", "This needs a reason: promise", "Send with a reason"),
        "redact": ("Part of this will be covered.", "payment card number (•••• 1111)", "Remove it for me"),
        "quarantine": ("This will wait for Compliance.", "this names a deal that is not public."),
        "block": ("This will be blocked.", "Blocked: key or access token", "Report as wrong"),
    },
    "de-DE": {
        "flag": ("Diese Nachricht wird gesendet und markiert.", "Markiert: Bankkontonummer (•••• 5432)."),
        "warn": ("Sie werden um einen zweiten Blick gebeten.", "Kundennummer", "Trotzdem senden"),
        "justify": ("Sie werden um eine Begründung gebeten.", "Gewinnversprechen", "Mehr erfahren"),
        "redact": ("Ein Teil davon wird verdeckt.", "Zahlungskartennummer (•••• 1111)", "Für mich entfernen"),
        "quarantine": (
            "Diese Nachricht wartet auf die Freigabe durch Compliance.",
            "Dies nennt ein Geschäft, das nicht öffentlich ist.",
        ),
        "block": ("Diese Nachricht wird blockiert.", "Schlüssel oder Zugangstoken", "Als falsch melden"),
    },
}
UNREACHABLE: Final = {
    "en-GB": "Policy check unavailable; your message will be checked when it is sent.",
    "de-DE": "Die Richtlinienprüfung ist nicht erreichbar; Ihre Nachricht wird beim Senden geprüft.",
}
DRAFTS: Final = {
    "flag": "pay to GB82 WEST 1234 5698 7654 32",
    "warn": "CL-123456 called",
    "justify": "I can guarantee a return of 12 percent",
    "redact": "my card is 4111 1111 1111 1111",
    "quarantine": "Project Kestrel signs on Friday",
    "block": "the key is AKIAIOSFODNN7EXAMPLE",
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


NOTES: Final = FilePayload(name="minutes.txt", mimeType="text/plain", buffer=b"We meet on Friday.")


def attach(window: ChatWindow, file: FilePayload, locale: str) -> None:
    """Add a file to what is written, and wait until it is uploaded."""
    with window.page.expect_file_chooser() as choosing:
        window.button("Add files" if locale.startswith("en") else "Dateien hinzufügen").first.click()
    choosing.value.set_files([file])
    expect(window.page.locator('[data-state="done"]')).to_have_count(1)


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


def test_a_tip_says_what_each_verdict_means_while_one_writes(stage: Stage) -> None:
    for verdict, text in DRAFTS.items():
        stage.ana.write(text)
        tip = stage.ana.page.locator(f'[data-verdict="{verdict}"]')
        for words in TIPS[stage.locale][verdict]:
            expect(tip).to_contain_text(words)
        expect(stage.ana.composer).to_be_focused()
        stage.ana.shot(f"tip-{verdict}-{stage.locale[:2]}")
    stage.ana.write("lunch at noon?")
    expect(stage.ana.page.locator("[data-verdict]")).to_have_count(0)


def test_a_tip_says_when_the_policy_cannot_be_asked(stage: Stage) -> None:
    realtime = stage.firm.suite.children()["realtime"]
    realtime.suspend()
    try:
        stage.ana.write("is anybody there?")
        expect(stage.ana.page.get_by_text(UNREACHABLE[stage.locale])).to_be_visible()
    finally:
        realtime.resume()


def test_a_flag_is_told_to_its_sender_alone_and_can_be_reported(stage: Stage) -> None:
    flagged = stage.ana.sent(DRAFTS["flag"])
    flagged.get_by_text(SAYS[stage.locale]["flagged"][1]).click()
    stage.says(flagged, "flagged")
    seen = stage.ben.hears(DRAFTS["flag"])
    expect(seen.locator("details")).to_have_count(0)
    stage.ana.page.reload()
    stage.ana.ready(stage.room)
    stage.ben.page.reload()
    stage.ben.ready(stage.room)
    expect(stage.ben.message(DRAFTS["flag"]).locator("details")).to_have_count(0)
    flagged.get_by_text(SAYS[stage.locale]["flagged"][1]).click()
    flagged.get_by_role("button", name=SAYS[stage.locale]["flagged"][-1]).click()
    stage.says(flagged, "reported")


def test_what_was_covered_is_explained_to_its_sender_alone(stage: Stage) -> None:
    stage.ana.say(DRAFTS["redact"])
    covered = stage.ana.became("redacted")
    covered.get_by_text(SAYS[stage.locale]["covered"][0]).click()
    stage.says(covered, "covered")
    expect(covered.get_by_text(DRAFTS["redact"])).to_be_visible()
    expect(stage.ben.became("redacted").locator("details")).to_have_count(0)


def test_a_file_that_is_read_makes_its_message_wait_and_can_be_cancelled(stage: Stage) -> None:
    with stage.firm.worker_away():
        attach(stage.ana, NOTES, stage.locale)
        stage.ana.say("see the minutes")
        checking = stage.ana.became("checking")
        stage.says(checking, "checking")
        stage.ben.sees_not("see the minutes")
        checking.get_by_role("button", name=SAYS[stage.locale]["checking"][-1]).click()
        stage.says(stage.ana.became("withdrawn"), "withdrawn")
    stage.ana.sent("never mind")
    stage.ben.hears("never mind")
    stage.ben.sees_not("see the minutes")


def test_what_was_recalled_says_so_to_its_sender_and_to_its_readers(stage: Stage) -> None:
    messaging, ana = stage.firm.services.messaging, stage.firm.suite.people["ana"]
    item = stage.send("said too early")
    stage.ben.hears("said too early")
    messaging.recall(ana, new_id(), stage.room, item, officer=LAPSED, reason="Not public yet")
    stage.says(stage.ben.became("recalled"), "recalled")
    stage.says(stage.ana.became("recalled"), "recalled_own")
    for window in (stage.ana, stage.ben):
        window.sees_not("said too early")


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
