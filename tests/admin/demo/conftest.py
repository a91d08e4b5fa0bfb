"""A demo that was built as ``chancery demo`` builds it, after a first attempt that was killed midway."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from admin.demo.house import home_settings
from admin.demo.sign_ins import read_sign_ins
from admin.wiring.chat import ChatServices, chat_services
from admin.wiring.desk import DeskServices, desk_services
from admin.wiring.ground import Ground
from core.crypto.rings import ProcessRole
from core.settings import Settings
from core.types import SystemClock
from tests.factories.suite import ROOT, wait_for
from tests.services.debian import free_ports

MESSAGES = 450
MONTHS = 3


@dataclass
class Demo:
    """A home folder and the environment of its commands. ``said`` is what the build printed."""

    home: Path
    environ: dict[str, str] = field(default_factory=dict)
    said: str = ""
    orphans: list[psutil.Process] = field(default_factory=list)
    was_there: bool = False

    @property
    def settings(self) -> Settings:
        return home_settings(self.environ, self.home)[1]

    @property
    def site(self) -> Path:
        return self.home.with_name(f"{self.home.name}.building")

    def passwords(self) -> dict[str, str]:
        return {one.name: one.password for one in read_sign_ins(self.home)}

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        with self.start(*options) as process:
            said, _ = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, said)

    def start(self, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "admin.cli", "demo", *options],
            cwd=ROOT,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def chat(self) -> ChatServices:
        return chat_services(Ground(self.settings, ProcessRole.PAGES, SystemClock()))

    def desk(self) -> DeskServices:
        return desk_services(Ground(self.settings, ProcessRole.DESK, SystemClock()))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Kill a first build in the middle, with ``kill -9``, then build."""
    home = tmp_path_factory.mktemp("demo") / "home"
    made = Demo(home, demo_environ(home))
    options = ("--build-only", "--messages", str(MESSAGES), "--months", str(MONTHS))
    first = made.start(*options)
    try:
        keys = made.site / "keys"
        wait_for(lambda: keys.exists() and any(keys.iterdir()), 240, "the first build being in the middle")
        children = psutil.Process(first.pid).children
        made.orphans = wait_for(lambda: children(recursive=True), 60, "a step of the build")
    finally:
        first.kill()
        first.communicate()
    made.was_there = home.exists()
    built = made.run(*options)
    assert built.returncode == 0, built.stdout
    made.said = built.stdout
    return made


def demo_environ(home: Path) -> dict[str, str]:
    """Return an environment on free ports; hashing is cheap, everything else as shipped."""
    ports = free_ports(3)
    return {
        "PATH": os.environ["PATH"],
        "CHANCERY_HOME": str(home),
        "CHANCERY_CHAT_URL": f"http://127.0.0.1:{ports[0]}",
        "CHANCERY_REALTIME_URL": f"http://127.0.0.1:{ports[1]}",
        "CHANCERY_DESK_URL": f"http://localhost:{ports[2]}",
        "CHANCERY_ARGON2_MEMORY_KIB": "64",
        "CHANCERY_ARGON2_PASSES": "1",
    }
