"""Checks of secrets: is this a credential that somebody made, or a word, a placeholder, a variable?"""

import base64
import binascii
import json
import math
from collections import Counter

_PLACEHOLDERS = (
    "password",
    "passwort",
    "changeme",
    "example",
    "xxxx",
    "your",
    "secret",
    "none",
    "null",
    "true",
)


def entropy(value: str) -> float:
    """Return the Shannon entropy of the characters of ``value``, in bits a character."""
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values()) if value else 0.0


def looks_random(value: str) -> bool:
    """Tell whether a token has the variety of a generated one (a placeholder repeats itself)."""
    return len(set(value)) >= 8 and entropy(value) >= 2.8


def jwt(value: str) -> bool:
    """Tell whether the first part is a JOSE header that names an algorithm (RFC 7515, RFC 7519)."""
    head = value.split(".", 1)[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error):
        return False
    return isinstance(header, dict) and "alg" in header


def chosen_password(value: str) -> bool:
    """Tell whether ``value`` looks like a password that a person or a generator chose.

    It mixes letters with digits or signs, is no call, variable, markup, path or placeholder.
    """
    if len(value) < 6 or not any(c.isalpha() for c in value):
        return False
    if value[0] in "<$({[%/.*`&" or value.endswith((")", "()", ");", ">", "}", ":")):
        return False
    lower = value.lower()
    if any(word in lower for word in _PLACEHOLDERS) or "://" in value or "(" in value:
        return False
    if any(c.isdigit() for c in value):
        return True
    inner = value[:-1]
    return any(not c.isalnum() and c not in "-_.'’,;:" for c in inner) and len(set(value)) >= 6
