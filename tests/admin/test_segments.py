"""Who is in a segment: groups, attributes and lists of the policy in force, through the real gate."""

import pytest

from admin.wiring.pages import PolicyAuthoring
from core.identity.directory import DirectoryPerson
from core.identity.permissions import Principal, PrincipalKind, Role
from core.types import ConversationKind, PersonId, new_id
from tests.factories.desk import House

BUNDLE = """
name: Three ways into a segment
retention: {direct: 2557, group: 2557, public: 2557, private: 2557}
segments:
  research: {title: Research, attributes: {department: [Research]}}
  trading: {title: Trading, groups: [trading]}
  listed: {title: On the list, people: [lena]}
barriers:
  - {id: RT-1, title: Research and Trading, between: [research, trading]}
  - {id: RL-1, title: Research and the list, between: [research, listed]}
"""


@pytest.fixture
def firm(house: House) -> House:
    """Under this policy: Rita has an attribute, Tom a group, Lena is on a list, Olaf is nowhere."""
    for name, groups, attributes in (
        ("rita", frozenset(), {"department": "research"}),
        ("tom", frozenset({"Trading"}), {}),
        ("lena", frozenset(), {}),
        ("olaf", frozenset(), {"department": "sales"}),
    ):
        house.people[name] = known(house, name, groups, attributes)
    author = Principal(PrincipalKind.CHAT, house.people["olaf"], frozenset({Role.POLICY_AUTHOR}))
    proposal = PolicyAuthoring(house.chat).propose(author, BUNDLE, "segments")
    house.mirror.run()
    house.services.approvals.approve(proposal.id, "somebody else", "approver")
    house.work()
    house.chat.gate.refresh()
    assert house.chat.gate.enforced().number == 2
    return house


@pytest.mark.parametrize("other", ["tom", "lena"])
def test_a_barrier_stops_whom_an_attribute_a_group_or_a_list_puts_in_a_segment(
    firm: House, other: str
) -> None:
    answer = write_to(firm, "rita", other)
    assert not answer["ok"]
    assert answer["code"] == "blocked"


def test_who_is_in_no_segment_is_free(firm: House) -> None:
    assert write_to(firm, "rita", "olaf")["ok"]
    assert write_to(firm, "tom", "lena")["ok"]


def test_an_attribute_that_changes_in_the_directory_moves_a_person_at_once(firm: House) -> None:
    opened = firm.chat.messaging.open(
        firm.people["olaf"], new_id(), ConversationKind.DIRECT, [firm.people["tom"]]
    )
    room = opened["conversation"]
    assert firm.send(room, "olaf", "how are you")["ok"]
    known(firm, "olaf", frozenset(), {"department": "Research"})
    stopped = firm.send(room, "olaf", "and now")
    assert (stopped["ok"], stopped["code"]) == (False, "blocked")
    known(firm, "olaf", frozenset(), {"department": "sales"})
    assert firm.send(room, "olaf", "back again")["ok"]


def known(house: House, name: str, groups: frozenset[str], attributes: dict[str, str]) -> PersonId:
    """Take up what a directory server says about somebody, as a sign-in does."""
    chat = house.chat
    said = DirectoryPerson(f"id-{name}", name, name.title(), "", groups, attributes)
    prepared = chat.people.prepare(chat.store, "ldap", said)
    return chat.store.write(lambda tx: chat.people.do_upsert(tx, "ldap", said, prepared)).id


def write_to(house: House, sender: str, other: str) -> dict[str, object]:
    house.clock.advance(1)
    house.chat.gate.refresh()
    opened = house.chat.messaging.open(
        house.people[sender], new_id(), ConversationKind.DIRECT, [house.people[other]]
    )
    if not opened["ok"]:
        return opened
    return house.send(opened["conversation"], sender, "good morning")
