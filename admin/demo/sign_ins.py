"""The demo's sign-ins: one for each role, in a file of mode 0600. A house that has one is finished."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import yaml

from admin.demo.firm import Firm, Shown
from core.settings import Settings

FILE: Final = "sign-ins.yaml"
MODE: Final = 0o600

_HEAD: Final = """\
# Sign-ins of the demo firm, one for each role. Everybody else at the chat has the employees' password:
# try firstname.lastname of anybody you see there. Officers have passwords of their own, for the desk only.
"""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to come in as a role."""

    role: str
    address: str
    name: str
    password: str


def sign_ins(firm: Firm, settings: Settings, chat: str, desk: Mapping[str, str]) -> list[SignIn]:
    """Return the sign-ins of the firm: ``chat`` is everybody's password there, ``desk`` is by user name."""
    return [
        SignIn(one.role, _address(settings, one), one.username, desk[one.username] if one.desk else chat)
        for one in firm.shown
    ]


def readdressed(firm: Firm, settings: Settings, given: Sequence[SignIn]) -> list[SignIn]:
    """Return sign-ins with the addresses that the house has now."""
    addresses = {one.role: _address(settings, one) for one in firm.shown}
    return [replace(one, address=addresses.get(one.role, one.address)) for one in given]


def write_sign_ins(home: Path, given: Sequence[SignIn]) -> None:
    """Write the file, whole or not at all; nobody else on the machine may read it, at no moment."""
    draft = home / f"{FILE}.new"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "w", encoding="utf-8") as file:
        file.write(_HEAD)
        yaml.safe_dump([asdict(one) for one in given], file, sort_keys=False, allow_unicode=True)
    draft.replace(home / FILE)


def read_sign_ins(home: Path) -> list[SignIn]:
    """Return the sign-ins of a finished demo, or none if there is no such file."""
    path = home / FILE
    return [SignIn(**one) for one in yaml.safe_load(path.read_text("utf-8"))] if path.exists() else []


def _address(settings: Settings, shown: Shown) -> str:
    return settings.desk_url if shown.desk else settings.chat_url
