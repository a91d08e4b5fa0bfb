"""Fixtures that several rooms share; each stands in the module that owns it."""

import pytest

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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group what shares servers for the workers of one run; what is long comes first, so that they end together."""
    for item in items:
        file = item.nodeid.partition("::")[0]
        group = next((shared for shared in _SHARED_HOUSES if file.startswith(shared)), file)
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: item.get_closest_marker("e2e") is None)
