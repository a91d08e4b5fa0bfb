"""The engine with the detectors of the catalogue: what every process but a test decides with."""

from collections.abc import Mapping, MutableMapping, Sequence
from importlib import resources

from core.errors import InvalidInput
from policies.bundle import Bundle
from policies.check import Vocabulary
from policies.compiled import Compiler
from policies.dlp.catalogue import all_detectors
from policies.dlp.detector import DetectorId
from policies.dlp.lint import refusal_of
from policies.dlp.scan import Scanner
from policies.source import parse

PACKS = ("first", "demo")
"""Bundles that come with the suite: what a new house starts with, and the demo bank."""


def standard_vocabulary() -> Vocabulary:
    """Return what a bundle may name: every detector of the catalogue, every pattern RE2 accepts."""
    return Vocabulary(frozenset(str(detector.id) for detector in all_detectors()), refusal_of)


def standard_compiler(cache: MutableMapping[str, bytes] | None = None) -> Compiler:
    """Return a compiler over the catalogue; ``cache`` keeps compiled databases, see ``Scanner.build``."""

    def build(
        detectors: Sequence[str], lexicons: Mapping[str, Sequence[str]], patterns: Mapping[str, str]
    ) -> Scanner:
        return Scanner.build([DetectorId(name) for name in detectors], lexicons, patterns, cache)

    return Compiler(build, {str(detector.id): detector.label for detector in all_detectors()})


def pack_source(name: str) -> str:
    """Return the YAML of a bundle that comes with the suite.

    Raises:
        InvalidInput: ``unknown_pack``.
    """
    if name not in PACKS:
        raise InvalidInput(f"There is no pack {name!r}; there are {', '.join(PACKS)}.", code="unknown_pack")
    return resources.files("policies").joinpath("packs", f"{name}.yaml").read_text(encoding="utf-8")


def load_pack(name: str) -> Bundle:
    """Return a bundle that comes with the suite.

    Raises:
        InvalidInput: ``unknown_pack``.
    """
    return parse([(f"packs/{name}.yaml", pack_source(name))], standard_vocabulary())
