"""Files of people, made here: pictures with places in them, documents, bombs; and sending them."""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any

from admin.file_chores import FileChores
from admin.wiring.files import FileServices
from core.blobs.sealed import CHUNK
from core.types import ConversationId, PersonId, new_id
from tests.factories.desk import House

PLACE = b"48.8584N 2.2945E"


def upload(files: FileServices, owner: PersonId, room: ConversationId, name: str, content: bytes) -> str:
    """Upload a file to its end, as a browser does; return its id."""
    told = files.uploads.start(owner, new_id(), room, name, len(content))
    for at in range(0, len(content), CHUNK):
        files.uploads.write(owner, told["id"], at, content[at : at + CHUNK])
    return str(told["id"])


@dataclass
class FileHouse:
    """A house in which files are sent; Ana, Ben and Cleo share a group."""

    house: House
    room: ConversationId = field(init=False)
    chores: FileChores = field(init=False)

    def __post_init__(self) -> None:
        for name in ("ana", "ben", "cleo"):
            self.house.add(name)
        self.room = self.house.group("ana", "ben", "cleo")
        self.chores = FileChores(self.house.chat, self.files)

    @property
    def files(self) -> FileServices:
        return self.house.worker.files

    def upload(self, name: str, content: bytes, sender: str = "ana") -> str:
        self.house.chat.gate.refresh()
        return upload(self.files, self.house.people[sender], self.room, name, content)

    def send(self, name: str, content: bytes, text: str = "", **more: Any) -> dict[str, Any]:
        """Let Ana send a file; it is being checked then."""
        return self.house.send(self.room, "ana", text, files=(self.upload(name, content),), **more)

    def check(self) -> None:
        """Let the worker read and decide."""
        self.check_in(self.house, self.chores)

    @staticmethod
    def check_in(house: House, chores: FileChores | None = None) -> None:
        """Let the worker of a house read and decide."""
        chores = chores or FileChores(house.chat, house.worker.files)
        house.chat.gate.refresh()
        chores.read()
        house.chat.gate.refresh()
        chores.decide()

    def seen(self, who: str = "ben") -> list[dict[str, Any]]:
        """Return the messages that somebody is shown."""
        history = self.house.chat.messaging.history(self.house.people[who], self.room, None)
        return [item for item in history["items"] if item["type"] == "message"]

    def own(self, who: str = "ana") -> dict[str, Any]:
        """Return the last message of somebody that nobody else sees."""
        found: dict[str, Any] = self.house.chat.messaging.stopped(self.house.people[who], self.room)["items"][
            0
        ]
        return found

    def bytes_of(self, who: str, file: str) -> bytes:
        """Return what somebody is given when they open a file."""
        given = self.files.shown.get(self.house.people[who], file)
        return b"".join(self.files.shown.read(given, 0, given.stored.size))


def png(width: int = 40, height: int = 30, *, text: bytes = b"") -> bytes:
    """Return a picture, with ``text`` among its metadata."""
    rows = b"".join(b"\0" + bytes((x * 5 % 256, 90, 160)) * 1 * width for x in range(height))
    parts = [_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))]
    if text:
        parts.append(_chunk(b"tEXt", b"GPS\0" + text))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [*parts, _chunk(b"IDAT", zlib.compress(rows)), _chunk(b"IEND", b"")]
    )


def huge_png(side: int = 50_000) -> bytes:
    """Return a picture of a few kilobytes that would need gigabytes."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", zlib.compress(b"\0" * 5_000_000)) + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pdf(text: str, page: str = "") -> bytes:
    """Return a PDF of one page with a line of text, and whatever else stands in its ``page``."""
    stream = f"BT /F1 18 Tf 40 100 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>%s>>"
        % page.encode(),
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"xref\n0 6\n0000000000 65535 f \n" + table + (
        b"trailer<</Root 1 0 R/Size 6>>\nstartxref\n%d\n%%%%EOF" % len(body)
    )  # fmt: skip


def packed(parts: dict[str, bytes | str]) -> bytes:
    """Return a zip of ``parts``."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in parts.items():
            opened.writestr(name, content)
    return file.getvalue()


_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>{}</Types>'
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATION = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{_LINKS}/{{}}" Target="{{}}"/></Relationships>'
)


def docx(text: str, **more: bytes | str) -> bytes:
    """Return a document of one paragraph."""
    override = (
        f'<Override PartName="/word/document.xml" ContentType="{_OFFICE}wordprocessingml.document.main+xml"/>'
    )
    return packed(
        {
            "[Content_Types].xml": _TYPES.format(override),
            "_rels/.rels": _RELATION.format("officeDocument", "word/document.xml"),
            "word/document.xml": '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/'
            f'wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>',
            **more,
        }
    )


def xlsx(cells: dict[str, str]) -> bytes:
    """Return a workbook of one sheet, with a row of its own for each cell."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    overrides = (
        f'<Override PartName="/xl/workbook.xml" ContentType="{_OFFICE}spreadsheetml.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_OFFICE}spreadsheetml.worksheet+xml"/>'
    )
    rows = "".join(
        f'<row r="{"".join(filter(str.isdigit, place))}"><c r="{place}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for place, text in cells.items()
    )
    return packed(
        {
            "[Content_Types].xml": _TYPES.format(overrides),
            "_rels/.rels": _RELATION.format("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": f'<?xml version="1.0"?><workbook xmlns="{main}" xmlns:r="{_LINKS}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _RELATION.format("worksheet", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?><worksheet xmlns="{main}"><sheetData>{rows}'
            "</sheetData></worksheet>",
        }
    )
