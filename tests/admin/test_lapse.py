"""A quarantined message ends when its time is over, whatever its sender does."""

from sqlalchemy import select

from core.messaging.model import ItemState
from core.schema import chat
from core.store import Statement
from core.types import ItemId
from tests.factories.desk import House

DAY = 86_400


def test_a_sender_cannot_keep_a_message_waiting_by_using_the_clocks_request_id(house: House) -> None:
    house.add("ana", "advisory")
    house.add("ben", "operations")
    house.add("cleo", "operations")
    room = house.group("ana", "ben", "cleo")
    waiting = house.send(room, "ana", "Kestrel signs on Friday")
    assert waiting["state"] == ItemState.QUARANTINED
    house.chat.messaging.send(house.people["ana"], f"lapse-{waiting['id']}", room, "an ordinary word")
    house.work()
    house.clock.advance(30 * DAY)
    house.work()
    assert state_of(house, ItemId(waiting["id"])) == ItemState.LAPSED


def state_of(house: House, item: ItemId) -> str:
    found = Statement(select(chat.items.c.state).where(chat.items.c.id == item))
    return str(house.chat.store.read(lambda tx: tx.value(found)))
