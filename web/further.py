"""What pages say that is made in English far below and that no script needs: names of detectors."""

from collections.abc import Mapping
from typing import Final

from policies.dlp.catalogue import all_detectors

_IDENTITY: Final = "identity"

FINDS: Final[Mapping[str, str]] = {
    str(one.id): one.title if one.category == _IDENTITY else one.label for one in all_detectors()
}
"""What each detector of the catalogue finds.

Numbers of countries go by their full names, which begin with the country; the others by what a cover says.
"""

FURTHER: Final = tuple(dict.fromkeys(FINDS.values()))
