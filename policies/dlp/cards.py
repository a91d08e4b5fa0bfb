"""Payment cards: whose number it is, by issuer identification range (ISO/IEC 7812), and the Luhn digit."""

from dataclasses import dataclass

from policies.dlp.validators import digits_of, luhn


@dataclass(frozen=True, slots=True)
class Network:
    """One card scheme: inclusive ranges of leading digits and the lengths it issues."""

    name: str
    ranges: tuple[tuple[str, str], ...]
    lengths: frozenset[int]
    common: bool = True


def _spans(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.partition("-") for part in text.split())
    return tuple((low, high or low) for low, _, high in pairs)


_LONG = frozenset(range(16, 20))

NETWORKS = (
    Network("Visa", _spans("4"), frozenset({13, 16, 19})),
    Network("Mastercard", _spans("51-55 2221-2720"), frozenset({16})),
    Network("American Express", _spans("34 37"), frozenset({15})),
    Network("Discover", _spans("6011 644-649 65"), _LONG),
    Network("JCB", _spans("3528-3589"), _LONG),
    Network("Diners Club", _spans("300-305 3095 36 38-39"), frozenset(range(14, 20))),
    Network("UnionPay", _spans("62 81"), _LONG),
    Network("RuPay", _spans("508 60 82 353 356"), frozenset({16})),
    Network("Maestro", _spans("5018 5020 5038 5893 6304 6759 6761-6763 0604"), frozenset(range(12, 20)), False),
    Network("Mir", _spans("2200-2204"), _LONG, False),
    Network("Verve", _spans("506099-506198 650002-650027 507865-507964"), frozenset({16, 18, 19}), False),
    Network("Dankort", _spans("5019 4571"), frozenset({16}), False),
    Network("Troy", _spans("65 9792"), frozenset({16}), False),
    Network("Elo", _spans("401178-401179 431274 438935 457631-457632 504175 506699-506778 509000-509999 "
                          "627780 636297 636368 650031-650033 655000-655058"), frozenset({16}), False),
    Network("Hipercard", _spans("606282 637095 637568 637599 637609 637612"), frozenset({16}), False),
    Network("InstaPayment", _spans("637-639"), frozenset({16}), False),
    Network("UATP", _spans("1"), frozenset({15}), False),
)  # fmt: skip


def network_of(value: str) -> Network | None:
    """Return the first scheme whose range and length fit the digits of ``value``."""
    digits = digits_of(value)
    for network in NETWORKS:
        if len(digits) in network.lengths:
            for low, high in network.ranges:
                if low <= digits[: len(low)] <= high:
                    return network
    return None


def payment_card(value: str) -> bool:
    """Tell whether ``value`` is a number that a scheme could have issued."""
    digits = digits_of(value)
    return luhn(digits) and len(set(digits)) > 1 and network_of(digits) is not None


def card_is_weak(value: str) -> bool:
    """Tell whether a valid number looks like many others: a rare scheme, or a length that ids share."""
    network = network_of(value)
    if network is None or not network.common:
        return True
    return value.isdigit() and len(value) not in {15, 16}
