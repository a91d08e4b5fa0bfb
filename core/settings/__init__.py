"""Settings: one frozen object, read once at start from the environment and one file, passed down.

The file is TOML (``chancery.toml`` in the home folder, or ``CHANCERY_FILE``). A setting
``directory.kind`` is ``kind`` in the table ``[directory]``, or ``CHANCERY_DIRECTORY_KIND`` in the
environment, which wins. Unknown keys, wrong types and missing secrets are refused with the key,
its source and the remedy. Every setting stands in the handbook; a test says so.
"""

from core.settings.load import load_settings, settings_file, variable_of
from core.settings.model import Settings

__all__ = ["Settings", "load_settings", "settings_file", "variable_of"]
