"""What a bundle says of a file itself: its type by content, its size, and whether it could be read."""

from collections.abc import Iterator

from core.types import Confidence, Facts, FileFacts, Finding, RuleId, Surface, Verdict
from policies.check import FILE_SIZE, FILE_TYPE, UNREADABLE
from policies.model.usage import Files

MB = 1024 * 1024


def file_findings(facts: Facts, rules: Files) -> Iterator[Finding]:
    """Yield what keeps a file back whatever stands in it; its name has been asked about apart."""
    file = facts.file
    if file is None or facts.surface is not Surface.FILE:
        return
    if not may_be_sent(file, rules):
        yield Finding(RuleId(FILE_TYPE), "", Verdict.BLOCK, 0, 0, Confidence.HIGH, file.type)
    if file.size > rules.max_mb * MB:
        yield Finding(RuleId(FILE_SIZE), "", Verdict.BLOCK)
    if file.problem:
        yield Finding(RuleId(UNREADABLE), "", rules.unreadable.verdict, 0, 0, Confidence.HIGH, file.problem)


def may_be_sent(file: FileFacts, rules: Files) -> bool:
    """Tell whether files of this type may be sent: not denied, and named where types are named."""
    return not _names(rules.denied, file.type) and (not rules.types or _names(rules.types, file.type))


def _names(types: tuple[str, ...], found: str) -> bool:
    group = found.partition("/")[0] + "/*"
    return found in types or group in types
