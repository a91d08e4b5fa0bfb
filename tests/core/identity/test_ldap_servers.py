"""Several directory servers: the first that answers, and time that is lost only once."""

import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from core.crypto.certificates import ends
from core.errors import NotSignedIn, Unavailable
from core.identity.ldap import LdapDirectory
from core.identity.ldap.servers import AVOIDED_S
from tests.contracts.directory import OTHER_PASSWORD, PASSWORD
from tests.factories.ldap import openldap_settings
from tests.fakes.clock import DrivenClock
from tests.services.forwarder import Forwarder, forwarding, swallowing
from tests.services.openldap import LdapBranch, OpenLdap, start_openldap

pytestmark = [
    pytest.mark.services,
    pytest.mark.filterwarnings("ignore:.*Map is deprecated. Please use:DeprecationWarning"),
]

LIMIT_S = 5.0


def test_a_server_that_swallows_packets_costs_its_time_once(
    openldap: OpenLdap, ldap_branch: LdapBranch, clock: DrivenClock
) -> None:
    ldap_branch.add_person("alice", PASSWORD)
    with swallowing() as port:
        uris = (f"ldaps://127.0.0.1:{port}", openldap.ldaps)
        # With the time limit of a house whose settings name none.
        directory = LdapDirectory(openldap_settings(openldap, ldap_branch, uris=uris), clock)
        assert _seconds_to_sign_in(directory) < LIMIT_S
        for _ in range(5):
            assert _seconds_to_sign_in(directory) < 1.0, "a server that does not answer is avoided"
        health = directory.health()
    assert [(one.server, one.ok) for one in health] == [(uris[0], False), (uris[1], True)]
    assert "no connection" in health[0].says


def test_a_server_that_came_back_is_preferred_again(
    openldap: OpenLdap, ldap_branch: LdapBranch, clock: DrivenClock, first: Forwarder
) -> None:
    ldap_branch.add_person("alice", PASSWORD)
    directory = _two(openldap, ldap_branch, clock, first)
    first.open = False
    directory.find("alice")
    first.open, refused = True, first.connections
    directory.find("alice")
    assert first.connections == refused
    clock.advance(AVOIDED_S)
    directory.find("alice")
    assert first.connections > refused


def test_a_certificate_that_ends_soon_is_told_before_it_does(
    openldap: OpenLdap, ldap_branch: LdapBranch
) -> None:
    ldap_branch.add_person("alice", PASSWORD)
    pem = (openldap.ca_file.parent / "server.pem").read_text().strip()
    until = ends(ssl.PEM_cert_to_DER_cert(pem))
    for before, told in ((15, ""), (13, f"Its certificate ends on {until:%Y-%m-%d}.")):
        clock = DrivenClock(until - timedelta(days=before))
        (health,) = LdapDirectory(openldap_settings(openldap, ldap_branch), clock).health()
        assert (health.ok, health.warning) == (True, told)


def test_when_all_are_avoided_one_is_asked_all_the_same(
    openldap: OpenLdap, ldap_branch: LdapBranch, clock: DrivenClock, first: Forwarder
) -> None:
    ldap_branch.add_person("alice", PASSWORD)
    settings = openldap_settings(openldap, ldap_branch, uris=(f"ldaps://localhost:{first.port}",))
    directory = LdapDirectory(settings, clock)
    first.open = False
    with pytest.raises(Unavailable):
        directory.find("alice")
    first.open = True
    assert directory.find("alice") is not None


def test_a_wrong_password_is_tried_on_one_server_only(
    openldap: OpenLdap, ldap_branch: LdapBranch, clock: DrivenClock, first: Forwarder
) -> None:
    ldap_branch.add_person("alice", PASSWORD)
    before = openldap.operations("Bind")
    with pytest.raises(NotSignedIn):
        _two(openldap, ldap_branch, clock, first).authenticate("alice", OTHER_PASSWORD)
    assert openldap.operations("Bind") - before == 2
    settings = openldap_settings(
        openldap, ldap_branch, uris=(openldap.ldaps,) * 2, bind_password=OTHER_PASSWORD
    )
    before = openldap.operations("Bind")
    with pytest.raises(Unavailable):
        LdapDirectory(settings, clock).find("alice")
    assert openldap.operations("Bind") - before == 1, "a service account must not be locked on every server"


def test_people_sign_in_while_one_of_two_servers_is_dead(
    openldap: OpenLdap, clock: DrivenClock, tmp_path: Path
) -> None:
    process, other = start_openldap(tmp_path)
    here = openldap.branch()
    # The same branch on both; the passwords tell which one answered.
    here.add_person("alice", OTHER_PASSWORD)
    LdapBranch(other, here.base).make().add_person("alice", PASSWORD)
    both = tmp_path / "both.pem"
    both.write_bytes(openldap.ca_file.read_bytes() + other.ca_file.read_bytes())
    settings = openldap_settings(openldap, here, uris=(other.ldaps, openldap.ldaps), ca_file=str(both))
    directory = LdapDirectory(settings, clock)
    assert directory.authenticate("alice", PASSWORD).username == "alice"
    other.admin.unbind()
    process.kill()
    process.wait(10)
    assert directory.authenticate("alice", OTHER_PASSWORD).username == "alice"
    assert [one.ok for one in directory.health()] == [False, True]


# -- fixtures -------------------------------------------------------------------------------------


def _seconds_to_sign_in(directory: LdapDirectory) -> float:
    started = time.monotonic()
    assert directory.authenticate("alice", PASSWORD).username == "alice"
    return time.monotonic() - started


def _two(openldap: OpenLdap, branch: LdapBranch, clock: DrivenClock, first: Forwarder) -> LdapDirectory:
    uris = (f"ldaps://localhost:{first.port}", openldap.ldaps)
    return LdapDirectory(openldap_settings(openldap, branch, uris=uris), clock)


@pytest.fixture
def clock() -> DrivenClock:
    return DrivenClock()


@pytest.fixture
def first(openldap: OpenLdap) -> Iterator[Forwarder]:
    """The way to a server that can be closed."""
    with ExitStack() as stack:
        yield stack.enter_context(forwarding(openldap.tls_port))
