"""The built-in detectors, as data. One file a family; the order here is the order of every listing."""

import difflib

from core.errors import InvalidInput
from policies.dlp.catalogue.americas import AMERICAS
from policies.dlp.catalogue.asia_pacific import ASIA_PACIFIC
from policies.dlp.catalogue.contact import CONTACT
from policies.dlp.catalogue.europe import EUROPE
from policies.dlp.catalogue.finance import FINANCE
from policies.dlp.catalogue.language import LANGUAGE
from policies.dlp.catalogue.secrets import SECRETS
from policies.dlp.detector import Detector, DetectorId

_ALL = (*FINANCE, *AMERICAS, *EUROPE, *ASIA_PACIFIC, *CONTACT, *SECRETS, *LANGUAGE)
_BY_ID = {detector.id: detector for detector in _ALL}


def all_detectors() -> tuple[Detector, ...]:
    """Return every built-in detector."""
    return _ALL


def get_detector(detector: DetectorId | str) -> Detector:
    """Return one built-in detector.

    Raises:
        InvalidInput: ``unknown_detector``; the message offers the nearest name.
    """
    found = _BY_ID.get(DetectorId(detector))
    if found is None:
        near = difflib.get_close_matches(detector, _BY_ID, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise InvalidInput(
            f"There is no detector named {detector!r}.{hint}", code="unknown_detector", detector=detector
        )
    return found
