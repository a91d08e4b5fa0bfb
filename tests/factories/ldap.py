"""Directories on the OpenLDAP server of the tests."""

from collections.abc import Callable
from typing import Any

from core.identity.ldap import LdapDirectory, LdapSettings
from core.types import Clock, SystemClock
from tests.services.openldap import LdapBranch, OpenLdap

Connect = Callable[..., LdapDirectory]


def openldap_settings(server: OpenLdap, branch: LdapBranch, **changes: Any) -> LdapSettings:
    """Return how to reach one branch over verified TLS."""
    return LdapSettings(
        **{
            "uris": (server.ldaps,),
            "base": branch.people,
            "ca_file": str(server.ca_file),
            "bind_dn": branch.service_dn,
            "bind_password": branch.service_password,
            "group_base": branch.groups,
            **changes,
        }
    )


def connect_to(server: OpenLdap, branch: LdapBranch, clock: Clock | None = None) -> Connect:
    """Return what makes directories of a branch, with other settings where they are given."""
    clock = clock or SystemClock()
    return lambda **changes: LdapDirectory(openldap_settings(server, branch, **changes), clock)
