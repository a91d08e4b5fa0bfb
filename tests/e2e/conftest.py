"""One Chromium for the whole run, windows for each test, and one served suite for each module."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.browser import PATIENCE_MS, NoBrowser, Windows, launch
from tests.factories.suite import Suite, make_suite
from tests.services.missing import cannot_be_had


class Serve(Protocol):
    """Serve a suite until the module ends."""

    def __call__(self, people: Mapping[str, Sequence[str]], *, policy: str = "demo", **environ: str) -> Suite:
        """Return a running suite with ``people`` (name to groups) in its built-in directory."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium. Where there is none the tests are skipped, but under ``CI=true`` they fail."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except NoBrowser as error:
            cannot_be_had(str(error))
        yield browser
        browser.close()


@pytest.fixture
def windows(chromium: Browser) -> Iterator[Windows]:
    """Windows of this test; it fails on whatever a console complained about."""
    opened = Windows(chromium)
    yield opened
    try:
        opened.check()
    finally:
        opened.close()


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Serve suites with all four roles on free ports, each in a home of its own."""
    stops: list[Callable[[], None]] = []

    def start(people: Mapping[str, Sequence[str]], *, policy: str = "demo", **environ: str) -> Suite:
        suite = make_suite(tmp_path_factory.mktemp("served"), policy=policy, **environ)
        for name, groups in people.items():
            suite.add(name, *groups)
        suite.start()
        stops.append(suite.stop)
        return suite

    yield start
    for stop in stops:
        stop()
