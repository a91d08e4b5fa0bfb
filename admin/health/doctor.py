"""``chancery doctor``: every check there is, while the suite runs and while it is stopped.

What only a role may open is looked at in a process of that role, so that no process holds keys of two
worlds. Nothing is changed, and whatever hangs is left behind after its own time limit.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from admin.health.checks.common import disk_lines
from admin.health.files import DESK_STATUS, WORKER_STATUS, fresh_status
from admin.health.limits import Check, run_checks
from admin.health.lines import HealthLine, HealthState, ok, red, unchecked
from admin.health.processes import process_lines
from admin.health.told import told_lines
from core.crypto.rings import ProcessRole
from core.settings import Settings

STEP_WITHIN: Final = 90.0
STEP: Final = "doctor"
_STEP_ROLES: Final = (ProcessRole.PAGES, ProcessRole.WORKER, ProcessRole.DESK)
"""``realtime`` opens what ``pages`` opens."""

ALL_ROLES: Final = frozenset(ProcessRole)


class RunStep(Protocol):
    """Runs a step in a process of a role."""

    def __call__(self, role: ProcessRole, step: str, environ: Mapping[str, str], /) -> Any:
        """Return what the step returned; raises what it raised."""


def examine(
    settings: Settings,
    environ: Mapping[str, str],
    now: datetime,
    run: RunStep,
    roles: Collection[ProcessRole] = ALL_ROLES,
) -> list[HealthLine]:
    """Return every check of the ``roles`` that run on this machine."""
    wanted = {ProcessRole.PAGES if role is ProcessRole.REALTIME else role for role in roles}
    answers: dict[ProcessRole, dict[str, Any]] = {}

    def deeper(role: ProcessRole) -> list[HealthLine]:
        answers[role] = run(role, STEP, environ)
        return [HealthLine.from_dict(told) for told in answers[role]["lines"]]

    checks = [
        Check("suite", lambda: _running(settings, now, roles)),
        Check("disk", lambda: disk_lines(settings)),
        *(
            Check(f"checks of {role}", lambda of=role: deeper(of), STEP_WITHIN)  # type: ignore[misc]
            for role in _STEP_ROLES
            if role in wanted
        ),
    ]
    # Two roles that reach the same thing alike say the same.
    return list(dict.fromkeys([*run_checks(checks), *_pins(answers)]))


def _running(settings: Settings, now: datetime, roles: Collection[ProcessRole]) -> Iterator[HealthLine]:
    """Yield how the running suite is; one line, neither red nor green, if none of it runs."""
    listening = [line for line in process_lines(settings) if line.name in roles]
    told = any(fresh_status(settings.home / name, now) for name in (WORKER_STATUS, DESK_STATUS))
    if not told and all("Does not answer" in line.says for line in listening):
        says = "Stopped, so what listens, what waits and what processes tell of themselves was not checked."
        yield unchecked("suite", says, "Start it: `chancery serve`, or its units.")
        return
    yield ok("suite", "Runs.")
    yield from listening
    foreign = {ProcessRole.WORKER: "worker", ProcessRole.DESK: "desk chores"}
    elsewhere = {name for role, name in foreign.items() if role not in roles}
    yield from (line for line in told_lines(settings, now) if line.name not in elsewhere)


def _pins(answers: Mapping[ProcessRole, Mapping[str, Any]]) -> Iterator[HealthLine]:
    """Compare what each ring pins with the keys that the others have."""
    own = {name: public for answer in answers.values() for name, public in answer["own"].items()}
    pinned = {place: public for answer in answers.values() for place, public in answer["pins"].items()}
    compared = 0
    for place, public in sorted(pinned.items()):
        ring, _, name = place.partition("/")
        if name not in own:
            continue
        compared += 1
        if public != own[name]:
            says = f"The {ring} ring pins {'another' if public else 'no'} {name} than is in use here."
            step = "These keys are not of one house: restore all key folders from one backup of the keys."
            yield red("pins", says, step)
    if not compared:
        yield unchecked("pins", "The keys of no two rings could be compared here.")
    elif all(public == own.get(place.partition("/")[2], public) for place, public in pinned.items()):
        yield ok("pins", f"{compared} pinned keys are those in use.")


def summary(lines: Collection[HealthLine]) -> str:
    """Return one sentence: what is red, what may become so, and what could not be looked at."""
    count = {state: sum(line.state is state for line in lines) for state in HealthState}
    return (
        f"{count[HealthState.RED]} red, {count[HealthState.WARNING]} to look at, "
        f"{count[HealthState.UNCHECKED]} not checked, {count[HealthState.OK]} well."
    )
