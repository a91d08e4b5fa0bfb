"""The chat store keeps what the chat shows; the archive keeps every version."""

from sqlalchemy import bindparam, insert, select

from core.jobs import Jobs
from core.messaging.prune import AT_ONCE, PAGE, Pruner
from core.schema import chat
from core.store import Statement
from core.types import ItemId, UsageRules
from tests.factories.desk import House

DAY = 86_400
CARD = "4111 1111 1111 1111"

_ADD = Statement(insert(chat.versions).values({c.name: bindparam(c.name) for c in chat.versions.c}))


def test_what_the_chat_no_longer_shows_goes_and_the_archive_has_every_version(house: House) -> None:
    for name in ("ana", "ben", "cleo"):
        house.add(name)
    room = house.group("ana", "ben", "cleo")
    item = ItemId(house.send(room, "ana", "the first wording")["id"])
    house.edit(room, "ana", item, "the second wording")
    house.delete(room, "ana", item)
    redacted = ItemId(house.send(room, "ben", f"pay with {CARD}")["id"])
    before = house.chat.messaging.history(house.people["cleo"], room, None)
    pruner = Pruner(house.chat.store, house.clock, UsageRules)
    house.clock.advance(2 * DAY)
    pruner.run()
    assert None not in bodies(house).values(), "nothing is archived yet"
    house.work()
    pruner.run()
    assert set(bodies(house).values()) == {None}
    assert house.chat.messaging.history(house.people["cleo"], room, None) == before
    versions = house.services.reader.versions_of(item)
    assert [one.fields["body"] for one in versions if one.fields] == [
        "the first wording", "the second wording", "",
    ]  # fmt: skip
    assert [one.fields["body"] for one in house.services.reader.versions_of(redacted) if one.fields] == [
        f"pay with {CARD}"
    ]


def test_jobs_that_ended_a_week_ago_go(house: House) -> None:
    jobs, store = Jobs(chat.jobs), house.chat.store

    def end_one() -> str:
        name = store.write(lambda tx: jobs.add(tx, "preview", b"", house.clock.now()))
        job = store.write(lambda tx: jobs.claim(tx, ["preview"], "worker", house.clock.now()))
        assert job is not None
        store.write(lambda tx: jobs.finish(tx, job, house.clock.now()))
        return name

    old = end_one()
    house.clock.advance(8 * DAY)
    young = end_one()
    Pruner(store, house.clock, UsageRules).run()
    assert store.read(lambda tx: jobs.state(tx, old)) is None
    assert store.read(lambda tx: jobs.state(tx, young)) == ("done", "")


def test_what_is_young_or_waits_for_somebody_stays(house: House) -> None:
    house.add("ana", "advisory")
    house.add("ben", "operations")
    house.add("cleo", "operations")
    room = house.group("ana", "ben", "cleo")
    waiting = house.send(room, "ana", "Kestrel signs on Friday")
    assert waiting["state"] == "quarantined"
    said = house.send(room, "ana", "an hour old")
    house.work()
    pruner = Pruner(house.chat.store, house.clock, UsageRules)
    house.clock.advance(3_600)
    pruner.run()
    assert None not in bodies(house).values()
    house.clock.advance(2 * DAY)
    pruner.run()
    assert bodies(house)[said["id"], 1] is None
    assert bodies(house)[waiting["id"], 1] is not None


def test_wordings_stay_while_the_policy_shows_them_and_what_was_covered_does_not(house: House) -> None:
    for name in ("ana", "ben", "cleo"):
        house.add(name)
    room = house.group("ana", "ben", "cleo")
    item = ItemId(house.send(room, "ana", "the first wording")["id"])
    covered = ItemId(house.send(room, "ben", f"pay with {CARD}")["id"])
    gone = ItemId(house.send(room, "ana", "taken back")["id"])
    house.delete(room, "ana", gone)
    house.clock.advance(2 * DAY)
    house.work()
    Pruner(house.chat.store, house.clock, lambda: UsageRules(edit_history=True)).run()
    kept = {place for place, body in bodies(house).items() if body is not None}
    assert (item, 1) in kept
    assert not kept & {(covered, 1), (gone, 1), (gone, 2)}
    house.edit(room, "ana", item, "the second wording")
    Pruner(house.chat.store, house.clock, UsageRules).run()
    assert bodies(house)[item, 1] is None


def test_a_large_house_is_gone_through_in_parts_and_then_anew(house: House) -> None:
    for name in ("ana", "ben", "cleo"):
        house.add(name)
    room = house.group("ana", "ben", "cleo")
    item = ItemId(house.send(room, "ana", "said once")["id"])
    rows = [
        {
            **dict.fromkeys(c.name for c in chat.versions.c),
            "item_id": item,
            "version": number,
            "conversation_id": room,
            "kind": "pin",
            "actor_id": "x",
            "at_ms": 1,
            "body": b"sealed",
        }
        for number in range(2, AT_ONCE * PAGE + 3)
    ]
    for start in range(0, len(rows), 500):
        house.chat.store.write(lambda tx, at=start: tx.run_many(_ADD, rows[at : at + 500]))  # type: ignore[misc]
    house.clock.advance(2 * DAY)
    house.work()
    pruner = Pruner(house.chat.store, house.clock, UsageRules)
    assert pruner.run(), "more is left"
    left = [body for body in bodies(house).values() if body is not None]
    assert left, "so that nothing else waits"
    assert not pruner.run()
    assert set(bodies(house).values()) == {None}
    later = ItemId(house.send(room, "ana", "said later")["id"])
    house.clock.advance(2 * DAY)
    house.work()
    assert pruner.run(), "from the beginning"
    pruner.run()
    assert bodies(house)[later, 1] is None


def test_old_answers_to_attempts_are_forgotten(house: House) -> None:
    for name in ("ana", "ben", "cleo"):
        house.add(name)
    room = house.group("ana", "ben", "cleo")
    house.send(room, "ana", "hello")
    house.work()
    house.clock.advance(31 * DAY)
    house.send(room, "ana", "a month later")
    Pruner(house.chat.store, house.clock, UsageRules).run()
    assert len(house.chat.store.read(lambda tx: tx.rows(Statement(select(chat.attempts.c.client_id))))) == 1


def bodies(house: House) -> dict[tuple[str, int], bytes | None]:
    rows = house.chat.store.read(lambda tx: tx.rows(Statement(select(chat.versions))))
    return {(row.item_id, row.version): row.body for row in rows}
