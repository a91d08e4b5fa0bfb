"""How fast is blind search? ``python -m tests.bench.search [--messages N] [--text FILE] [--elasticsearch URL]``.

Makes N messages over twelve monthly partitions (from FILE, JSON lines with "text", if given),
measures sealing, tokenising and indexing per second, then p50 and p95 of each kind of search on
tantivy with plain tokens, tantivy with blind ones, and Elasticsearch. A search is what an officer
waits for: plan, all partitions needed for 50 hits, totals, and verification on the text where an
index cannot decide (texts lie in memory here; decrypting is measured beside it).
"""

import argparse
import json
import shutil
import statistics
import string
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from random import Random
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from audit.search.elastic import ElasticIndex, connect
from audit.search.evaluate import matches
from audit.search.function_words import ENGLISH, FUNCTION_WORDS
from audit.search.port import SearchIndex, SearchRecord
from audit.search.query import parse
from audit.search.run import OpenPartition, search
from audit.search.tantivy import TantivyIndex
from audit.search.tokens import Blinder, terms_of
from audit.search.vocabulary import Vocabulary, field_terms
from core.crypto.envelope import Key
from core.crypto.sealing import open_record, seal_record
from core.types import new_id
from tests.services.elasticsearch import started

MONTHS = 12
BATCH = 500
QUERIES = 20
PEOPLE = 500
START = datetime(2026, 1, 1, tzinfo=UTC)

T = TypeVar("T")


class PlainTokens(Blinder):
    """Lets the words through, for comparison."""

    def token(self, field: str, term: str) -> str:
        return term


class Texts:
    """The verifier: every text in memory."""

    def __init__(self, records: Sequence[SearchRecord]) -> None:
        self._records = {record.rid: record for record in records}

    def texts(self, rids: Sequence[str]) -> Mapping[str, SearchRecord]:
        return {rid: self._records[rid] for rid in rids}


def synthetic(random: Random) -> Iterator[str]:
    """Yield sentences of 5 to 40 words, half of them function words, the rest by Zipf's law."""
    common = sorted(ENGLISH)
    words = [
        "".join(random.choices(string.ascii_lowercase, k=random.randrange(4, 10))) for _ in range(40_000)
    ]
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    while True:
        size = random.randrange(5, 40)
        rare = random.choices(words, cum_weights=weights, k=size)
        yield " ".join(random.choice(common) if random.random() < 0.5 else word for word in rare)


def from_file(path: Path, random: Random) -> Iterator[str]:
    """Yield the texts of a file over and over, in another order each time."""
    texts = [json.loads(line)["text"] for line in path.read_text().splitlines()]
    while True:
        random.shuffle(texts)
        yield from texts


def corpus(texts: Iterator[str], count: int, random: Random) -> list[SearchRecord]:
    """Return ``count`` records spread evenly over the months."""
    people = [(f"u{i}", f"person{i}", f"person{i}@corp.example") for i in range(PEOPLE)]
    rooms = [(f"c{i}", f"#room{i}") for i in range(PEOPLE)]
    made = []
    for i, text in enumerate(islice(texts, count)):
        at = START + timedelta(days=365 * i / count)
        made.append(
            SearchRecord(
                rid=f"{i:024}",
                partition=f"{at:%Y-%m}-public",
                at=at,
                sender_names=random.choice(people),
                audience_names=(),
                conversation_names=random.choice(rooms),
                body=text,
                verdict="allow",
                kind="create",
                has_link="http" in text,
                has_file=False,
            )
        )
    return made


def kinds(records: Sequence[SearchRecord], random: Random) -> dict[str, list[str]]:
    """Return queries of each kind, made of words that occur."""
    counts = Counter(term for record in records for term in set(terms_of(record.body)))
    content = [
        term
        for term, _ in counts.most_common()
        if term.isalpha() and len(term) > 3 and term not in FUNCTION_WORDS
    ]
    frequent, rare = content[:40], [term for term in content if 2 <= counts[term] <= 20] or content[-200:]
    bodies = [record.body for record in random.sample(records, min(len(records), 2_000))]
    runs = [words for words in map(terms_of, bodies) if len(words) > 6 and '"' not in "".join(words)]

    def pairs(known: bool) -> Iterator[tuple[str, str]]:
        while True:
            words = random.choice(runs)
            i = random.randrange(len(words) - 1)
            pair = words[i], words[i + 1]
            both = sum(word in FUNCTION_WORDS for word in pair)
            if pair[0] != pair[1] and both == (0 if known else 1):
                yield pair

    def made(make: Callable[[], str]) -> list[str]:
        return [make() for _ in range(QUERIES)]

    adjacent, mixed = pairs(known=True), pairs(known=False)
    return {
        "rare word": made(lambda: random.choice(rare)),
        "frequent word": made(lambda: random.choice(frequent)),
        "three words": made(lambda: " ".join(random.sample(frequent, 3))),
        "phrase": made(lambda: '"{} {}"'.format(*next(adjacent))),
        "phrase with a function word": made(lambda: '"{} {}"'.format(*next(mixed))),
        "W/10": made(lambda: "{} W/10 {}".format(*random.sample(frequent, 2))),
        "PRE/5": made(lambda: "{} PRE/5 {}".format(*next(adjacent))),
        "W/10 of groups": made(lambda: "({} OR {}) W/10 ({} OR {})".format(*random.sample(frequent, 4))),
        "word*": made(lambda: random.choice(content)[:4] + "*"),
        "NOT": made(lambda: "{} NOT {}".format(*random.sample(frequent, 2))),
        "word, sender, two months": made(
            lambda: f"{random.choice(frequent)} from:person{random.randrange(PEOPLE)} sent:2026-03..2026-04"
        ),
    }


def rate(items: Sequence[T], work: Callable[[T], object]) -> float:
    """Return how many items a second ``work`` takes."""
    begun = time.perf_counter()
    for item in items:
        work(item)
    return len(items) / (time.perf_counter() - begun)


def fill(index: SearchIndex, records: Sequence[SearchRecord], blinders: Mapping[str, Blinder]) -> float:
    """Index everything in batches; return the seconds that the index itself took."""
    spent = 0.0
    for partition, blinder in blinders.items():
        index.ensure(partition)
        documents = [blinder.document(record) for record in records if record.partition == partition]
        begun = time.perf_counter()
        for i in range(0, len(documents), BATCH):
            assert not index.put(partition, documents[i : i + BATCH]).refused
        spent += time.perf_counter() - begun
    return spent


def milliseconds(
    index: SearchIndex, partitions: Sequence[OpenPartition], queries: Sequence[str], texts: Texts
) -> tuple[float, float]:
    """Return p50 and p95 of one search each; every query runs once before, to warm caches alike."""
    taken = []
    for query in map(parse, queries):
        search(index, partitions, query, texts)
        begun = time.perf_counter()
        search(index, partitions, query, texts)
        taken.append((time.perf_counter() - begun) * 1_000)
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--text", type=Path, help='JSON lines with "text"')
    parser.add_argument(
        "--elasticsearch", help="address of a server; without it one is started where Java is"
    )
    given = parser.parse_args()
    random = Random(11)
    texts = from_file(given.text, random) if given.text else synthetic(random)
    records = corpus(texts, given.messages, random)
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        plain = stack.enter_context(closing(TantivyIndex(folders[0])))
        engines: dict[str, SearchIndex] = {"tantivy": stack.enter_context(closing(TantivyIndex(folders[1])))}
        url = given.elasticsearch or (stack.enter_context(started()) if shutil.which("mvn") else None)
        if url:
            client, prefix = connect(url, timeout_s=60), f"bench{new_id()}"
            server = ElasticIndex(client, prefix, refresh="immediate")
            engines["Elasticsearch"] = stack.enter_context(closing(server))
        report(records, plain, engines, kinds(records, random))
        if url:
            client.indices.flush(index=f"{prefix}-*")
            stored = client.indices.stats(index=f"{prefix}-*", metric="store")["_all"]["primaries"]
            size = stored["store"]["size_in_bytes"] / len(records)
            Console(width=120).print(f"{size:,.0f} bytes a message on the disk of Elasticsearch, each copy")
            for partition in sorted({record.partition for record in records}):
                server.drop(partition)


def report(
    records: Sequence[SearchRecord],
    plain: SearchIndex,
    engines: Mapping[str, SearchIndex],
    queries: Mapping[str, Sequence[str]],
) -> None:
    """Fill the indexes, run the queries, print both tables."""
    console = Console(width=120)
    partitions = sorted({record.partition for record in records})
    keys = {partition: bytes([i]) * 32 for i, partition in enumerate(partitions)}
    blind: dict[str, Blinder] = {partition: Blinder(key) for partition, key in keys.items()}
    clear: dict[str, Blinder] = {partition: PlainTokens(key) for partition, key in keys.items()}
    opened, opened_plain = opening(records, blind), opening(records, clear)

    speeds = Table(
        "step", "messages/s", title=f"{len(records):,} messages, {len(partitions)} partitions, one thread"
    )
    for step, speed in write_speeds(records, blind):
        speeds.add_row(step, f"{speed:,.0f}")
    fill(plain, records, clear)
    for name, index in engines.items():
        speeds.add_row(
            f"index in {name}, {BATCH} a batch", f"{len(records) / fill(index, records, blind):,.0f}"
        )
    console.print(speeds)

    texts = Texts(records)
    table = Table("search", "plain tantivy p50", title="first page of 50 and its total, milliseconds")
    for name in engines:
        table.add_column(f"blind {name} p50 / p95", justify="right")
        table.add_column("÷ plain", justify="right")
    ratios: dict[str, list[float]] = {name: [] for name in engines}
    for kind, asked in queries.items():
        base, _ = milliseconds(plain, opened_plain, asked, texts)
        row = [kind, f"{base:.2f}"]
        for name, index in engines.items():
            p50, p95 = milliseconds(index, opened, asked, texts)
            ratios[name].append(p50 / base)
            row += [f"{p50:.2f} / {p95:.2f}", f"{p50 / base:.2f}"]
        table.add_row(*row)
    means = [f"{statistics.geometric_mean(found):.2f}" for found in ratios.values()]
    table.add_row("geometric mean", "", *(cell for mean in means for cell in ("", mean)))
    console.print(table)


def opening(records: Sequence[SearchRecord], blinders: Mapping[str, Blinder]) -> list[OpenPartition]:
    """Return the partitions as a searcher holds them."""
    return [
        OpenPartition(
            partition,
            blinder,
            Vocabulary(field_terms(record for record in records if record.partition == partition)),
            max(record.at for record in records if record.partition == partition),
        )
        for partition, blinder in blinders.items()
    ]


def write_speeds(
    records: Sequence[SearchRecord], blinders: Mapping[str, Blinder]
) -> Iterator[tuple[str, float]]:
    """Yield what the archiver's steps before the index reach."""
    some = records[:20_000]
    page = Key.generate()
    clear: Mapping[str, str | int] = {"rid": "r", "partition": "p", "at": 1}
    yield "segment and fold", rate(some, lambda record: terms_of(record.body))
    yield "make the blind document", rate(some, lambda record: blinders[record.partition].document(record))
    yield (
        "seal under a key of its own",
        rate(some, lambda record: seal_record(Key.generate(), record.body.encode(), clear, purpose="bench")),
    )
    sealed = [seal_record(page, record.body.encode(), clear, purpose="bench") for record in some]
    yield "decrypt", rate(sealed, lambda each: open_record(page, each, clear, purpose="bench"))
    tree = parse("nowhere PRE/5 elsewhere").tree
    yield "verify on the text", rate(some, lambda record: matches(tree, record))


if __name__ == "__main__":
    main()
