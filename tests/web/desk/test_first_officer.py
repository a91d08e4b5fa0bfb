"""The first officer is made before anybody is known in the chat, and decides on nothing of their own either."""

from collections.abc import Callable

import pytest

from core.types import ConversationId
from tests.factories.desk import PASSWORD, House
from tests.web.desk.conftest import Browser
from tests.web.desk.test_policies import proposed


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_the_first_officer_does_not_decide_on_their_own_policy(
    house: House, first: Browser, decision: str
) -> None:
    address = proposed(house, author="first")
    assert "You proposed this" in first.get(address).text
    assert first.post(address, {"decision": decision}).status_code == 403
    assert first.post(proposed(house, author="ana"), {"decision": "reject"}).status_code == 303


@pytest.mark.parametrize("decision", ["release", "reject"])
def test_the_first_officer_does_not_decide_on_their_own_message(
    house: House, room: ConversationId, first: Browser, decision: str
) -> None:
    house.chat.messaging.invite(house.people["ana"], f"bring-{decision}", room, house.people["first"])
    stopped = house.send(room, "first", "Kestrel signs on Friday")
    house.work()
    answer = first.post(f"/queue/{stopped['id']}", {"decision": decision, "reason": "my own"})
    assert answer.status_code == 403
    assert house.services.release.get(stopped["id"]).state == "waiting"


@pytest.fixture
def first(house: House, at_desk: Callable[[str], Browser]) -> Browser:
    if "first" not in house.people:
        house.services.officers.enrol(house.code, PASSWORD)
        house.add("first", "research")
        house.mirror.run()
    return at_desk("first")
