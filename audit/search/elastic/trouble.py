"""What went wrong with the cluster, as an error that says what to do about it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from elasticsearch import (
    ApiError,
    AuthenticationException,
    ConnectionError,  # noqa: A004 (the client's own)
    ConnectionTimeout,
    SerializationError,
    TransportError,
    UnsupportedProductError,
)

from audit.search.elastic.tls import Untrusted
from core.errors import ChanceryError, NotFound, Unavailable

MAJORS: Final = (8, 9)

_TOO_MANY_REQUESTS: Final = 429
_SERVER_FAULT: Final = 500
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_PRIVILEGE: Final = re.compile(
    r"action \[(?P<action>[^\]]+)\] is unauthorized"
    r"(?:.*? on indices \[(?P<indices>[^\]]*)\])?"
    r".*? granted by the (?P<scope>\w+) privileges \[(?P<privileges>[^\]]+)\]",
    re.DOTALL,
)


@contextmanager
def guarded() -> Iterator[None]:
    """Turn failures of the cluster and of the way to it into ``Unavailable`` with a code and a remedy."""
    try:
        yield
    except Untrusted as error:
        raise Unavailable(
            f"The certificate of {error.where} is not trusted: {error.args[0]}. It shows {error.seen}. "
            "Compare that with the cluster's administrators, then name their authority in "
            "elasticsearch.ca_file, or the fingerprint in elasticsearch.fingerprint.",
            code="index_untrusted",
        ) from error
    except UnsupportedProductError as error:
        raise Unavailable(
            "What answers at elasticsearch.urls is not Elasticsearch. Name a node of a cluster of version "
            "8 or 9.",
            code="index_version",
        ) from error
    except ApiError as error:
        raise _refused(error) from error
    except ConnectionTimeout as error:
        raise Unavailable(
            "Elasticsearch did not answer in time. Look at its load, and at what lies between.",
            code="index_unavailable",
        ) from error
    except SerializationError as error:
        raise _no_answer() from error
    except ConnectionError as error:
        raise Unavailable(
            "Elasticsearch cannot be reached. Look whether it runs, and at elasticsearch.urls.",
            code="index_unavailable",
        ) from error
    except TransportError as error:
        raise Unavailable(
            f"Elasticsearch could not be asked: {type(error).__name__}.", code="index_unavailable"
        ) from error
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise _no_answer() from error


def check_version(versions: Mapping[str, str]) -> None:
    """Refuse a cluster that has a node of a major version that this client does not speak.

    Raises:
        Unavailable: ``index_version``, naming the node and its version.
    """
    for node, version in sorted(versions.items()):
        if int(version.split(".")[0]) not in MAJORS:
            raise _wrong_version(f"Node {node} of the cluster runs Elasticsearch {version}")


def check_item(partition: str, status: int, error: Any) -> None:
    """Raise if a document was refused for a reason that is not its own; it is to be offered again.

    Raises:
        NotFound: ``no_such_partition``.
        Unavailable: ``index_privilege``, or ``index_blocked`` for a reason of this partition's index.
    """
    kind, reason = _told(error)
    if status == _NOT_FOUND:
        raise NotFound(f"There is no index for partition {partition}.", code="no_such_partition")
    if status == _FORBIDDEN and kind == "security_exception":
        raise _forbidden(reason)
    if status == _TOO_MANY_REQUESTS or status >= _SERVER_FAULT or kind == "cluster_block_exception":
        raise Unavailable(
            f"The index of {partition} takes no documents at the moment ({kind}). They are offered again; "
            "look at the cluster's health, its disks and the blocks of its indexes.",
            code="index_blocked",
            partition=partition,
        )


def reason_of(error: Any) -> str:
    """Return why the server refused an item, in its own word for it; never what it refused."""
    return _told(error)[0]


def _refused(error: ApiError) -> ChanceryError:
    """Return what an answer that is a refusal means."""
    body = error.body if isinstance(error.body, Mapping) else {}
    kind, reason = _told(body.get("error"))
    if isinstance(error, AuthenticationException):
        return Unavailable(
            "Elasticsearch does not accept the credentials (401). Set CHANCERY_ELASTICSEARCH_API_KEY, or "
            "elasticsearch.username and CHANCERY_ELASTICSEARCH_PASSWORD, to ones that have not expired.",
            code="index_signin",
        )
    if error.status_code == _FORBIDDEN and kind == "security_exception":
        return _forbidden(reason)
    if kind == "media_type_header_exception":
        return _wrong_version("This cluster does not speak with a client of version 8")
    if "shards open" in reason:
        return Unavailable(
            "The cluster takes no more shards (cluster.max_shards_per_node), so the index of a partition "
            "could not be made; it is tried again. Remove indexes that nobody needs, add a data node, or "
            "have the cluster's administrators raise the limit.",
            code="index_full",
        )
    if error.status_code == _TOO_MANY_REQUESTS:
        return Unavailable(
            "Elasticsearch has too much to do at the moment (429). It is asked again; look at its load if "
            "this lasts.",
            code="index_unavailable",
        )
    return Unavailable(
        f"Elasticsearch refused: {kind} (status {error.status_code}). Look at the cluster's health and log.",
        code="index_unavailable",
    )


def _forbidden(reason: str) -> Unavailable:
    """Return the error for a missing privilege, in the words of Elasticsearch's own list."""
    found = _PRIVILEGE.search(reason)
    missing = "a privilege that it does not name"
    if found:
        where = f" on {found['indices']}" if found["indices"] else ""
        privileges = found["privileges"].replace(",", ", ")
        missing = f"one of the {found['scope']} privileges {privileges} (for {found['action']}){where}"
    return Unavailable(
        f"Elasticsearch knows the credentials, but their role lacks {missing}. Give it the role that the "
        "handbook has on its page Elasticsearch.",
        code="index_privilege",
    )


def _wrong_version(what: str) -> Unavailable:
    return Unavailable(f"{what}. Chancery needs version 8 or 9 on every node.", code="index_version")


def _no_answer() -> Unavailable:
    return Unavailable(
        "What came from elasticsearch.urls is no answer of Elasticsearch. Look at what lies between: a "
        "proxy, a load balancer, a page to sign in.",
        code="index_unavailable",
    )


def _told(error: Any) -> tuple[str, str]:
    """Return type and reason of an error as the server tells it."""
    if isinstance(error, Mapping):
        return str(error.get("type", "refused")), str(error.get("reason", ""))
    return str(error or "refused"), ""
