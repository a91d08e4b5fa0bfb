"""``make demo-full``: the firm and its past on PostgreSQL, Redis, OpenLDAP and Elasticsearch.

The firm is small here; everything else is as the command makes it.
"""

import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from admin.health.files import WORKER_STATUS
from admin.processes import listen_address
from admin.wiring.desk import desk_services
from admin.wiring.ground import Ground
from core.crypto.rings import ProcessRole
from core.settings import Settings, load_settings, settings_file
from core.types import SystemClock, new_id
from tests.admin.demo.conftest import MESSAGES, MONTHS, demo_environ
from tests.factories.socket import SocketClient
from tests.factories.suite import ROOT, answers_at, wait_for
from tests.factories.visitor import CHAT_COOKIE, Visitor
from tests.services.demo import HOUSE, read_environment

OFFICER = "ingrid.falkner"
THE_PAST = '"blue folder" OR "birthday party"'
READY_S, END_S = 900, 120

pytestmark = [pytest.mark.e2e, pytest.mark.services, pytest.mark.slow, pytest.mark.timeout(2_400)]


def test_what_was_said_in_the_past_and_today_is_found_also_after_a_second_start(demo: "DemoFull") -> None:
    demo.start()
    assert "Sending" in demo.said()
    word = f"harbour{new_id()[-6:].lower()}"
    with closing(demo.connect("nadia.ferrant")) as nadia, closing(demo.connect("oskar.lindholt")) as oskar:
        (colleague,) = nadia.ask("people", {"query": "oskar"})["people"]
        wanted = {"client_id": new_id(), "kind": "direct", "people": [colleague["id"]]}
        room = nadia.ask("open", wanted)["conversation"]
        said = {"client_id": new_id(), "conversation": room, "text": f"lunch at the quiet {word}"}
        assert nadia.ask("send", said)["ok"]
        oskar.wait(lambda: [item for item in oskar.items(room) if word in str(item)])
    demo.finds(word)
    demo.finds(THE_PAST)
    assert demo.waiting_for_an_officer() == 3
    demo.is_well()

    demo.stop()
    demo.start()
    assert "Sending" not in demo.said()
    demo.finds(word)
    demo.finds(THE_PAST)
    demo.is_well()


@dataclass
class DemoFull:
    """A demo in a folder and on ports of its own, driven from outside with the passwords that it prints."""

    folder: Path
    environ: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    runs: int = 0
    began: float = 0.0

    @property
    def log(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.{self.runs}.log")

    @property
    def told(self) -> dict[str, str]:
        """What commands are told: the addresses here, the servers by the file that the demo has written."""
        return {**self.environ, **read_environment(self.folder)}

    @property
    def settings(self) -> Settings:
        return load_settings(self.told, settings_file(self.told))

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def start(self) -> None:
        """Start it, and wait until every role answers."""
        self.runs, self.began = self.runs + 1, time.time()
        command = [sys.executable, "-m", "tests.services.demo", "--folder", str(self.folder)]
        command += ["--messages", str(MESSAGES), "--months", str(MONTHS)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environ, stdout=log, stderr=log)
        urls = [self.environ[f"CHANCERY_{name}_URL"] for name in ("CHAT", "REALTIME", "DESK")]
        wait_for(
            lambda: self._ended() or all(answers_at(listen_address("", url), url) for url in urls),
            READY_S,
            "every role answering",
        )
        assert not self._ended(), self.said()

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self.process is not None and not self._ended():
            self.process.send_signal(signal.SIGINT)
            assert self.process.wait(END_S) == 0, self.said()

    def connect(self, username: str) -> SocketClient:
        cookie = Visitor(self.settings.chat_url).sign_in(username, self.password("nadia.ferrant"))
        return SocketClient(self.settings.realtime_url, f"{CHAT_COOKIE}={cookie}", self.settings.chat_url)

    def password(self, shown: str) -> str:
        """Return the password that was printed beside a name."""
        found = re.search(rf"{re.escape(shown)}\s+(\S+)", self.said())
        assert found, self.said()
        return found[1]

    def finds(self, query: str) -> None:
        """Let the officer search at the desk until something is found, in all that is there."""
        desk = Visitor(self.settings.desk_url)
        desk.sign_in(OFFICER, self.password(OFFICER))
        results = desk.search(desk.open_matter("A look"), query)
        wait_for(lambda: "<mark>" in desk.get(results).text, 60, f"{query} found")

    def waiting_for_an_officer(self) -> int:
        desk = desk_services(Ground(self.settings, ProcessRole.DESK, SystemClock()))
        try:
            return len(desk.release.waiting())
        finally:
            for store in (desk.archive, desk.keystore, desk.store):
                store.close()

    def is_well(self) -> None:
        """See that doctor, ledger and archive have nothing to say, once the worker has said that it runs."""
        wait_for(self._worker_runs, 120, "the worker's status")
        for line in json.loads(self.command("doctor", "--json"))["lines"]:
            assert line["state"] == "ok", line
        assert "Everything is as it was signed." in self.command("ledger", "verify")
        assert "Nothing differs." in self.command("archive", "reconcile", "--as", OFFICER)

    def command(self, *words: str) -> str:
        ran = subprocess.run(
            [sys.executable, "-m", "admin.cli", *words],
            cwd=ROOT,
            env=self.told,
            input=f"{self.password(OFFICER)}\n",
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def _worker_runs(self) -> bool:
        status = self.folder / HOUSE / WORKER_STATUS
        return status.exists() and status.stat().st_mtime > self.began

    def _ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


@pytest.fixture
def demo() -> Iterator[DemoFull]:
    # Not below pytest's own folder, through which the server's user cannot pass.
    with tempfile.TemporaryDirectory(prefix="chancery-demo-full-") as outside:
        Path(outside).chmod(0o711)
        folder = Path(outside) / "demo"
        made = DemoFull(folder, demo_environ(folder / HOUSE))
        yield made
        made.stop()
