"""A cluster that cannot be, or that would be told secrets in the clear, is refused before anything is asked."""

import pytest

from core.errors import SettingsError
from core.settings import Settings

URL = ("https://es1.acme.example:9200",)
PIN = "A5:2D:D9:35:11:E8:C6:04:5E:21:F1:66:54:B7:7C:9E:E0:F3:4A:EA:26:D9:F4:03:20:B5:31:C4:74:67:62:28"


@pytest.mark.parametrize(
    ("given", "key", "says"),
    [
        ({"urls": ()}, "urls", "Name at least one node"),
        ({"urls": ("es1:9200",)}, "urls", "a node is named such as"),
        ({"urls": ("https://es1.acme.example",)}, "urls", "with its port"),
        ({"urls": ("https://es1.acme.example:port",)}, "urls", "with its port"),
        ({"urls": ("https://u:hunter22@es1:9200",)}, "urls", "…@es1:9200"),
        ({"urls": (*URL, "http://es2:9200"), "api_key": "k"}, "urls", "in the clear"),
        ({"urls": ("http://127.0.0.1:9200",), "ca_file": "ca.pem"}, "urls", "Name it with https"),
        ({"api_key": "k", "username": "u", "password": "p"}, "username", "Sign in one way"),
        ({"username": "u"}, "password", "Set CHANCERY_ELASTICSEARCH_PASSWORD"),
        ({"ca_file": "ca.pem", "fingerprint": PIN}, "fingerprint", "Trust the cluster one way"),
        ({"fingerprint": "a52dd9"}, "fingerprint", "64 hexadecimal digits"),
    ],
)
def test_a_cluster_that_cannot_be_is_refused_with_key_and_remedy(
    given: dict[str, object], key: str, says: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        cluster(**given)
    assert refused.value.params["key"] == f"elasticsearch.{key}"
    assert says in refused.value.message
    assert "hunter22" not in refused.value.message


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"fingerprint": PIN, "api_key": "k"},
        {"ca_file": "ca.pem", "username": "u", "password": "p"},
        {"urls": ("http://es1:9200", "http://[::1]:9200")},
        {"urls": ("http://127.0.0.1:9200", "http://localhost:9201"), "api_key": "k"},
    ],
)
def test_a_cluster_as_its_administrators_run_it_is_taken(given: dict[str, object]) -> None:
    assert cluster(**given).elasticsearch_urls


def cluster(**given: object) -> Settings:
    named = {f"elasticsearch_{name}": value for name, value in {"urls": URL, **given}.items()}
    return Settings(search_engine="elasticsearch", **named)  # type: ignore[arg-type]
