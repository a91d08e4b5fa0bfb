"""One thing that can be well or not, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class HealthState(StrEnum):
    """How one thing is. What could not be looked at is neither well nor ill."""

    OK = "ok"
    WARNING = "warning"
    RED = "red"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One thing, how it is, and what to do if it is not well."""

    name: str
    state: HealthState
    says: str
    next_step: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return it for programs."""
        return {"name": self.name, "state": self.state, "says": self.says, "next_step": self.next_step}

    @classmethod
    def from_dict(cls, told: Mapping[str, str]) -> "HealthLine":
        """Return what :meth:`as_dict` gave, as it comes back from another process."""
        return cls(told["name"], HealthState(told["state"]), told["says"], told["next_step"])


_ORDER: Final = (HealthState.RED, HealthState.WARNING, HealthState.UNCHECKED, HealthState.OK)


def ok(name: str, says: str) -> HealthLine:
    """Return that something is well."""
    return HealthLine(name, HealthState.OK, says)


def warning(name: str, says: str, next_step: str) -> HealthLine:
    """Return that something will need attention."""
    return HealthLine(name, HealthState.WARNING, says, next_step)


def red(name: str, says: str, next_step: str) -> HealthLine:
    """Return that something needs attention now."""
    return HealthLine(name, HealthState.RED, says, next_step)


def unchecked(name: str, says: str, next_step: str = "") -> HealthLine:
    """Return that something could not be looked at."""
    return HealthLine(name, HealthState.UNCHECKED, says, next_step)


def is_red(lines: Iterable[HealthLine]) -> bool:
    """Tell whether anything is red: then a command ends with status 1."""
    return any(line.state is HealthState.RED for line in lines)


def worst_first(lines: Iterable[HealthLine]) -> list[HealthLine]:
    """Return the lines with the red ones first, otherwise in their order."""
    return sorted(lines, key=lambda line: _ORDER.index(line.state))
