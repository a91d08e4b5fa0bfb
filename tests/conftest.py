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
