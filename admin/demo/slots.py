"""What stands in the slots of talk: invented names, plausible numbers, values with good checksums."""

from collections.abc import Callable, Mapping, Sequence
from random import Random

STOCKS = (
    "Lindqvar", "Norwind Grid", "Calderfoods", "Vantora", "Tessaly Marine", "Aldenbrück", "Hakuyo Ceramics",
    "Brightmoor Rail", "Solvane", "Corvane Steel", "Orlin Semis", "Kasumi Optics", "Meridew Pharma",
    "Fennimore", "Ostrava Glas", "Pallister Homes", "Quennell Media", "Thessford Water", "Umbra Batteries",
)  # fmt: skip
CLIENTS = (
    "Harcastle Group", "Sonnleitner AG", "Vellum & Reed", "Pontifex Hotels", "Marrowby Foods",
    "Eastmere Ports",
    "Grünwalder Optik", "Dunmarrow Estates", "Isarwerk", "Tallis Instruments", "Okanomiya Holdings",
)  # fmt: skip
COUNTERPARTIES = (
    "Tolland Prime",
    "Alba Custodia",
    "Castellan Clearing",
    "Northam Bank",
    "Vierwald",
    "Sorrel & Pike",
)
PASSWORDS = ("Tr4vel", "B0athouse", "Gard3n")
ROOMS = ("Juniper", "Larch", "Rowan", "Alder", "Hazel", "Linde", "Willow", "3.14", "Boathouse")
DOCS = (
    "budget",
    "handover note",
    "risk summary",
    "client list",
    "fee schedule",
    "offsite plan",
    "cost review",
)
USUAL_LINDQVAR = 23.6
"""Before the bid of the story."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
WOCHENTAGE = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag")


class Slots:
    """Fills the slots of one exchange; a name keeps its value, ``stock2`` is another ``stock``."""

    def __init__(self, random: Random, people: Mapping[str, str], *, german: bool = False) -> None:
        self._random = random
        self._makers = _makers(random, WOCHENTAGE if german else DAYS)
        self._filled: dict[str, str] = dict(people)

    def __call__(self, name: str) -> str:
        """Return what stands in the slot ``name``."""
        if name not in self._filled:
            self._filled[name] = self._fresh(name)
        return self._filled[name]

    def _fresh(self, name: str) -> str:
        if name in {"card8", "card8b"}:
            number = self("card")
            return number[:9] if name == "card8" else number[10:]
        if name in {"price", "price2"}:
            return self._price(name)
        make = self._makers[name.rstrip("0123456789")]
        value = make()
        while value in self._filled.values() and len({make() for _ in range(8)}) > 1:
            value = make()
        return value

    def _price(self, name: str) -> str:
        """Return a price that fits the stock that is talked of, or, for another one, the first price."""
        if name == "price2":
            return f"{float(self('price')) * self._random.choice((0.985, 0.99, 1.01, 1.02)):.2f}"
        usual = USUAL_LINDQVAR if self("stock") == STOCKS[0] else Random(self("stock")).uniform(4, 96)
        return f"{usual * self._random.uniform(0.94, 1.06):.2f}"


def _makers(random: Random, days: Sequence[str]) -> Mapping[str, Callable[[], str]]:
    return {
        "stock": lambda: random.choice(STOCKS),
        "client": lambda: random.choice(CLIENTS),
        "counterparty": lambda: random.choice(COUNTERPARTIES),
        "room": lambda: random.choice(ROOMS),
        "doc": lambda: random.choice(DOCS),
        "day": lambda: random.choice(days),
        "time": lambda: f"{random.randint(8, 17)}:{random.choice(('00', '15', '30', '45'))}",
        "tick": lambda: random.choice(("one cent", "two cents", "half a cent", "three ticks")),
        "pct": lambda: f"{random.uniform(0.4, 6.5):.1f}%",
        "size": lambda: f"{random.choice((5, 10, 15, 20, 25, 40, 50, 75, 120))}k",
        "small": lambda: str(random.randint(12, 940)),
        "page": lambda: str(random.randint(3, 96)),
        "ref": lambda: f"T-{random.randint(20_000, 89_999)}",
        "ticket": lambda: f"INC-{random.randint(1_000, 9_999)}",
        "pace": lambda: f"{random.randint(4, 6)}:{random.randint(0, 59):02d}",
        "card": lambda: card(random),
        "iban": lambda: iban(random),
        "clientno": lambda: f"CL-{random.randint(100_000, 999_999)}",
        "password": lambda: "-".join(
            (random.choice(PASSWORDS), random.choice(("Kettle", "Lamp")), str(random.randint(10, 99)))
        ),
        "awskey": lambda: "".join(random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16)),
        "ssn": lambda: f"{random.randint(500, 570)}-{random.randint(10, 98)}-{random.randint(1000, 9998)}",
    }


def card(random: Random) -> str:
    """Return a payment card number with a good check digit (ISO/IEC 7812-1, Luhn)."""
    digits = [int(d) for d in random.choice(("4", "51", "52", "53"))]
    digits += [random.randint(0, 9) for _ in range(15 - len(digits))]
    total = sum(d if i % 2 else sum(divmod(d * 2, 10)) for i, d in enumerate(digits))
    number = "".join(map(str, [*digits, -total % 10]))
    return " ".join(number[i : i + 4] for i in range(0, 16, 4))


def iban(random: Random) -> str:
    """Return a German account number with a good check number (ISO 13616)."""
    account = f"{random.randint(10_000_000, 79_999_999)}{random.randint(0, 9_999_999_999):010d}"
    check = 98 - int(f"{account}131400") % 97
    return f"DE{check:02d}{account}"
