"""The composition root: the only place that knows every implementation.

One module for each process role, so that a process imports, as it opens, only what its role needs:
``chat`` (of ``realtime`` and ``pages``), ``pages``, ``desk``. ``web`` takes what it needs from here,
and hands in its ``Delivery`` and ``Blocking``.
"""

import os
from collections.abc import Mapping

from admin.processes import die_with_parent, listen_address
from core.settings import Settings, load_settings, settings_file

__all__ = ["die_with_parent", "listen_address", "read_settings"]


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process; called once, at start."""
    found = os.environ if environ is None else environ
    return load_settings(found, settings_file(found))
