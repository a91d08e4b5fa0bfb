"""A real Elasticsearch 8.19 for tests, from Maven Central: no container, no download besides.

The jars are fetched once per ``pom.xml`` into ``.cache/`` of the repository. The node listens on
loopback on ports of its own choice and ends with the process that started it. A server of one's
own is used instead where ``CHANCERY_TEST_ELASTICSEARCH_URL`` names it.

Such a node lacks what Elastic does not publish there: ``GET /``, delete-by-query, scripts, security.
"""

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO

import pytest

from tests.services.missing import cannot_be_had

_SOURCES = Path(__file__).with_suffix("")
_CACHE = Path(__file__).parents[2] / ".cache"
_URL_VARIABLE = "CHANCERY_TEST_ELASTICSEARCH_URL"
_VERSION = "8.19.21"
# Five seconds on an idle machine, most of a minute on a busy small one.
_START_LIMIT_S = 180.0

_DESCRIPTOR = f"""\
description=Netty 4 transport
version={_VERSION}
name=transport-netty4
classname=org.elasticsearch.transport.netty4.Netty4Plugin
java.version=17
elasticsearch.version={_VERSION}
"""


@dataclass(frozen=True)
class ClusterNode:
    """One node of a cluster: where it answers, and its process."""

    url: str
    process: "subprocess.Popen[str]"

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def elasticsearch_url() -> Iterator[str]:
    """The address of a running Elasticsearch; the test is skipped, or on CI fails, if none can be had."""
    given = os.environ.get(_URL_VARIABLE)
    if given:
        yield given
        return
    check_can_be_had()
    with started() as url:
        yield url


@pytest.fixture(scope="module")
def elasticsearch_cluster() -> Iterator[list[ClusterNode]]:
    """Three nodes of one cluster, of which a test may kill one."""
    check_can_be_had()
    with started_cluster("one", "two", "three") as nodes:
        yield nodes


def check_can_be_had() -> None:
    """Return if nodes can be started; otherwise the test is skipped, or on CI fails."""
    missing = [tool for tool in ("java", "mvn") if shutil.which(tool) is None]
    if missing:
        reason = f"Elasticsearch needs {' and '.join(missing)} (Java 17, Maven), or its address in {_URL_VARIABLE}."
        cannot_be_had(reason)
    try:
        _home()
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        cannot_be_had(
            f"Maven could not fetch Elasticsearch ({error}); or give its address in {_URL_VARIABLE}."
        )


@contextmanager
def started(work: Path | None = None) -> Iterator[str]:
    """Start a node, yield its address, and end it; it keeps its documents in ``work``, if it shall."""
    with _launched(work=work) as process:
        yield f"http://127.0.0.1:{_port(process)}"


@contextmanager
def started_cluster(*names: str) -> Iterator[list[ClusterNode]]:
    """Start nodes that form a cluster, and yield them as soon as each answers."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        ports = {name: held.getsockname()[1] for name, held in zip(names, sockets, strict=True)}
        for held in sockets:
            held.close()
        told = ",".join(f"{name}={port}" for name, port in ports.items())
        processes = [stack.enter_context(_launched(name, told)) for name in names]
        yield [ClusterNode(f"http://127.0.0.1:{_port(process)}", process) for process in processes]


@contextmanager
def _launched(*cluster: str, work: Path | None = None) -> "Iterator[subprocess.Popen[str]]":
    """Start a process of the launcher, and end it."""
    home = _home()
    with tempfile.TemporaryDirectory(prefix="chancery-elasticsearch-") as scratch:
        node = subprocess.Popen(
            [
                *("java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
                *(
                    "-cp",
                    f"{home}/lib/*",
                    str(_SOURCES / "Launcher.java"),
                    str(home),
                    str(work or scratch),
                    *cluster,
                ),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield node
        finally:
            node.kill()
            node.communicate()


def _port(node: subprocess.Popen[str]) -> int:
    """Return the port that the node prints; its log is read to the end, so that it never blocks on it."""
    assert node.stdout is not None
    ports: Queue[int | None] = Queue()
    tail: deque[str] = deque(maxlen=40)
    Thread(target=_read, args=(node.stdout, ports, tail), daemon=True).start()
    try:
        port = ports.get(timeout=_START_LIMIT_S)
    except Empty:
        port = None
    if port is None:
        pytest.fail(f"Elasticsearch did not start:\n{''.join(tail)}")
    return port


def _read(output: IO[str], ports: "Queue[int | None]", tail: deque[str]) -> None:
    """Pass the announced port on, keep the last lines, end with ``None``."""
    for line in output:
        tail.append(line)
        if line.startswith("port "):
            ports.put(int(line.split()[1]))
    ports.put(None)


def _home() -> Path:
    """Return the folder with the server's jars, made once for each ``pom.xml``."""
    pom = _SOURCES / "pom.xml"
    home = _CACHE / f"elasticsearch-{hashlib.sha256(pom.read_bytes()).hexdigest()[:16]}"
    _CACHE.mkdir(exist_ok=True)
    with (_CACHE / "elasticsearch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            _fetch(pom, home)
    return home


def _fetch(pom: Path, home: Path) -> None:
    """Fetch the jars and lay them out as the server wants; ``home`` appears only when complete."""
    with tempfile.TemporaryDirectory(dir=_CACHE) as folder:
        made = Path(folder) / "home"
        module = made / "modules" / "transport-netty4"
        module.mkdir(parents=True)
        (made / "config").mkdir()
        command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
        subprocess.run([*command, f"-DoutputDirectory={made / 'lib'}"], check=True, timeout=600)
        for pattern in ("transport-netty4-*.jar", "netty-*.jar"):
            for jar in (made / "lib").glob(pattern):
                jar.rename(module / jar.name)
        (module / "plugin-descriptor.properties").write_text(_DESCRIPTOR)
        made.rename(home)
