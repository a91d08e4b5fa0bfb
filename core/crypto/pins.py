"""Pins: public keys that a ring trusts because they were written down when the suite was set up.

``pins.json`` stands in a ring's folder. A pin is set once; another value under the same name is
refused, because a pin that can be changed pins nothing.
"""

import base64
import binascii
import json
from typing import Final

from core.crypto import keyfiles
from core.crypto.envelope import refused
from core.crypto.hybrid import HybridPublic
from core.crypto.rings import Ring
from core.crypto.signing import Verifier
from core.errors import Conflict, NotFound

DISCOVERY_IDENTITY: Final = "discovery-identity"
WORKER_IDENTITY: Final = "worker-identity"
WORKER_MAILBOX: Final = "worker-mailbox"
DESK_MAILBOX: Final = "desk-mailbox"
LOG_ARCHIVE: Final = "log-archive"
LOG_AUDIT: Final = "log-audit"

PINS_FILE: Final = "pins.json"


class Pins:
    """The pins of one ring."""

    def __init__(self, ring: Ring) -> None:
        self._path = ring.folder / PINS_FILE
        self._ring = ring

    def set(self, name: str, public: bytes) -> None:
        """Write down a public key; the same one again is fine.

        Raises:
            Conflict: ``already_pinned`` if another is pinned under this name.
        """
        pins = self._load()
        if pins.get(name, public) != public:
            raise Conflict(f"{self._path} pins another {name}; it can not be changed.", code="already_pinned")
        encoded = {n: base64.b64encode(p).decode("ascii") for n, p in (pins | {name: public}).items()}
        keyfiles.replace(self._path, json.dumps(encoded, sort_keys=True, indent=1).encode("utf-8"))

    def get(self, name: str) -> bytes:
        """Return the pinned public key.

        Raises:
            NotFound: ``not_pinned`` if there is none.
            IntegrityError: the file is no set of pins.
        """
        try:
            return self._load()[name]
        except KeyError:
            raise NotFound(
                f"{self._path} has no {name}: finish `chancery init`.", code="not_pinned", name=name
            ) from None

    def verifier(self, name: str = DISCOVERY_IDENTITY) -> Verifier:
        """Return a pinned signing identity; raises as :meth:`get`."""
        return Verifier(self.get(name))

    def mailbox(self, name: str) -> HybridPublic:
        """Return a pinned mailbox key; raises as :meth:`get`."""
        return HybridPublic(self.get(name))

    def _load(self) -> dict[str, bytes]:
        try:
            return parse_pins(keyfiles.read(self._path))
        except NotFound:
            return {}


def parse_pins(content: bytes) -> dict[str, bytes]:
    """Return the public keys that a file of pins names. Raises IntegrityError if it is none."""
    try:
        return {name: base64.b64decode(pin, validate=True) for name, pin in json.loads(content).items()}
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise refused() from None
