"""Money: payment cards, bank accounts, cryptocurrency addresses."""

from stdnum.us import rtn

from core.types import Confidence
from policies.dlp.addresses import bitcoin, ethereum, ethereum_is_weak, iban, iban_length
from policies.dlp.cards import card_is_weak, payment_card
from policies.dlp.detector import Detector, DetectorId, Layout, Shape
from policies.dlp.validators import stdnum_check

_CARD_GAPS = " -._/|*,;:>\t\r\n"
_CARD_GROUPS = (
    (16,), (4, 4, 4, 4), (15,), (4, 6, 5), (14,), (4, 6, 4), (13,), (4, 4, 4, 1),
    (19,), (4, 4, 4, 4, 3), (6, 13), (18,), (4, 4, 4, 4, 2), (17,), (4, 4, 4, 4, 1), (12,), (4, 4, 4),
)  # fmt: skip

FINANCE = (
    Detector(
        id=DetectorId("payment_card"),
        title="Payment card number",
        label="payment card",
        category="finance",
        layouts=tuple(Layout(groups, Confidence.MEDIUM, _CARD_GAPS) for groups in _CARD_GROUPS),
        keywords=(
            "card", "cards", "credit card", "debit card", "card number", "card no", "cardholder", "visa",
            "mastercard", "master card", "amex", "american express", "discover", "diners", "maestro", "jcb",
            "unionpay", "rupay", "cvv", "cvc", "cvv2", "cc", "ccn", "expiry", "expires", "exp date", "exp",
            "valid thru", "valid until", "kreditkarte", "kartennummer", "karte", "carte", "carte bancaire",
            "tarjeta", "carta di credito", "cartão", "creditcard", "kreditkort", "kort", "karta", "карта",
            "карты", "カード", "信用卡",
        ),
        validate=payment_card,
        weak=card_is_weak,
        loose=True,
    ),
    Detector(
        id=DetectorId("iban"),
        title="International bank account number",
        label="bank account",
        category="finance",
        shapes=(
            Shape(
                r"[A-Z]{2}[0-9]{2}(?:[ \-]?[A-Z0-9]){11,31}",
                Confidence.MEDIUM,
                trigger=r"\b[A-Z]{2}[0-9]{2}[ \-]?[A-Z0-9]{3}(?:[ \-]?[A-Z0-9]){4}[ \-]?[0-9]",
                caseless=True,
                reach=96,
                trim=iban_length,
            ),
        ),
        keywords=(
            "iban", "account", "bank", "bank account", "konto", "kontonummer", "bankverbindung", "compte",
            "cuenta", "conto", "rekening", "rachunek", "transfer", "wire", "überweisung", "virement",
            "swift", "bic", "payment", "pay",
        ),
        validate=iban,
    ),
    Detector(
        id=DetectorId("us_bank_routing"),
        title="United States bank routing number (ABA)",
        label="routing number",
        category="finance",
        layouts=(Layout((9,)),),
        keywords=("routing", "routing number", "aba", "aba number", "rtn", "ach", "fedwire"),
        validate=stdnum_check(rtn),
    ),
    Detector(
        id=DetectorId("bitcoin_address"),
        title="Bitcoin address",
        label="bitcoin address",
        category="finance",
        shapes=(
            Shape(r"[13][1-9A-HJ-NP-Za-km-z]{25,34}", Confidence.HIGH, trigger=r"\b[13][1-9A-HJ-NP-Za-km-z]{25}", reach=96),
            Shape(r"bc1[02-9ac-hj-np-z]{11,71}", Confidence.HIGH, trigger=r"bc1[02-9ac-hj-np-z]{11}", caseless=True, reach=96),
        ),
        keywords=("bitcoin", "btc", "wallet", "satoshi"),
        validate=bitcoin,
    ),
    Detector(
        id=DetectorId("ethereum_address"),
        title="Ethereum address",
        label="ethereum address",
        category="finance",
        shapes=(Shape(r"0[xX][0-9a-fA-F]{40}", Confidence.HIGH),),
        keywords=("ethereum", "eth", "ether", "wallet", "usdt", "usdc", "erc20", "erc-20", "metamask"),
        validate=ethereum,
        weak=ethereum_is_weak,
    ),
)  # fmt: skip
