"""Addresses of cryptocurrencies and bank accounts: checksums of their own kind.

Bitcoin: base58check (version bytes 0 and 5) and segregated witness addresses (BIP-173 bech32 for
version 0, BIP-350 bech32m above). Ethereum: EIP-55 mixed-case checksum over Keccak-256. IBAN:
ISO 13616 with the length of its country.
"""

import hashlib

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32M = 0x2BC830A3

#: Length of the whole IBAN by country (SWIFT IBAN registry, release 99).
IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27,
    "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28,
    "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23,
    "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
    "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
    "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28,
    "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22,
    "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25,
    "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip


def iban_length(written: str) -> int:
    """Return how many characters of ``written`` are the IBAN, separators included; 0 when none is.

    A pattern can't know where an IBAN ends and the next word begins; its country can.
    """
    wanted = IBAN_LENGTHS.get(written[:2].upper(), 0)
    if not wanted:
        return 0
    for index, character in enumerate(written):
        if character.isalnum():
            wanted -= 1
            if wanted == 0:
                following = written[index + 1 : index + 2]
                return 0 if following.isalnum() else index + 1
    return 0


def iban(value: str) -> bool:
    """Tell whether length and the two check digits fit (ISO 13616, ISO/IEC 7064 MOD 97-10)."""
    plain = "".join(character for character in value if character.isalnum()).upper()
    if IBAN_LENGTHS.get(plain[:2]) != len(plain) or not plain.isascii() or not plain[2:4].isdigit():
        return False
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def bitcoin(value: str) -> bool:
    """Tell whether ``value`` is a main network address whose checksum fits."""
    return _segwit(value) if value[:3].lower() == "bc1" else _base58check(value)


def _base58check(value: str) -> bool:
    number = 0
    for character in value:
        digit = _BASE58.find(character)
        if digit < 0:
            return False
        number = number * 58 + digit
    if number.bit_length() > 200:
        return False
    raw = number.to_bytes(25, "big")
    checksum = hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4]
    return raw[0] in {0, 5} and raw[21:] == checksum


def _segwit(value: str) -> bool:
    if value not in {value.lower(), value.upper()} or not 14 <= len(value) <= 74:
        return False
    data = [_BECH32.find(character) for character in value.lower()[3:]]
    if min(data) < 0 or data[0] > 16:
        return False
    check = 1
    for digit in [3, 3, 0, 2, 3, *data]:  # the expanded human-readable part "bc", then the data
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ digit
        for bit in range(5):
            if top >> bit & 1:
                check ^= _BECH32_GENERATOR[bit]
    return check == (1 if data[0] == 0 else _BECH32M)


def ethereum(value: str) -> bool:
    """Tell whether ``value`` is ``0x`` and 40 hexadecimal digits, with a fitting checksum when case mixes."""
    body = value[2:]
    if body in {body.lower(), body.upper()}:
        return len(set(body.lower())) > 6
    digest = keccak_256(body.lower().encode("ascii")).hex()
    return all(
        character.isdigit() or character.isupper() == (int(mark, 16) >= 8)
        for character, mark in zip(body, digest, strict=False)
    )


def ethereum_is_weak(value: str) -> bool:
    """Tell whether an address carries no checksum, because its case is uniform."""
    return value[2:] in {value[2:].lower(), value[2:].upper()}


_MASK = (1 << 64) - 1


def _rotate(lane: int, by: int) -> int:
    by %= 64
    return (lane << by | lane >> (64 - by)) & _MASK


def _permute(lanes: list[list[int]]) -> None:
    """Apply Keccak-f[1600] in place (FIPS 202, section 3.3)."""
    register = 1
    for _ in range(24):
        parity = [row[0] ^ row[1] ^ row[2] ^ row[3] ^ row[4] for row in lanes]
        for x in range(5):
            mixed = parity[(x + 4) % 5] ^ _rotate(parity[(x + 1) % 5], 1)
            for y in range(5):
                lanes[x][y] ^= mixed
        x, y = 1, 0
        current = lanes[x][y]
        for t in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, lanes[x][y] = lanes[x][y], _rotate(current, (t + 1) * (t + 2) // 2)
        for y in range(5):
            row = [lanes[x][y] for x in range(5)]
            for x in range(5):
                lanes[x][y] = row[x] ^ (~row[(x + 1) % 5] & _MASK & row[(x + 2) % 5])
        for j in range(7):
            register = (register << 1 ^ (register >> 7) * 0x71) % 256
            if register & 2:
                lanes[0][0] ^= 1 << ((1 << j) - 1)


def keccak_256(message: bytes) -> bytes:
    """Return the original Keccak-256 of at most 135 bytes, which Ethereum uses (not SHA3-256)."""
    block = bytearray(message.ljust(136, b"\0"))
    block[len(message)] ^= 0x01
    block[135] ^= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for index in range(17):
        lanes[index % 5][index // 5] = int.from_bytes(block[8 * index : 8 * index + 8], "little")
    _permute(lanes)
    return b"".join(lanes[index % 5][index // 5].to_bytes(8, "little") for index in range(4))
