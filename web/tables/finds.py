"""What the detectors of the catalogue find, as policies in words name it."""

from collections.abc import Mapping
from typing import Final

from policies.dlp.catalogue import all_detectors

_IDENTITY: Final = "identity"

FINDS: Final[Mapping[str, str]] = {
    str(one.id): one.title if one.category == _IDENTITY else one.label for one in all_detectors()
}
"""Numbers of countries go by their full names, which begin with the country; others by what a cover says."""
