"""What cannot be opened or read is kept as it came, once, and holds nobody up."""

import orjson
import pytest
from sqlalchemy import update

from audit.archive.records import POISON
from core.access import Database
from core.crypto.hybrid import seal_to
from core.outbox import Outbox
from core.schema import archive, chat, desk
from core.store import Statement
from tests.audit.archive.test_archiver import STEPS, alarms
from tests.factories.archive import TRAIL_INFO, Evidence, Killed


def test_a_poison_row_is_kept_raw_raises_an_alarm_and_holds_nobody_up(evidence: Evidence) -> None:
    room = evidence.chat.direct()
    bad = evidence.chat.send(room, "will be damaged")["id"]
    damage = Statement(update(chat.outbox).where(chat.outbox.c.id == 2).values(payload=b"\x01garbage"))
    evidence.chat.store.write(lambda tx: tx.run(damage))
    evidence.clock.advance(1)
    good = evidence.chat.send(room, "fine")["id"]
    evidence.worker().archiver.run_until_idle()
    records = {r.item_id: r for r in evidence.rows(Database.ARCHIVE, archive.records)}
    assert (records[bad].kind, records[bad].indexable, records[bad].cseq) == (POISON, 0, 2)
    assert records[good].kind == "create"
    assert alarms(evidence) == ["record_poisoned"]
    assert evidence.counts()["chat outbox"] == 0


@pytest.mark.parametrize("step", STEPS[1:])
def test_a_poison_row_is_kept_once_though_its_worker_was_killed(evidence: Evidence, step: str) -> None:
    room = evidence.chat.direct()
    bad = evidence.chat.send(room, "will be damaged")["id"]
    damage = Statement(update(chat.outbox).where(chat.outbox.c.id == 2).values(payload=b"\x01garbage"))
    evidence.chat.store.write(lambda tx: tx.run(damage))
    evidence.fail_at.add(step)
    with pytest.raises(Killed):
        evidence.worker().archiver.run_until_idle()
    evidence.clock.advance(11)
    evidence.worker().archiver.run_until_idle()
    poison = [r.item_id for r in evidence.rows(Database.ARCHIVE, archive.records) if r.kind == POISON]
    assert poison == [bad]
    assert evidence.counts()["chat outbox"] == 0


def test_an_act_that_no_leaf_can_hold_holds_nobody_up(evidence: Evidence) -> None:
    act = {"tag": "archive:record_read", "actor": "o", "subject": "x" * 5_000, "at": 1, "process": "desk-1"}
    row = orjson.dumps({**act, "number": 1, "detail": {}})
    sealed = seal_to(evidence.archive_ring.mailbox().public, row, TRAIL_INFO)
    evidence.stores[Database.DESK].write(
        lambda tx: Outbox(desk.outbox).put(tx, kind="trail", payload=sealed, at_ms=1_772_442_000_000)
    )
    evidence.chat.send(evidence.chat.direct(), "said after it")
    evidence.worker().archiver.run_until_idle()
    assert alarms(evidence) == ["record_poisoned"]
    assert evidence.counts()["desk outbox"] == evidence.counts()["chat outbox"] == 0
