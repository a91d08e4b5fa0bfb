"""Fixtures that several rooms share; each stands in the module that owns it."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-not-found, import-untyped, unused-ignore]

pytest_plugins = [
    "tests.services.elasticsearch",
    "tests.services.openldap",
    "tests.services.postgresql",
    "tests.services.redis",
    "tests.services.samba",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="where the stores of tests are that take theirs from tests.factories.stores",
    )
    parser.addoption(
        "--async-mode",
        choices=("eventlet", "threading"),
        default="eventlet",
        help="what the websocket process runs on in the tests marked realtime",
    )


# Their tests share one served house; every other file has its own, or needs none.
_SHARED_HOUSES = ("tests/e2e/chat/", "tests/e2e/machine/", "tests/web/realtime/")


class ByHouse(LoadScopeScheduling):  # type: ignore[misc]
    """Deals out to one worker what shares servers: a whole file, or several that share a house."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((shared for shared in _SHARED_HOUSES if file.startswith(shared)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByHouse:
    """Say how tests are dealt out to the workers of ``pytest -n``."""
    return ByHouse(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what is long, so that the workers end together."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is None)
