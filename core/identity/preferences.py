"""How a person wants their screens: look, language, keys, notifications. One sealed row for each.

Chat and desk each keep their own; whoever has no row has the defaults. What somebody prefers is
nobody else's business, so that not even the language stands in the clear.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, Final

import orjson
from sqlalchemy import Table, bindparam, insert, select, update

from core.errors import InvalidInput
from core.identity.sealing import Sealer, bound_to
from core.store import Row, Statement, Store, Tx
from core.types import Clock, to_ms

# A language with, where need be, a region: ``de``, ``pt_BR``. Empty is what the browser asks for.
_LANGUAGE: Final = re.compile(r"(?:[a-z]{2,3}(?:_[A-Z]{2})?)?")


class Theme(StrEnum):
    """The colours of all screens."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


class SendWith(StrEnum):
    """Which key sends; the other one makes a new line."""

    ENTER = "enter"
    CTRL_ENTER = "ctrl_enter"


class Notify(StrEnum):
    """For what the desktop is told."""

    NOTHING = "nothing"
    MENTIONS = "mentions"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What one person has chosen; everything has a default."""

    theme: Theme = Theme.SYSTEM
    language: str = ""
    send_with: SendWith = SendWith.ENTER
    # Keys without Ctrl or Alt in lists: they can be turned off (WCAG 2.2, 2.1.4).
    single_keys: bool = True
    notify: Notify = Notify.MENTIONS
    # Whether the first screen, which says who can read what is written here, was seen.
    introduced: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the wire form."""
        return asdict(self)


DEFAULTS: Final = Preferences()
_KINDS: Final = {each.name: type(getattr(DEFAULTS, each.name)) for each in fields(Preferences)}


def changed(preferences: Preferences, **change: Any) -> Preferences:
    """Return ``preferences`` with what is given and not None; words of forms become values.

    Raises:
        InvalidInput: ``bad_preference``; there is no such choice.
    """
    given = {name: value for name, value in change.items() if value is not None}
    try:
        found = replace(preferences, **{name: _KINDS[name](value) for name, value in given.items()})
    except (KeyError, ValueError, TypeError):
        raise _unknown_choice() from None
    if not _LANGUAGE.fullmatch(found.language):
        raise _unknown_choice()
    return found


class PreferenceRows:
    """The ``preferences`` table of one store."""

    def __init__(self, table: Table, clock: Clock, sealer: Sealer) -> None:
        self._clock = clock
        self._sealer = sealer
        c = table.c
        mine = c.owner_id == bindparam("who")
        self._one = Statement(select(table).where(mine))
        self._since = Statement(select(table).where(c.at_ms >= bindparam("since")).order_by(c.at_ms))
        self._add = Statement(insert(table).values({each.name: bindparam(each.name) for each in c}))
        self._change = Statement(
            update(table).where(mine).values(sealed=bindparam("new"), at_ms=bindparam("at"))
        )

    def of(self, tx: Tx, owner: str) -> Preferences:
        """Return what ``owner`` prefers."""
        row = tx.one(self._one, who=owner)
        return DEFAULTS if row is None else self._opened(row)

    def do_change(self, tx: Tx, owner: str, **change: Any) -> tuple[Preferences, int]:
        """Change what is given and not None; return what is preferred then, and when that was.

        Raises:
            InvalidInput: ``bad_preference``.
        """
        row = tx.one(self._one, who=owner)
        now = changed(DEFAULTS if row is None else self._opened(row), **change)
        sealed = self._sealer.seal(owner, orjson.dumps(now.as_dict()), _place(owner))
        at = to_ms(self._clock.now())
        if row is None:
            tx.run(self._add, owner_id=owner, sealed=sealed, at_ms=at)
        else:
            tx.run(self._change, who=owner, new=sealed, at=at)
        return now, at

    def changed_since(self, tx: Tx, since_ms: int) -> Iterable[tuple[str, Preferences, int]]:
        """Yield who has changed something since then, what they prefer now, and when that was."""
        for row in tx.rows(self._since, since=since_ms):
            yield row.owner_id, self._opened(row), row.at_ms

    def _opened(self, row: Row) -> Preferences:
        held = orjson.loads(self._sealer.open(row.owner_id, bytes(row.sealed), _place(row.owner_id)))
        # What an older or newer release knew and this one does not is left out.
        return changed(DEFAULTS, **{name: value for name, value in held.items() if name in _KINDS})


class OwnPreferences:
    """Everybody's preferences, each call complete in itself: what pages call."""

    def __init__(self, store: Store, rows: PreferenceRows) -> None:
        self._store = store
        self._rows = rows

    def of(self, owner: str) -> Preferences:
        """Return what ``owner`` prefers."""
        return self._store.read(lambda tx: self._rows.of(tx, owner))

    def change(self, owner: str, **change: Any) -> Preferences:
        """Change what is given and not None; return what is preferred then.

        Raises:
            InvalidInput: ``bad_preference``.
        """
        return self._store.write(lambda tx: self._rows.do_change(tx, owner, **change))[0]


def _place(owner: str) -> bytes:
    return bound_to("preferences", owner)


def _unknown_choice() -> InvalidInput:
    return InvalidInput(
        "There is no such choice. Load the page again and choose one of those it shows.",
        code="bad_preference",
    )
