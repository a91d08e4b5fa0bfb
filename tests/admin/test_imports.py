"""A process imports, as it opens, only what its role needs."""

import subprocess
import sys

import pytest

CHAT = "import web.app, web.ports, web.chat.views, web.console.policies, web.realtime.launch"
WORKER = "import admin.worker"
# The employees' search is of the chat's world, and of the same kind as the archive's.
EVIDENCE = ("audit.archive", "audit.ledger", "audit.matters", "audit.retention")


@pytest.mark.parametrize(
    ("imports", "foreign"),
    [
        (CHAT, (*EVIDENCE, "admin.wiring.desk", "admin.wiring.worker")),
        (WORKER, ("web", "admin.wiring.desk", "admin.wiring.pages")),
    ],
    ids=["chat", "worker"],
)
def test_no_process_imports_what_only_another_needs(imports: str, foreign: tuple[str, ...]) -> None:
    code = f"import sys, warnings; warnings.simplefilter('ignore'); {imports}; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    imported = said.split()
    assert "admin.wiring.ground" in imported
    assert [m for m in imported if any(m == name or m.startswith(f"{name}.") for name in foreign)] == []
