"""The worker's status as metrics: the same numbers, told twice in no two ways."""

from collections.abc import Mapping
from typing import Any

from core import metrics


def count_worker(status: Mapping[str, Any]) -> None:
    """Set the gauges of the worker from what it writes about itself."""
    metrics.ARCHIVE_WAITING.set(status["sealing"])
    metrics.ARCHIVE_LAG.set(status["sealing_age_ms"] / 1000)
    metrics.INDEX_WAITING.set(status["indexing"])
    metrics.INDEX_LAG.set(status["indexing_age_ms"] / 1000)
    metrics.INDEX_REFUSED.set(status["refused"])
    metrics.INDEX_UP.set(1.0 if status["index"]["ok"] else 0.0)
    metrics.OUTBOX.replace(status["outbox"])
    metrics.JOBS.replace(status["jobs"])
    metrics.LEDGER_SIZE.replace(status["ledger"])
    metrics.PARTITIONS_MISSING.set(len(status["missing_partitions"]))
    metrics.FAILING.set(len(status["failing"]))
    servers = (status["directory"] or {"servers": ()})["servers"]
    metrics.DIRECTORY_UP.replace({one["server"]: 1.0 if one["ok"] else 0.0 for one in servers})
