"""What OpenLDAP and Active Directory call the same things."""

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from core.identity.ldap.entries import Entry
from core.identity.ldap.names import comparable, escape, escape_octets

IN_CHAIN: Final = "1.2.840.113556.1.4.1941"
"""The matching rule by which Active Directory follows groups inside groups."""

_FILETIME_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_TIMESTAMP: Final = re.compile(r"\d{14}(\.\d+)?Z")
_LAG: Final = timedelta(minutes=5)
_ACCOUNT_DISABLED: Final = 0x2
# A lock that only an administrator takes away (draft-behera-ldap-password-policy-10, 5.3.3).
_LOCKED_FOR_GOOD: Final = "000001010000Z"


@dataclass(frozen=True, slots=True)
class Flavour:
    """Names and habits of one kind of directory; each name is the default of a setting."""

    name: str
    user_filter: str
    group_filter: str
    id_attribute: str
    username_attribute: str
    # Grows with each change of an entry: a time, or a number that only this server counts.
    change_attribute: str
    # What differs between any two versions of an entry.
    version_attributes: tuple[str, ...]
    # What tells whether somebody may sign in, besides being there.
    state_attributes: tuple[str, ...]
    # What names the primary group, of which memberOf and member say nothing.
    primary_group_attributes: tuple[str, ...] = ()

    def account(self, name: str, _domain: str) -> str:
        """Return the shortest way to write ``name``, which is in canonical spelling, in ``domain``."""
        return name

    def stable_id(self, entry: Entry) -> str:
        """Return the id that survives renaming and moving, or the empty text."""
        return entry.first(self.id_attribute)

    def id_filter(self, stable_id: str) -> str | None:
        """Return the filter that finds ``stable_id``; None if no entry can have it."""
        return f"({self.id_attribute}={escape(stable_id)})"

    def may_sign_in(self, entry: Entry, now: datetime) -> bool:
        """Tell whether an administrator lets this person in, and the account has begun and not ended.

        A lock after wrong passwords does not count: it passes, and anybody could bring it about.
        """
        begins, ends = (_seconds_of(entry.first(name)) for name in ("pwdStartTime", "pwdEndTime"))
        is_time = begins <= f"{now:%Y%m%d%H%M%S}" < (ends or "9")
        return is_time and _LOCKED_FOR_GOOD not in entry.all("pwdAccountLockedTime")

    def primary_group_filter(self, _entry: Entry) -> str | None:
        """Return the filter that finds the primary group; None where there is none."""
        return None

    def mark(self, changes: Iterable[str]) -> str:
        """Return the change to read from next time: the last one of ``changes``, less what may lag.

        Times of changes are those of the server where a change was made; it may arrive late.
        """
        last = max((change for change in changes if _TIMESTAMP.fullmatch(change)), default="")
        if not last:
            return ""
        return f"{datetime.strptime(last[:14], '%Y%m%d%H%M%S').replace(tzinfo=UTC) - _LAG:%Y%m%d%H%M%SZ}"


def _seconds_of(time: str) -> str:
    """Return a time of the directory (UTC) as digits down to the second; the empty text if it is none."""
    return time[:14] if _TIMESTAMP.fullmatch(time) else ""


class ActiveDirectory(Flavour):
    """Active Directory, and Samba as its domain controller."""

    def account(self, name: str, domain: str) -> str:
        """Return ``name`` without the domain that follows a userPrincipalName."""
        return name.removesuffix("@" + ".".join(part for _, part in comparable(domain)))

    def stable_id(self, entry: Entry) -> str:
        """Return the objectGUID in its usual spelling."""
        octets = entry.octets(self.id_attribute)
        return str(uuid.UUID(bytes_le=octets)) if len(octets) == 16 else ""

    def id_filter(self, stable_id: str) -> str | None:
        """Return the filter that finds an objectGUID by its octets."""
        try:
            octets = uuid.UUID(stable_id).bytes_le
        except ValueError:
            return None
        return f"({self.id_attribute}={escape_octets(octets)})"

    def may_sign_in(self, entry: Entry, now: datetime) -> bool:
        """Tell whether the account is neither disabled nor past its end."""
        control, expires = entry.first("userAccountControl"), entry.first("accountExpires")
        disabled = control.isdigit() and int(control) & _ACCOUNT_DISABLED
        # 0 and the greatest number both say never.
        expired = (
            expires.isdigit()
            and 0 < int(expires) <= (now - _FILETIME_EPOCH) // timedelta(microseconds=1) * 10
        )
        return not (disabled or expired)

    def primary_group_filter(self, entry: Entry) -> str | None:
        """Return the filter by the group's SID: the domain of the person's SID, and the group's number."""
        sid, number = entry.octets("objectSid"), entry.first("primaryGroupID")
        if len(sid) < 12 or not number.isdigit():
            return None
        return f"(objectSid={escape_octets(sid[:-4] + int(number).to_bytes(4, 'little'))})"

    def mark(self, changes: Iterable[str]) -> str:
        """Return the greatest number: this server gives each change, own or replicated, the next one."""
        return max((change for change in changes if change.isdigit()), key=int, default="")


OPENLDAP: Final = Flavour(
    name="openldap",
    user_filter="(uid={username})",
    group_filter="(|(member={dn})(uniqueMember={dn})(memberUid={username}))",
    id_attribute="entryUUID",
    username_attribute="uid",
    change_attribute="modifyTimestamp",
    version_attributes=("modifyTimestamp", "entryCSN"),
    state_attributes=("pwdAccountLockedTime", "pwdStartTime", "pwdEndTime"),
)
ACTIVE_DIRECTORY: Final = ActiveDirectory(
    name="active_directory",
    user_filter=(
        "(&(objectCategory=person)(objectClass=user)"
        "(|(sAMAccountName={username})(userPrincipalName={username})))"
    ),
    group_filter=f"(member:{IN_CHAIN}:={{dn}})",
    id_attribute="objectGUID",
    username_attribute="sAMAccountName",
    change_attribute="uSNChanged",
    version_attributes=("uSNChanged",),
    state_attributes=("userAccountControl", "accountExpires"),
    primary_group_attributes=("primaryGroupID", "objectSid"),
)
FLAVOURS: Final = {flavour.name: flavour for flavour in (OPENLDAP, ACTIVE_DIRECTORY)}

_MEMBER: Final = re.compile(r"\(([A-Za-z0-9.-]+)(?::[0-9.]+:)?=\{(dn|username)\}\)")


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """A group filter taken apart: which attributes of a group hold its members, and by which name."""

    text: str
    members: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> "GroupFilter | None":
        """Return ``text`` taken apart; None where a placeholder is not the whole of a value."""
        members = tuple((found[1], found[2]) for found in _MEMBER.finditer(text))
        rest = _MEMBER.sub("", text)
        return cls(text, members) if members and "{dn}" not in rest and "{username}" not in rest else None

    @property
    def follows_nesting(self) -> bool:
        """Tell whether the server follows groups inside groups by itself."""
        return f":{IN_CHAIN}:" in self.text

    @property
    def any_group(self) -> str:
        """The filter that finds every group with members."""
        return _MEMBER.sub(r"(\1=*)", self.text)

    @property
    def attributes(self) -> Sequence[str]:
        """The attributes that hold members."""
        return tuple(attribute for attribute, _ in self.members)

    def containing(self, names: Sequence[tuple[str, str]]) -> str:
        """Return the filter for the groups that hold any of ``names``: pairs of DN and user name."""
        each = [
            self.text.replace("{dn}", escape(dn)).replace("{username}", escape(username))
            for dn, username in names
        ]
        return each[0] if len(each) == 1 else f"(|{''.join(each)})"
