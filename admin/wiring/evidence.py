"""What worker and desk agree on about the evidence: the ledger's files and names."""

from pathlib import Path
from urllib.parse import urlsplit

from audit.ledger.entries import Log
from core.crypto.rings import LOG_ARCHIVE, LOG_AUDIT
from core.settings import Settings

LOG_KEYS = {Log.ARCHIVE: LOG_ARCHIVE, Log.AUDIT: LOG_AUDIT}
"""Under which name each log's signing key stands in the ledger ring and among the pins."""


def ledger_folder(settings: Settings, log: Log) -> Path:
    """Return the folder of a log's tiles and checkpoint."""
    return settings.home / "ledger" / log


def ledger_origin(settings: Settings, log: Log) -> str:
    """Return the origin of a log (C2SP tlog-checkpoint): host, firm and log."""
    return f"{urlsplit(settings.desk_url).hostname}/{settings.tenant}/{log}"
