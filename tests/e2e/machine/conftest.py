"""The house: on a small disk of its own, with a clock that can be set, its people in a directory server."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.spine import House, serve_house
from tests.factories.suite import PASSWORD, Suite, make_suite
from tests.services.clock import SetClock, make_clock
from tests.services.disk import small_disk
from tests.services.forwarder import Forwarder, forwarding
from tests.services.openldap import LdapBranch, OpenLdap

SIZE_MB = 256


@dataclass
class Firm:
    """The branch of the directory: people in the group ``staff`` may chat."""

    branch: LdapBranch
    entries: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    def add(self, username: str, *groups: str, cn: str = "") -> None:
        """Add one of the staff."""
        entry = self.branch.add_person(username, PASSWORD, cn=cn or username.title())
        self.entries[username] = entry
        for group in ("staff", *groups):
            if group in self.groups:
                self.branch.join_group(self.groups[group], entry)
            else:
                self.groups[group] = self.branch.add_group(group, [entry])


@dataclass
class Machine:
    """The served house and what it stands on."""

    house: House
    disk: Path
    clock: SetClock
    firm: Firm
    directory: Forwarder
    slapd: OpenLdap

    @property
    def suite(self) -> Suite:
        return self.house.suite


@pytest.fixture(scope="package")
def machine(tmp_path_factory: pytest.TempPathFactory, openldap: OpenLdap) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("machine")
    clock = make_clock(folder)
    with small_disk(folder / "disk", SIZE_MB) as disk, forwarding(openldap.plain_port) as directory:
        branch = openldap.branch()
        firm = Firm(branch)
        suite = make_suite(
            disk / "house",
            policy="demo",
            CHANCERY_DIRECTORY_KIND="ldap",
            CHANCERY_DIRECTORY_SYNC_SECONDS="1",
            CHANCERY_DIRECTORY_ROLES='{ employee = ["staff"], policy_author = ["policy-authors"] }',
            CHANCERY_LDAP_URIS=f"ldap://localhost:{directory.port}",
            CHANCERY_LDAP_START_TLS="true",
            CHANCERY_LDAP_CA_FILE=str(openldap.ca_file),
            CHANCERY_LDAP_BASE=branch.people,
            CHANCERY_LDAP_GROUP_BASE=branch.groups,
            CHANCERY_LDAP_BIND_DN=branch.service_dn,
            CHANCERY_LDAP_BIND_PASSWORD=branch.service_password,
            CHANCERY_LDAP_TIMEOUT_SECONDS="2",
            **clock.environ,
        )
        house = serve_house(suite, firm.add)
        yield Machine(house, disk, clock, firm, directory, openldap)
        house.close()
