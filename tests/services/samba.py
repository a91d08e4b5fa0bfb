"""A real Active Directory for tests: Debian's Samba as a domain controller, with a test CA.

It cannot leave the ports 389, 636 and 3268 of loopback, so there is one on a machine: a lock makes a
second run wait, and all its tests stand in one file. The domain is made once (half a minute on a slow
machine) and kept in ``.cache/`` of the repository; each run works on a copy.
"""

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
from ldap3 import MODIFY_ADD, MODIFY_REPLACE, NONE, SAFE_SYNC, Connection, Server
from ldap3.utils.dn import escape_rdn

from core.types import new_id
from tests.services.debian import install
from tests.services.missing import cannot_be_had

SUFFIX = "DC=ex,DC=test"
PORT, TLS_PORT = 389, 636
# Only ever reachable on loopback, for the length of one test run.
ADMIN_PASSWORD = "Administrator.of.the.test.domain"

_PACKAGES = (
    "samba-ad-dc", "samba-ad-provision", "samba-dsdb-modules", "samba-vfs-modules", "winbind", "krb5-user",
)  # fmt: skip
_CACHE = Path(__file__).parents[2] / ".cache"
_PROVISION_LIMIT_S = 240.0
_START_LIMIT_S = 60.0
_TREE_DELETE = "1.2.840.113556.1.4.805"
_ENABLED, _DISABLED = 0x200, 0x202
_CONFIG = """\
[global]
netbios name = TESTDC
realm = EX.TEST
workgroup = EX
server role = active directory domain controller
server services = ldap
prefork children = 2
interfaces = lo
bind interfaces only = yes
ldap server require strong auth = no
tls keyfile = {folder}/server.key
tls certfile = {folder}/server.pem
tls cafile = {folder}/ca.pem
lock directory = {folder}
cache directory = {folder}/cache
state directory = {folder}/state
private dir = {folder}/private
pid directory = {folder}
log file = {folder}/log.%m
ldb:nosync = true
"""
# Contract tests use passwords of every form, and guess many times.
_POLICY = (
    "--complexity=off", "--min-pwd-length=1", "--history-length=0", "--min-pwd-age=0", "--max-pwd-age=0",
    "--account-lockout-threshold=0",
)  # fmt: skip


class AdBranch:
    """An organizational unit of one test, with people and groups."""

    def __init__(self, server: "Samba") -> None:
        self.base = f"OU={new_id()},{SUFFIX}"
        self.people = f"OU=People,{self.base}"
        self.groups = f"OU=Groups,{self.base}"
        self._admin = server.admin
        for dn in (self.base, self.people, self.groups):
            self.add(dn, "organizationalUnit", {})

    def add(self, dn: str, kind: str, attributes: Mapping[str, Any]) -> str:
        """Add one entry and return its name."""
        _done(self._admin.add(dn, [kind], dict(attributes)))
        return dn

    def add_person(
        self, name: str, password: str, *, cn: str = "", enabled: bool = True, **attributes: str
    ) -> str:
        """Add one account and return the entry's name."""
        given = {
            "sAMAccountName": name,
            "userPrincipalName": f"{name}@ex.test",
            "mail": "someone@acme.example",
            "unicodePwd": f'"{password}"'.encode("utf-16-le"),
            "userAccountControl": str(_ENABLED if enabled else _DISABLED),
            **attributes,
        }
        return self.add(f"CN={escape_rdn(cn or name)},{self.people}", "user", given)

    def add_group(self, name: str, members: Sequence[str] = (), *, below: str = "") -> str:
        """Add one group and return its name."""
        attributes = {"member": list(members)} if members else {}
        return self.add(f"CN={escape_rdn(name)},{below or self.groups}", "group", attributes)

    def join(self, group: str, member: str) -> None:
        """Put ``member`` into ``group``."""
        _done(self._admin.modify(group, {"member": [(MODIFY_ADD, [member])]}))

    def replace(self, dn: str, **attributes: str) -> None:
        """Set attributes."""
        _done(
            self._admin.modify(dn, {name: [(MODIFY_REPLACE, [value])] for name, value in attributes.items()})
        )

    def enable(self, dn: str, *, enabled: bool) -> None:
        """Disable an account, or enable it again."""
        self.replace(dn, userAccountControl=str(_ENABLED if enabled else _DISABLED))

    def move(self, dn: str, cn: str, below: str) -> str:
        """Rename and move an entry; return its new name."""
        _done(self._admin.modify_dn(dn, f"CN={escape_rdn(cn)}", new_superior=below))
        return f"CN={escape_rdn(cn)},{below}"

    def number_of(self, group: str) -> str:
        """Return the number by which people name ``group`` as their primary one."""
        _, _, response, _ = self._admin.search(group, "(objectClass=*)", attributes=["objectSid"])
        sid: bytes = response[0]["raw_attributes"]["objectSid"][0]
        return str(int.from_bytes(sid[-4:], "little"))

    def remove(self, dn: str) -> None:
        """Remove an entry with everything below it."""
        _done(self._admin.delete(dn, controls=[(_TREE_DELETE, True, None)]))


@dataclass
class Samba:
    """The running domain controller."""

    ca_file: Path
    admin: Any
    service_dn: str = f"CN=chancery,CN=Users,{SUFFIX}"
    service_password: str = "password of the service account"

    def lock_after(self, wrong_passwords: int) -> None:
        """Set after how many wrong passwords an account is locked; 0 for never."""
        _done(self.admin.modify(SUFFIX, {"lockoutThreshold": [(MODIFY_REPLACE, [str(wrong_passwords)])]}))


@pytest.fixture(scope="session")
def samba(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samba]:
    """A domain controller for the whole run; waits for another run's to end."""
    if reason := _missing():
        cannot_be_had(reason)
    with (Path(tempfile.gettempdir()) / "chancery-samba.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _listens():
            cannot_be_had(f"The domain controller needs port {PORT} of loopback, where something listens.")
        folder = tmp_path_factory.mktemp("samba") / "dc"
        shutil.copytree(_domain(), folder)
        process = _start(folder)
        try:
            server = _ready(folder)
            yield server
            server.admin.unbind()
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def ad_branch(samba: Samba) -> Iterator[AdBranch]:
    """An empty unit for one test, removed afterwards: user names are the whole domain's."""
    branch = AdBranch(samba)
    yield branch
    # A group goes only after the people who have it as their primary one.
    branch.remove(branch.people)
    branch.remove(branch.base)


def _ready(folder: Path) -> Samba:
    admin: Any = Connection(
        Server("127.0.0.1", port=TLS_PORT, use_ssl=True, get_info=NONE),
        "Administrator@ex.test",
        ADMIN_PASSWORD,
        client_strategy=SAFE_SYNC,
        auto_bind=True,
        check_names=False,
        auto_referrals=False,
    )
    server = Samba(folder / "ca.pem", admin)
    account = {
        "sAMAccountName": "chancery",
        "unicodePwd": f'"{server.service_password}"'.encode("utf-16-le"),
        "userAccountControl": str(_ENABLED),
    }
    _done(admin.add(server.service_dn, ["user"], account))
    return server


def _start(folder: Path) -> subprocess.Popen[bytes]:
    """Start Samba in ``folder``; the kernel ends it when this process dies."""
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    (folder / "server.pem").write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
    key = folder / "server.key"
    key.touch(mode=0o600)
    key.write_bytes(certificate.private_key_pem.bytes())
    config = _configure(folder)
    with (folder / "out.log").open("wb") as log:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", _tool("samba"), "-s", config, "-F", "--no-process-group"],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    limit = time.monotonic() + _START_LIMIT_S
    while not _listens():
        if process.poll() is not None or time.monotonic() > limit:
            process.kill()
            raise RuntimeError(f"Samba does not listen: {(folder / 'out.log').read_text(errors='replace')}")
        process_is_starting = 0.05
        time.sleep(process_is_starting)
    return process


def _listens() -> bool:
    with contextlib.suppress(OSError):
        for port in (PORT, TLS_PORT):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    return False


def _domain() -> Path:
    """Return a folder with a fresh domain, made once for each version of Samba."""
    version = subprocess.run([_tool("samba"), "--version"], capture_output=True, text=True, check=True)
    domain = _CACHE / f"samba-{version.stdout.split()[-1]}"
    _CACHE.mkdir(exist_ok=True)
    if not domain.exists():
        with tempfile.TemporaryDirectory(dir=_CACHE) as made:
            _provision(Path(made) / "dc")
            (Path(made) / "dc").rename(domain)
    return domain


def _provision(folder: Path) -> None:
    command = [
        *(_tool("samba-tool"), "domain", "provision", f"--targetdir={folder}"),
        *("--realm=EX.TEST", "--domain=EX", "--host-name=TESTDC", f"--adminpass={ADMIN_PASSWORD}"),
        *("--server-role=dc", "--dns-backend=SAMBA_INTERNAL", "--use-rfc2307"),
        *("--option=interfaces=lo", "--option=bind interfaces only=yes"),
    ]
    _run(command)
    _run([_tool("samba-tool"), "domain", "passwordsettings", "set", "-s", _configure(folder), *_POLICY])


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PROVISION_LIMIT_S)
    if done.returncode:
        raise RuntimeError(f"{command[1:4]} failed: {done.stderr[-2000:]}")


def _configure(folder: Path) -> str:
    config = folder / "etc" / "smb.conf"
    config.write_text(_CONFIG.format(folder=folder))
    return str(config)


def _tool(name: str) -> str:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") or name


def _missing() -> str | None:
    """Install what is missing where we may; return why there is no domain controller, or None."""
    if os.geteuid() != 0:
        return f"A domain controller listens on port {PORT}, which only root may."
    present = shutil.which(_tool("samba")) and Path("/usr/share/samba/setup").is_dir()
    if not present:
        install(*_PACKAGES)
    if shutil.which(_tool("samba")) is None:
        return f"Samba is not installed: run `apt-get install {' '.join(_PACKAGES)}` as root."
    return None


def _done(answer: tuple[bool, Mapping[str, object], object, object]) -> None:
    accepted, result, _, _ = answer
    if not accepted:
        raise RuntimeError(f"Samba refused: {result['description']} {result['message']}")
