"""The policy bundle: what a firm decided may be said to whom, as one frozen value.

A bundle has one canonical form (RFC 8785, JSON Canonicalization Scheme) and one hash, the SHA-256
of that form in lower-case hexadecimal. The hash is what an approver signs and what every decision
names. The model is also the grammar of the source: :mod:`policies.source` reads whatever stands
here and refuses everything else.
"""

import hashlib

import msgspec
import rfc8785
from msgspec import field

from core.errors import IntegrityError
from core.types import BundleHash
from policies.model.parts import Id, Part, Words
from policies.model.promises import BundleTest
from policies.model.rules import Barrier, Dlp, Rule, Segment, SharingRule
from policies.model.usage import Files, Quarantine, Retention, Usage


class Bundle(Part, frozen=True):
    """One policy bundle. Equal bundles have equal canonical forms, and the other way round."""

    name: Words
    retention: Retention
    segments: dict[Id, Segment] = field(default_factory=dict)
    barriers: tuple[Barrier, ...] = ()
    sharing: tuple[SharingRule, ...] = ()
    dlp: Dlp = Dlp()
    files: Files = Files()
    usage: Usage = Usage()
    quarantine: Quarantine = Quarantine()
    tests: tuple[BundleTest, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return everything that a finding can name."""
        found: list[Rule] = [*self.barriers, *self.sharing, *self.dlp.rules]
        return tuple(found)


def canonical(bundle: Bundle) -> bytes:
    """Return the canonical form: RFC 8785 JSON in UTF-8, defaults written out, times in UTC."""
    return rfc8785.dumps(msgspec.to_builtins(bundle))


def bundle_hash(bundle: Bundle) -> BundleHash:
    """Return the SHA-256 of the canonical form, 64 hexadecimal characters."""
    return hash_of(canonical(bundle))


def hash_of(form: bytes) -> BundleHash:
    """Return the hash of a canonical form as it was stored."""
    return BundleHash(hashlib.sha256(form).hexdigest())


def from_canonical(form: bytes) -> Bundle:
    """Return the bundle whose canonical form this is.

    Raises:
        IntegrityError: ``bad_bundle``; these bytes were never written by :func:`canonical`.
    """
    try:
        return msgspec.json.decode(form, type=Bundle)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise IntegrityError("The stored policy bundle cannot be read.", code="bad_bundle") from error
