"""Identity numbers of Asia, the Pacific and Africa."""

from stdnum.au import tfn
from stdnum.in_ import aadhaar, pan
from stdnum.jp import in_ as my_number
from stdnum.my import nric as my_nric

from core.types import Confidence
from policies.dlp.detector import Detector, DetectorId, Layout, Shape
from policies.dlp.triggers import DIGITS
from policies.dlp.validators import not_uniform, sg_nric, stdnum_check, za_id

ASIA_PACIFIC = (
    Detector(
        id=DetectorId("in_aadhaar"),
        title="Indian Aadhaar number",
        label="Aadhaar number",
        category="identity",
        layouts=(Layout((4, 4, 4), Confidence.LOW, " -"), Layout((12,))),
        keywords=("aadhaar", "aadhar", "adhaar", "uidai", "आधार"),
        validate=not_uniform(stdnum_check(aadhaar)),
    ),
    Detector(
        id=DetectorId("in_pan"),
        title="Indian permanent account number (PAN)",
        label="PAN",
        category="identity",
        shapes=(Shape(r"[A-Z]{3}[ABCFGHJLPTK][A-Z][0-9]{4}[A-Z]", Confidence.LOW),),
        keywords=("pan", "pan card", "permanent account number", "income tax"),
        validate=stdnum_check(pan),
    ),
    Detector(
        id=DetectorId("au_tfn"),
        title="Australian tax file number (TFN)",
        label="tax file number",
        category="identity",
        layouts=(Layout((3, 3, 3)), Layout((9,))),
        keywords=("tfn", "tax file number", "tax file", "ato"),
        validate=not_uniform(stdnum_check(tfn)),
    ),
    Detector(
        id=DetectorId("jp_my_number"),
        title="Japanese individual number (My Number)",
        label="individual number",
        category="identity",
        layouts=(Layout((4, 4, 4)), Layout((12,))),
        keywords=("my number", "mynumber", "マイナンバー", "個人番号"),
        validate=not_uniform(stdnum_check(my_number)),
    ),
    Detector(
        id=DetectorId("sg_nric"),
        title="Singapore identity number (NRIC, FIN)",
        label="NRIC",
        category="identity",
        shapes=(Shape(r"[STFGM][0-9]{7}[A-Z]", Confidence.MEDIUM, trigger=DIGITS),),
        keywords=("nric", "fin", "identity card", "singpass"),
        validate=sg_nric,
    ),
    Detector(
        id=DetectorId("my_nric"),
        title="Malaysian identity number (MyKad)",
        label="MyKad number",
        category="identity",
        layouts=(Layout((6, 2, 4), Confidence.LOW, "-"), Layout((12,))),
        keywords=("nric", "mykad", "kad pengenalan", "ic number", "no kp"),
        validate=stdnum_check(my_nric),
    ),
    Detector(
        id=DetectorId("za_id"),
        title="South African identity number",
        label="identity number",
        category="identity",
        layouts=(Layout((13,)), Layout((6, 4, 3)), Layout((6, 4, 2, 1))),
        keywords=("identity number", "id number", "sa id", "rsa id", "south african id", "south africa"),
        validate=za_id,
    ),
)  # fmt: skip
