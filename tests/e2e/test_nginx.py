"""The shipped nginx before a served house: TLS, two host names, two processes of each kind that can be taken out."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pytest

from core.types import new_id
from tests.e2e.spine import Speaker
from tests.factories.socket import SocketClient
from tests.factories.suite import ROOT, Suite, answers_at, make_suite, wait_for
from tests.factories.visitor import Visitor, dial_tls
from tests.services.debian import free_ports
from tests.services.nginx import CHAT, DESK, Nginx, prepare_nginx
from tests.services.redis import PASSWORD as BUS_PASSWORD
from tests.services.redis import BusServer

pytestmark = [pytest.mark.e2e, pytest.mark.services, pytest.mark.timeout(400)]


def test_two_people_chat_over_tls_and_an_officer_finds_it_under_the_other_name(site: "Site") -> None:
    ana, ben = site.suite.connect("ana"), site.suite.connect("ben")
    room = site.open(ana)
    assert ana.emit("send", site.message(room, "lunch at the quiet harbour"))["ok"]
    ben.wait(lambda: ben.items(room))
    olga = site.visitor(DESK)
    olga.enrol(site.suite.code, "olga")
    results = olga.search(olga.open_matter("A look at lunch"), '"quiet harbour"')
    marked = "<mark>quiet harbour</mark>"
    wait_for(lambda: marked in olga.get(results).text, 60, "the message at the desk")


def test_the_chat_s_name_never_leads_to_the_desk(site: "Site") -> None:
    chat, desk = site.visitor(CHAT), site.visitor(DESK)
    assert "Compliance desk" in desk.get("/signin").text
    assert "Compliance desk" not in chat.get("/signin").text
    assert (chat.get("/enrol").status, desk.get("/enrol").status) == (404, 200)
    assert chat.get("/signin").headers["Strict-Transport-Security"]


def test_a_page_of_another_site_gets_no_websocket(site: "Site") -> None:
    cookie = f"__Host-chancery={site.suite.session('ana')}"
    with pytest.raises(Exception, match="403 Forbidden"):
        SocketClient(site.suite.settings.realtime_url, cookie, "https://evil.example", site.suite.dial)


@pytest.mark.faults
def test_restarting_every_websocket_process_in_turn_loses_and_doubles_nothing(site: "Site") -> None:
    room = site.open(site.suite.connect("ana"))
    acknowledged: list[str] = []
    over = Event()

    def talk(username: str) -> None:
        speaker = Speaker(site.suite, username, room)
        while not over.is_set():
            text = f"{username} says {len(acknowledged)}"
            speaker.say(text)
            acknowledged.append(text)
            over.wait(0.2)

    with ThreadPoolExecutor(2) as pool:
        talking = [pool.submit(talk, username) for username in ("ana", "ben")]
        try:
            wait_for(lambda: len(acknowledged) > 4, 60, "people talking")
            drained = site.beside.pop()
            drained.terminate()
            assert drained.wait(30) == 0
            site.start_beside("realtime", site.ports["realtime"][1])
            site.suite.children()["realtime"].terminate()
            count = len(acknowledged)
            wait_for(lambda: len(acknowledged) > count + 4, 60, "people talking on")
        finally:
            over.set()
        for one in talking:
            one.result()
    ben = site.suite.connect("ben")
    shown, known, more = [], 0, True
    while more:
        answer = ben.ask("sync", {"known": {room: known}})["conversations"][room]
        known, more = answer["through"], answer["more"]
        shown += [str(item["view"].get("text", "")) for item in answer["items"]]
    said = [text for text in shown if " says " in text]
    assert sorted(said) == sorted(acknowledged)


def test_an_instance_that_is_taken_out_or_ends_is_missed_by_nobody(site: "Site") -> None:
    kept, taken = site.ports["pages"]
    site.nginx.take_out(taken)
    site.nginx.reload()
    wait_for(lambda: site.answered_by(kept) and site.answered_by(kept), 20, "the reload")
    ana = site.suite.connect("ana")
    room = site.open(ana)
    for process in site.beside:
        process.terminate()
        process.wait(20)
    ben = site.suite.connect("ben")
    assert ben.emit("send", site.message(room, "still here"))["ok"]
    again = site.suite.connect("ana") if ana.closed else ana
    wait_for(lambda: site.last_text(again, room) == "still here", 20, "Ana seeing it")


@dataclass
class Site:
    """nginx before a house: one process of each role, and beside them a second one of pages and realtime."""

    suite: Suite
    nginx: Nginx
    ports: dict[str, list[int]]
    beside: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def visitor(self, host: str) -> Visitor:
        return Visitor(f"https://{host}:{self.nginx.port}", self.suite.dial)

    def open(self, who: SocketClient) -> str:
        asked = {"client_id": new_id(), "kind": "direct", "people": [self.suite.people["ben"]]}
        return str(who.emit("open", asked)["conversation"])

    def message(self, room: str, text: str) -> dict[str, Any]:
        return {"client_id": new_id(), "conversation": room, "text": text}

    def last_text(self, who: SocketClient, room: str) -> str:
        items = who.emit("history", {"conversation": room, "before": None})["items"]
        return str(items[-1]["view"].get("text", ""))

    def answered_by(self, port: int) -> bool:
        assert self.visitor(CHAT).get("/signin").status == 200
        return f" 127.0.0.1:{port} " in self.nginx.log().splitlines()[-1]

    def start_beside(self, role: str, port: int) -> None:
        """Start a second process of a role, at a port of its own."""
        listen = "CHANCERY_CHAT_LISTEN" if role == "pages" else "CHANCERY_REALTIME_LISTEN"
        with (self.suite.home / "beside.log").open("ab") as log:
            self.beside.append(
                subprocess.Popen(
                    [sys.executable, "-m", "admin.cli", "run", role],
                    cwd=ROOT,
                    env={**self.suite.environ, listen: f"127.0.0.1:{port}"},
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )
        url = self.suite.settings.chat_url
        wait_for(lambda: answers_at(("127.0.0.1", port), url), 120, f"{role} beside")

    def stop(self) -> None:
        self.nginx.stop()
        for process in self.beside:
            process.terminate()
            process.wait(20)
        self.suite.stop()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, redis: BusServer) -> Iterator[Site]:
    tls, plain, *ours = free_ports(7)
    ports = {"pages": ours[:2], "realtime": ours[2:4], "desk": ours[4:]}
    nginx = prepare_nginx(tmp_path_factory.mktemp("nginx"), (tls, plain), ports)
    suite = make_suite(
        tmp_path_factory.mktemp("house"),
        CHANCERY_CHAT_URL=f"https://{CHAT}:{tls}",
        CHANCERY_REALTIME_URL=f"https://{CHAT}:{tls}",
        CHANCERY_DESK_URL=f"https://{DESK}:{tls}",
        CHANCERY_CHAT_LISTEN=f"127.0.0.1:{ports['pages'][0]}",
        CHANCERY_REALTIME_LISTEN=f"127.0.0.1:{ports['realtime'][0]}",
        CHANCERY_DESK_LISTEN=f"127.0.0.1:{ports['desk'][0]}",
        CHANCERY_PROXY_HOPS="1",
        CHANCERY_REALTIME_DRAIN_SECONDS="1",
        CHANCERY_BUS_URL=redis.url,
        CHANCERY_BUS_PASSWORD=BUS_PASSWORD,
    )
    suite.dial = dial_tls(tls, nginx.ca_file)
    for name in ("ana", "ben"):
        suite.add(name, "research")
    made = Site(suite, nginx, ports)
    try:
        nginx.start()
        suite.start()
        for role in ("pages", "realtime"):
            made.start_beside(role, ports[role][1])
        yield made
    finally:
        made.stop()
