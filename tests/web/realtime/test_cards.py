"""What people learn of one another and of who reads, in a house with a wall between research and trading."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.blocking import ThreadBlocking
from core.errors import NotFound
from core.types import SessionId
from tests.factories.desk import House, make_house, make_template, settings_of
from web.realtime.connections import Connection, Connections
from web.realtime.fanout import Fanout
from web.realtime.services import RealtimeServices


def test_whoever_is_looked_up_has_the_walls_they_stand_at_and_why_one_may_not_talk(house: House) -> None:
    services = _services(house)
    (tom,) = services.cards.find(house.people["ana"], "tom")["people"]
    assert tom["segments"] == [{"en": "Trading", "de": "Handel"}]
    assert tom["barred"]["title"].endswith("(rule RT-1).")
    (cleo,) = services.cards.find(house.people["ana"], "cle")["people"]
    assert (cleo["segments"], cleo["barred"], cleo["external"]) == ([], None, False)


def test_accounts_of_services_are_offered_to_nobody_and_people_of_it_are(house: House) -> None:
    house.add("admin", "it", "service-accounts")
    house.add("adam", "it")
    services = _services(house)
    ana = house.people["ana"]
    assert [one["username"] for one in services.cards.find(ana, "ad")["people"]] == ["adam"]
    assert "admin" not in {one["username"] for one in services.cards.find(ana, "")["people"]}
    card = services.cards.profile(ana, house.people["admin"], services.hints.is_here)
    assert (card["name"], card["takes_part"]) == ("Admin", False)
    assert services.cards.profile(ana, house.people["adam"], services.hints.is_here)["takes_part"]


def test_a_profile_says_who_somebody_is_whether_they_are_here_and_whether_they_left(house: House) -> None:
    services = _services(house)
    ana, cleo = house.people["ana"], house.people["cleo"]
    here = services.hints.is_here
    card = services.cards.profile(ana, cleo, here)
    assert (card["name"], card["username"], card["left"], card["here"]) == ("Cleo", "cleo", False, False)
    services.connections.add(Connection("s", cleo, SessionId("s"), frozenset()))
    assert services.cards.profile(ana, cleo, here)["here"]
    house.chat.store.write(lambda tx: house.chat.people.do_disable(tx, cleo, "test"))
    card = services.cards.profile(ana, cleo, here)
    assert (card["left"], card["here"]) == (True, False)


def test_there_is_no_profile_of_nobody(house: House) -> None:
    services = _services(house)
    with pytest.raises(NotFound) as refused:
        services.cards.profile(house.people["ana"], house.people["ana"][:-1], services.hints.is_here)  # type: ignore[arg-type]
    assert refused.value.code == "no_person"


def test_a_member_is_told_who_reads_a_conversation_and_for_how_long(house: House) -> None:
    services = _services(house)
    room = house.channel("Lunch", "ana", "cleo")
    assert services.cards.readers(house.people["cleo"], room) == {
        "members": 2,
        "external": [],
        "open_to_all": True,
        "kept_days": 1827,
        "officers": {"roles": ["compliance_officer"], "named": 1},
    }
    with pytest.raises(NotFound):
        services.cards.readers(house.people["tom"], room)


def _services(house: House) -> RealtimeServices:
    connections = Connections()
    house.chat.gate.refresh()
    return RealtimeServices(house.chat, connections, Fanout(connections, _hush, ThreadBlocking()), _hush)


def _hush(event: str, payload: dict[str, Any], sids: Sequence[str]) -> None:
    """Send nothing."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    make_template(tmp_path / "template")
    named = {"compliance_officer": ("compliance",)}
    settings = replace(settings_of(tmp_path / "house"), directory_roles=named)
    made = make_house(tmp_path / "template", tmp_path / "house", settings=settings)
    groups = {"ana": "research", "cleo": "operations", "tom": "trading", "olga": "compliance"}
    for name, group in groups.items():
        made.add(name, group)
    yield made
    made.close()
