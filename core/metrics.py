"""What a process counts about itself, for Prometheus: names and numbers, never ids, names of people or text.

The numbers are plain attributes, and nothing here takes a lock: in a process with an event loop the
loop and the native threads beside it count side by side, and a lock of either, held by one, would
stop the other (a thread is not switched within one addition). prometheus-client meets them only when
somebody asks, to write the format (https://prometheus.io/docs/instrumenting/exposition_formats/).
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import CollectorRegistry

Values = tuple[str, ...]

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


class Counter:
    """A number that only grows, for each value of its labels."""

    kind = "counter"

    def __init__(self, name: str, tells: str, *labels: str, known: Sequence[str] = ()) -> None:
        self.name, self.tells, self.labels = name, tells, labels
        self._values: dict[Values, float] = {(value,): 0.0 for value in known}
        if not labels:
            self._values[()] = 0.0

    def add(self, *labels: str, amount: float = 1.0) -> None:
        """Count one more, or ``amount``."""
        self._values[labels] = self._values.get(labels, 0.0) + amount

    def value(self, *labels: str) -> float:
        """Return what was counted."""
        return self._values.get(labels, 0.0)

    def collect(self) -> Metric:
        """Return the samples."""
        family = CounterMetricFamily(self.name, self.tells, labels=self.labels)
        for labels, value in list(self._values.items()):
            family.add_metric(labels, value)
        return family


class Gauge:
    """A number of now; one that was never set is not told."""

    kind = "gauge"

    def __init__(self, name: str, tells: str, *labels: str) -> None:
        self.name, self.tells, self.labels = name, tells, labels
        self._values: dict[Values, float] = {}
        self._asked: Callable[[], float | None] | None = None

    def set(self, value: float, *labels: str) -> None:
        """Say what it is now."""
        self._values[labels] = value

    def replace(self, values: Mapping[str, float]) -> None:
        """Say what it is now for every value of its one label; others are told no more."""
        self._values = {(label,): value for label, value in values.items()}

    def ask(self, now: Callable[[], float | None]) -> None:
        """Have ``now`` asked whenever it is told; it must not wait, and may answer None."""
        self._asked = now

    def collect(self) -> Metric:
        """Return the samples."""
        family = GaugeMetricFamily(self.name, self.tells, labels=self.labels)
        asked = self._asked() if self._asked is not None else None
        if asked is not None:
            family.add_metric((), asked)
        for labels, value in list(self._values.items()):
            family.add_metric(labels, value)
        return family


class Histogram:
    """How many were at most so large; ``bounds`` ascend."""

    kind = "histogram"

    def __init__(self, name: str, tells: str, bounds: Sequence[float]) -> None:
        self.name, self.tells, self.labels = name, tells, ()
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count one of this size."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    @property
    def count(self) -> int:
        """How many were counted."""
        return sum(self._counts)

    def collect(self) -> Metric:
        """Return the samples."""
        family = HistogramMetricFamily(self.name, self.tells)
        upto, buckets = 0, []
        for bound, count in zip((*map(str, self._bounds), "+Inf"), self._counts, strict=True):
            upto += count
            buckets.append((bound, upto))
        family.add_metric((), buckets=buckets, sum_value=self._sum)
        return family


Kind = Counter | Gauge | Histogram

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
STALLS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)
VERDICTS: Final = ("allow", "flag", "warn", "justify", "redact", "quarantine", "block")

MESSAGES = Counter(
    "chancery_messages_total", "What was decided and written, sent or stopped.", "verdict", known=VERDICTS
)
ACK = Histogram("chancery_ack_seconds", "From an event that sends to its acknowledgement.", SECONDS)
CONNECTIONS = Gauge("chancery_connections", "Live websockets of signed-in people.")
LOOP_STALL = Histogram("chancery_loop_stall_seconds", "By how much the loop woke late.", STALLS)
LOOP_STALL_WORST = Gauge("chancery_loop_stall_worst_seconds", "The worst of the last minute.")
BATCH = Histogram("chancery_commit_batch_size", "How many writes shared one commit.", SIZES)
SIGN_IN_FAILURES = Counter(
    "chancery_sign_in_failures_total",
    "Sign-ins refused: wrong name or password.",
    "side",
    known=("chat", "desk"),
)
DATABASE_ERRORS = Counter(
    "chancery_database_errors_total", "Transactions that a database failed or refused.", "database"
)
POLICY_NUMBER = Gauge("chancery_policy_number", "Number of the policy in force; absent while unconfirmed.")
POLICY_AGE = Gauge(
    "chancery_policy_confirmed_seconds", "Since this process confirmed the policy last; sending stops at 2."
)
ARCHIVE_WAITING = Gauge("chancery_archive_waiting_items", "Items that are not sealed into the archive yet.")
ARCHIVE_LAG = Gauge("chancery_archive_lag_seconds", "Age of the oldest item that is not sealed yet.")
INDEX_WAITING = Gauge("chancery_index_waiting_items", "Archived items that are not in the index yet.")
INDEX_LAG = Gauge("chancery_index_lag_seconds", "Age of the oldest item that is not in the index yet.")
INDEX_REFUSED = Gauge("chancery_index_refused_items", "Items that the index does not take.")
INDEX_UP = Gauge("chancery_index_up", "1 while the index answers and takes documents.")
OUTBOX = Gauge("chancery_outbox_rows", "Rows that wait in an outbox.", "database")
JOBS = Gauge("chancery_jobs", "Signed jobs of the desk that are not done.", "state")
DIRECTORY_UP = Gauge("chancery_directory_up", "1 while a directory server answers.", "server")
LEDGER_SIZE = Gauge("chancery_ledger_entries", "Entries under the newest signed checkpoint.", "log")
PARTITIONS_MISSING = Gauge(
    "chancery_partitions_missing", "Partitions of this and the next month without keys."
)
FAILING = Gauge("chancery_failing_chores", "Recurring pieces of work that failed last time.")
READY = Gauge("chancery_ready", "1 while this process is ready to do its work.")

ALL: Final[tuple[Kind, ...]] = tuple(
    each for each in list(globals().values()) if isinstance(each, Counter | Gauge | Histogram)
)


class _Everything:
    """All of them, as a registry of prometheus-client asks."""

    def collect(self) -> Iterator[Metric]:
        for each in ALL:
            family = each.collect()
            if family.samples:
                yield family


def render() -> bytes:
    """Return what ``/metrics`` says."""
    registry: Any = CollectorRegistry(auto_describe=False)
    registry.register(_Everything())
    text: bytes = generate_latest(registry)
    return text
