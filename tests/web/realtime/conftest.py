"""One running suite for the tests of the websocket process."""

from collections.abc import Iterator

import pytest

from tests.factories.suite import Suite, make_suite
from tests.services.debian import free_ports


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Suite]:
    roles = ("REALTIME", "PAGES", "DESK", "WORKER")
    monitors = {
        f"CHANCERY_MONITOR_{role}": f"127.0.0.1:{port}"
        for role, port in zip(roles, free_ports(len(roles)), strict=True)
    }
    made = make_suite(
        tmp_path_factory.mktemp("suite"),
        CHANCERY_REALTIME_ASYNC_MODE=request.config.getoption("--async-mode"),
        **monitors,
    )
    for name in ("ana", "ben", "cleo", "dan"):
        made.add(name)
    made.start()
    yield made
    made.stop()
