"""A real OpenLDAP server for tests: Debian's slapd on free loopback ports, with a test CA.

It speaks plain LDAP, StartTLS and LDAPS with a certificate for ``localhost`` only, so that the
same server is right under one name and wrong under the other. Each test works in a branch of its
own. ``operations`` counts what really arrived, by the server's own monitor.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
import trustme
from ldap3 import BASE, MODIFY_ADD, MODIFY_DELETE, MODIFY_REPLACE, NONE, SAFE_SYNC, Connection, Server
from ldap3.utils.dn import escape_rdn

from core.types import new_id
from tests.services.debian import free_ports, install
from tests.services.missing import cannot_be_had

SUFFIX = "dc=acme,dc=example"
ROOT_DN = f"cn=root,{SUFFIX}"
# Only ever reachable on loopback, for the length of one test run.
ROOT_PASSWORD = "root-of-the-test-directory"

_START_LIMIT_S = 20.0
# Lets attributes be set that only the server may set (draft-zeilenga-ldap-relax).
_RELAX_RULES = ("1.3.6.1.4.1.4203.666.5.12", True, None)
_CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
pidfile {folder}/slapd.pid
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
database monitor
access to * by dn.exact="{root}" read by * none
database mdb
suffix "{suffix}"
rootdn "{root}"
rootpw {password}
directory {folder}/data
maxsize 67108864
dbnosync
index objectClass,uid,entryUUID,member eq
limits dn.regex="^cn=limited," size.soft=4 size.hard=4 size.pr=4
limits dn.regex="^cn=chancery," size.soft=1000 size.hard=1000 size.pr=200 size.prtotal=unlimited
limits * size.soft=1000 size.hard=1000 size.pr=200
access to attrs=userPassword by anonymous auth by * none
access to * by users read by anonymous none
overlay memberof
overlay ppolicy
ppolicy_use_lockout
"""


class LdapBranch:
    """One branch of the test server: people, groups and a service account of one test."""

    def __init__(self, server: "OpenLdap", base: str) -> None:
        self.base = base
        self.people = f"ou=people,{base}"
        self.groups = f"ou=groups,{base}"
        self.service_dn = f"cn=chancery,{base}"
        self.service_password = "password of the service account"
        self._admin = server.admin

    def make(self) -> Self:
        """Add the branch itself and its service account."""
        for dn in (self.base, self.people, self.groups):
            self.add(dn, "organizationalUnit", {"ou": dn.partition(",")[0].partition("=")[2]})
        self.add(
            self.service_dn,
            ["applicationProcess", "simpleSecurityObject"],
            {"cn": "chancery", "userPassword": self.service_password},
        )
        return self

    def add(
        self, dn: str, classes: str | Sequence[str], attributes: Mapping[str, str | Sequence[str]]
    ) -> str:
        """Add one entry and return its name."""
        _done(self._admin.add(dn, classes, dict(attributes)))
        return dn

    def add_person(self, uid: str, password: str, *, rdn: str = "uid", **attributes: str) -> str:
        """Add one person and return the entry's name."""
        given = {"uid": uid, "cn": uid, "sn": uid, "mail": "someone@acme.example", **attributes}
        dn = f"{rdn}={escape_rdn(given[rdn])},{self.people}"
        return self.add(dn, "inetOrgPerson", {**given, "userPassword": password})

    def add_group(self, name: str, members: Sequence[str], *, below: str | None = None) -> str:
        """Add one group and return its name."""
        dn = f"cn={escape_rdn(name)},{below or self.groups}"
        return self.add(dn, "groupOfNames", {"cn": name, "member": members})

    def rename(self, dn: str, uid: str) -> str:
        """Give the person ``dn`` another user name; the entry stays the same entry."""
        _done(self._admin.modify_dn(dn, f"uid={escape_rdn(uid)}"))
        return f"uid={escape_rdn(uid)},{self.people}"

    def replace(self, dn: str, attribute: str, value: str) -> None:
        """Set one attribute."""
        _done(self._admin.modify(dn, {attribute: [(MODIFY_REPLACE, [value])]}))

    def lock_after(self, dn: str, wrong_passwords: int) -> None:
        """Let the server lock ``dn`` for a while after so many wrong passwords."""
        self.rule(dn, pwdLockout="TRUE", pwdLockoutDuration="300", pwdMaxFailure=str(wrong_passwords))

    def rule(self, dn: str, **policy: str) -> None:
        """Put ``dn`` under a password policy of its own."""
        name = f"cn={new_id()},{self.base}"
        given = {"cn": name[3:].partition(",")[0], "pwdAttribute": "userPassword", **policy}
        self.replace(dn, "pwdPolicySubentry", self.add(name, ["applicationProcess", "pwdPolicy"], given))

    def set_password_at(self, dn: str, time: str) -> None:
        """Let the server believe that the password of ``dn`` was set at ``time``."""
        changes = {"pwdChangedTime": [(MODIFY_REPLACE, [time])]}
        _done(self._admin.modify(dn, changes, controls=[_RELAX_RULES]))

    def changed_at(self, dn: str) -> tuple[bytes, ...]:
        """Return what tells the last change of ``dn``."""
        names = ("modifyTimestamp", "entryCSN")
        _, _, response, _ = self._admin.search(dn, "(objectClass=*)", search_scope=BASE, attributes=names)
        return tuple(response[0]["raw_attributes"][name][0] for name in names)

    def join_group(self, group: str, member: str) -> None:
        """Put ``member`` into ``group``."""
        _done(self._admin.modify(group, {"member": [(MODIFY_ADD, [member])]}))

    def leave_group(self, group: str, member: str) -> None:
        """Take ``member`` out of ``group``."""
        _done(self._admin.modify(group, {"member": [(MODIFY_DELETE, [member])]}))

    def remove(self, dn: str) -> None:
        """Remove an entry."""
        _done(self._admin.delete(dn))


@dataclass
class OpenLdap:
    """The running server."""

    plain_port: int
    tls_port: int
    ca_file: Path
    other_ca_file: Path
    admin: Any

    @property
    def ldaps(self) -> str:
        """The LDAPS address under the name that the certificate bears."""
        return f"ldaps://localhost:{self.tls_port}"

    @property
    def ldap(self) -> str:
        """The address for StartTLS under the name that the certificate bears."""
        return f"ldap://localhost:{self.plain_port}"

    def branch(self) -> LdapBranch:
        """Return an empty branch of its own."""
        return LdapBranch(self, f"ou={new_id()},{SUFFIX}").make()

    def operations(self, kind: str) -> int:
        """Return how many operations of ``kind`` (``Bind``, ``Search``, …) the server has been asked for.

        The question itself counts as a search.
        """
        _, _, response, _ = self.admin.search(
            f"cn={kind},cn=Operations,cn=Monitor",
            "(objectClass=*)",
            search_scope=BASE,
            attributes=["monitorOpInitiated"],
        )
        return int(response[0]["raw_attributes"]["monitorOpInitiated"][0])


def start_openldap(folder: Path) -> tuple[subprocess.Popen[bytes], OpenLdap]:
    """Start slapd in ``folder``, on what it holds from before; the kernel ends it when this process dies."""
    authority, stranger = trustme.CA(), trustme.CA()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    stranger.cert_pem.write_to_path(str(folder / "other-ca.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "server.key"))
    chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
    (folder / "server.pem").write_bytes(chain)
    is_new = not (folder / "data").exists()
    (folder / "data").mkdir(exist_ok=True)
    config = folder / "slapd.conf"
    config.write_text(_CONFIG.format(folder=folder, suffix=SUFFIX, root=ROOT_DN, password=ROOT_PASSWORD))
    plain_port, tls_port = free_ports(2)
    listeners = f"ldap://127.0.0.1:{plain_port}/ ldaps://127.0.0.1:{tls_port}/"
    with (folder / "slapd.log").open("wb") as log:
        process = subprocess.Popen(
            [
                "setpriv",
                "--pdeathsig",
                "KILL",
                _slapd() or "slapd",
                "-f",
                str(config),
                "-h",
                listeners,
                "-d",
                "0",
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    _wait_for_port(process, plain_port, folder / "slapd.log")
    admin: Any = Connection(
        Server("127.0.0.1", port=plain_port, get_info=NONE),
        ROOT_DN,
        ROOT_PASSWORD,
        client_strategy=SAFE_SYNC,
        auto_bind=True,
        check_names=False,
    )
    if is_new:
        _done(
            admin.add(SUFFIX, ["dcObject", "organization"], {"dc": SUFFIX.partition(",")[0][3:], "o": "Acme"})
        )
    return process, OpenLdap(plain_port, tls_port, folder / "ca.pem", folder / "other-ca.pem", admin)


@pytest.fixture(scope="session")
def openldap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenLdap]:
    """A real OpenLDAP server for the whole run."""
    if reason := why_missing():
        cannot_be_had(reason)
    process, server = start_openldap(tmp_path_factory.mktemp("openldap"))
    yield server
    server.admin.unbind()
    process.terminate()
    process.wait(10)


@pytest.fixture
def ldap_branch(openldap: OpenLdap) -> LdapBranch:
    """An empty branch of the server for one test."""
    return openldap.branch()


def _slapd() -> str | None:
    return shutil.which("slapd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def why_missing() -> str | None:
    """Install what is missing where we may; return why there is no server, or None."""
    if _slapd() is None:
        install("slapd", "ldap-utils")
    if _slapd() is None:
        return "slapd is not installed: run `apt-get install slapd ldap-utils` as root."
    return None


def _wait_for_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the server accepts connections."""
    limit = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < limit:
        if process.poll() is not None:
            raise RuntimeError(f"slapd ended with {process.returncode}: {log.read_text(errors='replace')}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            process_is_starting = 0.02
            time.sleep(process_is_starting)
        else:
            return
    process.kill()
    raise RuntimeError(f"slapd did not listen within {_START_LIMIT_S} s: {log.read_text(errors='replace')}")


def _done(answer: tuple[bool, Mapping[str, object], object, object]) -> None:
    accepted, result, _, _ = answer
    if not accepted:
        raise RuntimeError(f"slapd refused: {result['description']} {result['message']}")
