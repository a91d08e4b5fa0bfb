"""What the engine relies on in any scanner."""

import pytest

from core.errors import InvalidInput
from policies.compiled import BuildScanner, TextMatch, TextScan
from policies.engine import run

CARD = "4111 1111 1111 1111"


class ScannerContract:
    """Run on each scanner; a subclass provides the fixture ``build``."""

    def test_a_card_is_found_where_it_stands(self, build: BuildScanner) -> None:
        (found,) = _scan(build, f"my card: {CARD}.").matches
        assert (found.detector, found.start, found.end, found.preceding) == ("payment_card", 9, 28, False)
        assert found.confidence >= 75
        assert "4111" not in found.excerpt
        assert found.excerpt.endswith("1111")

    def test_a_word_is_found_under_the_name_of_its_list(self, build: BuildScanner) -> None:
        assert _places(_scan(build, "an ALPHA and an alphabet")) == [("words", 3, 8)]

    def test_a_pattern_is_found_under_its_name(self, build: BuildScanner) -> None:
        assert _places(_scan(build, "see CL-204417")) == [("client", 4, 13)]

    def test_a_value_split_over_two_messages_is_found_in_its_second_part(self, build: BuildScanner) -> None:
        (found,) = _scan(build, "1111 1111", "my card: 4111 1111").matches
        assert (found.detector, found.start, found.end, found.preceding) == ("payment_card", 0, 9, True)

    def test_what_was_said_before_is_not_found_again(self, build: BuildScanner) -> None:
        assert _scan(build, "thanks 12", f"my card: {CARD}").matches == ()

    @pytest.mark.parametrize("text", ["", "hello", "x" * 20_000])
    def test_a_harmless_text_is_scanned_to_its_end(self, build: BuildScanner, text: str) -> None:
        scan = _scan(build, text)
        assert (scan.matches, scan.complete) == ((), True)

    def test_a_long_text_is_scanned_in_steps(self, build: BuildScanner) -> None:
        steps = build(["payment_card"], {}, {}).scan_steps(f"card {CARD}. " * 400, ())
        assert sum(1 for _ in steps) >= 10_400 // 4_096

    def test_an_unknown_detector_is_refused(self, build: BuildScanner) -> None:
        with pytest.raises(InvalidInput) as refused:
            build(["no_such_thing"], {}, {})
        assert refused.value.code == "unknown_detector"


def _scan(build: BuildScanner, text: str, *preceding: str) -> TextScan:
    scanner = build(["payment_card"], {"words": ["alpha"]}, {"client": "CL-[0-9]{6}"})
    return run(scanner.scan_steps(text, preceding))


def _places(scan: TextScan) -> list[tuple[str, int, int]]:
    return [_place(match) for match in scan.matches]


def _place(match: TextMatch) -> tuple[str, int, int]:
    return (match.detector, match.start, match.end)
