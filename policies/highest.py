"""The highest bundle a machine has seen, kept in a file outside every store.

Whoever can write to a database could put back an older, weaker bundle whose signature is good. The
file only ever goes up, across all processes that share it.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import IntegrityError
from core.files import write_whole
from core.types import BundleHash


class HighestBundle:
    """Number and hash of the newest bundle accepted here."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def number(self) -> int:
        """Return the number of the newest bundle seen here; 0 if none was. Raises IntegrityError."""
        return self._read()[0]

    def check(self, number: int, hashed: BundleHash) -> None:
        """Refuse a bundle older than the newest seen, or another one of the same number.

        Raises:
            IntegrityError: ``policy_number``.
        """
        highest, known = self._read()
        if number < highest:
            raise IntegrityError(
                f"Policy {number} was replaced by {highest}; an older policy is never enforced again.",
                code="policy_number",
            )
        if number == highest and known != hashed:
            raise IntegrityError(f"Two different policies have number {number}.", code="policy_number")

    def raise_to(self, number: int, hashed: BundleHash) -> None:
        """Remember this bundle, on disk, unless a newer one was seen meanwhile.

        Raises:
            IntegrityError: ``policy_number``; another process accepted a newer one.
        """
        with self._locked():
            self.check(number, hashed)
            if self._read() == (number, hashed):
                return
            content = json.dumps({"number": number, "hash": hashed}).encode()
            write_whole(self._path, content, durable=True)

    def _read(self) -> tuple[int, str]:
        try:
            value = json.loads(self._path.read_text(encoding="utf-8"))
            return int(value["number"]), str(value["hash"])
        except FileNotFoundError:
            return 0, ""
        except (ValueError, KeyError, TypeError) as error:
            raise IntegrityError(
                f"{self._path.name} is damaged: restore it from this machine's backup.", code="policy_number"
            ) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._path.with_name(f"{self._path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
