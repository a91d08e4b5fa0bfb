"""The way to a cluster as its administrators run it: certificates, credentials, several nodes; every
refusal says what to do about it."""

import base64
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Event

import orjson
import pytest
import trustme

from admin.wiring.indexes import archive_index
from audit.search.elastic import Credentials, ElasticIndex, connect
from audit.search.port import MatchAll
from core.errors import ChanceryError, SettingsError, Unavailable
from core.settings import Settings
from tests.contracts.search_index import PARTITION
from tests.services.recording_proxy import Answer, Recorded, recording

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]

CREDENTIALS = Credentials(api_key="id1:key1")


class Firm:
    """A certificate authority and a server's certificate of it."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.authority = trustme.CA(organization_name="Acme Certificates")
        self.ca_file = folder / f"{id(self)}.pem"
        self.ca_file.write_bytes(self.authority.cert_pem.bytes())
        self.leaf = self.authority.issue_cert(*(names or ("127.0.0.1", "localhost")))

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.authority.cert_pem.bytes())

    def server(self, *also_shown: bytes) -> ssl.SSLContext:
        """Return what a node shows: its certificate, its authority's, and others."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        chain = self.ca_file.with_suffix(".chain")
        shown = (self.leaf.private_key_and_cert_chain_pem.bytes(), self.authority.cert_pem.bytes())
        chain.write_bytes(b"".join((*shown, *also_shown)))
        context.load_cert_chain(chain)
        return context


def test_a_cluster_is_trusted_by_the_file_of_its_authority(
    elasticsearch_url: str, firm: Firm, strangers: Firm
) -> None:
    with recording(elasticsearch_url, tls=firm.server()) as (url, requests):
        with opened(url, ca_file=firm.ca_file) as index:
            assert index.health().ok
        assert requests
        with opened(url, ca_file=strangers.ca_file) as index:
            error = refusal(index)
        with opened(url) as index:
            assert refusal(index).code == "index_untrusted", "the system does not know the authority"
    assert error.code == "index_untrusted"
    assert "Acme Certificates" in error.message, "who signed what was shown"
    assert fingerprint(firm.leaf.cert_chain_pems[0].bytes()) in error.message
    assert "elasticsearch.ca_file" in error.message


def test_a_cluster_is_trusted_by_a_fingerprint(elasticsearch_url: str, firm: Firm, strangers: Firm) -> None:
    own = fingerprint(firm.leaf.cert_chain_pems[0].bytes())
    with recording(elasticsearch_url, tls=firm.server()) as (url, requests):
        for pin in (firm.fingerprint, own):
            with opened(url, fingerprint=pin) as index:
                assert index.health().ok
        asked = len(requests)
        with opened(url, fingerprint=strangers.fingerprint) as index:
            error = refusal(index)
        assert len(requests) == asked, "nothing was said to a node that is not trusted"
    assert error.code == "index_untrusted"
    assert firm.fingerprint in error.message, "what was seen, to be compared"


def test_showing_the_pinned_certificate_without_its_signature_proves_nothing(
    firm: Firm, strangers: Firm
) -> None:
    # Anybody can copy the authority's certificate into a chain.
    forged = strangers.server(firm.authority.cert_pem.bytes())
    with recording("", tls=forged) as (url, requests), opened(url, fingerprint=firm.fingerprint) as index:
        assert refusal(index).code == "index_untrusted"
        assert not requests


def test_a_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    other = Firm(tmp_path, "es2.acme.example")
    with recording("", tls=other.server()) as (url, requests):
        for trust in ({"ca_file": other.ca_file}, {"fingerprint": other.fingerprint}):
            with opened(url, **trust) as index:
                error = refusal(index)
            assert error.code == "index_untrusted"
            assert "127.0.0.1" in error.message
        assert not requests


def test_a_file_of_authorities_that_cannot_be_read_is_refused_at_start(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none")
    for path in (tmp_path / "missing.pem", tmp_path / "ca.pem"):
        with pytest.raises(SettingsError, match="Give the authorities"):
            connect("https://127.0.0.1:9", ca_file=path)


@pytest.mark.parametrize(
    ("credentials", "sent"),
    [
        (Credentials(api_key="id1:key1"), "ApiKey " + base64.b64encode(b"id1:key1").decode()),
        (Credentials(api_key="aWQxOmtleTE="), "ApiKey aWQxOmtleTE="),
        (
            Credentials(username="chancery", password="s3cret"),
            "Basic " + base64.b64encode(b"chancery:s3cret").decode(),
        ),
    ],
    ids=["key", "encoded key", "password"],
)
def test_every_request_carries_the_credentials(
    elasticsearch_url: str, firm: Firm, credentials: Credentials, sent: str
) -> None:
    def let_in(request: Recorded) -> Answer | None:
        return None if request.authorization == sent else refused(401, "security_exception")

    with recording(elasticsearch_url, instead=let_in, tls=firm.server()) as (url, _):
        with opened(url, credentials=credentials, ca_file=firm.ca_file) as index:
            assert index.health().ok
            assert index.count(PARTITION) == 0
        with opened(url, credentials=Credentials(api_key="expired"), ca_file=firm.ca_file) as index:
            error = refusal(index)
            assert not index.health().ok
    assert error.code == "index_signin"
    assert "CHANCERY_ELASTICSEARCH_API_KEY" in error.message


def test_the_settings_of_a_house_open_the_cluster_in_the_same_way(elasticsearch_url: str, firm: Firm) -> None:
    pin = firm.fingerprint.upper()
    with recording(elasticsearch_url, tls=firm.server()) as (url, requests):
        settings = Settings(
            search_engine="elasticsearch",
            elasticsearch_urls=(url,),
            elasticsearch_fingerprint=":".join(pin[i : i + 2] for i in range(0, len(pin), 2)),
            elasticsearch_username="chancery",
            elasticsearch_password="s3cret",
        )
        index = archive_index(settings)
        assert index.health().ok
        index.close()
    sent = "Basic " + base64.b64encode(b"chancery:s3cret").decode()
    assert {request.authorization for request in requests} == {sent}


UNAUTHORIZED = (
    "action [indices:admin/create] is unauthorized for API key id [x] of user [chancery] on indices "
    "[chancery-2026-03-public], this action is granted by the index privileges [create_index,manage,all]"
)


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (lambda: refused(403, "security_exception", UNAUTHORIZED), "index_privilege", "create_index, manage, all"),
        (lambda: refused(403, "security_exception", UNAUTHORIZED), "index_privilege", "chancery-2026-03-public"),
        (lambda: refused(403, "security_exception", "no"), "index_privilege", "the role that the handbook has"),
        (lambda: refused(406, "media_type_header_exception"), "index_version", "8 or 9"),
        (lambda: Answer(200, b"{}", {"Content-Type": "application/json"}), "index_version", "not Elasticsearch"),
        (lambda: refused(429, "circuit_breaking_exception"), "index_unavailable", "429"),
        (lambda: refused(503, "cluster_block_exception"), "index_unavailable", "cluster_block_exception"),
        (lambda: Answer(200, b"[1"), "index_unavailable", "no answer of Elasticsearch"),
        (lambda: Answer(200, b"[]"), "index_unavailable", "no answer of Elasticsearch"),
        (lambda: Answer(200, b'{"hits": {}}'), "index_unavailable", "no answer of Elasticsearch"),
        (lambda: Answer(200, b"<p>Sign in", {"Content-Type": "text/html"}), "index_version", "not Elasticsearch"),
    ],
)  # fmt: skip
def test_every_kind_of_refusal_says_what_to_do(answer: Callable[[], Answer], code: str, says: str) -> None:
    with recording("", instead=lambda _: answer()) as (url, _), opened(url) as index:
        with pytest.raises(Unavailable) as caught:
            index.search(PARTITION, MatchAll(), limit=1)
        health = index.health()
    assert caught.value.code == code
    assert says in caught.value.message
    assert not health.reachable


@pytest.mark.parametrize("version", ["7.17.29", "10.0.0"])
def test_a_node_of_another_major_version_is_named(version: str) -> None:
    nodes = {"a": {"name": "es1", "version": "8.19.0"}, "b": {"name": "es2", "version": version}}
    answer = Answer(200, orjson.dumps({"nodes": nodes}))
    with recording("", instead=lambda _: answer) as (url, _), opened(url) as index:
        with pytest.raises(Unavailable, match=f"es2 of the cluster runs Elasticsearch {version}") as caught:
            index.ensure(PARTITION)
        assert version in index.health().detail
    assert caught.value.code == "index_version"


def test_nodes_take_turns_and_a_dead_one_is_avoided(elasticsearch_url: str) -> None:
    with (
        recording(elasticsearch_url) as (one, at_one),
        recording(elasticsearch_url) as (other, at_other),
        opened("http://127.0.0.1:9", one, other) as index,
    ):
        for _ in range(6):
            assert index.count(PARTITION) == 0
    assert len(at_one) + len(at_other) == 6
    assert min(len(at_one), len(at_other)) >= 2


def test_a_node_that_hangs_costs_its_time_limit_once(elasticsearch_url: str) -> None:
    let_go = Event()

    def hang(_: Recorded) -> Answer | None:
        let_go.wait(30)
        return None

    with ExitStack() as stack:
        stack.callback(let_go.set)
        hanging, asked = stack.enter_context(recording(elasticsearch_url, instead=hang))
        index = stack.enter_context(opened(hanging, elasticsearch_url, timeout_s=1))
        for _ in range(5):
            assert index.count(PARTITION) == 0
        assert len(asked) == 1
        alone = stack.enter_context(opened(hanging, timeout_s=0.2))
        with pytest.raises(Unavailable, match="did not answer in time"):
            alone.count(PARTITION)
        assert len(asked) == 2, "whoever waits tries again, not the client"


def test_a_cluster_out_of_reach_says_so() -> None:
    with opened("http://127.0.0.1:9") as index:
        error = refusal(index)
    assert error.code == "index_unavailable"
    assert "elasticsearch.urls" in error.message


def refused(status: int, kind: str, reason: str = "") -> Answer:
    """Return a refusal as Elasticsearch words it."""
    error = {"error": {"type": kind, "reason": reason}, "status": status}
    return Answer(status, orjson.dumps(error))


def refusal(index: ElasticIndex) -> ChanceryError:
    """Return the error that a question ends with."""
    with pytest.raises(Unavailable) as caught:
        index.count(PARTITION)
    return caught.value


def fingerprint(pem: bytes) -> str:
    return sha256(ssl.PEM_cert_to_DER_cert(pem.decode())).hexdigest()


@contextmanager
def opened(
    *urls: str,
    credentials: Credentials = CREDENTIALS,
    ca_file: Path | None = None,
    fingerprint: str = "",
    timeout_s: float = 30,
) -> Iterator[ElasticIndex]:
    """Yield an index on a cluster that is reached like this."""
    client = connect(
        urls, credentials=credentials, ca_file=ca_file, fingerprint=fingerprint, timeout_s=timeout_s
    )
    index = ElasticIndex(client)
    yield index
    index.close()


@pytest.fixture
def firm(tmp_path: Path) -> Firm:
    return Firm(tmp_path)


@pytest.fixture
def strangers(tmp_path: Path) -> Firm:
    return Firm(tmp_path)
