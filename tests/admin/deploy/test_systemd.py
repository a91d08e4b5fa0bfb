"""The shipped systemd units: systemd takes them, they run commands and users that exist, and they keep roles in."""

import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from admin.cli import main
from admin.system_users import SystemUsers
from core.crypto.rings import ProcessRole
from core.settings import load_settings
from tests.services.debian import install
from tests.services.missing import cannot_be_had

UNITS = Path(__file__).parents[3] / "admin" / "deploy" / "systemd"
INSTANCES = {
    ProcessRole.REALTIME: "chancery-realtime@8181.service",
    ProcessRole.PAGES: "chancery-pages@8081.service",
    ProcessRole.WORKER: "chancery-worker.service",
    ProcessRole.DESK: "chancery-desk.service",
}
MOST_EXPOSED = 1.5
_SINCE_254 = "20-back-off.conf"


@pytest.mark.services
@pytest.mark.parametrize("unit", ["chancery.target", *INSTANCES.values()])
def test_systemd_takes_each_unit_without_a_complaint(installed: Path, unit: str) -> None:
    said = analyze(installed, "verify", unit)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.services
@pytest.mark.parametrize("unit", INSTANCES.values())
def test_what_a_role_could_do_to_the_machine_is_little(installed: Path, unit: str) -> None:
    said = analyze(installed, "security", "--offline=true", unit)
    score = re.search(r"Overall exposure level for .*: ([\d.]+)", said.stdout)
    assert score is not None, said.stdout + said.stderr
    assert float(score[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("role", ProcessRole)
def test_a_unit_runs_its_role_as_the_user_of_the_role(role: ProcessRole) -> None:
    service = read(UNITS / re.sub("@.*", "@.service", INSTANCES[role]))["Service"]
    assert service["User"] == SystemUsers("chancery").user(role)
    program, command, which = service["ExecStart"].split()
    assert (Path(program).name, which) == ("chancery", str(role))
    assert command in main.list_commands(None)  # type: ignore[arg-type]


def test_what_the_units_set_are_settings() -> None:
    variables = re.findall(r"^Environment=(\w+)=(\S+)$", all_units(), re.MULTILINE)
    assert len(variables) == 4
    for variable, value in variables:
        load_settings({variable: value.replace("%i", "8081")})


def test_the_target_starts_each_role() -> None:
    wanted = (UNITS / "chancery.target").read_text()
    assert all(unit in wanted for unit in INSTANCES.values())


def read(unit: Path) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(unit.read_text())
    return parser


def all_units() -> str:
    return (
        "\n".join(path.read_text() for path in sorted(UNITS.rglob("chancery*")) if path.is_file())
        + (UNITS / "chancery-.service.d" / "10-common.conf").read_text()
    )


def analyze(root: Path, command: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["systemd-analyze", command, f"--root={root}", *arguments],
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root folder in which the units stand as they would on a machine."""
    if shutil.which("systemd-analyze") is None:
        install("systemd")
    if shutil.which("systemd-analyze") is None:
        cannot_be_had("There is no systemd-analyze: run `apt-get install systemd` as root.")
    root = tmp_path_factory.mktemp("root")
    folder = root / "etc" / "systemd" / "system"
    shutil.copytree(UNITS, folder)
    for target in ("sysinit", "basic", "shutdown", "network-online"):
        (folder / f"{target}.target").write_text("[Unit]\nDescription=There on every machine\n")
    version = subprocess.run(
        ["systemd-analyze", "--version"], check=True, capture_output=True, text=True
    ).stdout
    if int(version.split()[1]) < 254:
        (folder / "chancery-.service.d" / _SINCE_254).unlink()
    program = root / "opt" / "chancery" / ".venv" / "bin" / "chancery"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return root
