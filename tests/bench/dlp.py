"""What a scan costs beside a raw Hyperscan scan of the same database, and what it flags.

``python -m tests.bench.dlp [--text FILE]``. FILE has one JSON object a line with a ``text``, or plain
lines; without it, built-in sentences are used. Both engines see the same messages in turn, message
block by message block, the same number of times: only the ratios of one run are claims. What is
flagged at medium or above is counted by detector and never printed.
"""

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.types import Confidence
from policies.dlp.catalogue import all_detectors
from policies.dlp.scan import Scanner

SENTENCES = (
    "Morning! Can you look at the numbers before the call at 10:30?",
    "The build is red again, ticket 48213 has the log.",
    "Merci, je regarde ça demain matin.",
    "Order 20261123085100 left the warehouse, tracking 1Z999AA10123456784.",
    "Sounds good, see you on Thursday 🙂",
    "The client asked for the Q3 deck; I'll send the draft to the channel.",
    "No idea, try restarting it: `systemctl restart worker` and look at the journal.",
    "Besprechung um 14 Uhr, Raum 3.12, bitte die Folien mitbringen.",
)
BLOCK = 50


@dataclass(frozen=True)
class Row:
    """Microseconds of one engine over all messages."""

    name: str
    mean: float
    p50: float
    p99: float


def read_texts(path: Path | None, limit: int) -> list[str]:
    """Return the messages to measure with."""
    if path is None:
        return [f"{sentence} ({number})" for number in range(250) for sentence in SENTENCES][:limit]
    texts = []
    for line in path.read_text(encoding="utf-8").splitlines():
        texts.append(str(json.loads(line)["text"]) if line.startswith("{") else line)
    return texts[:limit]


def measure(texts: Sequence[str], engines: dict[str, Callable[[str], object]], passes: int) -> list[Row]:
    """Time each engine on each message, in interleaved blocks; keep the best of some passes."""
    best = {name: [float("inf")] * len(texts) for name in engines}
    clock = time.perf_counter_ns
    for _ in range(passes):
        for start in range(0, len(texts), BLOCK):
            for name, run in engines.items():
                times = best[name]
                for index in range(start, min(start + BLOCK, len(texts))):
                    text = texts[index]
                    before = clock()
                    run(text)
                    spent = (clock() - before) / 1000
                    times[index] = min(times[index], spent)
    return [_row(name, times) for name, times in best.items()]


def _row(name: str, times: list[float]) -> Row:
    ordered = sorted(times)
    return Row(name, statistics.fmean(ordered), ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100])


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.dlp", description=__doc__)
    parser.add_argument("--text", type=Path, help="messages to measure with, JSON lines or plain lines")
    parser.add_argument("--limit", type=int, default=7_000, help="most messages to use")
    parser.add_argument("--passes", type=int, default=3, help="passes over the messages, best of")
    options = parser.parse_args(argv)
    texts = read_texts(options.text, options.limit)
    started = time.perf_counter()
    cache: dict[str, bytes] = {}
    names = [detector.id for detector in all_detectors()]
    scanner = Scanner.build(names, cache=cache)
    compiled = time.perf_counter() - started
    started = time.perf_counter()
    Scanner.build(names, cache=cache)
    loaded = time.perf_counter() - started
    raw = scanner.detectors.raw_scan
    engines: dict[str, Callable[[str], object]] = {
        "raw Hyperscan": lambda text: raw(text.encode("utf-8", "replace")),
        "engine": scanner.scan,
    }
    base, engine = measure(texts, engines, options.passes)
    flagged: Counter[str] = Counter()
    messages = incomplete = 0
    for text in texts:
        result = scanner.scan(text)
        sure = {match.detector for match in result.matches if match.confidence >= Confidence.MEDIUM}
        flagged.update(sure)
        messages += bool(sure)
        incomplete += not result.complete
    size = statistics.fmean(len(text.encode("utf-8", "replace")) for text in texts)
    print(
        f"{len(names)} detectors, {len(scanner.detectors.entries)} expressions; compiled in {compiled:.2f} s,"
    )
    print(f"loaded from a cache in {loaded:.2f} s; {len(texts)} messages of {size:.0f} bytes on average")
    print(f"{'':16}{'mean µs':>10}{'p50 µs':>10}{'p99 µs':>10}")
    for row in (base, engine):
        print(f"{row.name:16}{row.mean:>10.1f}{row.p50:>10.1f}{row.p99:>10.1f}")
    print(
        f"{'ratio':16}{engine.mean / base.mean:>10.2f}{engine.p50 / base.p50:>10.2f}{engine.p99 / base.p99:>10.2f}"
    )
    print(
        f"at medium or above: {messages} messages ({100 * messages / len(texts):.2f} %), {incomplete} incomplete"
    )
    for name, count in flagged.most_common():
        print(f"  {name:28}{count:>6}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
