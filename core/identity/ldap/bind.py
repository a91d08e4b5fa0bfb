"""What a server answers to a name and a password, and what its password policy adds to that.

Active Directory says it in sub-codes, other servers in the control of draft-behera-ldap-password-policy-10.
By both, only the right password learns that it has expired or must be changed. A lock is different: it is
told to any password, so nobody who signs in may hear of it; only the service account, which is ours.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ldap3.core.results import (
    RESULT_CONSTRAINT_VIOLATION,
    RESULT_INAPPROPRIATE_AUTHENTICATION,
    RESULT_INSUFFICIENT_ACCESS_RIGHTS,
    RESULT_INVALID_CREDENTIALS,
    RESULT_INVALID_DN_SYNTAX,
    RESULT_NO_SUCH_OBJECT,
    RESULT_SUCCESS,
    RESULT_UNWILLING_TO_PERFORM,
)

_POLICY: Final = "1.3.6.1.4.1.42.2.27.8.5.1"
ASK_FOR_POLICY: Final = (_POLICY, False, None)
"""The control that asks what the password policy says; a server that has none takes no notice."""


class Bound(StrEnum):
    """What a server answers to a name and a password."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LOCKED = "locked"
    DISABLED = "disabled"
    ENDED = "ended"
    EXPIRED = "expired"
    MUST_CHANGE = "must_change"
    NOT_NOW = "not_now"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and what the password policy warns of."""

    bound: Bound
    warning: str = ""


# What a server answers to a bind when the account or its password is at fault, not the server.
_REFUSED: Final = frozenset(
    {
        RESULT_CONSTRAINT_VIOLATION,
        RESULT_INAPPROPRIATE_AUTHENTICATION,
        RESULT_INSUFFICIENT_ACCESS_RIGHTS,
        RESULT_INVALID_CREDENTIALS,
        RESULT_INVALID_DN_SYNTAX,
        RESULT_NO_SUCH_OBJECT,
        RESULT_UNWILLING_TO_PERFORM,
    }
)
_SUB_CODE: Final = re.compile(r"AcceptSecurityContext error, data ([0-9a-f]+)")
# Active Directory gives these only for the right password, except 775.
_SUB_CODES: Final = {
    "530": Bound.NOT_NOW,
    "531": Bound.NOT_NOW,
    "532": Bound.EXPIRED,
    "533": Bound.DISABLED,
    "701": Bound.ENDED,
    "773": Bound.MUST_CHANGE,
    "775": Bound.LOCKED,
}
# The errors of the policy that a bind can meet; the others are about choosing a new password.
_POLICY_ERRORS: Final = {0: Bound.EXPIRED, 1: Bound.LOCKED, 2: Bound.MUST_CHANGE}
# Tags of the policy's answer: a warning with one of two numbers, and an error.
_WARNING, _SECONDS_LEFT, _GRACE_LEFT, _ERROR = 0xA0, 0x80, 0x81, 0x81


def answer_to(result: Any) -> Answer | None:
    """Return what the result of a bind means; None if it is about the server and not about the password.

    What the policy says outweighs a success: a password that must be changed is accepted for that alone.

    Raises:
        ValueError: the policy's answer cannot be read.
    """
    accepted = result["result"] == RESULT_SUCCESS
    if not accepted and result["result"] not in _REFUSED:
        return None
    control = (result.get("controls") or {}).get(_POLICY) or {}
    error, warning = _policy(control.get("value") or b"")
    if error in _POLICY_ERRORS:
        return Answer(_POLICY_ERRORS[error])
    if accepted:
        return Answer(Bound.ACCEPTED, warning)
    sub_code = _SUB_CODE.search(result["message"] or "")
    return Answer(_SUB_CODES.get(sub_code[1], Bound.REFUSED) if sub_code else Bound.REFUSED)


def _policy(value: bytes) -> tuple[int | None, str]:
    """Return the error and the warning of a policy's answer."""
    error, warning = None, ""
    for _, answer in _elements(value):
        for tag, content in _elements(answer):
            if tag == _ERROR:
                error = int.from_bytes(content, "big")
            elif tag == _WARNING:
                warning = _warning(dict(_elements(content)))
    return error, warning


def _warning(numbers: dict[int, bytes]) -> str:
    if _GRACE_LEFT in numbers:
        left = int.from_bytes(numbers[_GRACE_LEFT], "big")
        return f"its password has expired and is accepted only {left} times more"
    if _SECONDS_LEFT in numbers:
        days = int.from_bytes(numbers[_SECONDS_LEFT], "big") // 86_400
        return f"its password expires in {days} days" if days else "its password expires within a day"
    return ""


def _elements(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each element of a BER encoding with definite lengths (RFC 4511, 5.1)."""
    while octets:
        if len(octets) < 2:
            raise ValueError("an element of the password policy's answer breaks off")
        tag, length, start = octets[0], octets[1], 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(octets[2:start], "big")
        if len(octets) < start + length:
            raise ValueError("an element of the password policy's answer breaks off")
        yield tag, octets[start : start + length]
        octets = octets[start + length :]
