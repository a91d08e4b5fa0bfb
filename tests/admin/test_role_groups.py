"""A new house says in a file which groups give a role, and its first administrator can administer."""

from pathlib import Path

from admin.role_groups import ADMINISTRATORS, write_role_groups
from core.identity.directory import DirectoryPerson, mapping_from_settings
from core.identity.permissions import DESK_ROLES, Role
from core.settings import load_settings, settings_file


def test_the_first_administrator_of_a_new_house_can_administer(tmp_path: Path) -> None:
    environ = {"CHANCERY_HOME": str(tmp_path / "home")}
    assert write_role_groups(load_settings(environ), environ) is not None
    mapping = mapping_from_settings(load_settings(environ, settings_file(environ)))
    admin = DirectoryPerson("1", "admin", "Admin", groups=frozenset({ADMINISTRATORS}))
    assert mapping.roles_for(admin) == {Role.IT_ADMINISTRATOR, Role.EMPLOYEE}
    assert mapping.roles.keys() >= DESK_ROLES


def test_nothing_is_written_over_what_somebody_settled(tmp_path: Path) -> None:
    environ = {"CHANCERY_HOME": str(tmp_path)}
    (tmp_path / "chancery.toml").write_text('tenant = "acme"\n')
    assert write_role_groups(load_settings(environ), environ) is None
    ldap = {**environ, "CHANCERY_HOME": str(tmp_path / "ldap"), "CHANCERY_DIRECTORY_KIND": "ldap"}
    ldap["CHANCERY_LDAP_URIS"] = "ldaps://directory.example"
    assert write_role_groups(load_settings(ldap), ldap) is None
    elsewhere = {"CHANCERY_HOME": str(tmp_path / "new"), "CHANCERY_FILE": str(tmp_path / "chancery.toml")}
    assert write_role_groups(load_settings(elsewhere), elsewhere) is None
    assert not (tmp_path / "new").exists()
