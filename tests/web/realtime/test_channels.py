"""Which public channels somebody can look up, in a house with a wall between research and trading."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.blocking import ThreadBlocking
from core.types import new_id
from tests.factories.desk import House, make_house, make_template
from web.realtime.connections import Connections
from web.realtime.fanout import Fanout
from web.realtime.services import RealtimeServices


def test_a_channel_tells_nobody_beyond_the_barrier_its_name_or_topic(house: House) -> None:
    house.channel("Upgrade of Acme tomorrow", "ana", "ben")
    assert _looked_up(house, "cleo") == {"Upgrade of Acme tomorrow"}
    assert _looked_up(house, "tom") == set()


def test_whoever_named_a_channel_and_left_it_has_still_said_the_name(house: House) -> None:
    room = house.channel("Downgrade of Acme", "ana", "cleo")
    house.chat.messaging.leave(house.people["ana"], new_id(), room)
    house.channel("Lunch", "cleo", "tom")
    assert _looked_up(house, "ben") == {"Downgrade of Acme"}
    assert _looked_up(house, "tom") == {"Lunch"}


def _looked_up(house: House, username: str) -> set[str]:
    connections = Connections()
    services = RealtimeServices(house.chat, connections, Fanout(connections, _hush, ThreadBlocking()), _hush)
    house.chat.gate.refresh()
    return {str(channel["name"]) for channel in services.channels(house.people[username])}


def _hush(event: str, payload: dict[str, Any], sids: Sequence[str]) -> None:
    """Send nothing."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    make_template(tmp_path / "template")
    made = make_house(tmp_path / "template", tmp_path / "house")
    for name, group in (("ana", "research"), ("ben", "research"), ("cleo", "operations"), ("tom", "trading")):
        made.add(name, group)
    yield made
    made.close()
