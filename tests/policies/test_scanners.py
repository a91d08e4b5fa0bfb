"""The scanner of the catalogue and the one that tests use keep the same promises."""

from collections.abc import Mapping, Sequence

import pytest

from policies.compiled import BuildScanner, TextScanner
from policies.dlp.detector import DetectorId
from policies.dlp.scan import Scanner
from tests.contracts.scanner import ScannerContract
from tests.fakes.scanner import WordScanner


class TestCatalogueScanner(ScannerContract):
    @pytest.fixture
    def build(self, databases: dict[str, bytes]) -> BuildScanner:
        def build(
            detectors: Sequence[str], lexicons: Mapping[str, Sequence[str]], patterns: Mapping[str, str]
        ) -> TextScanner:
            return Scanner.build([DetectorId(name) for name in detectors], lexicons, patterns, databases)

        return build


class TestWordScanner(ScannerContract):
    @pytest.fixture
    def build(self) -> BuildScanner:
        return WordScanner.build


@pytest.fixture(scope="module")
def databases() -> dict[str, bytes]:
    return {}
