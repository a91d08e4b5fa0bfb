"""The desk on a real Elasticsearch: what the embedded index finds, it finds too."""

from collections.abc import Iterator

import pytest

from tests.e2e.browser import Windows
from tests.e2e.conftest import Serve
from tests.e2e.desk.page import Firm, finds_it_after_edit_and_delete

pytestmark = [pytest.mark.e2e, pytest.mark.services, pytest.mark.timeout(180, func_only=True)]


def test_an_officer_finds_a_message_by_phrase_after_edit_and_delete_and_reads_all_versions(
    firm: Firm, windows: Windows
) -> None:
    finds_it_after_edit_and_delete(firm, windows)


@pytest.fixture(scope="module")
def firm(serve: Serve, elasticsearch_url: str) -> Iterator[Firm]:
    people = {"ana": ("research",), "ben": ("research",), "cleo": ("operations",)}
    made = Firm(
        serve(
            people,
            CHANCERY_SEARCH_ENGINE="elasticsearch",
            CHANCERY_ELASTICSEARCH_URLS=elasticsearch_url,
        )
    )
    yield made
    made.close()
