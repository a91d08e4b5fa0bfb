"""The keys of an archive partition: made by the desk, offered to the worker, destroyed as a whole.

A partition has, per generation, a hybrid pair to which record pages are sealed and an index key
from which blind tokens come. Both stand in one file of the discovery ring,
``partitions/<partition>.<generation>.key``, so that they die together. The worker gets the public
half and the index key, sealed to its mailbox, in an offer that the discovery identity signs.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Final

from core.crypto.envelope import Key, associated, refused
from core.crypto.hybrid import HybridPrivate, HybridPublic, open_with, seal_to
from core.crypto.rings import Ring
from core.crypto.signing import Signer, Verifier
from core.errors import InvalidInput

_PRIVATE_BYTES: Final = 97
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


@dataclass(frozen=True, slots=True)
class PartitionOffer:
    """What the desk posts for the worker: signed, and of no use to anybody else."""

    partition: str
    generation: int
    public: bytes
    sealed_index_key: bytes
    signature: bytes

    def signed_bytes(self) -> bytes:
        """Return what the signature is over."""
        return associated(
            "partition-offer/v1", self.partition, self.generation, self.public, self.sealed_index_key
        )

    def to_bytes(self) -> bytes:
        """Return the offer as JSON, for a row."""
        return json.dumps(
            {
                "partition": self.partition,
                "generation": self.generation,
                "public": base64.b64encode(self.public).decode("ascii"),
                "index": base64.b64encode(self.sealed_index_key).decode("ascii"),
                "signature": base64.b64encode(self.signature).decode("ascii"),
            },
            sort_keys=True,
            separators=(",", ":"),
        ).encode("utf-8")

    @classmethod
    def from_bytes(cls, encoded: bytes) -> "PartitionOffer":
        """Return the offer that :meth:`to_bytes` wrote; it is not verified yet.

        Raises:
            IntegrityError: the bytes are no offer.
        """
        try:
            fields = json.loads(encoded)
            return cls(
                str(fields["partition"]),
                int(fields["generation"]),
                base64.b64decode(fields["public"], validate=True),
                base64.b64decode(fields["index"], validate=True),
                base64.b64decode(fields["signature"], validate=True),
            )
        except (ValueError, KeyError, TypeError, binascii.Error):
            raise refused() from None


@dataclass(frozen=True, slots=True)
class AcceptedPartition:
    """What the worker may do with a partition: seal records to it and make tokens."""

    partition: str
    generation: int
    public: HybridPublic
    index_key: Key


class PartitionKeys:
    """The desk's side: makes, opens and destroys partition keys in the discovery ring."""

    def __init__(self, discovery: Ring) -> None:
        self._ring = discovery

    def make(self, partition: str, generation: int, worker: HybridPublic) -> PartitionOffer:
        """Make the keys of a partition's generation and return the offer to ``worker``'s mailbox.

        Raises:
            Conflict: ``key_exists`` if this generation was made already.
        """
        private, index_key = HybridPrivate.generate(), Key.generate()
        self._ring.write_secret(_file(partition, generation), private.to_bytes() + index_key.material)
        return self._offer(partition, generation, private, index_key, worker)

    def offer_again(self, partition: str, generation: int, worker: HybridPublic) -> PartitionOffer:
        """Return a new offer of keys that exist: the first was lost before it was stored.

        Raises:
            NotFound: ``keys_missing`` if they were never made, or destroyed.
        """
        private, index_key = self._open(partition, generation)
        return self._offer(partition, generation, private, index_key, worker)

    def private(self, partition: str, generation: int) -> HybridPrivate:
        """Return the key that opens the partition's pages.

        Raises:
            NotFound: ``keys_missing`` if it was never made, or destroyed.
            IntegrityError: its file was altered.
        """
        return self._open(partition, generation)[0]

    def index_key(self, partition: str, generation: int) -> Key:
        """Return the key from which the partition's blind tokens come; raises as :meth:`private`."""
        return self._open(partition, generation)[1]

    def exists(self, partition: str, generation: int) -> bool:
        """Tell whether the keys are there."""
        return self._ring.has_secret(_file(partition, generation))

    def generations(self, partition: str) -> tuple[int, ...]:
        """Return the generations of a partition whose keys are there, oldest first."""
        _file(partition, 0)
        files = (self._ring.folder / "partitions").glob(f"{partition}.*.key")
        return tuple(sorted(int(file.name.split(".")[1]) for file in files))

    def destroy(self, partition: str) -> None:
        """Destroy every generation of a partition's keys for good; may be repeated."""
        for generation in self.generations(partition):
            self._ring.destroy_secret(_file(partition, generation))

    def _offer(
        self, partition: str, generation: int, private: HybridPrivate, index_key: Key, worker: HybridPublic
    ) -> PartitionOffer:
        sealed = seal_to(worker, index_key.material, _index_info(partition, generation))
        return signed_offer(self._ring.signer(), partition, generation, private.public.to_bytes(), sealed)

    def _open(self, partition: str, generation: int) -> tuple[HybridPrivate, Key]:
        secret = self._ring.read_secret(_file(partition, generation))
        return HybridPrivate.from_bytes(secret[:_PRIVATE_BYTES]), Key(secret[_PRIVATE_BYTES:])


def signed_offer(
    identity: Signer, partition: str, generation: int, public: bytes, sealed_index_key: bytes
) -> PartitionOffer:
    """Return an offer signed by ``identity``."""
    unsigned = PartitionOffer(partition, generation, public, sealed_index_key, b"")
    signature = identity.sign(unsigned.signed_bytes())
    return PartitionOffer(partition, generation, public, sealed_index_key, signature)


def check_offer(identity: Verifier, offer: PartitionOffer) -> HybridPublic:
    """Return the public key of an offer that the pinned discovery ``identity`` signed.

    Raises:
        IntegrityError: it did not sign this.
    """
    identity.verify(offer.signature, offer.signed_bytes())
    return HybridPublic(offer.public)


def accept_offer(identity: Verifier, mailbox: HybridPrivate, offer: PartitionOffer) -> AcceptedPartition:
    """Return what the worker may use of an offer.

    Raises:
        IntegrityError: the pinned ``identity`` did not sign it, or it is sealed to another mailbox.
    """
    public = check_offer(identity, offer)
    index_key = Key(
        open_with(mailbox, offer.sealed_index_key, _index_info(offer.partition, offer.generation))
    )
    return AcceptedPartition(offer.partition, offer.generation, public, index_key)


def _index_info(partition: str, generation: int) -> bytes:
    return associated("partition-index-key/v1", partition, generation)


def _file(partition: str, generation: int) -> str:
    if not _NAME.fullmatch(partition) or generation < 0:
        raise InvalidInput(f"{partition!r} can not name a partition.", code="partition")
    return f"partitions/{partition}.{generation}.key"
