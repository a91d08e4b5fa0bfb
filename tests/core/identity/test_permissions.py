"""The table of permissions, cell by cell, against a matrix that was written apart from it."""

import pytest

from core.errors import Denied
from core.identity.permissions import (
    CHAT_ROLES,
    CONTENT_PERMISSIONS,
    DESK_ROLES,
    GRANTS,
    TABLE,
    Permission,
    Principal,
    PrincipalKind,
    Role,
    as_markdown,
    check_not_own_request,
    check_permission,
    roles_from,
)

# E employee, W policy author (writes), I administrator, O officer, A compliance approver,
# P policy approver, U auditor.
COLUMNS = {
    "E": Role.EMPLOYEE,
    "W": Role.POLICY_AUTHOR,
    "I": Role.IT_ADMINISTRATOR,
    "O": Role.COMPLIANCE_OFFICER,
    "A": Role.COMPLIANCE_APPROVER,
    "P": Role.POLICY_APPROVER,
    "U": Role.AUDITOR,
}
MATRIX = """
                      E W I  O A P U
session.own           x x x  x x x x
preferences.own       x x x  x x x x
chat.use              x - -  - - - -
people.find           x - -  - - - -
message.send          x - -  - - - -
message.change        x - -  - - - -
file.send             x - -  - - - -
conversation.create   x - -  - - - -
conversation.join     x - -  - - - -
conversation.manage   x - -  - - - -
console.view          - x x  - - - -
person.manage         - - x  - - - -
directory.manage      - - x  - - - -
policy.lint           - x -  - - x -
policy.propose        - x -  - - - -
desk.sign_in          - - -  x x x x
matter.open           - - -  x - - -
archive.search        - - -  x - - -
archive.read          - - -  x - - -
archive.reconcile     - - -  x - - x
release.decide        - - -  x - - -
message.recall        - - -  x - - -
hold.manage           - - -  x - - -
retention.run         - - -  - x - -
policy.approve        - - -  - - x -
policy.replay         - - -  x - x -
officer.confirm       - - -  - x - -
officer.disable       - - -  - x - -
keys.manage           - - -  - x - -
index.rebuild         - - -  x - - -
trail.read            - - -  - x - x
ledger.verify         - - x  x x - x
status.view           - - x  x x x x
"""


def cells() -> list[tuple[str, Role, bool]]:
    header, *rows = [line.split() for line in MATRIX.strip().splitlines()]
    return [
        (permission, COLUMNS[letter], mark == "x")
        for permission, *marks in rows
        for letter, mark in zip(header, marks, strict=True)
    ]


def principal(*roles: Role) -> Principal:
    kind = PrincipalKind.CHAT if set(roles) <= CHAT_ROLES else PrincipalKind.DESK
    return Principal(kind, "someone", frozenset(roles))


@pytest.mark.parametrize(("permission", "role", "granted"), cells())
def test_each_cell_is_as_the_matrix_says(permission: str, role: Role, granted: bool) -> None:
    if granted:
        check_permission(principal(role), Permission(permission))
    else:
        with pytest.raises(Denied) as refused:
            check_permission(principal(role), Permission(permission))
        assert refused.value.code == "denied"
        assert refused.value.params["permission"] == permission


def test_the_matrix_and_the_table_name_the_same_permissions() -> None:
    assert {permission for permission, _, _ in cells()} == set(Permission)
    assert [grant.permission for grant in TABLE] == list(Permission)


def test_no_administrator_holds_a_permission_that_shows_content() -> None:
    for permission in CONTENT_PERMISSIONS:
        assert not GRANTS[permission].roles & CHAT_ROLES


def test_no_chat_role_makes_officers() -> None:
    for permission in (Permission.OFFICER_CONFIRM, Permission.DESK_SIGN_IN, Permission.POLICY_APPROVE):
        assert GRANTS[permission].roles <= DESK_ROLES


def test_somebody_without_a_role_may_do_nothing() -> None:
    for permission in Permission:
        with pytest.raises(Denied):
            check_permission(Principal(PrincipalKind.CHAT, "nobody", frozenset()), permission)


@pytest.mark.parametrize("role", sorted(DESK_ROLES))
def test_a_chat_session_never_carries_a_desk_role(role: Role) -> None:
    with pytest.raises(Denied) as refused:
        Principal(PrincipalKind.CHAT, "someone", frozenset({Role.EMPLOYEE, role}))
    assert refused.value.code == "foreign_role"


@pytest.mark.parametrize("role", sorted(CHAT_ROLES))
def test_a_desk_session_never_carries_a_chat_role(role: Role) -> None:
    with pytest.raises(Denied):
        Principal(PrincipalKind.DESK, "someone", frozenset({role}))


def test_nobody_approves_their_own_request() -> None:
    approver = Principal(PrincipalKind.DESK, "officer-1", frozenset({Role.POLICY_APPROVER}))
    check_not_own_request(approver, "officer-2", "person-2")
    with pytest.raises(Denied) as refused:
        check_not_own_request(approver, "person-1", "officer-1")
    assert refused.value.code == "own_request"


def test_an_unknown_role_is_no_role() -> None:
    assert roles_from(["auditor"]) == {Role.AUDITOR}
    with pytest.raises(ValueError, match="root"):
        roles_from(["root"])


def test_the_handbook_shows_every_permission_and_every_role() -> None:
    text = as_markdown()
    assert all(f"`{permission}`" in text for permission in Permission)
    assert all(role.words in text for role in Role)
    assert text.count("✓") == sum(len(grant.roles) for grant in TABLE)
