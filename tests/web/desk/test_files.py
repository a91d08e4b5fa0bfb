"""Files at the desk: named with their record, found by their text, given as they were sent."""

import re

import pytest

from core.types import ConversationId
from tests.factories.desk import House
from tests.factories.files import FileHouse, upload
from tests.web.desk.conftest import Browser, first_link


@pytest.fixture
def sent(house: House, room: ConversationId) -> str:
    """A message of Ana with a file in which something was found; return its id."""
    house.chat.gate.refresh()
    file = upload(
        house.worker.files, house.people["ana"], room, "plan <b>.txt", b"the narwhal pays 4111 1111 1111 1111"
    )
    told = house.send(room, "ana", "see inside", files=(file,))
    FileHouse.check_in(house)
    house.work()
    return str(told["id"])


def test_a_record_names_its_files_and_gives_them_as_they_were_sent(sent: str, olga: Browser) -> None:
    page = olga.read_first(olga.search(olga.open_matter(), "narwhal")).text
    assert "plan _b_.txt" in page
    assert "the <mark>narwhal</mark> pays" in page
    assert re.search(r"SHA-256 <code>[0-9a-f]{64}</code>", page)
    given = olga.get(next(link for link in re.findall(r'href="([^"]+)"', page) if "/files/" in link))
    assert given.data == b"the narwhal pays 4111 1111 1111 1111"
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in given.headers["Content-Security-Policy"]


def test_versions_of_a_message_with_files_say_what_became_of_it(
    house: House, room: ConversationId, sent: str, olga: Browser
) -> None:
    page = olga.get(f"/queue/{sent}").text
    assert "Sent with files, which are read first" in page
    assert "Stopped after its files were read" in page
    olga.post(f"/queue/{sent}", {"decision": "reject", "reason": "end of the test"})
    house.chat.gate.refresh()
    file = upload(house.worker.files, house.people["ana"], room, "plain.txt", b"a quokka smiles")
    house.send(room, "ana", "harmless", files=(file,))
    FileHouse.check_in(house)
    house.work()
    assert (
        "Delivered after its files were read"
        in olga.read_first(olga.search(olga.open_matter(), "quokka")).text
    )


def test_an_entry_that_waits_gives_its_file_to_whoever_decides(sent: str, olga: Browser) -> None:
    page = olga.get(f"/queue/{sent}")
    assert olga.get(first_link(page, "/files/")).data.startswith(b"the narwhal")
    assert olga.get(f"/queue/{sent}/files/nosuchfile").status_code == 404
