"""Ways to reach a person or a machine."""

from core.types import Confidence
from policies.dlp.detector import Detector, DetectorId, Layout, Mask, Shape
from policies.dlp.triggers import DIGITS
from policies.dlp.validators import email, ip_address, ip_is_local, phone, phone_length

_ADDRESS_WORDS = (
    "ip",
    "ip address",
    "ips",
    "ipv4",
    "ipv6",
    "host",
    "server",
    "hostname",
    "subnet",
    "firewall",
)
_VERSION_WORDS = ("version", "ver", "v", "release", "build", "firmware", "driver", "upgrade", "section")

CONTACT = (
    Detector(
        id=DetectorId("email"),
        title="E-mail address",
        label="e-mail address",
        category="contact",
        shapes=(
            Shape(
                r"(?<![A-Za-z0-9_%+\-])[A-Za-z0-9][A-Za-z0-9._%+'\-]{0,63}+@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}",
                Confidence.HIGH,
                trigger=r"[A-Za-z0-9_+\-]@[A-Za-z0-9]",
                reach=300,
            ),
        ),
        negative=(),
        validate=email,
    ),
    Detector(
        id=DetectorId("phone"),
        title="Telephone number",
        label="phone number",
        category="contact",
        shapes=(
            Shape(
                r"\+ ?[1-9](?>(?:[ .\-/]?+\(?[0-9]++\)?+)+)",
                Confidence.MEDIUM,
                trigger=DIGITS,
                trim=phone_length,
            ),
            Shape(
                r"\([2-9][0-9]{2}\) ?[2-9][0-9]{2}[ .\-][0-9]{4}"
                r"|[2-9][0-9]{2}\.[2-9][0-9]{2}\.[0-9]{4}|[2-9][0-9]{2}-[2-9][0-9]{2}-[0-9]{4}",
                Confidence.MEDIUM,
                trigger=DIGITS,
            ),
        ),
        layouts=tuple(
            Layout(groups, None, " -.")
            for groups in ((10,), (11,), (3, 3, 4), (1, 3, 3, 4), (5, 6), (5, 3, 3), (4, 3, 4), (3, 4, 4), (4, 7),
                           (3, 8), (3, 7), (3, 3, 5))
        ),
        keywords=("phone", "telephone", "tel", "mobile", "cell", "cellphone", "call", "text", "sms", "dial", "fax",
                  "whatsapp", "ring", "number is", "telefon", "handy", "handynummer", "téléphone", "portable",
                  "teléfono", "móvil", "telefono", "cellulare"),
        validate=phone,
    ),
    Detector(
        id=DetectorId("ip_address"),
        title="IP address",
        label="IP address",
        category="contact",
        shapes=(
            Shape(
                r"(?<![.\-])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?!\.?[\-0-9])",
                Confidence.MEDIUM,
                trigger=r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
            ),
            Shape(
                r"(?<![:.\-])[0-9A-Fa-f]{1,4}(?::{1,2}[0-9A-Fa-f]{1,4}){2,7}(?!::?[\w:])",
                Confidence.MEDIUM,
                trigger=r"[0-9A-Fa-f]:{1,2}[0-9A-Fa-f]{1,4}:{1,2}[0-9A-Fa-f]{1,4}:",
            ),
        ),
        keywords=_ADDRESS_WORDS,
        negative=_VERSION_WORDS,
        validate=ip_address,
        weak=ip_is_local,
        mask=Mask.NONE,
    ),
)  # fmt: skip
