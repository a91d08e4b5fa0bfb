"""Quotes and forwarded words are decided, kept and shown like words of one's own, to whom they are for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import InvalidInput, NotFound
from core.messaging.attempt import Confirmation
from core.messaging.carried import BREAK, EXCERPT
from core.types import ConversationId, ConversationKind, ItemId, Verdict
from tests.factories.chat import ANA, BEN, CLEO, DAN, Chat, make_chat
from tests.fakes.gate import WORDS


def test_a_quote_shows_whose_words_they_are_and_when_they_were_said(chat: Chat) -> None:
    room = chat.direct()
    said = chat.send(room, "we sell **all** of it")
    answer = chat.send(room, "really?", sender=BEN, quotes=ItemId(said["id"]))
    view = _shown(chat, room, answer["id"])
    assert view["text"] == "really?"
    quote = view["quote"]
    assert (quote["item"], quote["sender"], quote["at"], quote["cseq"]) == (
        said["id"],
        ANA,
        said["at"],
        said["cseq"],
    )
    assert quote["tokens"] == [{"t": "p", "c": ["we sell ", {"t": "strong", "c": ["all"]}, " of it"]}]
    assert chat.delivery.frames[-1].payload["view"] == view


def test_a_long_message_is_quoted_by_its_beginning(chat: Chat) -> None:
    room = chat.direct()
    said = chat.send(room, "x" * (EXCERPT + 1))["id"]
    assert _shown(chat, room, chat.send(room, "so long", quotes=said)["id"])["quote"]["text"] == "x" * EXCERPT


@pytest.mark.parametrize("word", [word for word, verdict in WORDS.items() if not verdict.delivers])
def test_what_is_quoted_or_forwarded_is_decided_with_the_words(chat: Chat, word: str) -> None:
    room, other = chat.direct(), chat.direct(ANA, CLEO)
    said = _said_before_the_rule(chat, room, f"old {word}")
    quoted = chat.send(room, "new", sender=BEN, quotes=said)
    forwarded = chat.messaging.forward(ANA, chat.ids(), other, (room, said), "look")
    assert not quoted["ok"]
    assert not forwarded["ok"]
    assert [text for _, text in chat.gate.asked[-2:]] == [
        f"new{BREAK}old {word}",
        f"look{BREAK}old {word}",
    ]
    assert [text for text in _texts(chat, other) if word in text] == []


def test_what_is_covered_in_a_quote_is_covered_there_and_the_words_stay(chat: Chat) -> None:
    room = chat.direct()
    said = _said_before_the_rule(chat, room, "number [redact] here")
    view = _shown(chat, room, chat.send(room, "my own", quotes=said)["id"])
    assert (view["text"], view["quote"]["text"]) == ("my own", "number ▮▮▮ here")
    assert "[redact]" not in str(view)


def test_what_is_covered_over_both_is_shown_as_words(chat: Chat) -> None:
    room = chat.direct()
    said = chat.send(room, "second half")["id"]

    def answer(text: str) -> str | None:
        return "all covered" if BREAK in text else None

    chat.gate.covers = answer
    view = _shown(chat, room, chat.send(room, "first half", quotes=said)["id"])
    assert view["text"] == "all covered"
    assert "quote" not in view


def test_nobody_puts_words_into_the_quote_of_another(chat: Chat) -> None:
    room = chat.direct()
    said = chat.send(room, "second half")["id"]
    chat.gate.covers = lambda text: text.replace(f"first half{BREAK}second half", "▮▮▮")
    view = _shown(chat, room, chat.send(room, f"mine{BREAK}forged first half", sender=BEN, quotes=said)["id"])
    assert "forged ▮▮▮" in view["text"]
    assert "quote" not in view


def test_who_joined_after_what_is_quoted_sees_an_empty_quote(chat: Chat) -> None:
    room = chat.channel(ANA, BEN, kind=ConversationKind.PUBLIC)
    said = chat.send(room, "canary")["id"]
    chat.messaging.invite(ANA, chat.ids(), room, CLEO)
    item = chat.send(room, "about that", quotes=said)["id"]
    pages = [
        chat.messaging.history(CLEO, room),
        chat.messaging.since(CLEO, {room: 0})["conversations"],
        chat.messaging.around(CLEO, room, item=item),
    ]
    assert "canary" not in str(pages)
    assert pages[0]["items"][-1]["view"]["quote"] == {"empty": True}
    with pytest.raises(NotFound):
        chat.send(room, "quoting it myself", sender=CLEO, quotes=said)


def test_the_quote_of_what_was_taken_back_is_empty(chat: Chat) -> None:
    room = chat.direct()
    said = chat.send(room, "canary")["id"]
    item = chat.send(room, "about that", sender=BEN, quotes=said)["id"]
    chat.messaging.delete(ANA, chat.ids(), room, said)
    assert _shown(chat, room, item)["quote"] == {"empty": True}


def test_what_is_not_here_or_is_not_shown_cannot_be_quoted(chat: Chat) -> None:
    room, other = chat.direct(), chat.direct(ANA, CLEO)
    elsewhere = chat.send(other, "elsewhere")["id"]
    stopped = chat.send(room, "[block]")["id"]
    for item in (elsewhere, stopped, "nowhere"):
        with pytest.raises(NotFound) as refused:
            chat.send(room, "x", quotes=ItemId(item))
        assert refused.value.code == "no_message"
    with pytest.raises(InvalidInput):
        chat.send(room, "", quotes=ItemId(chat.send(room, "y")["id"]))


def test_a_message_is_forwarded_with_its_author_and_without_a_word(chat: Chat) -> None:
    room, other = chat.direct(), chat.direct(BEN, CLEO)
    said = chat.send(room, "the plan")
    answer = chat.messaging.forward(BEN, chat.ids(), other, (room, said["id"]))
    view = _shown(chat, other, answer["id"], reader=CLEO)
    assert view["text"] == ""
    assert view["forwarded"] == {
        "conversation": room,
        "item": said["id"],
        "sender": ANA,
        "name": "Ana",
        "at": said["at"],
        "text": "the plan",
        "tokens": [{"t": "p", "c": ["the plan"]}],
    }
    again = chat.messaging.forward(CLEO, chat.ids(), chat.direct(CLEO, DAN), (other, answer["id"]))
    assert chat.delivery.frames[-1].payload["view"]["forwarded"] == view["forwarded"]
    assert again["ok"]


def test_nobody_forwards_what_they_may_not_see(chat: Chat) -> None:
    room = chat.channel(ANA, BEN, kind=ConversationKind.PUBLIC)
    said = chat.send(room, "canary")["id"]
    chat.messaging.invite(ANA, chat.ids(), room, CLEO)
    for person, source in ((CLEO, (room, said)), (DAN, (room, said)), (CLEO, (room, ItemId("nowhere")))):
        with pytest.raises(NotFound):
            chat.messaging.forward(person, chat.ids(), chat.direct(person, BEN), source)


def test_a_barrier_holds_for_the_author_of_what_is_forwarded(chat: Chat) -> None:
    room, other = chat.direct(), chat.direct(BEN, CLEO)
    said = chat.send(room, "canary")["id"]
    chat.gate.barred.add(frozenset({ANA, CLEO}))
    answer = chat.messaging.forward(BEN, chat.ids(), other, (room, said))
    assert answer["code"] == "blocked"
    assert "canary" not in str(_texts(chat, other))
    assert chat.messaging.forward(BEN, chat.ids(), chat.direct(BEN, DAN), (room, said))["ok"]


def test_a_forward_is_confirmed_and_released_with_what_it_carries(chat: Chat) -> None:
    room, other = chat.direct(), chat.direct(ANA, CLEO)
    said = _said_before_the_rule(chat, room, "careful [warn]")
    warned = chat.messaging.forward(ANA, chat.ids(), other, (room, said), "psst")
    assert warned["code"] == "needs_confirmation"
    confirmed = Confirmation(warned["decision"])
    assert chat.messaging.forward(ANA, chat.ids(), other, (room, said), "psst", confirms=confirmed)["ok"]
    held = _said_before_the_rule(chat, room, "hold [quarantine]")
    waiting = chat.messaging.forward(ANA, chat.ids(), other, (room, held), "psst")
    assert waiting["state"] == "quarantined"
    chat.messaging.release(
        ANA,
        chat.ids(),
        other,
        waiting["id"],
        approved=frozenset({"[quarantine]"}),
        officer=chat.roster.everybody[DAN],
        reason="fine",
    )
    assert _shown(chat, other, waiting["id"])["forwarded"]["text"] == "hold [quarantine]"


def test_what_changes_while_it_is_decided_is_decided_again(chat: Chat) -> None:
    room = chat.direct()
    said = chat.send(room, "harmless")["id"]
    changed: list[object] = []

    def edit_once(_facts: object, text: str) -> None:
        if text.startswith("quoting") and not changed:
            changed.append(chat.messaging.edit(ANA, chat.ids(), room, said, "other words"))

    chat.gate.on_ask = edit_once
    view = _shown(chat, room, chat.send(room, "quoting", sender=BEN, quotes=said)["id"])
    assert view["quote"]["text"] == "other words"
    assert [text for _, text in chat.gate.asked if text.startswith("quoting")] == [
        f"quoting{BREAK}harmless",
        f"quoting{BREAK}other words",
    ]


def test_an_edit_is_decided_with_what_the_message_carries_and_keeps_it(chat: Chat) -> None:
    room = chat.direct()
    said = chat.send(room, "quoted")["id"]
    item = chat.send(room, "first", quotes=said)["id"]
    chat.messaging.edit(ANA, chat.ids(), room, item, "second")
    assert chat.gate.asked[-1][1] == f"second{BREAK}quoted"
    view = _shown(chat, room, item)
    assert (view["text"], view["quote"]["text"]) == ("second", "quoted")


def test_a_repeated_forward_is_one_message(chat: Chat) -> None:
    room, other = chat.direct(), chat.direct(ANA, CLEO)
    said = chat.send(room, "once")["id"]
    answers = [chat.messaging.forward(ANA, "same", other, (room, said)) for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(_texts(chat, other)) == 1


def _said_before_the_rule(chat: Chat, room: ConversationId, text: str) -> ItemId:
    """Say something for which there is a rule by now, and was none then."""
    words = [word for word in WORDS if word in text]
    kept = {word: WORDS[word] for word in words}
    try:
        for word in words:
            WORDS[word] = Verdict.ALLOW
        return ItemId(chat.send(room, text)["id"])
    finally:
        WORDS.update(kept)


def _shown(chat: Chat, room: ConversationId, item: str, reader: str = ANA) -> dict:  # type: ignore[type-arg]
    page = chat.messaging.around(reader, room, item=ItemId(item))  # type: ignore[arg-type]
    view: dict = next(each for each in page["items"] if each["id"] == item)["view"]  # type: ignore[type-arg]
    return view


def _texts(chat: Chat, room: ConversationId) -> list[str]:
    page = chat.messaging.history(ANA if room in _rooms_of(chat) else CLEO, room)
    return [
        "\n".join([item["view"]["text"], item["view"].get("forwarded", {}).get("text", "")])
        for item in page["items"]
        if item["type"] == "message"
    ]


def _rooms_of(chat: Chat) -> set[str]:
    return {head["id"] for head in chat.messaging.overview(ANA)}


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    made = make_chat(tmp_path)
    yield made
    made.store.close()
