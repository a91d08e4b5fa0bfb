r"""Names inside filters and distinguished names: escaping, and what a group is called.

Both escapes write every octet that is not an ASCII letter or digit as ``\xx``, which both
grammars allow (RFC 4515, 3; RFC 4514, 2.4). So nothing depends on a list of special characters,
nor on how a library treats white space at the ends.
"""

import string
from functools import lru_cache

_PLAIN = frozenset((string.ascii_letters + string.digits).encode("ascii"))
_HEX = frozenset(string.hexdigits)
# The same people and groups are compared again and again while all of them are read.
_REMEMBERED = 50_000


def escape(value: str) -> str:
    """Return ``value`` as it may stand in a filter or in a distinguished name, and mean itself."""
    return "".join(chr(octet) if octet in _PLAIN else f"\\{octet:02x}" for octet in value.encode("utf-8"))


def escape_octets(value: bytes) -> str:
    """Return ``value`` as it may stand in a filter, octet by octet."""
    return "".join(f"\\{octet:02x}" for octet in value)


@lru_cache(_REMEMBERED)
def comparable(dn: str) -> tuple[tuple[str, str], ...]:
    """Return the components of ``dn`` so that equal names compare equal."""
    components = []
    while dn.strip():
        first, dn = _split_first(dn)
        kind, _, value = first.partition("=")
        components.append((kind.strip().casefold(), " ".join(_meaning(value).casefold().split())))
    return tuple(components)


def is_below(dn: str, base: str) -> bool:
    """Tell whether ``dn`` is ``base`` or stands below it."""
    whole, end = comparable(dn), comparable(base)
    return not end or whole[-len(end) :] == end


def domain_of(dn: str) -> str:
    """Return the domain in which ``dn`` stands: its end of ``dc`` components; the empty text if none."""
    rest = dn
    while rest and any(kind != "dc" for kind, _ in comparable(rest)):
        rest = _split_first(rest)[1]
    return rest.strip()


def group_name(dn: str, group_base: str) -> str:
    """Return what the group ``dn`` is called in settings and policies.

    A group directly below ``group_base`` goes by its own name, any other by its whole
    distinguished name: whoever may create groups in some other branch cannot make one that passes
    for a group of the base.
    """
    first, parent = _split_first(dn)
    kind, separator, value = first.partition("=")
    plain = (
        bool(kind.strip() and separator)
        and "+" not in _unescaped(first)
        and not value.strip().startswith("#")
    )
    if group_base and plain and comparable(parent) == comparable(group_base):
        return _meaning(value)
    return dn


def _split_first(dn: str) -> tuple[str, str]:
    """Return the first component of ``dn`` and the rest."""
    position = 0
    while position < len(dn):
        if dn[position] == "\\":
            position += 2
        elif dn[position] in ",;":
            return dn[:position], dn[position + 1 :]
        else:
            position += 1
    return dn, ""


def _unescaped(text: str) -> str:
    """Return ``text`` without its escaped characters."""
    kept, position = [], 0
    while position < len(text):
        if text[position] == "\\":
            position += 2
        else:
            kept.append(text[position])
            position += 1
    return "".join(kept)


def _meaning(value: str) -> str:
    """Return the value that an escaped attribute value of a distinguished name stands for."""
    octets, position = bytearray(), 0
    text = value.strip(" ")
    if text.endswith("\\") and value.endswith(" "):
        text += " "
    while position < len(text):
        pair = text[position + 1 : position + 3]
        if text[position] != "\\":
            octets += text[position].encode("utf-8")
            position += 1
        elif len(pair) == 2 and set(pair) <= _HEX:
            octets.append(int(pair, 16))
            position += 3
        else:
            octets += text[position + 1 : position + 2].encode("utf-8")
            position += 2
    return octets.decode("utf-8", "replace")
