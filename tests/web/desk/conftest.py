"""A house with a desk, and browsers at it. The house is one for all tests: each talks in a room of its own."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import TestResponse

from core.identity.permissions import Role
from core.types import ConversationId
from tests.factories.desk import PASSWORD, House, make_house, make_template
from web.app import create_desk

HOST = "localhost:8090"
FROM_OUR_PAGE = {"Host": HOST, "Origin": "null", "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}

_numbers = count(1)


class Browser:
    """One browser at the desk."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=f"https://{HOST}", headers={**FROM_OUR_PAGE, **headers})

    def post(
        self, path: str, data: Mapping[str, str | list[str]] | None = None, **headers: str
    ) -> TestResponse:
        """Send a form of a page of ours, with the token of the session."""
        sent: dict[str, str | list[str]] = {"csrf": self.csrf(), **(data or {})}
        return self.client.post(
            path, base_url=f"https://{HOST}", headers={**FROM_OUR_PAGE, **headers}, data=sent
        )

    def sign_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        form = {"username": username, "password": password}
        return self.client.post("/signin", base_url=f"https://{HOST}", headers=FROM_OUR_PAGE, data=form)

    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.get("/sessions").text)
        return found[1] if found else ""

    def follow(self, response: TestResponse) -> TestResponse:
        assert response.status_code == 303, response.text
        return self.get(response.headers["Location"])

    def open_matter(self, purpose: str = "A look at research", *officers: str) -> str:
        """Open a matter and return its address."""
        response = self.post("/matters", {"purpose": purpose, "officer": list(officers)})
        assert response.status_code == 303, response.text
        return str(response.headers["Location"])

    def search(self, matter: str, query: str, reason: str = "a complaint", **days: str) -> TestResponse:
        """Search in a matter and return the page of results."""
        return self.follow(self.post(f"{matter}/searches", {"query": query, "reason": reason, **days}))

    def read_first(self, results: TestResponse) -> TestResponse:
        """Open the first result."""
        return self.get(first_link(results, "/items/"))


def first_link(page: TestResponse, holding: str) -> str:
    """Return the first address on a page that holds ``holding``."""
    found = [link for link in re.findall(r'href="([^"]+)"', page.text) if holding in link]
    assert found, page.text
    return str(found[0]).partition("#")[0]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a house as it was set up, to be copied."""
    home: Path = tmp_path_factory.mktemp("desk") / "template"
    make_template(home)
    return home


@pytest.fixture(scope="session")
def house(template: Path) -> Iterator[House]:
    made = make_house(template, template.with_name("house"))
    for name in ("ana", "ben"):
        made.add(name, "research")
    made.add("cleo", "operations")
    made.officer("olga", Role.COMPLIANCE_OFFICER, name="Olga Sand")
    made.officer("otto", Role.COMPLIANCE_OFFICER, name="Otto Brandt")
    made.officer("petra", Role.COMPLIANCE_APPROVER, Role.POLICY_APPROVER, name="Petra Lund")
    made.officer("audra", Role.AUDITOR, name="Audra Fine")
    made.officer("carl", Role.COMPLIANCE_APPROVER, name="Carl Moss")
    made.officer("paul", Role.POLICY_APPROVER, name="Paul Vane")
    made.work()
    yield made
    made.close()


@pytest.fixture
def room(house: House) -> ConversationId:
    """A fresh room of Ana, Ben and Cleo; Cleo may not know of deals."""
    return house.channel(f"room {next(_numbers)}", "ana", "ben", "cleo")


@pytest.fixture(scope="session")
def app(house: House, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    app = create_desk(house.pages)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    return app


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def at_desk(app: Flask) -> Callable[[str], Browser]:
    """Return a function that gives a browser of its own to an officer."""

    def sign_in(username: str) -> Browser:
        browser = Browser(app.test_client())
        assert browser.sign_in(username).status_code == 303
        return browser

    return sign_in


@pytest.fixture
def olga(at_desk: Callable[[str], Browser]) -> Browser:
    return at_desk("olga")


@pytest.fixture
def petra(at_desk: Callable[[str], Browser]) -> Browser:
    return at_desk("petra")
