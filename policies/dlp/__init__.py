"""Data loss prevention: what a text holds that should not leave. Pure, deterministic, never waits."""

from policies.dlp.detector import DetectorId
from policies.dlp.examine import Match
from policies.dlp.redact import redact
from policies.dlp.scan import Scanner, ScanResult

__all__ = ["DetectorId", "Match", "ScanResult", "Scanner", "redact"]
