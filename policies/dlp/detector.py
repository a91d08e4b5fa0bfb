"""What a detector is: data, plus one check of the value.

A detector names the written forms of a value (digit groups, patterns or phrases), the words that make
it likely, the words that make it unlikely, and a validator. Nothing here scans; ``compile.py`` turns
detectors into one database and ``scan.py`` judges what it finds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NewType

DetectorId = NewType("DetectorId", str)

#: How far, in characters, a keyword may stand from the value that it supports.
WINDOW = 300

#: Words before a number that say: this is the name of a thing, not of a person or an account.
NUMBERING_WORDS = (
    "order", "orders", "invoice", "tracking", "ticket", "case", "reference", "ref", "id", "ids", "uuid",
    "serial", "sku", "part", "build", "version", "commit", "revision", "trace", "request", "session",
    "timestamp", "epoch", "shipment", "parcel", "confirmation", "booking", "bug", "issue", "job", "batch",
    "hash", "checksum", "order number", "purchase order", "transaction", "voucher", "coupon",
    "bestellung", "auftrag", "rechnung", "commande", "facture", "pedido", "factura", "ordine", "fattura",
)  # fmt: skip


class Mask(Enum):
    """How much of a value an excerpt may show."""

    LAST_FOUR = "the last four characters of a long value"
    PREFIX = "the vendor's public prefix"
    NONE = "nothing"
    PLAIN = "all of it: a phrase is no secret to the one who wrote it"


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to write a number: sizes of its digit groups and what may stand between them.

    ``base`` is the confidence without a keyword; ``None`` keeps the detector silent without one.
    """

    groups: tuple[int, ...]
    base: int | None = None
    gaps: str = " -."


@dataclass(frozen=True, slots=True)
class Shape:
    """One way to write a value that is not only digits.

    ``pattern`` confirms with Python's ``re``: ASCII classes, linear time, at most 512 characters. A
    named group limits what is reported. ``trigger`` is what the one Hyperscan pass looks for: one
    expression, several plain words, or one that many shapes share (``triggers.DIGITS``); without it
    the pattern serves for both and is in the subset that both read alike. ``reach`` says how far
    from the end of a trigger the value may lie, on both sides. ``trim``
    returns how many characters of a match are the value (0: none). ``tail`` matches what follows
    the value however long (the rest of a key), so that redaction takes all of it.
    """

    pattern: str
    base: int | None = None
    trigger: str | tuple[str, ...] | None = None
    caseless: bool = False
    bordered: bool = True
    reach: int = 48
    trim: Callable[[str], int] | None = None
    tail: str | None = None


@dataclass(frozen=True, slots=True)
class Detector:
    """A thing that can be found in a text.

    ``label`` is what a redacted text shows in its place. ``weak`` tells of a valid value that its
    written form has in common with too many others: without a keyword it stays below medium.
    ``loose`` accepts any grouping of the digits when a keyword is near.
    """

    id: DetectorId
    title: str
    label: str
    category: str
    layouts: tuple[Layout, ...] = ()
    shapes: tuple[Shape, ...] = ()
    phrases: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    negative: tuple[str, ...] = NUMBERING_WORDS
    validate: Callable[[str], bool] | None = None
    weak: Callable[[str], bool] | None = None
    loose: bool = False
    window: int = WINDOW
    mask: Mask = Mask.LAST_FOUR
