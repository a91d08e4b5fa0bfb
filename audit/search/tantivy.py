"""The embedded index: one tantivy folder per partition.

One process writes (the folder's lock says so), any number read and see each commit at their next
question. Every ``put`` and ``delete`` commits durably before it returns. Queries are built from
nodes; text of a user never reaches a parser.
"""

import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import tantivy

from audit.search.pointers import Pointers
from audit.search.port import (
    AllOf,
    Health,
    Hit,
    IndexDocument,
    PutResult,
    Question,
    TimeRange,
    check_partition,
)
from audit.search.tantivy_query import asked
from core.errors import NotFound, Unavailable

_ANALYZER: Final = "blind"
_POSITIONAL: Final = ("body", "sender", "audience", "conversation")
_SINGLE: Final = ("verdict", "kind", "has")
# tantivy's smallest; commits are frequent and small here.
_WRITER_BYTES: Final = 15_000_000
_OPEN_WRITERS: Final = 4
_OPEN_INDEXES: Final = 128
_IDS_PER_READ: Final = 10_000

_Commit = tuple[int, int, int]


class TantivyIndex:
    """A :class:`~audit.search.port.SearchIndex` in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pointers = Pointers(folder)
        self._schema = _schema()
        self._indexes: OrderedDict[str, tantivy.Index] = OrderedDict()
        self._searchers: dict[str, tuple[_Commit, tantivy.Searcher]] = {}
        self._writers: OrderedDict[str, tantivy.IndexWriter] = OrderedDict()
        self._proven: dict[str, _Commit] = {}
        self._lock = threading.RLock()

    def ensure(self, partition: str) -> None:
        """Create the partition's folder unless it exists."""
        path = self._path(partition)
        with self._lock, _guarded():
            if not _holds_index(path):
                path.mkdir(parents=True, exist_ok=True)
                tantivy.Index(self._schema, path=str(path))

    def drop(self, partition: str) -> None:
        """Remove the partition's folder."""
        path = self._path(partition)
        with self._lock, _guarded():
            self._close_writer(partition)
            self._forget(partition)
            if path.exists():
                shutil.rmtree(path)
            self._pointers.forget(partition)

    def go_live(self, partition: str, name: str) -> None:
        """Replace the file that says which folder is asked for the partition."""
        with self._lock, _guarded():
            self._pointers.point(partition, name)

    def put(self, partition: str, documents: Sequence[IndexDocument]) -> PutResult:
        """Insert or replace ``documents`` and commit."""
        with self._lock, _guarded(), self._writing(partition) as writer:
            # The last of equal ids wins; deleting first is what makes adding again harmless.
            latest = {document.rid: document for document in documents}
            refused: dict[str, str] = {}
            for document in latest.values():
                try:
                    entry = _entry(document)
                except (ValueError, OverflowError) as error:
                    refused[document.rid] = str(error)
                    continue
                writer.delete_documents_by_term("rid", document.rid)
                writer.add_document(entry)
            writer.commit()
        return PutResult(len(latest) - len(refused), refused)

    def delete(self, partition: str, rids: Sequence[str]) -> None:
        """Remove documents and commit."""
        if not _holds_index(self._path(partition)):
            return
        with self._lock, _guarded(), self._writing(partition) as writer:
            for rid in rids:
                writer.delete_documents_by_term("rid", rid)
            writer.commit()

    def count(self, partition: str) -> int:
        """Return how many documents the partition holds."""
        searcher = self._live_searcher(partition)
        return searcher.num_docs if searcher else 0

    def ids(self, partition: str) -> Iterator[str]:
        """Yield every record id, as of the time of the call."""
        searcher = self._live_searcher(partition)
        offset = 0
        while searcher is not None and offset < searcher.num_docs:
            with _guarded():
                found = searcher.search(
                    tantivy.Query.all_query(),
                    _IDS_PER_READ,
                    False,
                    offset=offset,
                ).hits
                rids = [_rid(searcher, address) for _, address in found]
            yield from rids
            offset += _IDS_PER_READ

    def search(
        self, partition: str, question: Question, *, limit: int, after: Hit | None = None
    ) -> tuple[Hit, ...]:
        """Return the newest matching documents older than ``after``."""
        searcher = self._live_searcher(partition)
        if searcher is None or not searcher.num_docs:
            return ()
        if after is not None:
            question = AllOf((question, TimeRange(None, after.at_ms + 1)))
        with _guarded():
            query = asked(self._schema, question)
            size = limit + 1
            while True:
                found = searcher.search(query, size, count=False, order_by_field="at_ms").hits
                complete = len(found) < size
                # tantivy orders by time alone: the oldest time of a full page may be cut through.
                whole = found if complete else [pair for pair in found if pair[0] != found[-1][0]]
                hits = sorted((Hit(at_ms, _rid(searcher, address)) for at_ms, address in whole), reverse=True)
                page = tuple(hit for hit in hits if after is None or hit < after)[:limit]
                if complete or len(page) == limit:
                    return page
                size *= 4

    def total(self, questions: Mapping[str, Question]) -> int:
        """Return how many documents match, over all these partitions."""
        return sum(self._matching(partition, question) for partition, question in questions.items())

    def health(self) -> Health:
        """Tell whether every partition can be opened; one is tried again once it was written to."""
        try:
            partitions = sorted(path.name for path in self._folder.glob("*/"))
            for partition in partitions:
                self._prove(partition)
        except (Unavailable, OSError) as error:
            return Health(reachable=False, writable=False, detail=f"The index folder cannot be read: {error}")
        writable = os.access(self._folder if self._folder.exists() else self._folder.parent, os.W_OK)
        count = len(partitions)
        detail = (
            f"{count} partitions can be read and written by this process."
            if writable
            else f"{count} partitions can be read, not written, by this process."
        )
        return Health(reachable=True, writable=writable, detail=detail)

    def headroom(self) -> None:
        """Folders have no limit of their own."""

    def close(self) -> None:
        """Let go of the writer locks."""
        with self._lock:
            for partition in list(self._writers):
                self._close_writer(partition)
            for partition in list(self._indexes):
                self._forget(partition)

    def _path(self, partition: str) -> Path:
        return self._folder / check_partition(partition)

    def _index(self, partition: str) -> tantivy.Index | None:
        """Return the opened index of a partition, or ``None`` if it was never ensured."""
        path = self._path(partition)
        if not _holds_index(path):
            self._forget(partition)
            return None
        index = self._indexes.get(partition)
        if index is None:
            index = tantivy.Index(self._schema, path=str(path))
            # Before anything is written: an unknown tokenizer is only noticed then, per document.
            index.register_tokenizer(
                _ANALYZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
            )
            self._indexes[partition] = index
            if len(self._indexes) > _OPEN_INDEXES:
                self._forget(next(iter(self._indexes)))
        self._indexes.move_to_end(partition)
        return index

    def _live_searcher(self, partition: str) -> tantivy.Searcher | None:
        """Return a searcher of the index that is asked for a partition."""
        with _guarded():
            live = self._pointers.live(partition)
        return self._searcher(live)

    def _searcher(self, partition: str) -> tantivy.Searcher | None:
        """Return a searcher that sees every commit made so far, by any process."""
        with self._lock, _guarded():
            index = self._index(partition)
            if index is None:
                return None
            # Looked at before reloading: a commit in between is then seen again, not missed.
            commit = _last_commit(self._path(partition))
            known, searcher = self._searchers.get(partition, (None, None))
            if searcher is None or known != commit:
                index.reload()
                searcher = index.searcher()
                self._searchers[partition] = (commit, searcher)
            return searcher

    def _matching(self, partition: str, question: Question) -> int:
        searcher = self._live_searcher(partition)
        if searcher is None:
            return 0
        with _guarded():
            count: int = searcher.search(asked(self._schema, question), 1).count  # type: ignore[attr-defined]
            return count

    def _prove(self, partition: str) -> None:
        """Open a partition unless this state of it was opened before; close what was not in use.

        Each open index has a thread of the engine that watches its folder.
        """
        path = self._path(partition)
        commit = _last_commit(path) if _holds_index(path) else None
        if commit is None or self._proven.get(partition) == commit:
            return
        with self._lock:
            in_use = partition in self._indexes
            self._searcher(partition)
            if not in_use:
                self._forget(partition)
            self._proven[partition] = commit

    def _forget(self, partition: str) -> None:
        """Let go of a partition's files."""
        self._indexes.pop(partition, None)
        self._searchers.pop(partition, None)

    @contextmanager
    def _writing(self, partition: str) -> Iterator[tantivy.IndexWriter]:
        """Yield the partition's writer; let go of one that failed, as on a full disk: it is dead."""
        try:
            yield self._writer(partition)
        except BaseException:
            self._writers.pop(partition, None)
            raise

    def _writer(self, partition: str) -> tantivy.IndexWriter:
        """Return the partition's writer; few are kept, because each holds memory and a thread."""
        index = self._index(partition)
        if index is None:
            raise NotFound(f"There is no index for partition {partition}.", code="no_such_partition")
        writer = self._writers.get(partition)
        if writer is None:
            writer = self._writers[partition] = index.writer(_WRITER_BYTES, 1)
            if len(self._writers) > _OPEN_WRITERS:
                self._close_writer(next(iter(self._writers)))
        self._writers.move_to_end(partition)
        return writer

    def _close_writer(self, partition: str) -> None:
        """Finish merging and free the lock; everything is committed already."""
        writer = self._writers.pop(partition, None)
        if writer is not None:
            writer.wait_merging_threads()


def _schema() -> tantivy.Schema:
    """Return the fields: positions where distances matter, nothing stored but the record id."""
    builder = tantivy.SchemaBuilder()
    for name in _POSITIONAL:
        builder.add_text_field(name, tokenizer_name=_ANALYZER, index_option="position")
    for name in _SINGLE:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("rid", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("at_ms", indexed=True, fast=True)
    return builder.build()


def _entry(document: IndexDocument) -> tantivy.Document:
    """Return the engine's form of a document."""
    entry = tantivy.Document()
    for name in (*_POSITIONAL, *_SINGLE):
        value = getattr(document, name)
        # A single token is taken as it stands: a set of them is added one by one.
        for part in value.split() if name in _SINGLE else filter(None, (value,)):
            entry.add_text(name, part)
    entry.add_text("rid", document.rid)
    entry.add_integer("at_ms", document.at_ms)
    return entry


def _rid(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> str:
    """Return the record id that is stored with a document."""
    rid: str = searcher.doc(address)["rid"][0]
    return rid


def _holds_index(path: Path) -> bool:
    """Tell whether an index was created at ``path``."""
    return (path / "meta.json").is_file()


def _last_commit(path: Path) -> _Commit:
    """Return what tells one commit from another: each replaces the file that lists the segments."""
    listed = (path / "meta.json").stat()
    return listed.st_ino, listed.st_mtime_ns, listed.st_size


@contextmanager
def _guarded() -> Iterator[None]:
    """Turn the engine's failures into ``index_unavailable``, its panics included."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise Unavailable(f"The index cannot be used: {error}", code="index_unavailable") from error
    except BaseException as error:
        # A panic in the engine derives from BaseException and would pass every handler above us.
        if type(error).__name__ == "PanicException":
            raise Unavailable("The index failed on this request.", code="index_unavailable") from error
        raise
