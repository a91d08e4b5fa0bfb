"""What groups and attributes mean here."""

import pytest

from core.errors import SettingsError
from core.identity.directory import (
    DirectoryMapping,
    DirectoryPerson,
    canonical_username,
    mapping_from_settings,
)
from core.identity.permissions import Role
from core.settings import Settings
from tests.factories.identity import MAPPING


def person(*groups: str, **attributes: str) -> DirectoryPerson:
    return DirectoryPerson("id", "alice", "Alice", groups=frozenset(groups), attributes=attributes)


def test_everybody_is_an_employee_and_groups_give_more() -> None:
    assert MAPPING.roles_for(person()) == {Role.EMPLOYEE}
    assert MAPPING.roles_for(person("IT", "policy")) == {
        Role.EMPLOYEE,
        Role.IT_ADMINISTRATOR,
        Role.POLICY_AUTHOR,
    }


def test_a_group_can_be_required_of_employees() -> None:
    mapping = DirectoryMapping(roles={Role.EMPLOYEE: frozenset({"chat-users"})})
    assert mapping.roles_for(person()) == frozenset()
    assert mapping.roles_for(person("chat-users")) == {Role.EMPLOYEE}


def test_the_directory_names_candidates_but_gives_no_desk_role() -> None:
    officer = person("compliance")
    assert MAPPING.roles_for(officer) == {Role.EMPLOYEE}
    assert MAPPING.candidate_roles_for(officer) == {Role.COMPLIANCE_OFFICER, Role.COMPLIANCE_APPROVER}
    assert MAPPING.candidate_roles_for(person("it")) == frozenset()


def test_segments_follow_groups_and_attributes() -> None:
    assert MAPPING.segments_for(person("Research")) == {"research"}
    assert MAPPING.segments_for(person(departmentNumber="res")) == {"research"}
    assert MAPPING.segments_for(person("trading", departmentNumber="RES")) == {"research", "trading"}
    assert MAPPING.segments_for(person(departmentNumber="TRD")) == frozenset()


def test_guests_are_external() -> None:
    assert MAPPING.is_external(person("Guests"))
    assert not MAPPING.is_external(person("it"))


def test_employees_take_part_and_accounts_of_services_do_not() -> None:
    mapping = DirectoryMapping(
        roles={Role.IT_ADMINISTRATOR: frozenset({"it"})}, service_groups=frozenset({"robots"})
    )
    assert mapping.takes_part(person())
    assert mapping.takes_part(person("it")), "people of IT are people"
    assert not mapping.takes_part(person("it", "Robots"))
    named = DirectoryMapping(roles={Role.EMPLOYEE: frozenset({"chat-users"})})
    assert named.takes_part(person("chat-users"))
    assert not named.takes_part(person("it")), "who has no right to the chat cannot be reached there"


def test_settings_describe_the_mapping() -> None:
    settings = Settings(directory_roles={"auditor": ("audit",)}, directory_external_groups=("guests",))
    mapping = mapping_from_settings(settings)
    assert mapping.candidate_roles_for(person("audit")) == {Role.AUDITOR}
    assert mapping.is_external(person("guests"))
    assert not mapping.takes_part(person("service-accounts"))


def test_a_role_that_does_not_exist_is_refused_with_the_roles_that_do() -> None:
    with pytest.raises(SettingsError, match="it_administrator") as refused:
        mapping_from_settings(Settings(directory_roles={"administrator": ("it",)}))
    assert refused.value.params["key"] == "directory.roles"


@pytest.mark.parametrize(
    "spelling",
    ["alice", "ALICE", " alice ", "al\u00adice", "\u200balice", "ａｌｉｃｅ", "alice\u00a0", "al\ufe0fice"],
)
def test_all_that_a_directory_may_take_for_one_name_is_one_name(spelling: str) -> None:
    assert canonical_username(spelling) == "alice"


def test_names_that_differ_stay_different() -> None:
    assert len({canonical_username(name) for name in ("alice", "alicé", "al ice", "a1ice")}) == 4
