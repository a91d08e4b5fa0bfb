"""The child that reads files: what it reads, what it refuses, and what it cannot do even if it wanted to."""

import io
import signal
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from admin.sandbox.answer import Problem
from admin.sandbox.read import read
from admin.sandbox.run import Limits, Sandbox, Sighted
from policies.notices import PROBLEMS
from tests.factories.files import PLACE, docx, huge_png, packed, pdf, png, xlsx

ROOT = Path(__file__).parent.parent.parent.parent
WORDS = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def xml(*runs: str) -> str:
    return f"<w><p>{''.join(f'<r><t>{run}</t></r>' for run in runs)}</p></w>"


def look(content: bytes, *, seconds: int = 30, memory: int = 1536, read: int = 64 << 20) -> Sighted:
    sandbox = Sandbox(Limits(seconds, memory, read))
    return sandbox.look(iter([content]), len(content), previews=True, strip_metadata=True)


def test_whatever_keeps_a_file_from_being_read_is_told_in_words() -> None:
    assert set(PROBLEMS) == set(Problem)


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        (b"plain words", "text/plain", "plain words"),
        ("größer".encode("cp1252"), "text/plain", "größer"),
        ("größer".encode("utf-16"), "text/plain", "größer"),
        (pdf("words of a page"), "application/pdf", "words of a page"),
        (docx("words of a document"), WORDS, "words of a document"),
        (xlsx({"B7": "words of a cell"}), WORDS.replace("wordprocessingml.document", "spreadsheetml.sheet"),
         "words of a cell"),
        (b"{\\rtf1 words of old}", "application/rtf", "words of old"),
        (b"MIME-Version: 1.0\r\nSubject: s\r\n\r\nwords of a mail", "message/rfc822", "words of a mail"),
        (b"<html><body>words", "text/html", "<html><body>words"),
        (docx("a body", **{"word/comments.xml": xml("words of a ", "comment")}), WORDS, "words of a comment"),
        (docx("a body", **{"word/header1.xml": xml("words of a head")}), WORDS, "words of a head"),
        (docx("a body", **{"docProps/core.xml": "<c><title>words of a title</title></c>"}), WORDS,
         "words of a title"),
        (pdf("a page", "/Annots[<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(words of a note)>>]"),
         "application/pdf", "words of a note"),
        (pdf("a page", "/Annots[<</Subtype/Widget/FT/Tx/T(f)/Rect[0 0 9 9]/V(words of a form)>>]"),
         "application/pdf", "words of a form"),
        (b"BMW offers words of a contract", "text/plain", "words of a contract"),
        (b"ID3 words behind a mark", "text/plain", "words behind a mark"),
        (b"noteftyp words behind a mark", "text/plain", "words behind a mark"),
        (b"GIF89a words behind a mark", "text/plain", "words behind a mark"),
        (b"ID3\x03\x00\x00words in a song", "audio/mpeg", "words in a song"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00words in a film", "video/mp4", "words in a film"),
    ],
)  # fmt: skip
def test_text_is_read_and_the_type_comes_from_the_content(content: bytes, kind: str, text: str) -> None:
    found = look(content)
    assert (found.type, found.problem) == (kind, "")
    assert text in found.text


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (packed({"a.txt": "hidden"}), "archive"),
        (b"\x7fELF\x00\x01\x02", "unknown"),
        (b"\x00\x01\x02\x03" * 50, "unknown"),
        (pdf("words")[:200], "damaged"),
        (b"GIF89a\x00words that are no picture", "damaged"),
        (b"BM\x00\x00words that are no picture at all", "damaged"),
        (docx("words", **{"word/embeddings/secret.xlsx": "inside"}), "embedded"),
        (docx("")[:-60], "archive"),
        (
            "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".encode("latin-1") + "EncryptedPackage".encode("utf-16-le"),
            "locked",
        ),
        (b"a" * 1_000_001, "too_long"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_reason(content: bytes, problem: str) -> None:
    assert look(content).problem == problem


def test_words_in_a_picture_for_which_there_is_no_reader_are_read() -> None:
    content = b"\x00\x00\x00\x18ftypheic\x00\x00words in a picture"
    found = read("image/heic", content, whole=True, previews=True, strip_metadata=False)
    assert (found.text, found.problem) == ("words in a picture", "")


def test_only_the_type_of_a_file_over_the_limit_is_looked_at() -> None:
    found = look(b"words " * 1000, read=100)
    assert (found.type, found.problem, found.text) == ("text/plain", "too_large", "")


LOOP = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]"
    b"/Count 99999999>>endobj trailer<</Root 1 0 R>>"
)


@pytest.mark.parametrize(
    "bomb",
    [
        docx("", **{"word/media/a.bin": b"\0" * 300_000_000}),
        docx("<w:t>" * 1000),
        xlsx({"A1": "a", "XFD1048576": "z"}),
        huge_png(),
        LOOP,
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]><a>&c;</a>',
    ],
    ids=["zip", "nesting", "billion cells", "pixels", "pdf loop", "entities"],
)
def test_a_bomb_costs_no_more_than_a_file(bomb: bytes) -> None:
    found = look(bomb, seconds=20)
    assert len(found.text) <= 1_000_000
    assert sum(len(part.content) for part in found.parts) < 20_000_000


def test_a_child_that_takes_too_long_is_ended_and_that_is_a_finding() -> None:
    assert look(b"words", seconds=0).problem == "too_slow"


def test_a_child_that_needs_too_much_memory_ends_and_that_is_a_finding() -> None:
    found = look(b"words " * 4_000_000, memory=450)
    assert found.problem in {"stopped", "too_long"}
    assert len(found.text) <= 1_000_000


def test_places_and_comments_are_taken_out_and_the_picture_stays() -> None:
    original = png(600, 400, text=PLACE)
    found = look(original)
    (clean,) = (part for part in found.parts if part.role == "clean")
    assert PLACE not in clean.content
    assert Image.open(io.BytesIO(clean.content)).tobytes() == Image.open(io.BytesIO(original)).tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_a_turned_photograph_stays_the_right_way_up(kind: str) -> None:
    photograph = Image.new("RGB", (80, 40), "navy")
    exif = photograph.getexif()
    exif[0x0112], exif[0x010F] = 6, PLACE.decode()
    file = io.BytesIO()
    photograph.save(file, kind, exif=exif)
    found = look(file.getvalue())
    assert (found.width, found.height) == (40, 80)
    (clean,) = (part for part in found.parts if part.role == "clean")
    assert PLACE not in clean.content
    assert Image.open(io.BytesIO(clean.content)).size == (80, 40)
    if kind == "JPEG":
        assert Image.open(io.BytesIO(clean.content)).getexif() == {0x0112: 6}


@pytest.mark.parametrize("progressive", [False, True])
def test_the_second_picture_that_a_telephone_puts_behind_the_first_goes(progressive: bool) -> None:
    photograph, file = Image.effect_noise((320, 240), 80).convert("RGB"), io.BytesIO()
    photograph.save(file, "JPEG", progressive=progressive, restart_marker_blocks=4)
    exif = photograph.getexif()
    exif[0x010F] = PLACE.decode()
    behind = io.BytesIO()
    photograph.save(behind, "JPEG", exif=exif)
    (clean,) = (p for p in look(file.getvalue() + behind.getvalue()).parts if p.role == "clean")
    assert PLACE not in clean.content
    assert clean.content == file.getvalue()


def test_a_film_of_pictures_still_moves_without_its_comments() -> None:
    frames = [Image.new("RGB", (30, 20), colour) for colour in ("red", "green", "navy")]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], comment=PLACE, loop=0, duration=50)
    (clean,) = (part for part in look(file.getvalue()).parts if part.role == "clean")
    again = Image.open(io.BytesIO(clean.content))
    assert PLACE not in clean.content
    assert (getattr(again, "n_frames", 1), again.info["loop"]) == (3, 0)


HIDDEN = b"the walrus card 4111 1111 1111 1111"


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def hiding(kind: str) -> bytes:
    """Return a picture in which a text stands where no viewer shows it."""
    file = io.BytesIO()
    Image.new("RGB", (30, 20), "navy").save(file, kind)
    content = file.getvalue()
    if kind == "PNG":
        return content[:33] + chunk(b"prVt", HIDDEN) + content[33:] + HIDDEN
    if kind == "WEBP":
        content += b"prVt" + struct.pack("<I", len(HIDDEN)) + HIDDEN + bytes(len(HIDDEN) & 1)
        return content[:4] + struct.pack("<I", len(content) - 8) + content[8:] + HIDDEN
    if kind == "GIF":
        plain = b"\x21\x01\x0c" + bytes(12) + bytes([len(HIDDEN)]) + HIDDEN + b"\x00"
        return content[:-1] + plain + content[-1:] + HIDDEN
    if kind == "JPEG":
        return content[:2] + b"\xff\xe0" + struct.pack(">H", len(HIDDEN) + 2) + HIDDEN + content[2:] + HIDDEN
    return content + HIDDEN


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "JPEG", "BMP"])
def test_no_text_rides_in_a_picture_past_a_decision(kind: str) -> None:
    original = hiding(kind)
    (clean,) = (part for part in look(original).parts if part.role == "clean")
    assert b"walrus" not in clean.content
    shown = Image.open(io.BytesIO(clean.content)).convert("RGB")
    assert shown.tobytes() == Image.open(io.BytesIO(original)).convert("RGB").tobytes()
    as_it_is = read(f"image/{kind.lower()}", original, whole=True, previews=False, strip_metadata=False)
    assert HIDDEN.decode() in as_it_is.text


def test_what_cannot_be_taken_out_of_a_picture_is_read() -> None:
    found = read("image/tiff", hiding("TIFF"), whole=True, previews=False, strip_metadata=True)
    assert (HIDDEN.decode() in found.text, found.problem) == (True, "metadata")


TRIES = {
    "open a file": "open('/etc/hostname')",
    "list a folder": "os.listdir('/')",
    "write a file": "open('/tmp/escaped', 'w')",
    "remove a file": "os.unlink('/tmp/nothing-there')",
    "reach the network": "socket.socket()",
    "start a process": "os.fork()",
    "run a program": "os.execv('/bin/true', ['true'])",
    "stop its parent": "os.kill(os.getppid(), 0)",
    "stop its parent by a thread of it": "libc.tgkill(os.getppid(), os.getppid(), 0) and fail()",
    "queue a signal for its parent": "libc.sigqueue(os.getppid(), 0, None) and fail()",
    "limit its parent": "resource.prlimit(os.getppid(), resource.RLIMIT_CPU)",
    "share memory with others": "libc.shmget(0, 4096, 0o1600) < 0 and fail()",
    "look into others": "libc.ptrace(16, 1, 0, 0) and fail()",
}


@pytest.mark.parametrize("attempt", TRIES)
def test_a_confined_child_cannot(attempt: str) -> None:
    script = f"""
import ctypes, os, resource, socket, sys
from admin.sandbox import confine
libc = ctypes.CDLL(None, use_errno=True)
def fail(): raise OSError(ctypes.get_errno(), 'refused')
confine.limit(1024, 10)
confine.filter_calls()
try:
    {TRIES[attempt]}
except OSError as error:
    os.write(1, b'refused %d' % error.errno)
"""
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=False, timeout=30
    )
    assert said.stdout == b"refused 1", said.stderr


def test_a_confined_child_can_still_end_itself() -> None:
    script = "import os; from admin.sandbox import confine; confine.filter_calls(); os.abort()"
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, timeout=30)
    assert ended.returncode == -signal.SIGABRT
