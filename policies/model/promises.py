"""What a bundle promises of itself: tests that it carries, and that must hold before it is approved."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, field

from core.types import ConversationKind, Surface, Verdict
from policies.model.parts import Id, Part, Sentence, Words
from policies.model.usage import FileType


class Who(Part, frozen=True):
    """A person in a test: by name, by segment, by group, from inside or outside."""

    person: str = ""
    segments: tuple[Id, ...] = ()
    groups: tuple[Words, ...] = ()
    external: bool = False


class GivenFile(Part, frozen=True):
    """The file of a test: its type and size, and what kept it from being read."""

    type: FileType = "text/plain"
    size: Annotated[int, Meta(ge=0)] = 1_000
    problem: str = ""


class Given(Part, frozen=True):
    """What a test sends: who to whom, where, what, and after which earlier messages.

    With a ``file``, ``text`` is what was read from it; its surface is then ``file``.
    """

    text: str
    from_: Who = field(default=Who(), name="from")
    to: tuple[Who, ...] = (Who(),)
    kind: ConversationKind = ConversationKind.DIRECT
    surface: Surface = Surface.MESSAGE
    preceding: tuple[str, ...] = ()
    at: datetime | None = None
    file: GivenFile | None = None


class Expect(Part, frozen=True):
    """What a test demands: the verdict and, if named, exactly these rules."""

    verdict: Verdict
    rules: tuple[Id, ...] | None = None


class BundleTest(Part, frozen=True):
    """A promise that the bundle makes about itself."""

    name: Sentence
    given: Given
    expect: Expect
