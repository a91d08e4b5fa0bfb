"""The shipped nginx configuration before stand-ins: what it hands on, what it keeps back, what it writes down."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.factories.suite import wait_for
from tests.factories.visitor import Visitor, dial_tls
from tests.services.debian import free_ports
from tests.services.nginx import CHAT, DESK, Nginx, prepare_nginx
from tests.services.recording_proxy import Answer, Recorded, recording

pytestmark = pytest.mark.services


def test_nginx_takes_the_configuration_without_a_warning(front: "Front") -> None:
    checked = front.nginx.check()
    assert (checked.returncode, "warn" in checked.stderr) == (0, False), checked.stderr


def test_a_client_states_neither_its_address_nor_our_name(front: "Front") -> None:
    lies = {
        "X-Forwarded-For": "198.51.100.7",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=198.51.100.7",
    }
    assert front.visitor(CHAT).get("/signin", **lies).status == 200
    headers = front.asked[-1].headers
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["Host"] == f"{CHAT}:{front.nginx.port}"
    assert not {"X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"} & set(headers)


def test_no_query_is_written_down_even_where_nothing_answers(front: "Front") -> None:
    front.visitor(CHAT).get("/history?q=marker-of-a-query")
    assert front.visitor(DESK).get("/history?q=marker-of-a-query").status == 502
    assert "GET /history HTTP" in front.nginx.log()
    assert "marker-of-a-query" not in front.nginx.log()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_what_watches_the_processes_is_not_for_the_world(front: "Front", path: str) -> None:
    before = len(front.asked)
    assert [front.visitor(host).get(path).status for host in (CHAT, DESK)] == [404, 404]
    assert len(front.asked) == before


def test_whoever_names_no_host_of_ours_is_shown_no_certificate(front: "Front") -> None:
    context = ssl.create_default_context(cafile=front.nginx.ca_file)
    with (
        socket.create_connection(("127.0.0.1", front.nginx.port), timeout=5) as plain,
        pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"),
    ):
        context.wrap_socket(plain, server_hostname="other.example")


def test_a_body_beyond_every_limit_of_the_suite_goes_no_further(front: "Front") -> None:
    before = len(front.asked)
    assert front.visitor(CHAT).post("/signin", {"username": "x" * (3 << 20)}).status == 413
    assert len(front.asked) == before


@dataclass
class Front:
    """nginx before a stand-in for the chat; nothing stands behind the desk's name."""

    nginx: Nginx
    asked: list[Recorded]

    def visitor(self, host: str) -> Visitor:
        return Visitor(f"https://{host}:{self.nginx.port}", dial_tls(self.nginx.port, self.nginx.ca_file))


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    ports, nobody = free_ports(2), free_ports(1)
    with recording("http://127.0.0.1:9", instead=lambda _: Answer(200, b"{}")) as (url, asked):
        behind = {"pages": [int(url.rpartition(":")[2])], "realtime": nobody, "desk": nobody}
        nginx = prepare_nginx(tmp_path_factory.mktemp("nginx"), (ports[0], ports[1]), behind)
        nginx.start()
        try:
            wait_for(nginx.answers, 20, "nginx answering")
            yield Front(nginx, asked)
        finally:
            nginx.stop()
