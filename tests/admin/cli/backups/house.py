"""A house that burns, its backup, and what the commands say of both."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner, Result

from admin.backups.take import Taken, take
from admin.cli import main
from core.settings import Settings
from core.types import SystemClock
from tests.admin.cli.conftest import CommandLine, run_here
from tests.factories.desk import House, make_house, settings_of

PASSPHRASE = "six unrelated words of a backup"
DATA, KEYS = "to-data", "to-keys"


@dataclass
class Kept:
    """A backup of a house, where it lies, and the home into which it is restored."""

    home: Path
    data: Path
    keys: Path

    def run(self, *command: str, passwords: tuple[str, ...] = (PASSPHRASE,)) -> Result:
        return run_at(self.home, *command, passwords=passwords)

    def restore(self, *more: str, data: Path | None = None, keys: Path | None = None) -> Result:
        places = ("--data", str(data or self.data), "--keys", str(keys or self.keys))
        return self.run("restore", *places, *more)

    def refused(self, *more: str, data: Path | None = None, keys: Path | None = None) -> str:
        """Return the code with which a restore is refused; nothing is there afterwards."""
        result = self.restore(*more, data=data, keys=keys)
        assert result.exit_code == 1, result.output
        assert not [path for path in self.home.rglob("*") if path.is_file() and path.stat().st_size]
        return code_of(result)


@dataclass
class Living:
    """A house, its first backup, and where its backups lie."""

    own: CommandLine
    folder: Path
    data: Path
    keys: Path

    @property
    def home(self) -> Path:
        return self.own.house.settings.home

    def back_up(self) -> tuple[Path, Path]:
        """Take another backup; return where its halves are."""
        return place_of(back_up(self.own, self.folder))

    def burn(self) -> Kept:
        """Lose the house."""
        self.own.house.close()
        shutil.rmtree(self.home)
        return Kept(self.home, self.data, self.keys)


class Killed(BaseException):
    """A process died here."""


def take_into(folder: Path, settings: Settings) -> Taken:
    return take(
        settings, SystemClock(), data=folder / DATA, keys=folder / KEYS, passphrase=PASSPHRASE, name="taken"
    )


def newest(folder: Path) -> Path:
    return max(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)


def rise(kept: Kept) -> tuple[House, Result]:
    """Restore a house, and open it."""
    result = kept.restore()
    (kept.home / "code").write_text("")
    return make_house(Path(), kept.home, datetime.now(UTC), settings=settings_of(kept.home)), result


def run_at(home: Path, *command: str, passwords: tuple[str, ...]) -> Result:
    answers = "".join(f"{password}\n" for password in passwords)
    return CliRunner().invoke(main, command, input=answers, env={"CHANCERY_HOME": str(home)}, obj=run_here)


def code_of(result: Result) -> str:
    assert result.exit_code == 1, result.output
    return result.stderr.partition("[")[2].partition("]")[0]


def back_up(own: CommandLine, folder: Path) -> Result:
    places = ("--data", str(folder / DATA), "--keys", str(folder / KEYS))
    return own.run("backup", *places, passwords=(PASSPHRASE,))


def place_of(result: Result) -> tuple[Path, Path]:
    """Return where the halves are, as the command says."""
    assert result.exit_code == 0, result.output
    said = dict(line.split(": ", 1) for line in result.output.splitlines()[:2])
    return Path(said["Data"].split(" (")[0]), Path(said["Keys"].split(" (")[0])
