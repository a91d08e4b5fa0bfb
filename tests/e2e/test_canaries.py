"""Whoever reads disks, logs or the traffic to the search engine finds none of what people wrote."""

import contextlib
import secrets
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from admin.wiring.desk import DeskServices
from audit.archive.search_service import Purpose
from core.errors import Unavailable
from core.types import new_id
from tests.factories.clear_text import files_of, where
from tests.factories.suite import PASSWORD, Suite, make_suite, wait_for
from tests.services.recording_proxy import Recorded, recording

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

COUNT = 50


def test_fifty_canaries_show_in_no_file_no_log_and_no_traffic(aviary: "Aviary") -> None:
    aviary.let_them_fly()
    assert len(aviary.words) >= COUNT
    wait_for(aviary.all_are_found, 120, "every archived canary found by the officer")
    while_running = files_of(aviary.suite.home)
    aviary.suite.stop()
    places = {**while_running, **files_of(aviary.suite.home), **aviary.places_in_traffic()}
    found = {word: places_of for word in aviary.words if (places_of := where(word, places))}
    assert found == {}
    assert any(".db-wal" in place for place in while_running), "the write-ahead logs were looked at"


@dataclass
class Aviary:
    """A served firm in which every text holds a word that nobody else uses."""

    suite: Suite
    requests: list[Recorded]
    words: list[str] = field(default_factory=list)
    archived: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk: DeskServices = self.suite.desk()
        officer = self.desk.officers.enrol(self.suite.code, PASSWORD)
        matter = self.desk.matters.open(officer.id, f"Matter of {self.word()}")
        self.purpose = Purpose(officer.id, matter.id, f"Because of {self.word()}")

    def let_them_fly(self) -> None:
        """Say, edit, delete, name, confirm, stop, release and search for canaries."""
        ana = self.suite.connect("ana")
        people = [self.suite.people[name] for name in ("ben", "olaf")]
        room = self._ask(ana, "open", kind="private", people=people, name=self.word("room"))["conversation"]
        for _ in range(16):
            self._ask(ana, "send", conversation=room, text=f"About {self.kept()} and {self.kept()}")
        for _ in range(3):
            item = self._ask(ana, "send", conversation=room, text=f"First {self.kept()}")["id"]
            self._ask(ana, "edit", conversation=room, item=item, text=f"Then {self.kept()}")
            self._ask(ana, "delete", conversation=room, item=item)
        self._ask(ana, "topic", conversation=room, topic=f"All of {self.word()}")
        self._ask(ana, "rename", conversation=room, name=self.word("room"))
        self._ask(ana, "draft", conversation=room, text=f"Not sent {self.word()}")
        for stopped in ("the key is AKIAQ3EGRZ7XK2WNDT5B", "Kestrel signs on Friday"):
            self._ask(ana, "send", ok=False, conversation=room, text=f"{stopped} {self.kept()}")
        text = f"I can promise guaranteed returns {self.kept()}"
        asked = self._ask(ana, "send", ok=False, conversation=room, text=text)
        confirms = {"decision": asked["decision"], "reason": f"Agreed with {self.word()}"}
        self._ask(ana, "send", conversation=room, text=text, confirms=confirms)
        self._ask(ana, "send", conversation=room, text=f"card 5500 0055 5555 5559 {self.kept()}")
        self.words += ["5500 0055 5555 5559", "5500005555555559", PASSWORD, "anabel quillfeather"]

    def all_are_found(self) -> bool:
        """Look for each canary as an officer, whose queries, reason and matter hold canaries, too."""
        try:
            found = {word for word in self.archived if self.desk.search.search(self.purpose, word).rows}
        except Unavailable:  # an index that was made a moment ago
            return False
        self.archived = [word for word in self.archived if word not in found]
        return not self.archived

    def places_in_traffic(self) -> dict[str, bytes]:
        """Return every request to the search engine."""
        return {
            f"request {number}: {one.line}": one.line.encode() + one.body
            for number, one in enumerate(self.requests)
        }

    def word(self, prefix: str = "") -> str:
        """Return a new canary."""
        made = prefix + "".join(secrets.choice(string.ascii_lowercase) for _ in range(12))
        self.words.append(made)
        return made

    def kept(self) -> str:
        """Return a new canary that the officer must be able to find."""
        made = self.word()
        self.archived.append(made)
        return made

    def close(self) -> None:
        """Give back what the test opened."""
        for store in (self.desk.archive, self.desk.keystore, self.desk.store):
            store.close()

    @staticmethod
    def _ask(client: Any, event: str, *, ok: bool = True, **fields: Any) -> Any:
        numbered = {} if event == "draft" else {"client_id": new_id()}
        answer = client.emit(event, {**numbered, **fields})
        assert answer["ok"] is ok, answer
        return answer


@pytest.fixture(params=[pytest.param("tantivy", marks=pytest.mark.slow), "elasticsearch"])
def aviary(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aviary]:
    with contextlib.ExitStack() as stack:
        environ: dict[str, str] = {}
        requests: list[Recorded] = []
        if request.param == "elasticsearch":
            url, requests = stack.enter_context(recording(request.getfixturevalue("elasticsearch_url")))
            environ = {
                "CHANCERY_SEARCH_ENGINE": "elasticsearch",
                "CHANCERY_ELASTICSEARCH_URLS": url,
                "CHANCERY_ELASTICSEARCH_PREFIX": f"canary-{new_id()[:8]}",
            }
        suite = make_suite(tmp_path_factory.mktemp("aviary"), policy="demo", **environ)
        suite.add("ana", "advisory", name="Anabel Quillfeather")
        suite.add("ben", "advisory")
        suite.add("olaf", "operations")
        suite.start()
        stack.callback(suite.stop)
        made = Aviary(suite, requests)
        stack.callback(made.close)
        yield made
        if request.param == "elasticsearch":
            assert requests, "the traffic was looked at"
