"""Values that issuers could have made, by their published arithmetic.

Written apart from the detectors on purpose: no line of it calls or copies them.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from random import Random


def _number(random: Random, length: int) -> str:
    return "".join(random.choice("0123456789") for _ in range(length))


def with_luhn(body: str) -> str:
    """Append the digit that makes the doubled sum a multiple of ten."""
    for last in "0123456789":
        total = 0
        for index, digit in enumerate((body + last)[::-1]):
            value = int(digit) * (1 + index % 2)
            total += value // 10 + value % 10
        if total % 10 == 0:
            return body + last
    raise AssertionError


def card(random: Random, prefix: str = "4", length: int = 16) -> str:
    return with_luhn(prefix + _number(random, length - 1 - len(prefix)))


def _mod97(text: str) -> int:
    rest = 0
    for character in text:
        for digit in str(ord(character) - 55 if character.isalpha() else character):
            rest = (rest * 10 + int(digit)) % 97
    return rest


def iban(random: Random, country: str = "DE", length: int = 22) -> str:
    body = ("WEST" if country == "GB" else "") + _number(random, length - 4 - 4 * (country == "GB"))
    return f"{country}{98 - _mod97(body + country + '00'):02d}{body}"


def aba(random: Random) -> str:
    while True:
        digits = "0" + str(random.randint(1, 9)) + _number(random, 7)
        n = [int(d) for d in digits]
        if (3 * (n[0] + n[3] + n[6]) + 7 * (n[1] + n[4] + n[7]) + n[2] + n[5] + n[8]) % 10 == 0:
            return digits


_B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def bitcoin(random: Random) -> str:
    payload = b"\0" + random.randbytes(20)
    payload += hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, text = int.from_bytes(payload, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = _B58[rest] + text
    return "1" * (len(payload) - len(payload.lstrip(b"\0"))) + text


def ssn(random: Random) -> str:
    return f"{random.randint(100, 600):03d}-{random.randint(10, 99)}-{random.randint(1000, 9999)}"


def itin(random: Random) -> str:
    return f"9{random.randint(10, 99)}-{random.choice((50, 65, 70, 88, 90, 94))}-{random.randint(1000, 9999)}"


def sin(random: Random) -> str:
    return with_luhn(str(random.randint(1, 7)) + _number(random, 7))


def cpf(random: Random) -> str:
    digits = [random.randint(0, 9) for _ in range(8)] + [random.randint(1, 8)]
    for length in (10, 11):
        total = sum(d * (length - i) for i, d in enumerate(digits))
        digits.append((total * 10 % 11) % 10)
    n = "".join(map(str, digits))
    return f"{n[:3]}.{n[3:6]}.{n[6:9]}-{n[9:]}"


def rut(random: Random) -> str:
    body = str(random.randint(5_000_000, 24_000_000))
    total = sum(int(d) * (2 + i % 6) for i, d in enumerate(reversed(body)))
    check = "0123456789K0"[11 - total % 11] if total % 11 else "0"
    return f"{body[:-6]}.{body[-6:-3]}.{body[-3:]}-{check}"


def nino(random: Random) -> str:
    return f"{random.choice(('AB', 'CE', 'JG', 'PX'))}{_number(random, 6)}{random.choice('ABCD')}"


def nhs(random: Random) -> str:
    while True:
        body = str(random.randint(4, 7)) + _number(random, 8)
        check = 11 - sum(int(d) * (10 - i) for i, d in enumerate(body)) % 11
        if check != 10:
            return body + str(check % 11)


def steuer_id(random: Random) -> str:
    while True:
        digits = random.sample("0123456789", 9)
        digits.insert(random.randint(1, 8), random.choice(digits))
        body = "".join(digits)
        repeated = any(body.count(d) == 2 for d in body) and len(set(body)) == 9
        if body[0] == "0" or not repeated or any(d * 3 in body for d in "0123456789"):
            continue
        product = 10
        for digit in body:
            total = (int(digit) + product) % 10 or 10
            product = total * 2 % 11
        return body + str((11 - product) % 10)


def nir(random: Random) -> str:
    body = f"{random.randint(1, 2)}{_number(random, 2)}{random.randint(1, 12):02d}75{random.randint(100, 600)}{random.randint(100, 999)}"
    return f"{body}{97 - int(body) % 97:02d}"


def dni(random: Random) -> str:
    body = random.randint(10_000_000, 99_999_999)
    return f"{body}{'TRWAGMYFPDXBNJZSQVHLCKE'[body % 23]}"


def nie(random: Random) -> str:
    series, body = random.randint(0, 2), random.randint(1_000_000, 9_999_999)
    return f"{'XYZ'[series]}{body}{'TRWAGMYFPDXBNJZSQVHLCKE'[(series * 10_000_000 + body) % 23]}"


_ODD = dict(
    zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21), strict=True),
    **dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14,
                                              16, 10, 22, 25, 24, 23), strict=True)),
)  # fmt: skip


def codice_fiscale(random: Random) -> str:
    body = f"RSSMRA{random.randint(40, 99)}{random.choice('ABCDEHLMPRST')}{random.randint(10, 28)}H{random.randint(100, 999)}"
    total = 0
    for index, character in enumerate(body):
        even = int(character) if character.isdigit() else ord(character) - 65
        total += even if index % 2 else _ODD[character]
    return body + chr(65 + total % 26)


def bsn(random: Random) -> str:
    while True:
        digits = "1" + _number(random, 8)
        if (sum(int(d) * w for d, w in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))) % 11 == 0:
            return digits


def pesel(random: Random) -> str:
    body = (
        f"{random.randint(50, 99)}{random.randint(1, 12):02d}{random.randint(1, 28):02d}{_number(random, 4)}"
    )
    total = sum(int(d) * (1, 3, 7, 9)[i % 4] for i, d in enumerate(body))
    return body + str(-total % 10)


def be_nn(random: Random) -> str:
    body = (
        f"{random.randint(50, 99)}{random.randint(1, 12):02d}{random.randint(1, 28):02d}{_number(random, 3)}"
    )
    n = f"{body}{97 - int(body) % 97:02d}"
    return f"{n[:2]}.{n[2:4]}.{n[4:6]}-{n[6:9]}.{n[9:]}"


def ahv(random: Random) -> str:
    body = "756" + _number(random, 9)
    n = body + str(-sum(int(d) * (1, 3)[i % 2] for i, d in enumerate(body)) % 10)
    return f"{n[:3]}.{n[3:7]}.{n[7:11]}.{n[11:]}"


def _birthday(random: Random) -> str:
    return f"{random.randint(50, 99)}{random.randint(1, 12):02d}{random.randint(1, 28):02d}"


def personnummer(random: Random) -> str:
    n = with_luhn(_birthday(random) + _number(random, 3))
    return f"19{n[:6]}-{n[6:]}"


def hetu(random: Random) -> str:
    born = f"{random.randint(1, 28):02d}{random.randint(1, 12):02d}{random.randint(50, 99)}"
    serial = f"{random.randint(2, 899):03d}"
    return f"{born}-{serial}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(born + serial) % 31]}"


def fodselsnummer(random: Random) -> str:
    while True:
        n = f"{random.randint(1, 28):02d}{random.randint(1, 12):02d}{random.randint(50, 99)}{random.randint(0, 499):03d}"
        for weights in ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)):
            n += str(-sum(int(d) * w for d, w in zip(n, weights, strict=False)) % 11)
        if len(n) == 11:
            return n


def cpr(random: Random) -> str:
    while True:
        body = f"{random.randint(1, 28):02d}{random.randint(1, 12):02d}{random.randint(50, 99)}{_number(random, 3)}"
        check = -sum(int(d) * w for d, w in zip(body, (4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
        if check < 10:
            return f"{body[:6]}-{body[6:]}{check}"


def pps(random: Random) -> str:
    body = _number(random, 7)
    return body + "WABCDEFGHIJKLMNOPQRSTUV"[sum(int(d) * (8 - i) for i, d in enumerate(body)) % 23]


def pt_nif(random: Random) -> str:
    body = "2" + _number(random, 7)
    check = 11 - sum(int(d) * (9 - i) for i, d in enumerate(body)) % 11
    return body + str(check if check < 10 else 0)


def kimlik(random: Random) -> str:
    n = [random.randint(1, 9)] + [random.randint(0, 9) for _ in range(8)]
    n.append((sum(n[0::2]) * 7 - sum(n[1:8:2])) % 10)
    n.append(sum(n) % 10)
    return "".join(map(str, n))


_D5 = [[(a + b) % 5 if a < 5 and b < 5 else (a - b) % 5 if a >= 5 and b >= 5 else 5 + ((a + b) % 5 if a < 5 else (a - b) % 5)
        for b in range(10)] for a in range(10)]  # fmt: skip
_P = [list(range(10)), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
for _row in range(2, 8):
    _P.append([_P[_row - 1][_P[1][column]] for column in range(10)])


def aadhaar(random: Random) -> str:
    body = str(random.randint(2, 9)) + _number(random, 10)
    for last in "0123456789":
        check = 0
        for index, digit in enumerate(reversed(body + last)):
            check = _D5[check][_P[index % 8][int(digit)]]
        if check == 0:
            return body + last
    raise AssertionError


def tfn(random: Random) -> str:
    while True:
        digits = str(random.randint(1, 8)) + _number(random, 8)
        if sum(int(d) * w for d, w in zip(digits, (1, 4, 3, 7, 5, 8, 6, 9, 10), strict=True)) % 11 == 0:
            return digits


def my_number(random: Random) -> str:
    body = _number(random, 11)
    rest = sum(int(body[10 - n]) * (n + 2 if n < 6 else n - 4) for n in range(11)) % 11
    return body + str(0 if rest <= 1 else 11 - rest)


def sg_nric(random: Random) -> str:
    body = _number(random, 7)
    total = sum(int(d) * w for d, w in zip(body, (2, 7, 6, 5, 4, 3, 2), strict=True))
    return f"S{body}{'JZIHGFEDCBA'[total % 11]}"


def za_id(random: Random) -> str:
    return with_luhn(f"{_birthday(random)}{_number(random, 4)}08")


_BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def secret(random: Random, length: int, alphabet: str = _BASE62) -> str:
    return "7Kq" + "".join(random.choice(alphabet) for _ in range(length - 3))


def jwt(random: Random) -> str:
    parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": _number(random, 9)}]
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*coded, secret(random, 43)])


Maker = Callable[[Random], str]

#: Detector: (maker, words before the value). Every value has a check digit or letter.
CHECKED: dict[str, tuple[Maker, str]] = {
    "payment_card": (card, "my card is "),
    "iban": (iban, "please pay to "),
    "us_bank_routing": (aba, "the routing number "),
    "bitcoin_address": (bitcoin, "send it to "),
    "ca_sin": (sin, "my social insurance number is "),
    "br_cpf": (cpf, "meu cpf "),  # codespell:ignore meu
    "cl_rut": (rut, "mi rut es "),
    "uk_nhs": (nhs, "her nhs number is "),
    "de_steuer_id": (steuer_id, "meine Steuer-ID ist "),
    "fr_nir": (nir, "mon numéro de sécurité sociale "),
    "es_dni": (dni, "mi dni "),
    "es_nie": (nie, "su nie "),
    "it_codice_fiscale": (codice_fiscale, "codice fiscale "),
    "nl_bsn": (bsn, "mijn bsn is "),
    "pl_pesel": (pesel, "mój pesel "),
    "be_nn": (be_nn, "rijksregisternummer "),
    "ch_ahv": (ahv, "AHV "),
    "se_personnummer": (personnummer, "personnummer "),
    "fi_hetu": (hetu, "hetu "),
    "no_fodselsnummer": (fodselsnummer, "fødselsnummer "),
    "dk_cpr": (cpr, "cpr "),
    "ie_pps": (pps, "my pps number is "),
    "pt_nif": (pt_nif, "contribuinte "),
    "tr_kimlik": (kimlik, "kimlik no "),
    "in_aadhaar": (aadhaar, "my aadhaar is "),
    "au_tfn": (tfn, "tax file number "),
    "jp_my_number": (my_number, "マイナンバー "),
    "sg_nric": (sg_nric, "nric "),
    "za_id": (za_id, "sa id "),
}

#: Detector: maker of a value whose form alone is known.
FORMED: dict[str, tuple[Maker, str]] = {
    "us_ssn": (ssn, "ssn "),
    "us_itin": (itin, "my itin "),
    "uk_nino": (nino, "national insurance "),
    "in_pan": (lambda r: f"ABCPK{r.randint(1000, 9999)}L", "pan card "),
    "my_nric": (lambda r: f"{_birthday(r)}-14-{r.randint(1000, 9999)}", "mykad "),
    "mx_curp": (lambda r: "BOXW310820HNERXN09", "curp "),
    "email": (lambda r: f"jane.doe{r.randint(1, 99)}@example.com", "write to "),
    "phone": (lambda r: f"+44 20 7946 0{r.randint(100, 999)}", "call me on "),
    "ip_address": (lambda r: f"81.2.69.{r.randint(1, 254)}", "the server at "),
    "ethereum_address": (lambda r: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "wallet "),
    "aws_access_key": (lambda r: "AKIA" + secret(r, 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").upper(), "use "),
    "aws_secret_key": (lambda r: secret(r, 40), "aws_secret_access_key = "),
    "github_token": (lambda r: "ghp_" + secret(r, 36), "token "),
    "gitlab_token": (lambda r: "glpat-" + secret(r, 20), "token "),
    "slack_token": (lambda r: "-".join(("xoxb", "123456789012", secret(r, 24))), "bot "),
    "slack_webhook": (lambda r: f"hooks.slack.com/services/T0{_number(r, 7)}/B0{_number(r, 7)}/{secret(r, 24)}", "https://"),
    "stripe_key": (lambda r: "_".join(("sk", "live", secret(r, 24))), "key "),
    "google_api_key": (lambda r: "AIza" + secret(r, 35), "maps "),
    "openai_key": (lambda r: "sk-proj-" + secret(r, 40), "key "),
    "anthropic_key": (lambda r: "sk-ant-" + secret(r, 40), "key "),
    "npm_token": (lambda r: "npm_" + secret(r, 36), "token "),
    "pypi_token": (lambda r: "pypi-" + secret(r, 60), "token "),
    "sendgrid_key": (lambda r: f"SG.{secret(r, 22)}.{secret(r, 43)}", "mail "),
    "jwt": (jwt, "Bearer "),
    "private_key": (
        lambda r: f"-----BEGIN EC PRIVATE KEY-----\n{secret(r, 64)}\n-----END EC PRIVATE KEY-----", "here: "
    ),
    "password": (lambda r: f"Hunter{r.randint(10, 99)}!x", "the password is "),
    "off_channel": (lambda r: "take this to WhatsApp", "let's "),
    "record_evasion": (lambda r: "don't put this in writing", "please "),
    "insider_dealing": (lambda r: "before it is announced", "buy "),
    "guarantees": (lambda r: "guaranteed returns", "these are "),
}  # fmt: skip
