"""What an officer sees while something is wrong: each state by name, never a silence."""

import multiprocessing
import os
import re
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select

from admin.wiring.desk import desk_services
from admin.wiring.desk_pages import Ask, desk_pages
from admin.wiring.ground import Ground
from audit.archive.reader import ArchiveReader, Record, RecordState
from core.crypto.rings import ProcessRole
from core.identity.permissions import Principal, PrincipalKind, Role
from core.schema import archive, desk, keystore
from core.store import Statement
from core.types import ConversationId, MatterId, OfficerId
from tests.factories.desk import START, House, settings_of, with_search
from tests.fakes.clock import DrivenClock
from tests.fakes.search_index import FakeSearchIndex
from tests.web.desk.conftest import Browser, first_link
from web.app import create_desk


def test_an_index_out_of_reach_is_named_and_nothing_is_searched(
    house: House, room: ConversationId, olga: Browser
) -> None:
    house.send(room, "ana", "a foggy harbour")
    house.work()
    index = FakeSearchIndex()
    index.down = True
    browser = at_another_desk(with_search(house, index=index))
    assert "Out of reach" in browser.get("/").text
    matter = browser.open_matter()
    response = browser.post(f"{matter}/searches", {"query": "harbour", "reason": "routine"})
    page = browser.get(response.headers["Location"])
    assert page.status_code == 503
    assert 'role="alert"' in page.text
    assert 'value="harbour"' in page.text
    assert "0 matches" not in page.text


def test_an_index_that_lacks_documents_shows_on_every_search_and_at_home(
    house: House, room: ConversationId, olga: Browser
) -> None:
    sent = house.send(room, "ana", "a missing page")
    house.work()
    (row,) = [one for one in rows_of(house) if one.item_id == sent["id"]]
    house.worker.index.delete(row.partition_id, [row.rid])
    page = olga.search(olga.open_matter(), "elephant").text
    assert 'class="coverage short"' in page
    assert re.search(r"Searched [\d,]+ of [\d,]+\. \d+ (is|are) not indexed yet", page)
    assert "Not complete" in olga.get("/").text


def test_a_record_without_its_key_is_said_to_be_unreadable_and_hides_no_other(
    house: House, room: ConversationId, olga: Browser
) -> None:
    house.send(room, "ana", "the glass heron stays")
    lost = house.send(room, "ana", "the glass heron goes")
    house.work()
    (row,) = [one for one in rows_of(house) if one.item_id == lost["id"]]
    house.services.keystore.write(
        lambda tx: tx.run(Statement(delete(keystore.data_keys).where(keystore.data_keys.c.rid == row.rid)))
    )
    page = olga.search(olga.open_matter(), "heron AND glass").text
    assert "stays" in page
    assert "Unreadable: the record does not verify" in page
    assert "goes" not in page


def test_a_record_that_no_checkpoint_covers_yet_says_so_and_shows_no_text(
    house: House, room: ConversationId, olga: Browser
) -> None:
    house.send(room, "ana", "a pending kite")
    house.work()
    results = olga.search(olga.open_matter(), '"pending kite"')

    class Behind(ArchiveReader):
        """Reads as if no checkpoint covered anything yet."""

        def versions_of(self, item: str) -> list[Record]:
            return [pending(record) for record in house.services.reader.versions_of(item)]

    services = house.services
    reader = Behind(archive_store=services.archive, keys=services.reader._keys, views=services.views)
    page = at_another_desk(with_search(house, reader=reader)).get(first_link(results, "/items/")).text
    assert "Not in the ledger yet" in page
    assert "waits for the next checkpoint" in page
    assert "Look again" in page
    assert "pending kite" not in page.partition("All versions")[2].replace("“pending kite”", "")


def test_a_query_of_words_that_stand_everywhere_is_refused_with_a_way_on(olga: Browser) -> None:
    page = olga.search(olga.open_matter(), "anything")
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert 'value="anything"' in page.text
    assert "matches" not in page.text


def test_a_word_that_occurs_nowhere_offers_its_neighbour_in_one_step(
    house: House, room: ConversationId, olga: Browser
) -> None:
    house.send(room, "ana", "marmalade for everybody")
    house.work()
    matter = olga.open_matter()
    page = olga.search(matter, "mxrmalade").text
    assert "occurs nowhere. Did you mean “marmalade”?" in page
    offered = re.search(r'name="query" value="(marmalade)"', page)
    assert offered is not None
    assert "<mark>marmalade</mark>" in olga.search(matter, offered[1]).text


def test_nobodys_text_leaves_before_its_reading_is_on_record(house: House, room: ConversationId) -> None:
    """The desk is killed between writing the trail row and reading the record."""
    sent = house.send(room, "ana", "read and die")
    house.work()
    officer = house.services.officers.by_username("olga")
    assert officer is not None
    matter = house.services.matters.open(officer.id, "killed")
    principal = Principal(PrincipalKind.DESK, officer.id, frozenset({Role.COMPLIANCE_OFFICER}))
    search = house.pages.matters.keep(principal, matter.id, Ask("die", "to show it"))
    before = acts(house)
    child = multiprocessing.get_context("spawn").Process(
        target=read_and_die, args=(house.settings.home, officer.id, matter.id, search, sent["id"])
    )
    child.start()
    child.join(50)
    assert child.exitcode == -signal.SIGKILL
    assert acts(house) == before + 1


def read_and_die(home: Path, officer: OfficerId, matter: MatterId, search: str, item: str) -> None:
    """Ask for a record at a desk of its own that is killed as soon as it touches the archive."""

    class Dies(ArchiveReader):
        def versions_of(self, item: str) -> list[Record]:
            os.kill(os.getpid(), signal.SIGKILL)
            raise AssertionError

    services = desk_services(
        Ground(settings_of(home), ProcessRole.DESK, DrivenClock(START + timedelta(days=1)))
    )
    services.search._reader = Dies(
        archive_store=services.archive, keys=services.reader._keys, views=services.views
    )
    principal = Principal(PrincipalKind.DESK, officer, frozenset({Role.COMPLIANCE_OFFICER}))
    desk_pages(services).matters.read(principal, matter, search, item)


def acts(house: House) -> int:
    """Return how many acts of the desk wait for the ledger."""
    count = Statement(select(func.count()).select_from(desk.outbox))
    return int(house.services.store.read(lambda tx: tx.value(count)) or 0)


def pending(record: Record) -> Record:
    return Record(record.clear, record.leaf_index, RecordState.PENDING)


def at_another_desk(services: Any) -> Browser:
    browser = Browser(create_desk(desk_pages(services)).test_client())
    assert browser.sign_in("olga").status_code == 303
    return browser


def rows_of(house: House) -> list[Any]:
    return list(house.services.archive.read(lambda tx: tx.rows(Statement(select(archive.records)))))
