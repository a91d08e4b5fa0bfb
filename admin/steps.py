"""The steps that commands run in other roles: ``python -m admin.steps ROLE STEP`` (see ``roles``).

A step is named by module and function, so that a child imports only what its role needs.
"""

import os
import signal
import sys
from collections.abc import Mapping
from importlib import import_module

from admin.processes import die_with_parent
from admin.roles import Step, serve_step
from core.crypto.rings import ProcessRole
from core.errors import NotFound
from core.logs import configure_logs
from core.settings import load_settings, settings_file

STEPS: Mapping[tuple[ProcessRole, str], str] = {
    (ProcessRole.WORKER, "create-worker"): "admin.initialise:create_worker",
    (ProcessRole.DESK, "create-desk"): "admin.initialise:create_desk",
    (ProcessRole.WORKER, "open-worker"): "admin.initialise:open_worker",
    (ProcessRole.PAGES, "first-administrator"): "admin.initialise:first_administrator",
    (ProcessRole.PAGES, "seed-demo"): "admin.demo.seed:seed",
    (ProcessRole.WORKER, "archive-demo"): "admin.demo.evidence:archive",
    (ProcessRole.DESK, "enrol-demo"): "admin.demo.officers:enrol",
    (ProcessRole.PAGES, "person-add"): "admin.cli.steps.people:add",
    (ProcessRole.PAGES, "person-groups"): "admin.cli.steps.people:set_groups",
    (ProcessRole.PAGES, "person-disable"): "admin.cli.steps.people:disable",
    (ProcessRole.PAGES, "directory-sync"): "admin.cli.steps.directory:sync",
    (ProcessRole.PAGES, "directory-show"): "admin.cli.steps.directory:show",
    (ProcessRole.PAGES, "directory-history"): "admin.cli.steps.directory:history",
    (ProcessRole.PAGES, "policy-propose"): "admin.cli.steps.people:propose",
    (ProcessRole.DESK, "policy-replay"): "admin.cli.steps.desk:replay_policy",
    (ProcessRole.DESK, "matter-open"): "admin.cli.steps.desk:open_matter",
    (ProcessRole.DESK, "hold-add"): "admin.cli.steps.desk:add_hold",
    (ProcessRole.DESK, "hold-release"): "admin.cli.steps.desk:release_hold",
    (ProcessRole.DESK, "hold-list"): "admin.cli.steps.desk:list_holds",
    (ProcessRole.DESK, "keys-status"): "admin.cli.steps.desk:keys_status",
    (ProcessRole.DESK, "keys-rotate"): "admin.cli.steps.desk:rotate_keys",
    (ProcessRole.DESK, "reconcile-desk"): "admin.cli.steps.evidence:reconcile_at_desk",
    (ProcessRole.WORKER, "reconcile-worker"): "admin.cli.steps.evidence:reconcile_at_worker",
    (ProcessRole.DESK, "index-rebuild"): "admin.cli.steps.evidence:rebuild_index",
    (ProcessRole.DESK, "index-building"): "admin.cli.steps.evidence:building_indexes",
    (ProcessRole.DESK, "ledger-verify"): "admin.cli.steps.evidence:verify_ledger",
    (ProcessRole.WORKER, "ledger-rebuild"): "admin.cli.steps.evidence:rebuild_ledger",
    (ProcessRole.PAGES, "doctor"): "admin.health.checks.chat:check",
    (ProcessRole.WORKER, "doctor"): "admin.health.checks.worker:check",
    (ProcessRole.DESK, "doctor"): "admin.health.checks.desk:check",
    (ProcessRole.PAGES, "backup-record"): "admin.cli.steps.backups:record_backup",
    (ProcessRole.PAGES, "restore-chat"): "admin.cli.steps.backups:restored_chat",
    (ProcessRole.WORKER, "restore-worker"): "admin.cli.steps.backups:restored_worker",
    (ProcessRole.DESK, "restore-desk"): "admin.cli.steps.backups:restored_desk",
}


def find_step(role: ProcessRole, step: str) -> Step:
    """Return the function of a step. Raises NotFound ``no_step``."""
    if (role, step) not in STEPS:
        raise NotFound(f"{role} has no step {step}.", code="no_step")
    module, _, function = STEPS[role, step].partition(":")
    found: Step = getattr(import_module(module), function)
    return found


def main(arguments: list[str]) -> int:
    """Run one step; see the module. It ends with whoever started it, and at once on Ctrl-C."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    configure_logs(arguments[0])
    settings = load_settings(os.environ, settings_file(os.environ))
    return serve_step(find_step(ProcessRole(arguments[0]), arguments[1]), settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
