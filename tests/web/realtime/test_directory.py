"""A real directory server behind a served suite: what changes there takes effect on live sockets."""

from collections.abc import Iterator

import pytest

from tests.factories.suite import PASSWORD, Suite, make_suite, wait_for
from tests.services.openldap import LdapBranch, OpenLdap

pytestmark = [
    pytest.mark.services,
    pytest.mark.timeout(180),
    pytest.mark.filterwarnings("ignore:.*Map is deprecated. Please use:DeprecationWarning"),
]


def test_leavers_and_changed_groups_take_effect_on_live_sockets(suite: Suite, branch: LdapBranch) -> None:
    names = {name: branch.add_person(name, PASSWORD) for name in ("ana", "ben", "cleo")}
    staff = branch.add_group("staff", list(names.values()))
    ana, ben, cleo = (suite.connect(name) for name in names)
    assert all(client.emit("hello")["ok"] for client in (ana, ben, cleo))

    branch.add_group("policy-authors", [names["cleo"]])
    wait_for(lambda: "policy_author" in cleo.emit("hello")["me"]["roles"], 60, "the new role")

    branch.remove(names["ana"])
    ana.wait(lambda: ana.closed, timeout=60)
    assert ana.heard("signed_out")

    branch.leave_group(staff, names["ben"])
    ben.wait(lambda: ben.closed, timeout=60)
    assert cleo.emit("hello")["ok"], "nobody else is touched"


# -- fixtures -------------------------------------------------------------------------------------


@pytest.fixture
def branch(openldap: OpenLdap) -> LdapBranch:
    return openldap.branch()


@pytest.fixture
def suite(
    tmp_path_factory: pytest.TempPathFactory, openldap: OpenLdap, branch: LdapBranch
) -> Iterator[Suite]:
    """A suite whose people come from the branch, and chat only while they are in the group `staff`."""
    made = make_suite(
        tmp_path_factory.mktemp("directory"),
        CHANCERY_DIRECTORY_KIND="ldap",
        CHANCERY_DIRECTORY_SYNC_SECONDS="1",
        CHANCERY_DIRECTORY_ROLES='{ employee = ["staff"], policy_author = ["policy-authors"] }',
        CHANCERY_LDAP_URIS=openldap.ldaps,
        CHANCERY_LDAP_CA_FILE=str(openldap.ca_file),
        CHANCERY_LDAP_BASE=branch.people,
        CHANCERY_LDAP_GROUP_BASE=branch.groups,
        CHANCERY_LDAP_BIND_DN=branch.service_dn,
        CHANCERY_LDAP_BIND_PASSWORD=branch.service_password,
    )
    made.start()
    yield made
    made.stop()
