"""A small mixed corpus, and a grammar of queries over its words, for the property tests."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import strategies as st

from audit.search.port import IndexDocument, SearchIndex, SearchRecord
from audit.search.run import OpenPartition
from audit.search.tokens import LINK, Blinder
from audit.search.vocabulary import NewTerms, Vocabulary, encode_delta

PARTITIONS = ("2026-02-public", "2026-03-direct", "2026-03-public")
WORDS = (
    *("wire", "funds", "merger", "mergers", "merge", "mobile", "report", "lunch", "überweisung", "straße"),
    *("the", "of", "my", "not", "and", "die", "para", "dans", "été", "secret"),
    *(
        "東京",
        "東",
        "京都",
        "タワー",
        "สวัสดี",
        "👍🏽",
        "🚀",
        "report.pdf",
        "don't",
        "3.14",
        "https://a.example/x",
    ),
)
PEOPLE = (
    ("u1", "Ana Löw", "ana@corp.example"),
    ("u2", "Bo Ek", "bo@corp.example"),
    ("u3", "Will May", "will"),
)
ROOMS = (("c1", "#fx-desk"), ("c2", "東京 desk"), ("c3",))
VERDICTS = ("allow", "flag", "block")
START = datetime(2026, 2, 20, tzinfo=UTC)


def records(count: int, seed: int = 7) -> list[SearchRecord]:
    """Return ``count`` records, the same for the same seed; some share their millisecond."""
    random = Random(seed)
    made = []
    for i in range(count):
        at = START + timedelta(hours=random.randrange(24 * 30))
        partition = PARTITIONS[0] if at.month == 2 else random.choice(PARTITIONS[1:])
        others = random.sample(PEOPLE, random.randrange(3))
        made.append(
            SearchRecord(
                rid=f"r{i:05}",
                partition=partition,
                at=at,
                sender_names=random.choice(PEOPLE),
                audience_names=tuple(name for person in others for name in person),
                conversation_names=random.choice(ROOMS),
                body=" ".join(random.choices(WORDS, k=random.randrange(12))),
                verdict=random.choice(VERDICTS),
                kind=random.choice(("create", "edit")),
                has_link=random.random() < 0.2,
                has_file=i % 5 == 2,
            )
        )
    return made


class Archive:
    """The records, their partitions opened, and the verifier over them."""

    def __init__(self, kept: Sequence[SearchRecord]) -> None:
        self.records = {record.rid: record for record in kept}
        self.unreadable: set[str] = set()
        self.asked = 0
        self.partitions = []
        for i, partition in enumerate(PARTITIONS):
            inside = [record for record in kept if record.partition == partition]
            new = NewTerms()
            deltas = []
            for half in (inside[::2], inside[1::2]):
                terms = new.of(half)
                deltas.append(encode_delta(terms))
                new.kept(terms)
            newest = max((record.at for record in inside), default=None)
            self.partitions.append(
                OpenPartition(
                    partition, Blinder(bytes([i]) * 32), Vocabulary.from_deltas(deltas), newest if i else None
                )
            )

    def documents(self, partition: OpenPartition) -> list[IndexDocument]:
        """Return the blind documents of one partition."""
        inside = (record for record in self.records.values() if record.partition == partition.partition)
        return [partition.blinder.document(record) for record in inside]

    def silent_documents(self, partition: OpenPartition) -> list[IndexDocument]:
        """Return every other document of a partition as it was made before an index told of files."""
        link = partition.blinder.token("has", LINK)
        made = self.documents(partition)[::2]
        return [replace(one, has=link if link in one.has else "") for one in made]

    def feed(self, index: SearchIndex) -> None:
        """Index everything."""
        for partition in self.partitions:
            index.ensure(partition.partition)
            assert not index.put(partition.partition, self.documents(partition)).refused

    def texts(self, rids: Sequence[str]) -> Mapping[str, SearchRecord]:
        """Return the records that can be read."""
        self.asked += len(rids)
        return {rid: self.records[rid] for rid in rids if rid not in self.unreadable}


def queries() -> st.SearchStrategy[str]:
    """Return queries of every operator, most of which match something."""
    word = st.sampled_from([*WORDS, "nowhere"])
    prefix = st.sampled_from(["me*", "merg*", "mo*", "ün*", "rep*", "th*", "zz*"])
    phrase = st.lists(word | prefix, min_size=1, max_size=3).map(lambda parts: '"' + " ".join(parts) + '"')
    leaf = word | prefix | phrase
    side = leaf | st.lists(leaf, min_size=2, max_size=3).map(lambda parts: "(" + " OR ".join(parts) + ")")
    near = st.builds("{} {}/{} {}".format, side, st.sampled_from(["W", "PRE"]), st.integers(1, 6), side)
    field = st.sampled_from(
        [
            *(
                "from:ana",
                'from:"ana löw"',
                "from:wi*",
                "to:bo",
                "to:(ana OR u2)",
                "in:fx-desk",
                "in:東京",
                "in:desk",
            ),
            *(
                "verdict:block",
                "has:link",
                "has:file",
                "kind:edit",
                "sent:2026-03",
                "sent:<=2026-02-25",
                "sent:2026-02-28..2026-03-02",
            ),
        ]
    )
    simple = leaf | near.map("({})".format) | field
    return st.recursive(
        simple,
        lambda inner: (
            st.builds("({} {} {})".format, inner, st.sampled_from(["AND", "OR", ""]), inner)
            | st.builds("NOT {}".format, inner)
        ),
        max_leaves=5,
    )
