r"""Names inside filters and distinguished names: escaping, and what a group is called.

Both escapes write every octet that is not an ASCII letter or digit as ``\xx``, which both
grammars allow (RFC 4515, 3; RFC 4514, 2.4). So nothing depends on a list of special characters,
nor on how a library treats white space at the ends.
"""

import string

_PLAIN = frozenset((string.ascii_letters + string.digits).encode("ascii"))
_HEX = frozenset(string.hexdigits)


def escape(value: str) -> str:
    """Return ``value`` as it may stand in a filter or in a distinguished name, and mean itself."""
    return "".join(chr(octet) if octet in _PLAIN else f"\\{octet:02x}" for octet in value.encode("utf-8"))


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
    if group_base and plain and _comparable(parent) == _comparable(group_base):
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


def _comparable(dn: str) -> list[tuple[str, str]]:
    """Return the components of ``dn`` so that equal names compare equal."""
    components = []
    while dn.strip():
        first, dn = _split_first(dn)
        kind, _, value = first.partition("=")
        components.append((kind.strip().casefold(), " ".join(_meaning(value).casefold().split())))
    return components


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
