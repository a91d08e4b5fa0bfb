"""The signs of emoji, by the names under which reactions are kept."""

from collections.abc import Mapping
from functools import cache

import orjson

from web.assets import STATIC


@cache
def emoji_signs() -> Mapping[str, str]:
    """Return the sign of each name, of the list that the chat page completes from."""
    rows = orjson.loads((STATIC / "vendor" / "emoji.json").read_bytes())
    return {alias: sign for sign, alias, *_ in rows}
