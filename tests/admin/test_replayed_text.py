"""What was decided can be put together again from its record, also where a message carries another."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from admin.wiring.replaying import text_decided
from audit.archive.presenting import present
from core.access import Database
from core.crypto.rings import ProcessRole
from core.schema import archive
from core.store import Statement
from core.types import ItemId
from tests.factories.archive import Evidence, make_evidence
from tests.factories.chat import ANA, BEN, CLEO


def test_every_decided_text_stands_in_its_record(evidence: Evidence) -> None:
    chat = evidence.chat
    room, other = chat.direct(), chat.direct(ANA, CLEO)
    said = ItemId(chat.send(room, "falcon is [redact]")["id"])
    quoting = chat.send(room, "what?", sender=BEN, quotes=said)["id"]
    chat.messaging.edit(BEN, chat.ids(), room, quoting, "what now?")
    chat.messaging.react(ANA, chat.ids(), room, quoting, "thumbs_up", add=True)
    chat.messaging.forward(ANA, chat.ids(), other, (room, said), "see [block]")
    chat.messaging.forward(ANA, chat.ids(), other, (room, said))
    evidence.worker().archiver.run_until_idle()
    asked = {
        (facts.surface, facts.at, text) for facts, text in chat.gate.asked if facts.surface != "membership"
    }
    fields = [
        record.fields for record in _records(evidence) if record.fields and record.fields.get("decision")
    ]
    found = {(f["facts"]["surface"], text_decided(f)) for f in fields if f["kind"] != "open"}
    assert found == {(surface, text) for surface, _, text in asked}


def test_an_officer_finds_and_sees_what_is_carried_and_whose_it_is(evidence: Evidence) -> None:
    chat = evidence.chat
    room, other = chat.direct(), chat.direct(ANA, CLEO)
    said = chat.send(room, "falcon")
    chat.messaging.forward(ANA, chat.ids(), other, (room, said["id"]), "see this")
    evidence.worker().archiver.run_until_idle()
    shown = [present(record) for record in _records(evidence)]
    (carried,) = [each.carried for each in shown if each.carried]
    assert (carried.kind, carried.name, carried.text) == ("forwarded", "Ana", "falcon")
    assert (carried.at, carried.conversation) == (said["at"], room)


def _records(evidence: Evidence) -> list:  # type: ignore[type-arg]
    rids = evidence.store(ProcessRole.DESK, Database.ARCHIVE).read(
        lambda tx: tx.rows(Statement(select(archive.records.c.rid)))
    )
    return list(evidence.desk().reader.records([row.rid for row in rids]))


@pytest.fixture
def evidence(tmp_path: Path) -> Iterator[Evidence]:
    made = make_evidence(tmp_path)
    yield made
    made.close()
