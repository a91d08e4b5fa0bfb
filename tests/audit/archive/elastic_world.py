"""The evidence world on a real Elasticsearch behind a proxy that can do something else instead."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from elasticsearch import Elasticsearch

from audit.archive.rebuild import IndexRebuild, IndexSwitch
from audit.archive.reconcile import Reconciler
from audit.archive.search_service import Purpose
from audit.search.elastic import ElasticIndex, connect
from core.access import Database
from core.schema import archive
from core.store import Tx
from core.types import new_id
from tests.factories.archive import Desk, Evidence, Worker, make_evidence
from tests.services.recording_proxy import Instead, Recorded, recording

PURPOSE = Purpose("officer-1", "matter-1", "insider dealing")
PARTITION = "2026-03-direct"


class World:
    """Chat, archive and desk around a cluster behind a proxy; ``trouble`` is what the proxy does instead."""

    def __init__(
        self, evidence: Evidence, requests: list[Recorded], client: Elasticsearch, url: str, prefix: str
    ) -> None:
        self.evidence = evidence
        self.requests = requests
        self.client = client
        self.url = url
        self.prefix = prefix
        self.trouble: Instead = lambda _: None
        self.room = evidence.chat.direct()
        self.worker: Worker = evidence.worker()
        self.desk: Desk = evidence.desk()

    def say(self, text: str) -> None:
        """Send a message, which is acknowledged, and let the worker do what it can."""
        assert self.evidence.chat.send(self.room, text)["ok"]
        self.carry()

    def carry(self) -> None:
        self.worker.archiver.run_until_idle()

    def wait(self) -> None:
        """Let the time pass after which the worker tries again."""
        self.evidence.clock.advance(10)
        self.carry()

    def sealed(self) -> int:
        """Return how many records are searched once they are indexed."""
        return sum(row.indexable for row in self.evidence.rows(Database.ARCHIVE, archive.records))

    def check_whole(self) -> None:
        """See that everything is indexed, once, and nothing waits."""
        counts = self.evidence.counts()
        assert counts["indexed"] == self.sealed()
        assert counts["chat outbox"] == 0
        assert self.desk.search.coverage().complete
        assert self.reconciler().run().differences == []

    def reconciler(self) -> Reconciler:
        return Reconciler(
            chat_store=self.worker.chat,
            archive_store=self.worker.archive,
            keystore_store=self.worker.keystore,
            outboxes=self.worker.outboxes,
            index=self.evidence.index,
            publishers=self.worker.publishers,
            files=self.evidence.files(self.worker),
        )

    def rebuild(self) -> None:
        """Make the index of the partition again, as desk and worker do."""
        jobs: list[dict[str, object]] = []

        def post(tx: Tx, kind: str, payload: dict[str, object]) -> str:
            jobs.append(payload)
            return "job"

        at_desk = IndexRebuild(
            archive_store=self.desk.archive,
            desk_store=self.desk.desk,
            reader=self.desk.reader,
            keys=self.desk.keys,
            open_index=lambda: ElasticIndex(connect(self.url), self.prefix, refresh="immediate"),
            post=post,
            record=self.evidence.desk_trail.record,
        )
        at_worker = IndexSwitch(
            archive_store=self.worker.archive, indexes=self.worker.indexes, clock=self.evidence.clock
        )
        generation = at_desk.begin(PARTITION, actor="officer-1")
        at_worker.build(jobs[-1])
        at_desk.fill(PARTITION, generation, actor="officer-1")
        at_worker.switch(jobs[-1])


@contextmanager
def make_world(folder: Path, elasticsearch_url: str, patience_s: float) -> Iterator[World]:
    """Yield a world with indexes of its own, and remove them afterwards."""
    prefix = f"t{new_id()}"
    made: list[World] = []
    client = connect(elasticsearch_url)
    with recording(elasticsearch_url, instead=lambda r: made[0].trouble(r) if made else None) as (
        url,
        requests,
    ):
        index = ElasticIndex(connect(url, timeout_s=patience_s), prefix, refresh="immediate")
        evidence = make_evidence(folder, index=index)
        made.append(World(evidence, requests, client, url, prefix))
        yield made[0]
        evidence.close()
        index.close()
    for name in list(client.indices.get(index=f"{prefix}-*", expand_wildcards="all")):
        client.indices.delete(index=name)
    client.close()
