"""Browsers of the chat pages, as Werkzeug's client plays them."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import TestResponse

from tests.fakes.chat_services import PASSWORD, FakeChatServices, services_with_people
from web.app import create_pages

HOST = "127.0.0.1:8080"
ORIGIN = f"http://{HOST}"
FROM_OUR_PAGE = {"Host": HOST, "Origin": "null", "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


class Browser:
    """One browser: keeps cookies, names the host, and sends what a browser sends with our forms."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=f"https://{HOST}", headers={**FROM_OUR_PAGE, **headers})

    def post(self, path: str, headers: dict[str, str] | None = None, **data: str) -> TestResponse:
        sent = FROM_OUR_PAGE if headers is None else headers
        return self.client.post(path, base_url=f"https://{HOST}", headers=sent, data=data)

    def sign_in(self, username: str, password: str = PASSWORD, back_to: str = "") -> TestResponse:
        return self.post("/signin", username=username, password=password, next=back_to)

    def csrf(self, path: str = "/sessions") -> str:
        """Return the token that the forms of a page carry."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.get(path).text)
        assert found is not None
        return found[1]


@pytest.fixture
def services() -> FakeChatServices:
    return services_with_people()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates are compiled once for all tests; that is most of the time of making an application."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(services: FakeChatServices, compiled: FileSystemBytecodeCache) -> Flask:
    app = create_pages(services.for_pages())
    app.jinja_env.bytecode_cache = compiled
    return app


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Browser]:
    """Return a function that gives a browser of its own to whoever is named."""

    def sign_in(username: str) -> Browser:
        browser = Browser(app.test_client())
        assert browser.sign_in(username).status_code == 303
        return browser

    return sign_in
