"""Proofs for one entry, as text that stands alone (C2SP tlog-proof).

``extra`` carries the entry and, for an item, the keys of shown fields and the hashes of hidden ones;
it is not trusted: a verifier recomputes the leaf from it.
"""

import base64
from pathlib import Path
from typing import Final

from audit.ledger import tree
from audit.ledger.checkpoint import Checkpoint
from audit.ledger.commitment import Disclosure, canonical
from audit.ledger.tiles import TileReader
from core.errors import NotFound

HEADER: Final = "c2sp.org/tlog-proof@v1"


def prove(
    folder: Path, note: bytes, checkpoint: Checkpoint, index: int, disclosure: Disclosure | None = None
) -> bytes:
    """Return the proof that entry ``index`` is in the log in ``folder`` as of ``checkpoint``.

    ``note`` is the signed form of ``checkpoint``, which the caller has opened.

    Raises:
        NotFound: ``not_logged`` if the checkpoint does not reach the entry; ``tile_missing``.
        IntegrityError: the tiles do not give the checkpoint's root.
    """
    if not 0 <= index < checkpoint.size:
        raise NotFound(f"Entry {index} is not under this checkpoint yet.", code="not_logged")
    reader = TileReader(folder, checkpoint.size)
    entry = reader.entry(index)
    hashes = tree.inclusion_proof(reader, index, checkpoint.size)
    tree.check_inclusion(tree.leaf_hash(entry), index, checkpoint.size, hashes, checkpoint.root)
    extra: dict[str, object] = {"entry": _b64(entry)}
    if disclosure is not None:
        extra["r"] = {name: _b64(key) for name, key in disclosure.keys.items()}
        extra["h"] = {name: _b64(digest) for name, digest in disclosure.hidden.items()}
    lines = [HEADER, f"extra {_b64(canonical(extra))}", f"index {index}", *map(_b64, hashes), "", ""]
    return "\n".join(lines).encode("ascii") + note


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
