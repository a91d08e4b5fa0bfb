"""The settings file that ``chancery init`` writes: which groups of the built-in directory give a role.

No group gives a role by default: what administers is named in a file that its owner can read. With a
directory server, whose groups are not ours to name, nothing is written.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from core.identity.permissions import Role
from core.settings import Settings, settings_file

ADMINISTRATORS: Final = "it"

GROUPS: Final[Mapping[Role, str]] = {
    Role.IT_ADMINISTRATOR: ADMINISTRATORS,
    Role.POLICY_AUTHOR: "policy-authors",
    Role.COMPLIANCE_OFFICER: "compliance",
    Role.COMPLIANCE_APPROVER: "compliance-approvers",
    Role.POLICY_APPROVER: "policy-approvers",
    Role.AUDITOR: "auditors",
}

_HEAD: Final = """\
# Written by `chancery init`. Every setting stands in the handbook; restart after a change.
# Groups give the roles of the chat; for roles of the desk they name candidates, whom an approver confirms.

[directory.roles]
"""


def write_role_groups(settings: Settings, environ: Mapping[str, str]) -> Path | None:
    """Write the file unless roles are set already, a file is there, or people come from a server."""
    path = settings_file(environ)
    settled = settings.directory_roles or settings.directory_kind != "builtin"
    if settled or "CHANCERY_FILE" in environ or path.exists():
        return None
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(_HEAD + "".join(f'{role} = ["{group}"]\n' for role, group in GROUPS.items()), "utf-8")
    return path
