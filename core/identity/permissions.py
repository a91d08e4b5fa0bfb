"""Who may do what: one table. What is not in the table is refused.

A role belongs to one *side*: the chat knows employees, policy authors and IT administrators, the
desk knows compliance officers, approvers and auditors. A principal carries roles of its own side
only, so no chat session, however many groups the directory grants, ever reads the archive, and no
administrator can make anybody an officer. The handbook renders this table; a test walks each cell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.errors import Denied
from core.types import SessionId


class PrincipalKind(StrEnum):
    """Where a principal signed in. The two sides share no session and no credential."""

    CHAT = "chat"
    DESK = "desk"


class Role(StrEnum):
    """What a person is entitled as. A person may hold several of one side."""

    EMPLOYEE = "employee"
    POLICY_AUTHOR = "policy_author"
    IT_ADMINISTRATOR = "it_administrator"
    COMPLIANCE_OFFICER = "compliance_officer"
    COMPLIANCE_APPROVER = "compliance_approver"
    POLICY_APPROVER = "policy_approver"
    AUDITOR = "auditor"

    @property
    def words(self) -> str:
        """The role as people write it: ``policy author``, ``IT administrator``."""
        return "IT administrator" if self is Role.IT_ADMINISTRATOR else self.value.replace("_", " ")


CHAT_ROLES = frozenset({Role.EMPLOYEE, Role.POLICY_AUTHOR, Role.IT_ADMINISTRATOR})
DESK_ROLES = frozenset(Role) - CHAT_ROLES
ROLES_OF: Mapping[PrincipalKind, frozenset[Role]] = {
    PrincipalKind.CHAT: CHAT_ROLES,
    PrincipalKind.DESK: DESK_ROLES,
}


class Permission(StrEnum):
    """One capability. Every endpoint and every socket event names exactly one."""

    SESSION_OWN = "session.own"
    PREFERENCES_OWN = "preferences.own"
    CHAT_USE = "chat.use"
    PEOPLE_FIND = "people.find"
    MESSAGE_SEND = "message.send"
    MESSAGE_CHANGE = "message.change"
    FILE_SEND = "file.send"
    CONVERSATION_CREATE = "conversation.create"
    CONVERSATION_JOIN = "conversation.join"
    CONVERSATION_MANAGE = "conversation.manage"
    CONSOLE_VIEW = "console.view"
    PERSON_MANAGE = "person.manage"
    DIRECTORY_MANAGE = "directory.manage"
    POLICY_LINT = "policy.lint"
    POLICY_PROPOSE = "policy.propose"
    DESK_SIGN_IN = "desk.sign_in"
    MATTER_OPEN = "matter.open"
    ARCHIVE_SEARCH = "archive.search"
    ARCHIVE_READ = "archive.read"
    ARCHIVE_RECONCILE = "archive.reconcile"
    RELEASE_DECIDE = "release.decide"
    MESSAGE_RECALL = "message.recall"
    HOLD_MANAGE = "hold.manage"
    RETENTION_RUN = "retention.run"
    POLICY_APPROVE = "policy.approve"
    POLICY_REPLAY = "policy.replay"
    OFFICER_CONFIRM = "officer.confirm"
    OFFICER_DISABLE = "officer.disable"
    KEYS_MANAGE = "keys.manage"
    INDEX_REBUILD = "index.rebuild"
    TRAIL_READ = "trail.read"
    LEDGER_VERIFY = "ledger.verify"
    STATUS_VIEW = "status.view"


@dataclass(frozen=True, slots=True)
class Grant:
    """One row of the table: a permission, what it lets one do, and the roles that have it."""

    permission: Permission
    effect: str
    roles: frozenset[Role]


def _grant(permission: Permission, effect: str, *roles: Role) -> Grant:
    return Grant(permission, effect, frozenset(roles))


_EMPLOYEE, _AUTHOR, _IT = Role.EMPLOYEE, Role.POLICY_AUTHOR, Role.IT_ADMINISTRATOR
_OFFICER, _APPROVER = Role.COMPLIANCE_OFFICER, Role.COMPLIANCE_APPROVER
_POLICY, _AUDITOR = Role.POLICY_APPROVER, Role.AUDITOR

TABLE: tuple[Grant, ...] = (
    _grant(
        Permission.SESSION_OWN,
        "See and end one's own sessions, sign out everywhere, change one's own password.",
        *Role,
    ),
    _grant(Permission.PREFERENCES_OWN, "Choose look, language, keys and notifications for oneself.", *Role),
    _grant(Permission.CHAT_USE, "Open the chat and read the conversations one is a member of.", _EMPLOYEE),
    _grant(Permission.PEOPLE_FIND, "Look people up by name.", _EMPLOYEE),
    _grant(
        Permission.MESSAGE_SEND,
        "Send, reply, forward, react, pin, and see policy tips while typing.",
        _EMPLOYEE,
    ),
    _grant(Permission.MESSAGE_CHANGE, "Edit, delete or withdraw one's own messages.", _EMPLOYEE),
    _grant(Permission.FILE_SEND, "Upload files, and send them with a message.", _EMPLOYEE),
    _grant(Permission.CONVERSATION_CREATE, "Start direct, group and channel conversations.", _EMPLOYEE),
    _grant(
        Permission.CONVERSATION_JOIN,
        "Join public channels, invite, leave; take others out of what one opened.",
        _EMPLOYEE,
    ),
    _grant(Permission.CONVERSATION_MANAGE, "Rename, set the topic of, or close a conversation.", _EMPLOYEE),
    _grant(Permission.CONSOLE_VIEW, "Open the IT console.", _AUTHOR, _IT),
    _grant(Permission.PERSON_MANAGE, "Add and disable people, set groups, end their sessions.", _IT),
    _grant(Permission.DIRECTORY_MANAGE, "Test the directory's connection and start a sync.", _IT),
    _grant(Permission.POLICY_LINT, "Check and test a policy bundle.", _AUTHOR, _POLICY),
    _grant(Permission.POLICY_PROPOSE, "Propose a policy bundle for approval.", _AUTHOR),
    _grant(Permission.DESK_SIGN_IN, "Sign in at the compliance desk.", *DESK_ROLES),
    _grant(Permission.MATTER_OPEN, "Open and close a matter.", _OFFICER),
    _grant(Permission.ARCHIVE_SEARCH, "Search the archive inside a matter, with a reason.", _OFFICER),
    _grant(Permission.ARCHIVE_READ, "Read archived records inside a matter, with a reason.", _OFFICER),
    _grant(Permission.ARCHIVE_RECONCILE, "Compare chat, archive, index and ledger.", _OFFICER, _AUDITOR),
    _grant(Permission.RELEASE_DECIDE, "Release or reject quarantined messages.", _OFFICER),
    _grant(
        Permission.MESSAGE_RECALL, "Recall a delivered message inside a matter, and restore it.", _OFFICER
    ),
    _grant(Permission.HOLD_MANAGE, "Place and release legal holds.", _OFFICER),
    _grant(Permission.RETENTION_RUN, "Condemn partitions whose last item is due.", _APPROVER),
    _grant(Permission.POLICY_APPROVE, "Approve or reject a proposed policy bundle.", _POLICY),
    _grant(
        Permission.POLICY_REPLAY, "Replay archived decisions; shows differences, no text.", _OFFICER, _POLICY
    ),
    _grant(Permission.OFFICER_CONFIRM, "Confirm a candidate whom the directory names.", _APPROVER),
    _grant(Permission.OFFICER_DISABLE, "Take a desk account away.", _APPROVER),
    _grant(Permission.KEYS_MANAGE, "Make partition keys ahead and rotate keys.", _APPROVER),
    _grant(Permission.INDEX_REBUILD, "Re-create the search index from the archive.", _OFFICER),
    _grant(Permission.TRAIL_READ, "Read what officers and administrators did.", _APPROVER, _AUDITOR),
    _grant(Permission.LEDGER_VERIFY, "Verify the ledger.", _IT, _OFFICER, _APPROVER, _AUDITOR),
    _grant(Permission.STATUS_VIEW, "See health, lag and versions; no content.", _IT, *DESK_ROLES),
)

GRANTS: Mapping[Permission, Grant] = {grant.permission: grant for grant in TABLE}

# Whoever holds one of these sees text of conversations that are not their own.
CONTENT_PERMISSIONS = frozenset(
    {
        Permission.ARCHIVE_SEARCH,
        Permission.ARCHIVE_READ,
        Permission.RELEASE_DECIDE,
        Permission.MESSAGE_RECALL,
        Permission.INDEX_REBUILD,
    }
)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a person of the chat or an officer of the desk, with the roles in force now.

    ``session`` is None on the command line, where the password was asked for just now.

    Raises:
        Denied: a role of the other side was claimed.
    """

    kind: PrincipalKind
    id: str
    roles: frozenset[Role]
    session: SessionId | None = None

    def __post_init__(self) -> None:
        """Refuse roles of the other side."""
        foreign = self.roles - ROLES_OF[self.kind]
        if foreign:
            raise Denied(
                f"{', '.join(sorted(foreign))} cannot be held in the {self.kind}.", code="foreign_role"
            )


def is_permitted(principal: Principal, permission: Permission) -> bool:
    """Tell whether the table has a cell for it; for showing or hiding, never in place of a check."""
    return bool(principal.roles & GRANTS[permission].roles)


def check_permission(principal: Principal, permission: Permission) -> None:
    """Refuse what the table does not grant.

    Raises:
        Denied: ``denied``, naming the permission and the roles that have it.
    """
    if not is_permitted(principal, permission):
        grant = GRANTS[permission]
        holders = sorted(grant.roles)
        named = " or ".join(role.words for role in holders)
        raise Denied(
            f"You are not entitled to this: {grant.effect} It takes the role of {named}.",
            permission=permission,
            roles=holders,
        )


def check_not_own_request(principal: Principal, *requesters: str) -> None:
    """Refuse that anyone approves what they asked for, or what concerns themselves.

    ``requesters`` are all ids under which the requester is known: a person has one in the chat and
    another at the desk, and neither may serve to approve the other's request.

    Raises:
        Denied: ``own_request``.
    """
    if principal.id in requesters:
        raise Denied(
            "Nobody approves their own request: ask a second person to decide it.", code="own_request"
        )


def roles_from(names: Iterable[str]) -> frozenset[Role]:
    """Return roles by name.

    Raises:
        ValueError: a name is none.
    """
    return frozenset(Role(name) for name in names)


def as_markdown() -> str:
    """Return the table as the handbook prints it, one row for each permission."""
    roles = tuple(Role)
    lines = [
        "| Permission | Lets one | " + " | ".join(role.words for role in roles) + " |",
        "|---|---|" + ":-:|" * len(roles),
    ]
    for grant in TABLE:
        cells = " | ".join("✓" if role in grant.roles else "" for role in roles)
        lines.append(f"| `{grant.permission}` | {grant.effect} | {cells} |")
    return "\n".join(lines) + "\n"
