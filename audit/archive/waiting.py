"""What the archiver has sealed and still keeps in an outbox, and how far it is behind."""

from dataclasses import dataclass

from audit.archive.indexes import IndexState


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the archive is behind: rows not sealed, and sealed rows not indexed; oldest in ms."""

    sealing: int
    sealing_oldest_ms: int | None
    indexing: int
    indexing_oldest_ms: int | None


@dataclass(slots=True)
class Waiting:
    """A sealed row that is still in its outbox. ``indexed`` is the generation that holds it."""

    rid: str
    partition: str
    at_ms: int
    indexable: bool
    indexed: int | None = None
    rests_until: float = 0.0
    given_up: bool = False

    def is_done(self, state: IndexState) -> bool:
        """Tell whether nothing but the ledger's files keeps the row in its outbox."""
        if self.given_up or not self.indexable:
            return True
        return self.indexed == state.live and state.building is None
