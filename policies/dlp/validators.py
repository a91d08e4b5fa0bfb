"""Checks of values, by the issuer's own arithmetic. Pure, deterministic, independent of today's date.

Every function takes a value as it was written (separators included) and answers yes or no; none raises
on malformed input. Numbers that python-stdnum knows are checked there, through :func:`stdnum_check`.
"""

import functools
import ipaddress
import re
from collections.abc import Callable
from types import ModuleType

import phonenumbers
from stdnum.exceptions import ValidationError

_DIGIT_GROUP = re.compile(r"[0-9]+\)?")
_DIGITS = frozenset("0123456789")
_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def digits_of(value: str) -> str:
    """Return only the ASCII digits of ``value``."""
    if value.isdigit() and value.isascii():
        return value
    return "".join(character for character in value if character in _DIGITS)


def luhn(value: str) -> bool:
    """Tell whether the digits of ``value`` end in their check digit (ISO/IEC 7812-1, annex B)."""
    digits = digits_of(value)
    total = 0
    for position, character in enumerate(reversed(digits)):
        digit = ord(character) - 48
        total += _LUHN_DOUBLED[digit] if position % 2 else digit
    return bool(digits) and total % 10 == 0


def stdnum_check(*modules: ModuleType) -> Callable[[str], bool]:
    """Return a validator that accepts what any of the python-stdnum ``modules`` accepts."""

    def check(value: str) -> bool:
        for module in modules:
            try:
                module.validate(value)
            except ValidationError:
                continue
            return True
        return False

    return check


def not_uniform(check: Callable[[str], bool]) -> Callable[[str], bool]:
    """Return ``check`` that also refuses one digit repeated, which passes many checksums."""

    def both(value: str) -> bool:
        return len(set(digits_of(value))) > 1 and check(value)

    return both


def us_ssn(value: str) -> bool:
    """Tell whether the Social Security Administration could have issued ``value``.

    Areas 000, 666 and 900-999, group 00 and serial 0000 are never issued.
    """
    digits = digits_of(value)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    if len(digits) != 9 or len(set(digits)) == 1:
        return False
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"


def us_itin(value: str) -> bool:
    """Tell whether ``value`` lies in the ranges of Individual Taxpayer Identification Numbers (IRS)."""
    digits = digits_of(value)
    if len(digits) != 9 or digits[0] != "9":
        return False
    group = int(digits[3:5])
    return 50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or 94 <= group <= 99


def uk_nino(value: str) -> bool:
    """Tell whether ``value`` has a prefix and suffix that HMRC allots (manual NIM39110)."""
    plain = "".join(value.split()).replace("-", "").upper()
    return (
        len(plain) == 9
        and plain[:2] not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
        and plain[0] not in "DFIQUV"
        and plain[1] not in "DFIQUVO"
        and plain[2:8].isdigit()
        and plain[8] in "ABCD"
    )


def fi_hetu(value: str) -> bool:
    """Tell whether the control character fits (Finnish Digital and Population Data Services Agency)."""
    plain = value.upper()
    if len(plain) != 11 or not plain[:6].isdigit() or not plain[7:10].isdigit():
        return False
    if not ("01" <= plain[:2] <= "31" and "01" <= plain[2:4] <= "12"):
        return False
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(plain[:6] + plain[7:10]) % 31] == plain[10]


def pl_pesel(value: str) -> bool:
    """Tell whether the check digit fits and the month carries a century mark (PESEL)."""
    digits = digits_of(value)
    if len(digits) != 11 or not (1 <= int(digits[2:4]) % 20 <= 12 and 1 <= int(digits[4:6]) <= 31):
        return False
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
    return sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 10 == 0


def se_personnummer(value: str) -> bool:
    """Tell whether date and Luhn digit fit (Skatteverket, personal identity and coordination numbers)."""
    digits = digits_of(value)[-10:]
    if len(digits) != 10 or not 1 <= int(digits[2:4]) <= 12:
        return False
    day = int(digits[4:6])
    return (1 <= day <= 31 or 61 <= day <= 91) and luhn(digits)


def dk_cpr(value: str) -> bool:
    """Tell whether date and modulo 11 fit; the few numbers issued since 2007 outside it are not known."""
    digits = digits_of(value)
    if len(digits) != 10 or not (1 <= int(digits[:2]) <= 31 and 1 <= int(digits[2:4]) <= 12):
        return False
    weights = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    return sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 11 == 0


def no_fodselsnummer(value: str) -> bool:
    """Tell whether both check digits fit (Skatteetaten), D-numbers included."""
    digits = [int(digit) for digit in digits_of(value)]
    if len(digits) != 11:
        return False
    day, month = digits[0] * 10 + digits[1], digits[2] * 10 + digits[3]
    if not (1 <= day <= 31 or 41 <= day <= 71) or not 1 <= month <= 12:
        return False
    first = sum(w * d for w, d in zip((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), digits[:10], strict=True))
    second = sum(w * d for w, d in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), digits, strict=True))
    return first % 11 == 0 and second % 11 == 0


def be_nn(value: str) -> bool:
    """Tell whether the check number modulo 97 fits, for births before or since 2000 (Rijksregister)."""
    digits = digits_of(value)
    if len(digits) != 11 or int(digits[2:4]) % 20 > 12 or int(digits[4:6]) > 31:
        return False
    check = int(digits[9:])
    return check in {97 - int(digits[:9]) % 97, 97 - int("2" + digits[:9]) % 97}


def za_id(value: str) -> bool:
    """Tell whether date, citizenship digit and Luhn digit fit (South African identity number)."""
    digits = digits_of(value)
    return (
        len(digits) == 13
        and 1 <= int(digits[2:4]) <= 12
        and 1 <= int(digits[4:6]) <= 31
        and digits[10] in "012"
        and luhn(digits)
    )


def ip_address(value: str) -> bool:
    """Tell whether ``value`` is an IPv4 or IPv6 address in text form (RFC 6943, RFC 4291)."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def ip_is_local(value: str) -> bool:
    """Tell whether an address names nobody in particular: private, loopback, reserved, or few hextets."""
    address = ipaddress.ip_address(value)
    if isinstance(address, ipaddress.IPv6Address):
        return not address.is_global or sum(1 for part in value.split(":") if part) < 4
    return not address.is_global or all(len(octet) == 1 for octet in value.split("."))


#: Numbers that regulators keep for drama (Ofcom) read like anybody's; they are treated as real.
_DRAMA = ("447700900", "442079460", "441632960")


@functools.lru_cache(maxsize=4096)
def phone(value: str) -> bool:
    """Tell whether a numbering plan knows ``value``: E.164 with a plus, else the United States or Britain."""
    regions: tuple[str | None, ...] = (None,) if value.startswith("+") else ("US", "GB")
    for region in regions:
        try:
            number = phonenumbers.parse(value, region)
        except phonenumbers.NumberParseException:
            continue
        written = f"{number.country_code}{number.national_number}"
        if phonenumbers.is_valid_number(number) or (written.startswith(_DRAMA) and len(written) == 12):
            return True
    return False


def phone_length(written: str) -> int:
    """Return how many characters of a run that starts with a plus are the number; 0 when none is.

    What follows a number (an extension, a date) is cut off at the gaps, at most three times.
    """
    ends = [match.end() for match in _DIGIT_GROUP.finditer(written)]
    fitting = [end for end in ends if 7 <= len(digits_of(written[:end])) <= 15]
    for end in reversed(fitting[-4:]):
        if phone(written[:end]):
            return end
    return 0


def sg_nric(value: str) -> bool:
    """Tell whether the check letter fits (Singapore NRIC and FIN, series S, T, F, G and M)."""
    if len(value) != 9 or not value[1:8].isdigit():
        return False
    total = sum(w * int(d) for w, d in zip((2, 7, 6, 5, 4, 3, 2), value[1:8], strict=True))
    series = value[0]
    if series in "ST":
        return "JZIHGFEDCBA"[(total + 4 * (series == "T")) % 11] == value[8]
    if series in "FG":
        return "XWUTRQPNMLK"[(total + 4 * (series == "G")) % 11] == value[8]
    return series == "M" and "XWUTRQPNJLK"[10 - (total + 3) % 11] == value[8]


def email(value: str) -> bool:
    """Tell whether local part and domain keep to their limits (RFC 5321, section 4.5.3.1)."""
    local, _, domain = value.rpartition("@")
    return (
        0 < len(local) <= 64
        and len(domain) <= 253
        and ".." not in value
        and not local.endswith(".")
        and not domain.lower().endswith((".png", ".jpg", ".gif", ".svg", ".local", ".localhost"))
    )
