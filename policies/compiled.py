"""A bundle made ready to decide with: its segments looked up, its detectors compiled.

Compiling detectors takes seconds, and most new bundles change no detector: compiled scanners are
kept by their content, a few of them.
"""

from collections import OrderedDict
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.types import BundleHash
from policies.bundle import Bundle, bundle_hash
from policies.check import FILE_SIZE, FILE_TYPE, UNREADABLE, UNSCANNABLE
from policies.model.rules import DlpRule, Rule
from policies.model.texts import Text, text_in
from policies.people import SegmentTable


class TextMatch(Protocol):
    """One value that a detector found; offsets in characters of the text that was scanned."""

    @property
    def detector(self) -> str:
        """Return the name under which the detector was built."""
        ...

    @property
    def start(self) -> int:
        """Return where the value begins."""
        ...

    @property
    def end(self) -> int:
        """Return where it ends."""
        ...

    @property
    def confidence(self) -> int:
        """Return how sure the detector is."""
        ...

    @property
    def excerpt(self) -> str:
        """Return the masked value, safe to show to the sender."""
        ...

    @property
    def preceding(self) -> bool:
        """Tell whether the value began in an earlier message."""
        ...


class TextScan(Protocol):
    """What one scan found; ``complete`` is false where a bound was hit."""

    @property
    def matches(self) -> Sequence[TextMatch]:
        """Return the values found."""
        ...

    @property
    def complete(self) -> bool:
        """Tell whether the whole text was scanned."""
        ...


class TextScanner(Protocol):
    """Finds values in a text, in steps of at most 4 kB."""

    def scan_steps(self, text: str, preceding: Sequence[str]) -> Generator[None, None, TextScan]:
        """Return what was found; yield between steps."""
        ...


BuildScanner = Callable[[Sequence[str], Mapping[str, Sequence[str]], Mapping[str, str]], TextScanner]
"""Builds a scanner from catalogue detectors, lexicons by name and RE2 patterns by name."""

_Content = tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...], tuple[tuple[str, str], ...]]


OWN_TITLES: Mapping[str, str] = {
    UNSCANNABLE: "a text that cannot be checked",
    UNREADABLE: "a file that cannot be read",
    FILE_TYPE: "files of this type",
    FILE_SIZE: "a file that is too large",
}
"""What the engine's own rules look for."""


@dataclass(frozen=True, slots=True)
class CompiledBundle:
    """A bundle, its hash, and what makes it fast. Without rules on content there is no scanner.

    ``rules`` has the rules on content by the detectors that count for them, ``named`` all by id,
    ``labels`` what a redacted text shows for a detector of the catalogue.
    """

    bundle: Bundle
    hash: BundleHash
    segments: SegmentTable
    scanner: TextScanner | None
    rules: Mapping[str, tuple[DlpRule, ...]]
    named: Mapping[str, Rule]
    labels: Mapping[str, str]

    def title_of(self, rule: str) -> Text:
        """Return a rule's own name for what it looks for."""
        known = self.named.get(rule)
        return OWN_TITLES[rule] if known is None else known.title

    def label_of(self, detector: str, rule: str) -> str:
        """Return what a redacted text shows in place of a value: the same to everybody."""
        return self.labels.get(detector) or text_in(self.title_of(rule))


class Compiler:
    """Makes bundles ready; remembers the last few scanners by their content."""

    def __init__(
        self, build: BuildScanner, labels: Mapping[str, str] | None = None, remembered: int = 4
    ) -> None:
        self._build = build
        self._labels = labels or {}
        self._remembered = remembered
        self._scanners: OrderedDict[_Content, TextScanner] = OrderedDict()

    def compile(self, bundle: Bundle, hashed: BundleHash | None = None) -> CompiledBundle:
        """Return ``bundle`` ready to decide with; ``hashed`` is the hash of its form as stored.

        Raises:
            InvalidInput: a detector, lexicon or pattern cannot be compiled.
        """
        content = _content(bundle)
        scanner = self._scanners.pop(content, None)
        if scanner is None and any(content):
            detectors, lexicons, patterns = content
            scanner = self._build(detectors, dict(lexicons), dict(patterns))
        if scanner is not None:
            self._scanners[content] = scanner
            while len(self._scanners) > self._remembered:
                self._scanners.popitem(last=False)
        return CompiledBundle(
            bundle=bundle,
            hash=hashed or bundle_hash(bundle),
            segments=SegmentTable(bundle),
            scanner=scanner,
            rules=_by_source(bundle),
            named={rule.id: rule for rule in bundle.rules},
            labels=self._labels,
        )


def _content(bundle: Bundle) -> _Content:
    """Return what the scanner of this bundle is made of, in one order."""
    named = {name for rule in bundle.dlp.rules for name in rule.detectors}
    named |= {rule.near.detector for rule in bundle.dlp.rules if rule.near is not None}
    named |= {name for rule in bundle.sharing for name in rule.detectors}
    named -= {name for rule in bundle.dlp.rules for name in rule.own_sources}
    lexicons = sorted((rule.lexicon_key, rule.lexicon) for rule in bundle.dlp.rules if rule.lexicon)
    patterns = sorted((rule.pattern_key, rule.pattern) for rule in bundle.dlp.rules if rule.pattern)
    return tuple(sorted(named)), tuple(lexicons), tuple(patterns)


def _by_source(bundle: Bundle) -> dict[str, tuple[DlpRule, ...]]:
    """Return the rules that each detector counts for."""
    rules: dict[str, tuple[DlpRule, ...]] = {}
    for rule in bundle.dlp.rules:
        for source in dict.fromkeys(rule.sources):
            rules[source] = (*rules.get(source, ()), rule)
    return rules
