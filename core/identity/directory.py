"""The directory: where people come from, and what their groups mean.

A :class:`Directory` answers who somebody is and whether a password is theirs. Implementations: the
built-in one (:mod:`core.identity.builtin`) and LDAP (:mod:`core.identity.ldap`); one contract suite
holds for both. The directory gives chat roles and *names candidates* for the desk; it never makes
an officer.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.errors import NotSignedIn, SettingsError
from core.identity.permissions import CHAT_ROLES, DESK_ROLES, Role
from core.settings import Settings

MAX_USERNAME_CHARS = 256
MAX_PASSWORD_CHARS = 1024

# Characters that name matching ignores (RFC 4518, 2.2) and that are not of category Cc or Cf.
_IGNORED = frozenset(
    "\u034f\u1806\ufffc" + "".join(map(chr, [*range(0x180B, 0x1810), *range(0xFE00, 0xFE10)]))
)

Admit = Callable[[str], bool]
"""Tells whether the password for a stable id may be looked at; the empty text for whom nobody knows."""


def admit_anybody(_stable_id: str) -> bool:
    """Admit whoever it is: for callers that count nothing."""
    return True


@dataclass(frozen=True, slots=True)
class DirectoryPerson:
    """One person as a directory knows them.

    ``stable_id`` survives renaming and is never given to somebody else; ``username`` may change
    hands. ``groups`` are names as the directory spells them; ``attributes`` the first value of each
    attribute that segments may depend on.
    """

    stable_id: str
    username: str
    display_name: str
    email: str = ""
    groups: frozenset[str] = frozenset()
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a directory said at one time.

    ``present`` are the stable ids of everybody who may sign in; ``people`` of those the ones who may
    have changed, which is everybody in a ``full`` reading. ``cursor`` is for the next reading; empty
    where a directory cannot tell what changed. A lock that passes by itself takes nobody off.
    """

    people: Sequence[DirectoryPerson]
    present: frozenset[str]
    cursor: str = ""
    full: bool = True


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """How one server of the directory is; ``warning`` is what will need somebody although it is well."""

    server: str
    ok: bool
    says: str
    warning: str = ""


class Directory(Protocol):
    """Who somebody is, and whether a password is theirs."""

    name: str

    def account(self, username: str) -> str:
        """Return the one spelling of all that are known, unasked, to be the same account."""
        ...

    def authenticate(self, username: str, password: str, admit: Admit = admit_anybody) -> DirectoryPerson:
        """Return the person whose name and password these are.

        An unknown name costs as many hashes and binds as a wrong password and gets the same
        answer. An empty password is refused before anything is hashed or sent. ``admit`` is asked
        before the password is looked at, for unknown names too; whom it does not admit gets the
        answer of a wrong password at the same cost.

        Raises:
            NotSignedIn: ``bad_credentials``; only with the right password another code, which says
                what else is in the way.
            Unavailable: ``directory_unavailable``.
        """
        ...

    def find(self, username: str) -> DirectoryPerson | None:
        """Return who goes by ``username`` now.

        Raises:
            Unavailable: ``directory_unavailable``.
        """
        ...

    def person(self, stable_id: str) -> DirectoryPerson | None:
        """Return the person behind ``stable_id``, however they are called now.

        Raises:
            Unavailable: ``directory_unavailable``.
        """
        ...

    def read(self, since: str = "") -> Reading:
        """Return everybody who may sign in, or who changed ``since``: the cursor of an earlier reading.

        Raises:
            Unavailable: ``directory_unavailable``; also when the list was cut off on the way.
        """
        ...

    def health(self) -> Sequence[ServerHealth]:
        """Return how each server is, in the order of preference; takes a while where one is not."""
        ...


class HasGroups(Protocol):
    """Whoever has groups and attributes: a directory's person, or one of the chat store."""

    @property
    def groups(self) -> frozenset[str]:
        """The groups, as the directory spells them."""
        ...

    @property
    def attributes(self) -> Mapping[str, str]:
        """The attributes that segments may depend on."""
        ...


def bad_credentials() -> NotSignedIn:
    """Return the one answer to an unknown name, a wrong password and a disabled account."""
    return NotSignedIn(
        "This name and password do not belong together. Check both; passwords are case-sensitive.",
        code="bad_credentials",
    )


def check_credentials_form(username: str, password: str) -> None:
    """Refuse what no directory needs to be asked about, whoever the name belongs to.

    An empty password must never reach an LDAP server, which would take it for an anonymous bind and
    answer success (RFC 4513, 5.1.2).

    Raises:
        NotSignedIn: ``bad_credentials``.
    """
    password_fits = 0 < len(password) <= MAX_PASSWORD_CHARS
    if not (is_possible_username(username) and password_fits and _is_encodable(password)):
        raise bad_credentials()


def is_possible_username(username: str) -> bool:
    """Tell whether anybody at all could go by ``username``; if not, no directory is asked."""
    return 0 < len(username.strip()) <= MAX_USERNAME_CHARS and _is_encodable(username)


def canonical_username(username: str) -> str:
    """Return the one spelling of all that a directory may take for the same name.

    Follows the preparation of LDAP's caseIgnoreMatch (RFC 4518): compatibility forms, case,
    invisible characters and runs of spaces do not matter. So nobody gets more guesses at an
    account by spelling its name in other ways.
    """
    visible = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFKC", username)
        if character.isspace()
        or (unicodedata.category(character) not in {"Cc", "Cf"} and character not in _IGNORED)
    )
    return " ".join(unicodedata.normalize("NFKC", visible.casefold()).split())


@dataclass(frozen=True, slots=True)
class DirectoryMapping:
    """What groups and attributes mean here. Group names are compared without regard to case.

    ``roles`` names groups for each role: for a chat role they give it, for a desk role they only
    name candidates. Everybody whom the directory lets in is an employee unless ``roles`` names
    groups for that role. ``segments`` names, for each segment, conditions of which one suffices: a
    group, or ``attribute=value``. ``service_groups`` hold accounts that are nobody's own.
    """

    roles: Mapping[Role, frozenset[str]] = field(default_factory=dict)
    segments: Mapping[str, frozenset[str]] = field(default_factory=dict)
    external_groups: frozenset[str] = frozenset()
    service_groups: frozenset[str] = frozenset()

    def roles_for(self, person: HasGroups) -> frozenset[Role]:
        """Return the chat roles that the directory gives. Never one of the desk."""
        roles = self._named(person, CHAT_ROLES)
        return roles if Role.EMPLOYEE in self.roles else roles | {Role.EMPLOYEE}

    def candidate_roles_for(self, person: HasGroups) -> frozenset[Role]:
        """Return the desk roles for which the directory names this person; an officer confirms."""
        return self._named(person, DESK_ROLES)

    def segments_for(self, person: HasGroups) -> frozenset[str]:
        """Return the segments this person belongs to."""
        facts = {group.casefold() for group in person.groups}
        facts |= {f"{name}={value}".casefold() for name, value in person.attributes.items()}
        return frozenset(name for name, any_of in self.segments.items() if facts & _folded(any_of))

    def is_external(self, person: HasGroups) -> bool:
        """Tell whether this person is from outside the firm."""
        return bool(_folded(person.groups) & _folded(self.external_groups))

    def takes_part(self, person: HasGroups) -> bool:
        """Tell whether one can talk with this person here: an employee, by an account of their own."""
        # Asked of everybody who is looked up: their groups are folded once.
        groups = _folded(person.groups)
        employees = self.roles.get(Role.EMPLOYEE)
        is_employee = employees is None or not groups.isdisjoint(_folded(employees))
        return is_employee and groups.isdisjoint(_folded(self.service_groups))

    def _named(self, person: HasGroups, among: frozenset[Role]) -> frozenset[Role]:
        groups = _folded(person.groups)
        return frozenset(
            role for role, named in self.roles.items() if role in among and groups & _folded(named)
        )


def mapping_from_settings(settings: Settings) -> DirectoryMapping:
    """Return the mapping that the settings of the directory describe.

    Raises:
        SettingsError: ``directory.roles`` names a role that does not exist.
    """
    unknown = sorted(set(settings.directory_roles) - set(Role))
    if unknown:
        raise SettingsError(
            f"directory.roles names {unknown[0]!r}, which is no role. Roles are {', '.join(Role)}.",
            key="directory.roles",
        )
    return DirectoryMapping(
        roles={Role(name): frozenset(groups) for name, groups in settings.directory_roles.items()},
        external_groups=frozenset(settings.directory_external_groups),
        service_groups=frozenset(settings.directory_service_groups),
    )


def _folded(names: frozenset[str]) -> set[str]:
    return {name.casefold() for name in names}


def _is_encodable(text: str) -> bool:
    return "\x00" not in text and not any(0xD800 <= ord(character) <= 0xDFFF for character in text)
