"""One running suite for the tests of the websocket process."""

from collections.abc import Iterator

import pytest

from tests.factories.suite import Suite, make_suite


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Suite]:
    made = make_suite(
        tmp_path_factory.mktemp("suite"),
        CHANCERY_REALTIME_ASYNC_MODE=request.config.getoption("--async-mode"),
    )
    for name in ("ana", "ben", "cleo", "dan"):
        made.add(name)
    made.start()
    yield made
    made.stop()
