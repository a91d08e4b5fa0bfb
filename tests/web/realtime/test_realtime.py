"""What the websocket promises, on a real suite of four processes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import websocket

from core.identity.permissions import Permission
from core.types import new_id, rfc3339
from tests.factories.socket import SocketClient
from tests.factories.suite import Suite, wait_for
from web.realtime.handlers import EVENTS

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(180)]

CARD = "4111 1111 1111 1111"


def test_two_people_chat(talk: "Talk") -> None:
    answer = talk.ana.emit("send", talk.message("Hello **Ben**"))
    assert answer["ok"]
    item = talk.ben.wait(lambda: [i for i in talk.ben.items(talk.conversation) if i["id"] == answer["id"]])[0]
    assert item["view"]["tokens"] == [{"t": "p", "c": ["Hello ", {"t": "strong", "c": ["Ben"]}]}]


def test_half_a_character_is_refused_in_a_sentence_and_what_follows_is_sent(talk: "Talk") -> None:
    assert talk.ana.emit("send", talk.message("half a smile: \ud83d"))["code"] == "bad_text"
    assert talk.ana.emit("\ud83d", {})["code"] == "unknown_event"
    assert talk.ana.emit("send", talk.message("a whole one: \U0001f642"))["ok"]


def test_a_card_number_is_covered_before_anybody_sees_it(talk: "Talk") -> None:
    answer = talk.ana.emit("send", talk.message(f"my card is {CARD}"))
    assert answer["state"] == "redacted"
    talk.ben.wait(lambda: [i for i in talk.ben.items(talk.conversation) if i["id"] == answer["id"]])
    assert "4111" not in str(talk.ben.events)


def test_a_card_number_split_over_two_messages_is_stopped(talk: "Talk") -> None:
    assert talk.ana.emit("send", talk.message("card 4111 1111"))["ok"]
    answer = talk.ana.emit("send", talk.message("1111 1111"))
    assert answer["code"] == "blocked"
    assert talk.ana.emit("stopped", {"conversation": talk.conversation})["items"][0]["id"] == answer["id"]


def test_an_edit_that_adds_a_card_is_refused_while_others_see_the_old_text(talk: "Talk") -> None:
    sent = talk.ana.emit("send", talk.message("old text"))
    edit = {
        "client_id": new_id(),
        "conversation": talk.conversation,
        "item": sent["id"],
        "text": f"pay {CARD}",
    }
    assert talk.ana.emit("edit", edit)["code"] == "blocked"
    page = talk.ben.emit("history", {"conversation": talk.conversation, "before": None})
    assert page["items"][-1]["view"]["text"] == "old text"


def test_whoever_is_taken_out_is_still_named_to_a_client_that_never_met_them(
    talk: "Talk", suite: Suite
) -> None:
    cleo = suite.connect("cleo")
    assert cleo.emit("send", talk.message("one last word"))["ok"]
    cleo.close()
    out = {"client_id": new_id(), "conversation": talk.conversation, "person": suite.people["cleo"]}
    assert talk.ana.emit("remove", out)["ok"]
    for event, asked in (
        ("history", {"conversation": talk.conversation, "before": None}),
        ("sync", {"known": {talk.conversation: 0}}),
        ("members", {"conversation": talk.conversation}),
    ):
        (former,) = talk.ben.ask(event, asked)["former"]
        assert (former["id"], former["username"]) == (suite.people["cleo"], "cleo")


def test_a_client_that_was_away_gets_everything_once_and_is_told_how_far(talk: "Talk") -> None:
    known = talk.ben.emit("head", {"conversation": talk.conversation})["conversation"]["cseq"]
    sent = [talk.ana.emit("send", talk.message(f"while away {n}"))["id"] for n in range(5)]
    answer = talk.ben.emit("sync", {"known": {talk.conversation: known}})["conversations"][talk.conversation]
    assert [item["id"] for item in answer["items"]] == sent
    assert answer["through"] == known + 5
    assert not answer["more"]


def test_a_message_is_quoted_pinned_and_forwarded(talk: "Talk", suite: Suite) -> None:
    item = talk.ana.emit("send", talk.message("the plan"))["id"]
    quoting = talk.ben.emit("send", {**talk.message("which plan?"), "quotes": item})
    assert quoting["ok"]
    on_item = {"client_id": new_id(), "conversation": talk.conversation, "item": item}
    assert talk.ben.emit("pin", on_item)["ok"]
    assert [each["id"] for each in talk.ana.emit("pins", {"conversation": talk.conversation})["items"]] == [
        item
    ]
    assert talk.ana.emit("unpin", {**on_item, "client_id": new_id()})["ok"]
    other = talk.ana.ask("open", {"client_id": new_id(), "kind": "direct", "people": [suite.people["dan"]]})
    forward = {
        "client_id": new_id(),
        "conversation": other["conversation"],
        "source": {"conversation": talk.conversation, "item": item},
    }
    dan = suite.connect("dan")
    answer = talk.ana.emit("forward", forward)
    dan.wait(lambda: [i for i in dan.items(other["conversation"]) if i["id"] == answer["id"]])
    (shown,) = [i for i in dan.items(other["conversation"]) if i["id"] == answer["id"]]
    assert shown["view"]["forwarded"]["text"] == "the plan"
    dan.close()


def test_one_is_told_what_the_policy_lets_one_do(talk: "Talk") -> None:
    usage = talk.ana.emit("hello")["usage"]
    assert usage == {
        "edit_history": False,
        "edit_minutes": None,
        "delete_minutes": None,
        "notification_text": "sender",
    }
    item = talk.ana.emit("send", talk.message("as it is"))["id"]
    asked = {"conversation": talk.conversation, "item": item}
    assert talk.ben.emit("versions", asked)["code"] == "history_not_shown"


def test_a_message_is_scheduled_and_sent_by_the_worker_at_its_time(talk: "Talk") -> None:
    at = rfc3339(datetime.now(UTC) + timedelta(seconds=1))
    entry = talk.ana.emit("schedule", {**talk.message("later"), "at": at})["entry"]
    assert talk.ana.emit("scheduled")["entries"] == [entry]
    talk.ben.wait(lambda: [i for i in talk.ben.items(talk.conversation) if i["view"].get("text") == "later"])
    talk.ana.wait(lambda: [told for told in talk.ana.heard("scheduled") if told["state"] == "sent"])
    other = talk.ana.emit(
        "schedule", {**talk.message("never"), "at": rfc3339(datetime.now(UTC) + timedelta(days=1))}
    )["entry"]
    assert talk.ana.emit("unschedule", {"id": other["id"]})["ok"]
    assert talk.ana.emit("scheduled")["entries"] == []


def test_a_draft_gets_advice_and_is_kept_nowhere(talk: "Talk", suite: Suite) -> None:
    before = talk.ana.emit("head", {"conversation": talk.conversation})["conversation"]["cseq"]
    tip = talk.ana.emit("draft", {"conversation": talk.conversation, "text": f"draft-canary {CARD}"})
    assert tip["verdict"] == "redact"
    assert tip["findings"][0]["excerpt"].endswith("1111")
    assert talk.ana.emit("head", {"conversation": talk.conversation})["conversation"]["cseq"] == before
    assert "draft-canary" not in suite.log()


def test_what_one_arranges_and_reads_is_known_to_ones_other_connections(talk: "Talk", suite: Suite) -> None:
    other = suite.connect("ana")
    answer = talk.ana.emit("arrange", {"conversation": talk.conversation, "muted": True, "hidden": True})
    assert answer["settings"] == {"muted": True, "favourite": False, "hidden": True}
    other.wait(lambda: other.heard("arranged"))
    told = {"conversation": talk.conversation, "settings": answer["settings"]}
    assert other.heard("arranged") == [told]
    assert not talk.ana.heard("arranged")
    talk.ana.emit("mark", {"conversation": talk.conversation, "cseq": 1})
    read = {"conversation": talk.conversation, "cseq": 1, "by_hand": False}
    other.wait(lambda: read in other.heard("marked"))
    said = talk.ben.emit("send", talk.message("read this again"))["cseq"]
    talk.ana.emit("mark", {"conversation": talk.conversation, "cseq": said})
    assert talk.ana.emit("unread", {"conversation": talk.conversation})["cseq"] == said - 1
    kept = {"conversation": talk.conversation, "cseq": said - 1, "by_hand": True}
    other.wait(lambda: kept in other.heard("marked"))
    assert not talk.ben.heard("marked")
    root = talk.ana.emit("send", talk.message("root"))["id"]
    talk.ben.emit("send", {**talk.message("reply"), "thread_root": root})
    now = talk.ana.emit("follow", {"conversation": talk.conversation, "root": root, "on": False})
    assert (now["following"], now["root"]) == (False, root)
    other.wait(lambda: other.heard("followed"))
    other.close()


def test_threads_and_mentions_are_listed(talk: "Talk") -> None:
    root = talk.ana.emit("send", talk.message("for @ben"))["id"]
    talk.ben.emit("send", {**talk.message("reply"), "thread_root": root})
    assert talk.ana.emit("threads")["threads"][0]["root"]["id"] == root
    assert talk.ben.emit("mentions")["items"][0]["id"] == root
    assert talk.ben.emit("mentions", {"before": "never"})["code"] == "bad_place"


def test_a_page_around_a_time_is_asked_for_in_a_time_zone(talk: "Talk") -> None:
    place = {"conversation": talk.conversation, "at": "2026-03-31T18:00:00"}
    assert talk.ana.emit("around", place)["code"] == "bad_place"
    assert talk.ana.emit("around", {**place, "at": "2026-03-31T18:00:00Z"})["ok"]


def test_signing_out_everywhere_closes_live_sockets_within_two_seconds(suite: Suite) -> None:
    dan = suite.connect("dan")
    assert dan.emit("hello")["ok"]
    suite.chat().signin.sign_out_everywhere(suite.people["dan"], "test")
    dan.wait(lambda: dan.closed, timeout=4)
    assert dan.heard("signed_out")


@pytest.mark.parametrize("cookie", ["", "__Host-chancery=nonsense"])
def test_a_socket_without_a_session_is_refused(suite: Suite, cookie: str) -> None:
    client = SocketClient(suite.settings.realtime_url, cookie, suite.settings.chat_url)
    assert client.refused
    client.close()


def test_a_socket_from_another_page_is_refused(suite: Suite) -> None:
    cookie = f"__Host-chancery={suite.session('ana')}"
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        SocketClient(suite.settings.realtime_url, cookie, "https://evil.example")
    assert refused.value.status_code == 403


def test_an_unknown_event_and_a_malformed_one_are_refused_by_code(talk: "Talk") -> None:
    assert talk.ana.emit("drop_tables")["code"] == "unknown_event"
    assert talk.ana.emit("send", {"text": "no conversation"})["code"] == "bad_request"
    assert talk.ana.emit("send", {**talk.message("x"), "extra": 1})["code"] == "bad_request"


def test_a_text_over_the_limit_is_refused_and_nothing_is_lost(talk: "Talk") -> None:
    answer = talk.ana.emit("send", talk.message("x" * 20_001))
    assert (answer["code"], answer["limit"]) == ("text_too_long", 20_000)
    assert talk.ana.emit("send", talk.message("still here"))["ok"]


def test_a_frame_over_256_kb_ends_the_connection_and_reaches_nobody(talk: "Talk", suite: Suite) -> None:
    client = suite.connect("cleo")
    with pytest.raises((TimeoutError, OSError, websocket.WebSocketException)):
        client.emit("send", talk.message("y" * 300_000), timeout=3)
    assert "yyyy" not in str(talk.ben.events)


def test_a_stranger_is_told_nothing_about_a_conversation(talk: "Talk", suite: Suite) -> None:
    dan = suite.connect("dan")
    for event, payload in [
        ("history", {"conversation": talk.conversation}),
        ("head", {"conversation": talk.conversation}),
        ("stopped", {"conversation": talk.conversation}),
        ("members", {"conversation": talk.conversation}),
        ("versions", {"conversation": talk.conversation, "item": "x"}),
        ("pins", {"conversation": talk.conversation}),
        ("around", {"conversation": talk.conversation, "cseq": 1}),
        ("arrange", {"conversation": talk.conversation, "muted": True}),
        ("follow", {"conversation": talk.conversation, "root": "x", "on": True}),
        ("send", talk.message("let me in")),
        ("draft", {"conversation": talk.conversation, "text": "x"}),
        ("mark", {"conversation": talk.conversation, "cseq": 1}),
        ("unread", {"conversation": talk.conversation, "cseq": 1}),
    ]:
        assert dan.emit(event, payload)["code"] == "no_conversation", event


def test_typing_reaches_whoever_has_the_conversation_open(talk: "Talk", suite: Suite) -> None:
    talk.ben.emit("focus", {"conversation": talk.conversation})
    talk.ana.emit("typing", {"conversation": talk.conversation})
    talk.ben.wait(
        lambda: any(suite.people["ana"] in h["people"] for h in talk.ben.heard("typing")), timeout=5
    )


def test_what_one_prefers_is_known_to_ones_other_connections_and_to_nobody_else(
    talk: "Talk", suite: Suite
) -> None:
    other = suite.connect("ana")
    now = talk.ana.emit("prefer", {"theme": "dark", "single_keys": False})["preferences"]
    assert now["theme"] == "dark" and not now["single_keys"] and now["notify"] == "mentions"
    other.wait(lambda: other.heard("preferred"))
    assert other.heard("preferred") == [{"preferences": now}]
    assert not talk.ana.heard("preferred") + talk.ben.heard("preferred")
    assert talk.ana.emit("hello")["preferences"] == now
    assert talk.ben.emit("hello")["preferences"]["theme"] == "system"
    assert talk.ana.emit("prefer", {"theme": "pink"})["code"] == "bad_request"
    assert talk.ana.emit("prefer", {"language": "../de"})["code"] == "bad_preference"
    assert talk.ana.emit("hello")["preferences"] == now
    other.close()


def test_every_event_names_a_permission_of_the_table() -> None:
    assert {event.permission for event in EVENTS.values()} <= set(Permission)


def test_a_member_who_joins_later_sees_nothing_from_before(talk: "Talk", suite: Suite) -> None:
    ids = suite.people
    opened = talk.ana.emit(
        "open",
        {"client_id": new_id(), "kind": "public", "people": [ids["ben"]], "name": f"room {new_id()[-6:]}"},
    )
    room = opened["conversation"]
    old = talk.ana.emit("send", talk.message("before", room))
    cleo = suite.connect("cleo")
    assert cleo.emit("join", {"client_id": new_id(), "conversation": room})["ok"]
    new = talk.ana.emit("send", talk.message("after", room))
    cleo.wait(lambda: any(i["id"] == new["id"] for i in cleo.items(room)))
    page = cleo.emit("history", {"conversation": room, "before": None})
    assert [i["view"].get("text") for i in page["items"] if i["type"] == "message"] == ["after"]
    edit = {"client_id": new_id(), "conversation": room, "item": old["id"], "text": "edited before"}
    assert talk.ana.emit("edit", edit)["ok"]
    cleo.wait(lambda: [i for i in cleo.items(room) if i.get("bare")])
    assert "edited before" not in str(cleo.events)


def test_what_another_process_commits_reaches_live_sockets(talk: "Talk", suite: Suite) -> None:
    services = suite.chat()
    services.gate.refresh()
    answer = services.messaging.send(
        suite.people["ana"],
        new_id(),
        talk.conversation,
        "from another process",
    )
    talk.ben.wait(lambda: any(i["id"] == answer["id"] for i in talk.ben.items(talk.conversation)), timeout=5)
    wait_for(lambda: any(i["id"] == answer["id"] for i in talk.ana.items(talk.conversation)))


class Talk:
    """Ana and Ben in a conversation of their own."""

    def __init__(self, suite: Suite) -> None:
        self.ana, self.ben = suite.connect("ana"), suite.connect("ben")
        people = [suite.people["ben"], suite.people["cleo"]]
        request = {"client_id": new_id(), "kind": "group", "people": people}
        self.conversation = self.ana.ask("open", request)["conversation"]
        self.ben.wait(lambda: self.ben.heard("conversation_added"))
        self._numbers = count(1)

    def message(self, text: str, conversation: str | None = None) -> dict[str, Any]:
        return {"client_id": new_id(), "conversation": conversation or self.conversation, "text": text}


@pytest.fixture
def talk(suite: Suite) -> Iterator[Talk]:
    made = Talk(suite)
    yield made
    made.ana.close()
    made.ben.close()
