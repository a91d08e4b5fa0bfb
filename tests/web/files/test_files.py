"""Files over HTTP: in pieces in, whole or in ranges out, to whoever may have them and in no other form."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from core.blobs.sealed import CHUNK, Blobs
from core.messaging.files.model import Found, Stored
from core.messaging.files.rows import do_note_found, file_row, open_file
from core.messaging.files.shown import ShownFiles
from core.messaging.files.uploads import MIB, UploadLimits, Uploads
from core.schema import chat as schema
from core.store import Statement, Tx
from core.types import ConversationId
from tests.factories.chat import ANA, BEN, CLEO, Chat, make_chat
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.chat_services import FakeChatServices
from tests.web.conftest import HOST, Browser

PNG = b"\x89PNG\r\n\x1a\n" + bytes(5_000)


@dataclass
class RealFiles:
    """Files on a real store, as the pages are given them."""

    uploads: Uploads
    shown: ShownFiles


@dataclass
class Site:
    """A browser of Ann, who is in a conversation with Ben."""

    chat: Chat
    files: RealFiles
    blobs: MemoryBlobs
    room: ConversationId
    browser: Browser
    token: str

    def call(
        self, method: str, path: str, body: bytes | dict[str, Any] = b"", **headers: str
    ) -> TestResponse:
        sent = {
            "Host": HOST,
            "Origin": f"http://{HOST}",
            "Sec-Fetch-Site": "same-origin",
            "X-CSRF-Token": self.token,
            "Accept": "application/json",
            **headers,
        }
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        client: FlaskClient = self.browser.client
        return client.open(path, method=method, base_url=f"https://{HOST}", headers=sent, data=data)

    def begin(self, size: int, client_id: str = "c1", name: str = "notes.txt") -> dict[str, Any]:
        form = {"client_id": client_id, "conversation": self.room, "name": name, "size": size}
        told = self.call("POST", "/api/files", form).get_json()
        assert isinstance(told, dict)
        return told

    def upload(self, content: bytes, client_id: str = "c1", name: str = "notes.txt") -> str:
        told = self.begin(len(content), client_id, name)
        for at in range(0, len(content), CHUNK):
            answer = self.call("PUT", f"/api/files/{told['id']}/{at}", content[at : at + CHUNK])
            assert answer.status_code == 200, answer.text
        return str(told["id"])

    def as_found(self, file: str, kind: str) -> None:
        """Note what the worker would have found."""
        vault = self.chat.messaging.vault
        checking = Statement(update(schema.files).values(state="checking"))

        def work(tx: Tx) -> None:
            tx.run(checking)
            meta = open_file(vault, file_row(tx, file)).meta
            thumb = Stored.of(Blobs(self.blobs).put(b"RIFFsmall"), "image/webp", 4, 3)
            text = Stored.of(Blobs(self.blobs).put(b"what was read"), "text/plain")
            found = Found(kind, "0" * 64, parts={"thumb": thumb, "text": text})
            do_note_found(tx, vault, file, type(meta)(meta.name, meta.original, found), 0)

        self.chat.store.write(work)


@pytest.fixture
def site(services: FakeChatServices, app: Flask, signed_in: Callable[[str], Browser], tmp_path: Path) -> Site:
    chat = make_chat(tmp_path)
    password, person, roles = services.signin.accounts["ann"]
    services.signin.accounts["ann"] = (password, replace(person, id=ANA), roles)
    store = MemoryBlobs()
    rooms, vault = chat.messaging.pipeline.rooms, chat.messaging.vault
    limits = UploadLimits(4 * MIB, 6 * MIB, 3, 5, lambda: 3 * MIB)
    files = RealFiles(
        Uploads(
            store=chat.store, vault=vault, rooms=rooms, blobs=Blobs(store), clock=chat.clock, limits=limits
        ),
        ShownFiles(store=chat.store, vault=vault, rooms=rooms, blobs=Blobs(store)),
    )
    services.files = files
    browser = signed_in("ann")
    return Site(chat, files, store, chat.direct(ANA, BEN), browser, browser.csrf())


def test_a_file_comes_in_pieces_and_goes_out_whole(site: Site) -> None:
    content = bytes(range(256)) * 6_000
    file = site.upload(content)
    given = site.call("GET", f"/files/{file}")
    assert given.data == content
    assert given.headers["Content-Disposition"].startswith('attachment; filename="notes.txt"')


def test_an_upload_goes_on_where_it_stopped(site: Site) -> None:
    content = bytes(CHUNK + 10)
    file = site.begin(len(content))["id"]
    site.call("PUT", f"/api/files/{file}/0", content[:CHUNK])
    told = site.call("GET", f"/api/files/{file}").get_json()
    assert (told["received"], told["state"]) == (CHUNK, "uploading")
    assert site.begin(len(content))["received"] == CHUNK, "the same request finds it again"
    told = site.call("PUT", f"/api/files/{file}/{CHUNK}", content[CHUNK:]).get_json()
    assert told["state"] == "uploaded"


def test_a_piece_sent_twice_is_answered_alike(site: Site) -> None:
    file = site.begin(CHUNK + 5)["id"]
    first = site.call("PUT", f"/api/files/{file}/0", bytes(CHUNK)).get_json()
    assert site.call("PUT", f"/api/files/{file}/0", bytes(CHUNK)).get_json() == first


def test_nothing_is_written_behind_the_end_of_a_whole_file(site: Site) -> None:
    file = site.upload(bytes(CHUNK))
    kept = dict(site.blobs.objects)
    again = site.call("PUT", f"/api/files/{file}/{CHUNK}")
    assert (again.status_code, again.get_json()["state"], site.blobs.objects) == (200, "uploaded", kept)


@pytest.mark.parametrize(
    ("offset", "length", "code"), [(CHUNK, 5, "wrong_offset"), (0, 7, "wrong_length"), (3, 5, "wrong_offset")]
)
def test_a_piece_that_is_not_the_next_changes_nothing(
    site: Site, offset: int, length: int, code: str
) -> None:
    file = site.begin(CHUNK + 5)["id"]
    answer = site.call("PUT", f"/api/files/{file}/{offset}", bytes(length))
    assert (answer.get_json()["code"], answer.status_code >= 400) == (code, True)
    assert site.blobs.objects == {}


@pytest.mark.parametrize(
    ("size", "code"), [(0, "empty_file"), (3 * MIB + 1, "file_too_large"), (10**15, "file_too_large")]
)
def test_a_size_that_may_not_be_is_refused_before_a_byte_is_sent(site: Site, size: int, code: str) -> None:
    assert site.begin(size)["code"] == code


def test_what_one_person_leaves_unsent_is_bounded(site: Site) -> None:
    for number in range(3):
        assert "id" in site.begin(10, f"c{number}")
    assert site.begin(10, "one more")["code"] == "too_much_unfinished"


def test_beginning_and_cancelling_in_a_loop_is_bounded_and_goes_on_after_a_while(site: Site) -> None:
    for number in range(5):
        told = site.begin(10, f"c{number}")
        assert site.call("DELETE", f"/api/files/{told['id']}").status_code == 200
        site.chat.clock.advance(1)
    answer = site.call(
        "POST", "/api/files", {"client_id": "c5", "conversation": site.room, "name": "x.txt", "size": 10}
    )
    told = answer.get_json()
    assert (answer.status_code, told["code"], told["retryable"]) == (429, "rate", True)
    assert told["retry_after"] == 55
    assert site.begin(10, "c4")["code"] == "client_id_reused", "what was begun before counts once"
    site.chat.clock.advance(told["retry_after"])
    assert site.begin(10, "c5")["state"] == "uploading"


def test_nobody_uploads_without_the_token_of_their_own_page(site: Site) -> None:
    form = {"client_id": "c", "conversation": site.room, "name": "n", "size": 1}
    assert site.call("POST", "/api/files", form, **{"X-CSRF-Token": "0" * 64}).status_code == 403
    assert site.call("POST", "/api/files", form, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_conversation_of_others_takes_no_file(site: Site) -> None:
    site.room = site.chat.direct(BEN, CLEO)
    assert site.begin(10)["code"] == "no_conversation"


def test_a_cancelled_file_is_gone(site: Site) -> None:
    file = site.upload(b"draft")
    assert site.call("DELETE", f"/api/files/{file}").status_code == 200
    assert site.call("DELETE", f"/api/files/{file}").status_code == 200
    assert site.call("GET", f"/files/{file}").status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-99", 206, 0, 100),
        (f"bytes={CHUNK - 5}-{CHUNK + 4}", 206, CHUNK - 5, CHUNK + 5),
        ("bytes=-10", 206, CHUNK + 90, CHUNK + 100),
        (f"bytes={CHUNK}-", 206, CHUNK, CHUNK + 100),
        ("bytes=0-1,5-6", 200, 0, CHUNK + 100),
        ("lines=1-2", 200, 0, CHUNK + 100),
        ("bytes=9-2", 200, 0, CHUNK + 100),
        ("bytes=99999999-", 416, 0, 0),
        (f"bytes={'9' * 5_000}-", 200, 0, CHUNK + 100),
    ],
)
def test_ranges_are_answered_as_players_ask_for_them(
    site: Site, asked: str, status: int, start: int, end: int
) -> None:
    content = (bytes(range(251)) * 5_000)[: CHUNK + 100]
    file = site.upload(content)
    given = site.call("GET", f"/files/{file}", Range=asked)
    assert (given.status_code, given.data) == (status, content[start:end])
    if status == 206:
        assert given.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(content)}"


@pytest.mark.parametrize(
    ("kind", "shown"),
    [("image/png", True), ("video/mp4", True), ("text/html", False), ("image/svg+xml", False),
     ("application/pdf", False)],
)  # fmt: skip
def test_only_what_cannot_run_is_shown_by_the_browser_itself(site: Site, kind: str, shown: bool) -> None:
    file = site.upload(PNG)
    site.as_found(file, kind)
    given = site.call("GET", f"/files/{file}")
    assert given.headers["Content-Type"] == (kind if shown else "application/octet-stream")
    assert given.headers["Content-Disposition"].startswith("inline" if shown else "attachment")
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in given.headers["Content-Security-Policy"]
    assert given.headers["Cache-Control"] == "private, no-cache"
    saved = site.call("GET", f"/files/{file}?download")
    assert saved.headers["Content-Disposition"].startswith("attachment")


def test_a_browser_that_has_a_file_is_told_so_as_long_as_it_may_have_it(site: Site) -> None:
    file = site.upload(PNG)

    def ask(path: str, asked: dict[str, Any]) -> TestResponse:
        return site.call("GET", path, **asked)

    unread = site.call("GET", f"/files/{file}").headers["ETag"]
    site.as_found(file, "image/png")
    assert ask(f"/files/{file}", {"If-None-Match": unread}).status_code == 200
    tags = [site.call("GET", path).headers["ETag"] for path in (f"/files/{file}", f"/files/{file}/thumb")]
    assert len({unread, *tags}) == 3
    again = ask(f"/files/{file}/thumb", {"If-None-Match": tags[1]})
    assert (again.status_code, again.data, again.headers["Cache-Control"]) == (304, b"", "private, no-cache")
    for told, status in ((tags[0], 206), (unread, 200)):
        player = {"Range": "bytes=0-9", "If-Range": told}
        assert ask(f"/files/{file}", player).status_code == status
    site.chat.store.write(lambda tx: tx.run(Statement(update(schema.files).values(state="gone"))))
    assert ask(f"/files/{file}/thumb", {"If-None-Match": tags[1]}).status_code == 404


def test_small_pictures_have_addresses_of_their_own_and_evidence_has_none(site: Site) -> None:
    file = site.upload(PNG)
    site.as_found(file, "image/png")
    assert site.call("GET", f"/files/{file}/thumb").data == b"RIFFsmall"
    for other in ("preview", "original", "text", "clean", "anything"):
        assert site.call("GET", f"/files/{file}/{other}").status_code == 404


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\docs\\plan.docx", "plan.docx"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("a\x00b\r\nX: y.txt", "abX_ y.txt"),
        ("...", "file"),
        ("zero\u200bwidth\ufeff.txt", "zerowidth.txt"),
        ("x" * 300 + ".pdf", "x" * 115 + "….pdf"),
        ("e" + "\u0301" * 200 + ".txt", "é" + "\u0301" * 4 + ".txt"),
    ],
)
def test_names_are_shown_on_one_line_and_as_they_read(site: Site, given: str, kept: str) -> None:
    assert site.begin(10, name=given)["name"] == kept


def test_a_name_in_any_script_comes_back_in_the_header(site: Site) -> None:
    file = site.upload(b"x", name='plan "ä" 計画.txt')
    header = site.call("GET", f"/files/{file}").headers["Content-Disposition"]
    assert header == (
        'attachment; filename="plan _____ __.txt"; '
        "filename*=UTF-8''plan%20_%C3%A4_%20%E8%A8%88%E7%94%BB.txt"
    ).replace("_____", "___")


def test_a_folder_out_of_order_is_said_and_can_be_tried_again(site: Site) -> None:
    file = site.upload(b"content")
    site.blobs.broken = True
    answer = site.call("GET", f"/files/{file}")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "blobs_unavailable")


def test_the_list_of_a_conversation_is_for_its_members(site: Site) -> None:
    assert site.call("GET", f"/api/conversations/{site.room}/files").get_json() == {
        "files": [],
        "more": False,
        "former": [],
    }
    other = site.chat.direct(BEN, CLEO)
    assert site.call("GET", f"/api/conversations/{other}/files").status_code == 404


@pytest.mark.parametrize("before", ["9" * 30, "-" + "9" * 30, "9" * 5_000, "x"])
def test_a_place_in_the_list_that_cannot_be_is_no_place(site: Site, before: str) -> None:
    assert site.call("GET", f"/api/conversations/{site.room}/files?before={before}").status_code == 200


def test_a_piece_that_arrives_late_does_not_replace_what_was_taken(site: Site) -> None:
    """Two requests for one place: the slower one ends after the file was sent, read and decided."""
    file = site.begin(7)["id"]
    late: list[bytes] = []

    def other_request_first(content: bytes) -> None:
        late.append(content)
        assert site.call("PUT", f"/api/files/{file}/0", b"decided").status_code == 200

    site.blobs.before_put = other_request_first
    site.call("PUT", f"/api/files/{file}/0", b"secrets")
    assert late
    answer = site.call("GET", f"/files/{file}")
    assert (answer.status_code >= 400, b"secrets" in answer.data) == (True, False)
