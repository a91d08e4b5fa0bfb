"""The desk on a real Elasticsearch: what the embedded index finds, it finds too; one that hangs stops nobody."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pytest

from admin.health.files import WORKER_STATUS, read_status
from audit.archive.search_service import Purpose
from core.errors import Unavailable
from core.types import new_id
from tests.e2e.browser import Windows
from tests.e2e.conftest import Serve
from tests.e2e.desk.page import Firm, finds_it_after_edit_and_delete
from tests.factories.suite import wait_for
from tests.services.recording_proxy import Answer, Recorded, recording

pytestmark = [pytest.mark.e2e, pytest.mark.services, pytest.mark.timeout(180, func_only=True)]


def test_an_officer_finds_a_message_by_phrase_after_edit_and_delete_and_reads_all_versions(
    firm: Firm, windows: Windows
) -> None:
    finds_it_after_edit_and_delete(firm, windows)


def test_people_talk_and_all_is_sealed_while_the_cluster_hangs_and_caught_up_once_it_answers(
    firm: Firm, cluster: "Cluster"
) -> None:
    cluster.hang()
    sent = [firm.say(f"osprey number {number}") for number in range(10)]
    assert all(answer["ok"] for answer in sent)
    wait_for(lambda: all(firm.heard(answer["id"]) for answer in sent), 30, "Ben hearing every message")
    wait_for(lambda: is_sealed_but_not_indexed(firm, len(sent)), 60, "all of them sealed and none indexed")
    cluster.go_on()
    matter = firm.desk.matters.open(firm.olga.id, "A look at ospreys")
    purpose = Purpose(firm.olga.id, matter.id, "complaint 2026-17")

    def found() -> Any:
        try:
            page = firm.desk.search.search(purpose, "osprey")
        except Unavailable:
            return None
        assert page.coverage.complete or page.coverage.not_indexed, "a short result says so"
        return page.coverage.complete and page

    assert wait_for(found, 60, "everything indexed").total == 10


def is_sealed_but_not_indexed(firm: Firm, count: int) -> bool:
    """Tell whether the worker says that everything is sealed, and so many at least are not indexed."""
    status = read_status(firm.suite.home / WORKER_STATUS) or {}
    return status.get("sealing") == 0 and status.get("indexing", 0) >= count


@dataclass
class Cluster:
    """A cluster behind a proxy, which can be told to answer nothing."""

    url: str = ""
    answers: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.answers.set()

    def hang(self) -> None:
        self.answers.clear()

    def go_on(self) -> None:
        self.answers.set()

    def instead(self, _: Recorded) -> Answer | None:
        self.answers.wait(120)
        return None


@pytest.fixture(scope="module")
def cluster(elasticsearch_url: str) -> Iterator[Cluster]:
    made = Cluster()
    with recording(elasticsearch_url, instead=made.instead) as (url, _):
        made.url = url
        yield made
        made.go_on()


@pytest.fixture(scope="module")
def firm(serve: Serve, cluster: Cluster) -> Iterator[Firm]:
    people = {"ana": ("research",), "ben": ("research",), "cleo": ("operations",)}
    made = Firm(
        serve(
            people,
            CHANCERY_SEARCH_ENGINE="elasticsearch",
            CHANCERY_ELASTICSEARCH_URLS=cluster.url,
            CHANCERY_ELASTICSEARCH_PREFIX=f"t{new_id()}",
            CHANCERY_ELASTICSEARCH_TIMEOUT_SECONDS="8",
        )
    )
    yield made
    made.close()
