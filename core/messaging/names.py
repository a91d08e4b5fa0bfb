"""Which channel holds a name: a public one for everybody, a private one for its members only.

Names are sealed, so a channel carries a keyed tag of its name beside it; a closed one carries none. Why a
private channel's name is held before nobody else: decision 0012.
"""

import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from sqlalchemy import bindparam, exists, or_, select, update

from core.errors import Conflict, IntegrityError
from core.messaging.blank import is_blank
from core.messaging.rooms import Titles
from core.schema import chat
from core.store import Row, Statement, Store, Tx
from core.types import ConversationId, PersonId

_c, _m = chat.conversations.c, chat.memberships.c

_TAKEN = Statement(
    select(_c.id)
    .where(
        _c.name_tag == bindparam("tag"),
        _c.id != bindparam("conv"),
        or_(
            _c.kind == "public",
            exists().where(
                _m.conversation_id == _c.id, _m.person_id == bindparam("who"), _m.left_ms.is_(None)
            ),
        ),
    )
    .limit(1)
)
_UNTAGGED = Statement(
    select(_c.id, _c.name, _c.kind)
    .where(_c.name_tag.is_(None), _c.name.is_not(None), _c.closed_ms.is_(None))
    .order_by(_c.created_ms, _c.id)
)
_HELD = Statement(select(_c.id).where(_c.name_tag == bindparam("tag"), _c.kind == "public"))
# Only where it is still called so, and open.
_TAG = Statement(
    update(chat.conversations)
    .where(
        _c.id == bindparam("conv"),
        _c.name == bindparam("sealed"),
        _c.name_tag.is_(None),
        _c.closed_ms.is_(None),
    )
    .values(name_tag=bindparam("tag"))
)

PAGE: Final = 500
_PARTING: Final = frozenset({"Zs", "Zl", "Zp", "Cc", "Pd", "Pc"})


def tag_of(tag: Callable[[str, str], str], name: str) -> str:
    """Return the keyed tag of a channel's name."""
    return tag("channel-name", folded(name))


def folded(name: str) -> str:
    """Return what two names have in common that people would take for one.

    Case and form do not count, nor what is not drawn, nor a ``#`` in front; spaces, hyphens and
    underscores are one space. What has nothing else stays as it is.
    """
    # What is unseen goes first: it would keep a letter from the accent behind it.
    seen = "".join(each for each in name if _parts(each) or not is_blank(each))
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    spaced = "".join(" " if _parts(each) else each for each in plain)
    return " ".join(spaced.split()).lstrip("# ") or plain or name


def check_name_free(tx: Tx, tag: str | None, conversation: ConversationId, person: PersonId) -> None:
    """Refuse a name that another open channel has, as far as the person can know of that channel.

    Raises:
        Conflict: ``name_taken``.
    """
    if tag is not None and tx.one(_TAKEN, tag=tag, conv=conversation, who=person) is not None:
        raise Conflict(
            "There is a channel of this name already. "
            "Look for it among the channels, or choose another name.",
            code="name_taken",
        )


class NameClaims:
    """Tags channels that have none yet: they are older than tags, or their name was held by another."""

    def __init__(self, store: Store, titles: Titles, tag: Callable[[str, str], str]) -> None:
        self._store, self._titles, self._tag = store, titles, tag

    def run(self) -> None:
        """Tag what can be tagged, the oldest first; of two public channels of one name only one holds it."""
        rows = self._store.read(lambda tx: tx.rows(_UNTAGGED))
        for start in range(0, len(rows), PAGE):
            page = rows[start : start + PAGE]
            self._titles.foresee_titles([row.id for row in page])
            tagged = [(row, tag) for row in page if (tag := self._tag_of(row)) is not None]
            self._store.write(partial(_do_claim, tagged=tagged))

    def _tag_of(self, row: Row) -> str | None:
        try:
            return tag_of(self._tag, self._titles.open_title(row.id, "name", row.name))
        except IntegrityError:
            return None


def _do_claim(tx: Tx, tagged: Sequence[tuple[Row, str]]) -> None:
    for row, tag in tagged:
        if row.kind == "public" and tx.one(_HELD, tag=tag) is not None:
            continue
        tx.run(_TAG, conv=row.id, sealed=row.name, tag=tag)


def _parts(character: str) -> bool:
    return unicodedata.category(character) in _PARTING
