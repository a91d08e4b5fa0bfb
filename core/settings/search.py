"""What the archive is searched with."""

from dataclasses import dataclass

from core.settings.cluster import check_cluster
from core.settings.setting import check_one_of, setting


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """The search engine."""

    search_engine: str = setting(
        "search.engine", "`tantivy`, or `elasticsearch`.", default="tantivy", example="elasticsearch"
    )
    elasticsearch_urls: tuple[str, ...] = setting(
        "elasticsearch.urls", "Nodes of the cluster.", default=(), example='["https://es1.acme.example:9200"]'
    )
    elasticsearch_ca_file: str = setting(
        "elasticsearch.ca_file",
        "Certificate authorities of the cluster, PEM.",
        default="",
        example="/etc/chancery/es-ca.pem",
    )
    elasticsearch_fingerprint: str = setting(
        "elasticsearch.fingerprint",
        "SHA-256 fingerprint of the authority that signed the nodes' certificates, in place of its file.",
        default="",
        example="a52dd93511e8c6045e21f16654b77c9ee0f34aea26d9f40320b531c474676228",
    )
    elasticsearch_api_key: str = setting(
        "elasticsearch.api_key",
        "API key for the cluster, `id:key` or encoded.",
        default="",
        example="…",
        secret=True,
    )
    elasticsearch_username: str = setting(
        "elasticsearch.username",
        "Name for the cluster, where there is no API key.",
        default="",
        example="chancery",
    )
    elasticsearch_password: str = setting(
        "elasticsearch.password", "Its password.", default="", example="…", secret=True
    )
    elasticsearch_timeout_seconds: float = setting(
        "elasticsearch.timeout_seconds", "Longest wait for a node.", default=10.0, example="30"
    )
    elasticsearch_prefix: str = setting(
        "elasticsearch.prefix", "Start of every index name.", default="chancery", example="acme-archive"
    )

    def check_search(self) -> None:
        """Refuse what cannot be, and what cannot work together.

        Raises:
            SettingsError: naming the key.
        """
        check_one_of("search.engine", self.search_engine, "tantivy", "elasticsearch")
        if self.search_engine == "elasticsearch":
            check_cluster(
                self.elasticsearch_urls,
                api_key=self.elasticsearch_api_key,
                username=self.elasticsearch_username,
                password=self.elasticsearch_password,
                ca_file=self.elasticsearch_ca_file,
                fingerprint=self.elasticsearch_fingerprint,
            )
