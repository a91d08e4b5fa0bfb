"""``python -m web.realtime``: patches first, unless threads are chosen; then imports and serves."""

import os
import sys

from core.settings import load_settings, settings_file
from web.realtime import green

if __name__ == "__main__":
    settings = load_settings(os.environ, settings_file(os.environ))
    if settings.realtime_async_mode == "eventlet":
        green.patch()
    from web.realtime.launch import main

    sys.exit(main(settings, sys.argv[1:]))
