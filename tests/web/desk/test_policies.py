"""Policies at the desk: read in words, compared, approved by a second person, signed."""

from collections.abc import Callable
from itertools import count

import pytest

from admin.wiring.pages import PolicyAuthoring
from core.identity.permissions import Principal, PrincipalKind, Role
from policies.standard import pack_source
from tests.factories.desk import House
from tests.web.desk.conftest import Browser

_numbers = count(1)


def test_a_proposal_shows_what_changes_and_its_own_tests(house: House, petra: Browser) -> None:
    page = petra.get(proposed(house)).text
    assert "<ins>" in page
    assert "<del>" in page
    assert "pass." in page
    assert "Approve and sign" in page
    assert "Trading and Research are separated" in page


def test_an_approved_policy_is_in_force_and_cannot_be_decided_again(house: House, petra: Browser) -> None:
    address = proposed(house)
    before = house.chat.gate.epoch()
    assert petra.post(address, {"decision": "approve"}).status_code == 303
    house.work()
    house.chat.gate.refresh()
    assert house.chat.gate.epoch() > before
    assert "In force" in petra.get("/policies").text
    assert petra.post(address, {"decision": "reject"}).status_code == 409


def test_a_rejected_policy_changes_nothing(house: House, petra: Browser) -> None:
    address, before = proposed(house), house.chat.gate.epoch()
    assert petra.post(address, {"decision": "reject"}).status_code == 303
    house.work()
    house.chat.gate.refresh()
    assert house.chat.gate.epoch() == before
    assert petra.post(address, {"decision": "approve"}).status_code == 409


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_nobody_decides_on_their_own_policy(
    house: House, petra: Browser, at_desk: Callable[[str], Browser], decision: str
) -> None:
    address = proposed(house, author="petra")
    assert "You proposed this" in petra.get(address).text
    assert petra.post(address, {"decision": decision}).status_code == 403
    assert at_desk("paul").post(address, {"decision": "reject"}).status_code == 303


def test_an_unknown_decision_or_proposal_is_refused(house: House, petra: Browser) -> None:
    address = proposed(house)
    assert petra.post(address, {"decision": "perhaps"}).status_code == 400
    assert petra.get("/policies/nothing").status_code == 404
    petra.post(address, {"decision": "reject"})


def proposed(house: House, author: str = "ana") -> str:
    """Propose a policy in the chat and return its address at the desk."""
    source = pack_source("demo").replace("name: Demo bank", f"name: Demo bank {next(_numbers)}", 1)
    house.chat.gate.refresh()
    principal = Principal(PrincipalKind.CHAT, house.people[author], frozenset({Role.POLICY_AUTHOR}))
    proposal = PolicyAuthoring(house.chat).propose(principal, source, "a better name")
    house.work()
    return f"/policies/{proposal.id}"
