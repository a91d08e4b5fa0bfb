"""The drill: people talk, a backup is taken, the house is lost, restored and served, and all goes on."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

from admin.cli.steps.evidence import (
    building_indexes,
    reconcile_at_worker,
    reconciled_at_desk,
    verify_ledger,
)
from core.errors import Unavailable
from tests.e2e.spine import SPEAKERS, House, Speaker
from tests.factories.suite import ROOT, wait_for

EACH_BEFORE = 5
PAUSE_S = 0.3
PASSPHRASE = "six unrelated words of a drill"


def drill(house: House, folder: Path, lose: Callable[[], None]) -> None:
    """Take a backup under load, ``lose`` the house, bring it back, and see that nothing is missing.

    The house is served again afterwards.
    """
    data, keys, before, acknowledged = backed_up_under_load(house, folder)
    house.close()
    lose()
    restored = chancery(house, "restore", "--data", str(data), "--keys", str(keys))
    assert "nothing differs" in restored, restored
    house.suite.start()
    house.ana, house.desk = house.suite.connect("ana"), house.suite.desk()
    kept = Counter(text for text in texts(house) if text.startswith("drill "))
    assert set(before) <= kept.keys() <= set(acknowledged)
    assert set(kept.values()) == {1}
    Speaker(house.suite, "ben", house.room).say("drill afterwards")
    wait_for(lambda: is_all_found(house, len(kept) + 1), 120, "all of it archived and indexed")
    settings = house.suite.settings
    wait_for(lambda: not building_indexes(settings, {}), 120, "the indexes made again")
    assert verify_ledger(settings, {})["findings"] == []
    assert reconcile_at_worker(settings, {})["differences"] == []
    assert reconciled_at_desk(house.desk)["differences"] == []
    chancery(house, "doctor")


def backed_up_under_load(house: House, folder: Path) -> tuple[Path, Path, list[str], list[str]]:
    """Take a backup while three people talk; return its halves, and what was acknowledged before, and ever."""
    acknowledged: list[str] = []
    enough = Event()

    def talk(username: str) -> None:
        speaker, number = Speaker(house.suite, username, house.room), 0
        while not enough.is_set():
            text = f"drill {username} {number}"
            speaker.say(text)
            acknowledged.append(text)
            number += 1
            enough.wait(PAUSE_S)

    with ThreadPoolExecutor(len(SPEAKERS)) as pool:
        talking = [pool.submit(talk, username) for username in SPEAKERS]
        try:
            wait_for(
                lambda: len(acknowledged) >= EACH_BEFORE * len(SPEAKERS), 60, "some messages acknowledged"
            )
            before = list(acknowledged)
            said = chancery(house, "backup", "--data", str(folder / "data"), "--keys", str(folder / "keys"))
            after = len(acknowledged)
            wait_for(lambda: len(acknowledged) > after, 30, "somebody talking after the backup")
        finally:
            enough.set()
        for one in talking:
            one.result()
    waited = re.search(r"waited for ([\d.]+) ms", said)
    assert waited is not None
    assert float(waited[1]) < 5_000
    places = dict(line.split(": ", 1) for line in said.splitlines()[:2])
    return Path(places["Data"].split(" (")[0]), Path(places["Keys"].split(" (")[0]), before, acknowledged


def chancery(house: House, *command: str) -> str:
    """Run a command as an operator does; return what it printed."""
    ran = subprocess.run(
        [sys.executable, "-m", "admin.cli", *command],
        cwd=ROOT,
        env={**house.suite.environ, "CHANCERY_BACKUP_PASSPHRASE": PASSPHRASE},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, (command, ran.stdout[-3000:], ran.stderr[-3000:], house.suite.log()[-3000:])
    return ran.stdout


def texts(house: House) -> list[str]:
    return [str(item["view"].get("text", "")) for item in house.history()]


def is_all_found(house: House, count: int) -> bool:
    try:
        found: Any = house.search("drill", limit=500)
    except Unavailable:  # the index is being made again
        return False
    return bool(len(found.rows) == count and found.coverage.complete)
