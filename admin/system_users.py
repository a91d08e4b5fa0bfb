"""Each role as its own system user: who owns what of a house, and how a process becomes that user.

A house whose home folder has the bits *set group id* and *sticky* is separate: four system users, named
as the roles of the database server are (``chancery_realtime`` …), run one role each. Rings with one
holder belong to its user alone; what several roles share is opened to a group of just those. In the home
folder each role may put files of its own, and none may touch another's.
"""

import grp
import os
import pwd
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from admin.databases import PASSWORDS
from core.crypto.rings import HOLDERS, ProcessRole, RingName
from core.errors import Conflict, Denied, NotFound, SettingsError
from core.settings import Settings

UMASK: Final = 0o027
"""What a role writes may be read by the group of the folder, and by nobody else."""

_HOME: Final = 0o3770
_CHAT: Final = "chat"
_EVIDENCE: Final = "evidence"
_FILES: Final = "files"


@dataclass(frozen=True, slots=True)
class SystemUsers:
    """The names of the system users and groups of a house."""

    prefix: str

    def user(self, role: ProcessRole) -> str:
        """Return the user of a role; a group of the same name is its own."""
        return f"{self.prefix}_{role}"

    def group(self, shared: str = "") -> str:
        """Return the group of all roles, or of those that share something."""
        return f"{self.prefix}_{shared}" if shared else self.prefix

    def groups(self, role: ProcessRole) -> list[str]:
        """Return the groups that a role's user is a member of, besides its own."""
        return [
            self.group(),
            *([self.group(_CHAT)] if RingName.CHAT in HOLDERS[role] else ()),
            *([self.group(_EVIDENCE)] if role in {ProcessRole.WORKER, ProcessRole.DESK} else ()),
            # Whoever answers websockets has no business with the files that people send.
            *([self.group(_FILES)] if role is not ProcessRole.REALTIME else ()),
        ]

    def check(self) -> None:
        """Return if the machine has them all.

        Raises:
            NotFound: ``system_users_missing``, naming them.
        """
        missing = []
        for role in ProcessRole:
            try:
                entry = pwd.getpwnam(self.user(role))
                held = set(os.getgrouplist(entry.pw_name, entry.pw_gid))
                missing += [
                    f"{self.user(role)} in {group}"
                    for group in (self.user(role), *self.groups(role))
                    if grp.getgrnam(group).gr_gid not in held
                ]
            except KeyError as error:
                missing.append(
                    str(error).strip("\"'").removeprefix("getpwnam(): ").removeprefix("getgrnam(): ")
                )
        if missing:
            raise NotFound(
                f"The machine lacks system users or groups: {'; '.join(missing)}. Make them as the "
                "handbook's page on installing says, then try again.",
                code="system_users_missing",
            )


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder of a house: whom it belongs to, and who may do what there.

    Without ``user`` it belongs to whichever member of the group made it.
    """

    path: Path
    user: str
    group: str
    mode: int

    def is_right(self) -> bool:
        """Tell whether it is as it should be."""
        found = self.path.lstat()
        return (
            self._uid() in {-1, found.st_uid}
            and found.st_gid == grp.getgrnam(self.group).gr_gid
            and stat.S_IMODE(found.st_mode) == self.mode
        )

    def settle(self) -> None:
        """Make it so. Links are not followed: a role could have put one there.

        Raises:
            Conflict: ``linked``.
        """
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise _linked(self.path) from error
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISDIR(found.st_mode) and not (stat.S_ISREG(found.st_mode) and found.st_nlink == 1):
                raise _linked(self.path)
            os.fchown(descriptor, self._uid(), grp.getgrnam(self.group).gr_gid)
            os.fchmod(descriptor, self.mode)
        finally:
            os.close(descriptor)

    def _uid(self) -> int:
        """Return the owner's number, or -1, which leaves it (chown(2))."""
        return pwd.getpwnam(self.user).pw_uid if self.user else -1


def separate(settings: Settings) -> list[Place]:
    """Give each role's user what the role must have, and nothing else; return what was changed.

    May be repeated, and is, after a restore. The house stands still meanwhile.

    Raises:
        Denied: ``needs_root``.
        SettingsError: ``separate_database``, ``separate_index``: it keeps files that roles would share.
        NotFound: ``system_users_missing``.
    """
    if os.geteuid() != 0:
        raise Denied("Only root may give files to other users. Run this as root.", code="needs_root")
    _check_shares_nothing(settings)
    users = SystemUsers(settings.postgresql_prefix)
    users.check()
    blobs = (settings.blobs_dir,) if settings.blobs_kind == "folder" else ()
    for folder in (settings.home / "ledger", settings.home / "cache", *_caches(settings), *blobs):
        folder.mkdir(exist_ok=True)
    wrong = [place for place in places(settings, users) if not place.is_right()]
    for place in wrong:
        place.settle()
    return wrong


def places(settings: Settings, users: SystemUsers) -> Iterator[Place]:
    """Yield every file and folder of a house, the innermost first: a house is separate once all are."""
    yield from _keys(settings, users)
    yield from _tree(
        settings.home / "ledger", users.user(ProcessRole.WORKER), users.group(_EVIDENCE), 0o2750, 0o640
    )
    # What is in them is sealed; pages and worker write, the desk reads.
    yield from _tree(settings.blobs_dir, "", users.group(_FILES), 0o2770, 0o640)
    of_chat, of_desk = _caches(settings)
    desk = users.user(ProcessRole.DESK)
    yield from _tree(of_chat, "", users.group(_CHAT), 0o2770, 0o640)
    yield from _tree(of_desk, desk, desk, 0o700, 0o640)
    yield Place(settings.home / "cache", "root", users.group(), 0o710)
    for path in sorted(settings.home.iterdir()):
        owners = [role for role in ProcessRole if role in path.name.split(".")[0].split("-")]
        if owners:
            yield Place(path, users.user(owners[0]), users.group(), 0o640)
        elif path.name == "chancery.toml":
            yield Place(path, "root", users.group(), 0o640)
    yield Place(settings.home, "root", users.group(), _HOME)


def _keys(settings: Settings, users: SystemUsers) -> Iterator[Place]:
    for ring in RingName:
        folder = settings.keys_dir / ring
        if not folder.is_dir():
            # A machine that runs some of the roles has the rings of these alone.
            continue
        holders = [role for role in ProcessRole if ring in HOLDERS[role]]
        if len(holders) == 1:
            owner = users.user(holders[0])
            yield from _tree(folder, owner, owner, 0o700, 0o600)
            continue
        # Roots, and whom the ring trusts, are read by all that hold it and changed by none of them.
        for path in sorted(folder.iterdir()):
            if path.is_dir() and not path.is_symlink():
                yield from _tree(path, "", users.group(ring), 0o2770, 0o660)
            else:
                yield Place(path, "root", users.group(ring), 0o640)
        yield Place(folder, "root", users.group(ring), 0o2750)
    passwords = settings.keys_dir / PASSWORDS
    if passwords.is_dir():
        for path in sorted(passwords.iterdir()):
            owner = users.user(ProcessRole(path.name)) if path.name in set(ProcessRole) else "root"
            yield Place(path, owner, owner, 0o600)
        yield Place(passwords, "root", users.group(), 0o710)
    yield Place(settings.keys_dir, "root", users.group(), 0o710)


def _tree(top: Path, user: str, group: str, folders: int, files: int) -> Iterator[Place]:
    for folder, _, names in os.walk(top, topdown=False):
        for name in sorted(names):
            yield Place(Path(folder, name), user, group, files)
        yield Place(Path(folder), user, group, folders)


def _caches(settings: Settings) -> list[Path]:
    return [settings.home / "cache" / ring for ring in (RingName.CHAT, RingName.DISCOVERY)]


def _check_shares_nothing(settings: Settings) -> None:
    if settings.database_kind != "postgresql":
        raise SettingsError(
            f"database.kind is {settings.database_kind!r}: whoever can open one file of it can read every "
            "table. Separate system users need PostgreSQL; see `chancery db move`.",
            code="separate_database",
            key="database.kind",
        )
    if settings.search_engine != "elasticsearch":
        raise SettingsError(
            f"search.engine is {settings.search_engine!r}: its files belong to whoever wrote them last. "
            "Separate system users need Elasticsearch.",
            code="separate_index",
            key="search.engine",
        )


def users_of(settings: Settings) -> SystemUsers | None:
    """Return the system users of a separate house; None where all roles run as one user."""
    try:
        mode = settings.home.stat().st_mode
    except FileNotFoundError:
        return None
    is_separate = mode & stat.S_ISGID and mode & stat.S_ISVTX
    return SystemUsers(settings.postgresql_prefix) if is_separate else None


def as_user_of(settings: Settings, role: ProcessRole, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments with which :class:`subprocess.Popen` starts a child as the role's user.

    Where all roles run as one user, and for whoever is not root, the child is whoever its parent is.

    Raises:
        NotFound: ``system_users_missing``.
    """
    users = users_of(settings)
    if users is None or os.geteuid() != 0:
        return {"env": dict(environ)}
    users.check()
    entry = pwd.getpwnam(users.user(role))
    return {
        # Libraries look for files of the user's there, and must not stumble over root's.
        "env": {**environ, "HOME": entry.pw_dir},
        "user": entry.pw_uid,
        "group": entry.pw_gid,
        "extra_groups": [grp.getgrnam(group).gr_gid for group in users.groups(role)],
        "umask": UMASK,
    }


def become(settings: Settings, role: ProcessRole, environ: Mapping[str, str]) -> dict[str, str]:
    """Turn this process into the role's user where the house is separate and it is root, for good.

    Returns the environment to go on with.

    Raises:
        NotFound: ``system_users_missing``.
    """
    given = as_user_of(settings, role, environ)
    if "user" in given:
        os.setgroups(given["extra_groups"])
        os.setresgid(given["group"], given["group"], given["group"])
        os.setresuid(given["user"], given["user"], given["user"])
    if users_of(settings) is not None:
        os.umask(UMASK)
    environment: dict[str, str] = given["env"]
    return environment


def _linked(path: Path) -> Conflict:
    return Conflict(
        f"{path} is a link or no file of a house. Look who put it there, and remove it.", code="linked"
    )
