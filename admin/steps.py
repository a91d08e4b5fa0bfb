"""The steps that commands run in other roles: ``python -m admin.steps ROLE STEP`` (see ``roles``).

A step is named by module and function, so that a child imports only what its role needs.
"""

import os
import sys
from collections.abc import Mapping
from importlib import import_module

from admin.roles import serve_step
from core.crypto.rings import ProcessRole
from core.errors import NotFound
from core.settings import load_settings, settings_file

STEPS: Mapping[tuple[ProcessRole, str], str] = {
    (ProcessRole.WORKER, "create-worker"): "admin.initialise:create_worker",
    (ProcessRole.DESK, "create-desk"): "admin.initialise:create_desk",
    (ProcessRole.WORKER, "open-worker"): "admin.initialise:open_worker",
    (ProcessRole.PAGES, "first-administrator"): "admin.initialise:first_administrator",
    (ProcessRole.PAGES, "seed-demo"): "admin.demo.seed:seed",
    (ProcessRole.WORKER, "archive-demo"): "admin.demo.evidence:archive",
    (ProcessRole.DESK, "enrol-demo"): "admin.demo.officers:enrol",
}


def main(arguments: list[str]) -> int:
    """Run one step; see the module."""
    role, step = ProcessRole(arguments[0]), arguments[1]
    if (role, step) not in STEPS:
        raise NotFound(f"{role} has no step {step}.", code="no_step")
    module, _, function = STEPS[role, step].partition(":")
    settings = load_settings(os.environ, settings_file(os.environ))
    return serve_step(getattr(import_module(module), function), settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
