"""Reads settings from the environment and from one file, and refuses what it does not know.

A secret can stand in a file of its own: ``CHANCERY_LDAP_BIND_PASSWORD_FILE`` names the file that holds
what ``CHANCERY_LDAP_BIND_PASSWORD`` would say.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from core.errors import SettingsError
from core.settings.convert import convert
from core.settings.model import Settings

PREFIX = "CHANCERY_"
IN_FILE = "_FILE"
# Read by the test suite and by the launcher itself; they are no settings of the product.
_FOREIGN = ("CHANCERY_TEST_", "CHANCERY_FILE")


def load_settings(environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """Return the settings of ``environ`` and of ``file``.

    Raises:
        SettingsError: naming key, source and remedy.
    """
    known = {f.metadata["key"]: f for f in fields(Settings)}
    values: dict[str, Any] = {}
    path = Path(environ["CHANCERY_FILE"]) if "CHANCERY_FILE" in environ else file
    if path is not None and path.exists():
        for key, value in _flatten(_parse(path), known):
            _check_known(key, known, f"{path}")
            values[known[key].name] = convert(key, value, known[key].type, f"{path}")
    elif "CHANCERY_FILE" in environ:
        raise SettingsError(f"CHANCERY_FILE names {path}, which does not exist.", key="CHANCERY_FILE")
    by_variable = {variable_of(key): key for key in known}
    for variable, text in _with_secrets(environ, known).items():
        if not variable.startswith(PREFIX) or variable.startswith(_FOREIGN):
            continue
        if variable not in by_variable:
            raise SettingsError(
                f"{variable} in the environment is no setting. "
                "Remove it, or look the name up in the handbook.",
                key=variable,
            )
        key = by_variable[variable]
        values[known[key].name] = convert(key, text, known[key].type, f"{variable} in the environment")
    return Settings(**values)


def _with_secrets(environ: Mapping[str, str], known: Mapping[str, Any]) -> dict[str, str]:
    """Return ``environ`` with each secret that stands in a file as if it stood there itself."""
    found = dict(environ)
    for variable in [variable_of(key) for key, each in known.items() if each.metadata["secret"]]:
        named = found.pop(f"{variable}{IN_FILE}", None)
        if named is None:
            continue
        if variable in found:
            raise SettingsError(
                f"{variable} and {variable}{IN_FILE} are both set. Give the secret once.", key=variable
            )
        try:
            found[variable] = Path(named).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{variable}{IN_FILE} names {named}, which cannot be read ({error}).", key=variable
            ) from error
    return found


def settings_file(environ: Mapping[str, str]) -> Path:
    """Return where the settings file stands unless ``CHANCERY_FILE`` says otherwise."""
    return Path(environ.get("CHANCERY_HOME", "var")) / "chancery.toml"


def variable_of(key: str) -> str:
    """Return the environment variable of the setting ``key``."""
    return PREFIX + key.upper().replace(".", "_")


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.", key=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}", key=str(path)) from error


def _flatten(table: Mapping[str, Any], known: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and key not in known:
            flat += _flatten(value, known, f"{key}.")
        else:
            flat.append((key, value))
    return flat


def _check_known(key: str, known: Mapping[str, Any], source: str) -> None:
    if key not in known:
        raise SettingsError(
            f"{key} in {source} is no setting. Remove it, or look the name up in the handbook.", key=key
        )
