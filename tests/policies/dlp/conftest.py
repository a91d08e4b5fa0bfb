"""One scanner of all detectors, compiled once."""

import pytest

from policies.dlp.catalogue import all_detectors
from policies.dlp.scan import Scanner


@pytest.fixture(scope="session")
def scanner() -> Scanner:
    return Scanner.build([detector.id for detector in all_detectors()])
