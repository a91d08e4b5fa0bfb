"""Slows guessing, by account, by person and by address, in the store: all processes count together.

An attempt is counted *before* the password is looked at, in one transaction with the check, so a
thousand attempts side by side are a thousand and not one. Success gives the account a clean slate;
of the address it only takes back what this attempt cost. Keys are keyed hashes: the table names
nobody, and an unknown name is throttled like a known one.

A person may have names that only the directory knows to be the same (another domain, an address).
The person is counted too, so other names give no more guesses. That somebody has to wait under *this*
count must not show: whoever is told to wait under a name not tried before would know whose it is. So
it is no error but ``False``, and answered like a wrong password.
"""

import ipaddress
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import Table, bindparam, delete, insert, select, update

from core.errors import Limited
from core.identity.directory import Admit
from core.identity.sealing import Sealer
from core.store import Row, Statement, Store, Tx
from core.types import Clock, to_ms

_ADDRESS: Final = "address:"


@dataclass(frozen=True, slots=True)
class ThrottleLimits:
    """How many failures are free, and how long the next ones wait.

    The first failure beyond the free ones waits ``first_wait``, each further one twice as long, up
    to ``longest_wait``. A series is forgotten when nothing was tried for ``forgotten_after``. Behind one
    address may be a whole office, where somebody always tries: it is forgiven one failure for each
    ``address_forgiven_every``.
    """

    account_attempts: int = 5
    address_attempts: int = 50
    first_wait: timedelta = timedelta(seconds=15)
    longest_wait: timedelta = timedelta(minutes=15)
    forgotten_after: timedelta = timedelta(hours=1)
    address_forgiven_every: timedelta = timedelta(minutes=1)


@dataclass(slots=True)
class Attempt:
    """An attempt that was counted and whose outcome is still open; ``person`` once one was admitted."""

    account: str
    address: str
    at_ms: int
    person: str = ""
    until_ms: dict[str, int] = field(default_factory=dict)
    """Until when this attempt, if it failed, makes the next one of each key wait."""


class Throttle:
    """The ``throttles`` table of one store."""

    def __init__(self, table: Table, clock: Clock, limits: ThrottleLimits, sealer: Sealer) -> None:
        self._clock = clock
        self._limits = limits
        self._sealer = sealer
        self._owed: deque[Attempt] = deque()
        c = table.c
        self._get = Statement(select(table).where(c.key == bindparam("which")))
        self._add = Statement(insert(table).values({k.name: bindparam(k.name) for k in c}))
        self._set = Statement(
            update(table)
            .where(c.key == bindparam("which"))
            .values(failures=bindparam("count"), first_ms=bindparam("first"), until_ms=bindparam("until"))
        )
        self._drop = Statement(delete(table).where(c.key == bindparam("which")))
        self._purge = Statement(delete(table).where(c.until_ms < bindparam("before")))

    def do_attempt(self, tx: Tx, account: str, address: str) -> Attempt:
        """Count one attempt to sign in, before its password is looked at; ``account`` is canonical.

        Raises:
            Limited: ``too_many_attempts``, with ``retry_after`` in seconds; nothing was counted.
        """
        self.do_give_back(tx)
        now = to_ms(self._clock.now())
        attempt = Attempt(
            "account:" + self._sealer.tag("throttle.account", account),
            _ADDRESS + self._sealer.tag("throttle.address", network_of(address)),
            now,
        )
        rows = {key: self._live(tx, key) for key in (attempt.account, attempt.address)}
        wait_ms = max(self._left_ms(row, now) for row in rows.values())
        if wait_ms > 0:
            seconds = -(-wait_ms // 1000)
            raise Limited(
                f"Too many failed attempts to sign in. Wait {seconds} s and try again.",
                code="too_many_attempts",
                retry_after=seconds,
            )
        self._count(tx, attempt, attempt.account, rows[attempt.account], self._limits.account_attempts)
        self._count(tx, attempt, attempt.address, rows[attempt.address], self._limits.address_attempts)
        return attempt

    def admit(self, store: Store, directory: str, attempt: Attempt) -> Admit:
        """Return what counts this attempt at a person of ``directory`` too; False while they must wait."""

        def admit(stable_id: str) -> bool:
            # Whom nobody knows is counted under the name. A second server may ask the same again.
            named = f"{directory}:{stable_id or attempt.account}"
            person = "person:" + self._sealer.tag("throttle.person", named)
            if person != attempt.person and store.write(lambda tx: self._do_admit(tx, attempt, person)):
                attempt.person = person
            return person == attempt.person

        return admit

    def _do_admit(self, tx: Tx, attempt: Attempt, person: str) -> bool:
        row = self._live(tx, person)
        if self._left_ms(row, attempt.at_ms) > 0:
            return False
        self._count(tx, attempt, person, row, self._limits.account_attempts)
        return True

    def do_succeed(self, tx: Tx, attempt: Attempt) -> None:
        """The password was right: forget the account's failures, and this attempt of the address."""
        tx.run(self._drop, which=attempt.account)
        tx.run(self._drop, which=attempt.person)
        self._give_back(tx, attempt, attempt.address)

    def cancel(self, attempt: Attempt) -> None:
        """It was no guess: the directory or the store was away. What it cost is owed."""
        self._owed.append(attempt)

    def do_give_back(self, tx: Tx) -> None:
        """Take back what cancelled attempts cost."""
        owed = []
        with suppress(IndexError):
            while True:
                owed.append(self._owed.popleft())
        tx.on_undo(lambda: self._owed.extend(owed))
        for attempt in owed:
            for key in (attempt.account, attempt.person, attempt.address):
                self._give_back(tx, attempt, key)

    def do_purge(self, tx: Tx) -> int:
        """Remove series that are forgotten; return how many."""
        return tx.run(self._purge, before=to_ms(self._clock.now()) - _ms(self._limits.forgotten_after))

    def _live(self, tx: Tx, key: str) -> Row | None:
        """Return the series of ``key`` less what is forgiven, unless it is so old that it is forgotten."""
        row, now = tx.one(self._get, which=key), to_ms(self._clock.now())
        if row is None:
            return None
        every = _ms(self._limits.address_forgiven_every)
        forgiven = max(0, now - row.first_ms) // every if key.startswith(_ADDRESS) else 0
        if row.until_ms < now - _ms(self._limits.forgotten_after) or row.failures <= forgiven:
            tx.run(self._drop, which=key)
            return None
        return row._replace(failures=row.failures - forgiven, first_ms=row.first_ms + forgiven * every)

    def _left_ms(self, row: Row | None, now: int) -> int:
        """Return for how long a series still has to wait; 0 for one that does not."""
        left = 0 if row is None else max(0, row.until_ms - now)
        # No wait is longer: the clock was set back since, and the wait would last until it is there again.
        return 0 if left > _ms(self._limits.longest_wait) else left

    def _count(self, tx: Tx, attempt: Attempt, key: str, row: Row | None, free: int) -> None:
        count = 1 if row is None else row.failures + 1
        until = attempt.until_ms[key] = attempt.at_ms + self._wait_ms(count, free)
        if row is None:
            tx.run(self._add, key=key, failures=count, first_ms=attempt.at_ms, until_ms=until)
        else:
            tx.run(self._set, which=key, count=count, first=row.first_ms, until=until)

    def _give_back(self, tx: Tx, attempt: Attempt, key: str) -> None:
        row = tx.one(self._get, which=key)
        if row is None:
            return
        if row.failures <= 1:
            tx.run(self._drop, which=key)
            return
        # When it was counted nobody had to wait. A wait that another one has set since stays.
        is_own = row.until_ms == attempt.until_ms.get(key)
        until = attempt.at_ms if is_own else row.until_ms
        tx.run(self._set, which=key, count=row.failures - 1, first=row.first_ms, until=until)

    def _wait_ms(self, failures: int, free: int) -> int:
        """Return how long the next attempt waits after ``failures`` of them."""
        if failures < free:
            return 0
        doubled = _ms(self._limits.first_wait) << min(failures - free, 32)
        return min(doubled, _ms(self._limits.longest_wait))


def network_of(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 of an IPv6 address.

    Whoever has one IPv6 address has all of its /64 (RFC 6177). Text that is no address is itself.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
