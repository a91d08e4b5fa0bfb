"""Values that a server gives in ranges: Active Directory sends 1,500 at once ([MS-ADTS], 3.1.1.3.1.3.3).

An attribute that was cut off comes as ``member;range=0-1499``; the next values are asked for as
``member;range=1500-*``, and the last part says ``*`` for its end.
"""

import re
from collections.abc import Callable, Mapping, Sequence

Values = Mapping[str, Sequence[bytes]]

_RANGED = re.compile(r"(?P<name>[^;]+);range=(?P<first>\d+)-(?P<last>\d+|\*)", re.IGNORECASE)


def whole(values: Values, ask: Callable[[str], Values]) -> dict[str, list[bytes]]:
    """Return ``values`` with what was held back; ``ask`` reads one attribute of the same entry.

    Raises:
        ValueError: the server does not go on from where it stopped.
    """
    complete = {name.lower(): list(given) for name, given in values.items() if not _RANGED.fullmatch(name)}
    for name, given in values.items():
        if given and (part := _RANGED.fullmatch(name)):
            complete[part["name"].lower()] = _all_parts(part, given, ask)
    return complete


def _all_parts(part: re.Match[str], given: Sequence[bytes], ask: Callable[[str], Values]) -> list[bytes]:
    found = list(given)
    while part["last"] != "*":
        following = int(part["last"]) + 1
        answer = ask(f"{part['name']};range={following}-*")
        parts = [
            (match, more) for name, more in answer.items() if more and (match := _RANGED.fullmatch(name))
        ]
        if len(parts) != 1 or int(parts[0][0]["first"]) != following:
            raise ValueError(f"the values of {part['name']} break off at {following}")
        part, more = parts[0]
        found += more
    return found
