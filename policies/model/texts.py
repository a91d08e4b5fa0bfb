"""Words of an author that people read: one text for everybody, or one for each language.

Several languages always have English among them: it is what whoever reads another language is told,
and what stands first on the record.
"""

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta

from policies.model.parts import Part, Sentence

ENGLISH: Final = "en"

Language = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?\Z")]
"""A language as pages name it: ``de``, ``pt-BR``."""

Text = Sentence | Annotated[dict[Language, Sentence], Meta(min_length=1)]
"""A sentence, or the same sentence by language."""

_Long = Annotated[str, Meta(min_length=1, max_length=2_000)]
LongText = Annotated[str, Meta(max_length=2_000)] | Annotated[dict[Language, _Long], Meta(min_length=1)]
"""A text that may be empty, or the same text by language."""


class NoticeText(Part, frozen=True):
    """An author's own words for the sender, in place of the standard ones."""

    title: Text
    why: LongText = ""
    actions: tuple[Text, ...] = ()

    @property
    def texts(self) -> Mapping[str, Text]:
        """Return every text of the notice that is not empty, by its path."""
        actions = {f"actions[{number}]": action for number, action in enumerate(self.actions)}
        return {"title": self.title} | ({"why": self.why} if self.why else {}) | actions

    @property
    def languages(self) -> frozenset[str]:
        """Return the languages in which the notice speaks; none where it has one text for everybody."""
        return frozenset[str]().union(*map(languages_of, self.texts.values()))


def languages_of(text: Text) -> frozenset[str]:
    """Return the languages of a text; none where it is one for everybody."""
    return frozenset() if isinstance(text, str) else frozenset(text)


def text_in(text: Text, language: str = ENGLISH) -> str:
    """Return a text as whoever reads ``language`` is told it: in English where it is not written in that."""
    return text if isinstance(text, str) else text.get(language) or text[ENGLISH]
