"""IT syncs people with a directory server, looks before, and looks back."""

import json

import pytest

from core.identity.permissions import Role
from tests.admin.cli.conftest import CommandLine
from tests.factories.desk import PASSWORD
from tests.services.openldap import LdapBranch, OpenLdap

pytestmark = pytest.mark.filterwarnings("ignore:.*Map is deprecated. Please use:DeprecationWarning")


@pytest.mark.services
def test_people_are_synced_after_a_look(own: CommandLine, branch: LdapBranch) -> None:
    dry = own.run_as("ivy", "directory", "sync", "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "Would be: 3 present, 2 added" in dry.output, "who signed in is known already"
    done = own.run_as("ivy", "directory", "sync")
    assert "3 present, 2 added" in done.output
    for name in ("uma", "vera"):
        branch.remove(f"uid={name},{branch.people}")
    stopped = own.run_as("ivy", "directory", "sync")
    assert stopped.exit_code == 1
    assert "stopped, nothing was changed" in stopped.output
    allowed = own.run_as("ivy", "directory", "sync", "--leavers", "2")
    assert allowed.exit_code == 0, allowed.output
    history = own.run_as("ivy", "directory", "history").output.splitlines()
    assert [("stopped" in line, "ivy" in line) for line in history] == [
        (False, True), (True, True), (False, True),
    ]  # fmt: skip


@pytest.mark.services
def test_the_directory_names_candidates_and_makes_no_officer(own: CommandLine, branch: LdapBranch) -> None:
    officers = {officer.id for officer in own.house.services.officers.officers()}
    assert own.run_as("ivy", "directory", "sync").exit_code == 0
    own.house.mirror.run()
    named = {one.profile.username: one.roles for one in own.house.services.officers.candidates()}
    assert Role.COMPLIANCE_OFFICER in named["vera"]
    assert {officer.id for officer in own.house.services.officers.officers()} == officers


@pytest.mark.services
def test_what_the_directory_says_of_somebody_is_shown_before_anybody_can_sign_in(
    own: CommandLine, branch: LdapBranch
) -> None:
    shown = own.run("directory", "show", "ivy")
    assert shown.exit_code == 0, shown.output
    said = dict(line.split(maxsplit=1) for line in shown.output.splitlines() if line.startswith(("g", "r")))
    assert said == {"groups": "it", "roles": "employee, it_administrator"}
    assert "compliance_officer: an approver confirms" in own.run("directory", "show", "vera").output
    branch.replace(f"uid=uma,{branch.people}", "pwdEndTime", "20200101000000Z")
    ended = own.run("directory", "show", "uma")
    assert ended.exit_code == 1
    assert "no: disabled" in ended.output
    absent = own.run("directory", "show", "zoe")
    assert absent.exit_code == 1
    assert "Nobody below ldap.base" in absent.output


@pytest.mark.services
def test_the_doctor_says_for_which_roles_nobody_is_in_a_group(own: CommandLine, branch: LdapBranch) -> None:
    assert own.run_as("ivy", "directory", "sync").exit_code == 0
    lines = json.loads(own.run("doctor", "--json").output)["lines"]
    (said,) = (line for line in lines if line["name"] == "role groups")
    assert said["state"] == "warning"
    assert "auditor (auditor)" in said["says"]
    assert "it_administrator" not in said["says"]


@pytest.mark.services
def test_only_it_may_sync(own: CommandLine, branch: LdapBranch) -> None:
    refused = own.run_as("uma", "directory", "sync")
    assert refused.exit_code == 1
    assert "[denied]" in refused.stderr


def test_where_people_are_kept_here_there_is_nothing_to_sync(chancery: CommandLine) -> None:
    refused = chancery.run_as("ida", "directory", "sync")
    assert refused.exit_code == 1
    assert "[no_directory_server]" in refused.stderr


# -- fixtures -------------------------------------------------------------------------------------


@pytest.fixture
def branch(own: CommandLine, openldap: OpenLdap) -> LdapBranch:
    """People of a directory server, whom the house takes from now on."""
    branch = openldap.branch()
    ivy, _, vera = (branch.add_person(name, PASSWORD) for name in ("ivy", "uma", "vera"))
    branch.add_group("it", [ivy])
    branch.add_group("compliance_officer", [vera])
    with (own.house.settings.home / "chancery.toml").open("a") as file:
        file.write(f"""
[directory]
kind = "ldap"

[ldap]
uris = ["{openldap.ldaps}"]
ca_file = "{openldap.ca_file}"
base = "{branch.people}"
group_base = "{branch.groups}"
bind_dn = "{branch.service_dn}"
bind_password = "{branch.service_password}"
""")
    return branch
