"""Token buckets: how much one connection or one person may do."""

from dataclasses import dataclass

from core.errors import Limited
from core.types import Clock

BURST_SECONDS = 5.0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimit:
    """A bucket for each key, refilled at ``rate`` a second, holding five seconds' worth."""

    def __init__(self, clock: Clock, rate: float, *, keep: int = 50_000) -> None:
        self._clock = clock
        self._rate = rate
        self._keep = keep
        self._buckets: dict[str, _Bucket] = {}

    def take(self, key: str) -> None:
        """Take one token of ``key``.

        Raises:
            Limited: ``rate``, with ``retry_after`` in seconds.
        """
        now = self._clock.monotonic()
        burst = max(1.0, self._rate * BURST_SECONDS)
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= self._keep:
                # Full buckets say nothing: whoever they belong to has been quiet.
                self._buckets = {k: b for k, b in self._buckets.items() if now - b.at < BURST_SECONDS}
            bucket = self._buckets[key] = _Bucket(burst, now)
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.at) * self._rate)
        bucket.at = now
        if bucket.tokens < 1.0:
            wait = round((1.0 - bucket.tokens) / self._rate, 2)
            raise Limited("You are sending too fast. Wait a moment and try again.", retry_after=wait)
        bucket.tokens -= 1.0
