"""Identity numbers of the Americas."""

from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.cl import rut
from stdnum.mx import curp

from core.types import Confidence
from policies.dlp.detector import Detector, DetectorId, Layout, Shape
from policies.dlp.triggers import DIGITS
from policies.dlp.validators import not_uniform, stdnum_check, us_itin, us_ssn

AMERICAS = (
    Detector(
        id=DetectorId("us_ssn"),
        title="United States Social Security number",
        label="social security number",
        category="identity",
        layouts=(
            Layout((3, 2, 4), Confidence.MEDIUM, "-"),
            Layout((3, 2, 4), Confidence.LOW, " ."),
            Layout((9,)),
        ),
        keywords=(
            "ssn", "ssns", "ss#", "social security", "social security number", "social", "soc sec", "ssa",
            "socialsecurity", "w-2", "w2", "taxpayer",
        ),
        validate=us_ssn,
    ),
    Detector(
        id=DetectorId("us_itin"),
        title="United States individual taxpayer number (ITIN)",
        label="taxpayer number",
        category="identity",
        layouts=(Layout((3, 2, 4), Confidence.MEDIUM, "-"), Layout((3, 2, 4), None, " "), Layout((9,))),
        keywords=("itin", "taxpayer", "tax id", "tax identification", "individual taxpayer", "irs", "w-7", "tin"),
        validate=us_itin,
    ),
    Detector(
        id=DetectorId("ca_sin"),
        title="Canadian social insurance number (SIN)",
        label="social insurance number",
        category="identity",
        layouts=(Layout((3, 3, 3), Confidence.LOW, " -"), Layout((9,))),
        keywords=(
            "sin", "social insurance", "social insurance number", "numéro d'assurance sociale",
            "assurance sociale", "nas", "canada",
        ),
        validate=not_uniform(stdnum_check(sin)),
    ),
    Detector(
        id=DetectorId("br_cpf"),
        title="Brazilian individual taxpayer number (CPF)",
        label="CPF number",
        category="identity",
        shapes=(Shape(r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", Confidence.MEDIUM, trigger=DIGITS),),
        layouts=(Layout((11,)), Layout((9, 2), None, "-"), Layout((3, 3, 3, 2))),
        keywords=("cpf", "cadastro de pessoas físicas", "contribuinte", "receita federal"),
        validate=not_uniform(stdnum_check(cpf)),
    ),
    Detector(
        id=DetectorId("mx_curp"),
        title="Mexican population registry code (CURP)",
        label="CURP",
        category="identity",
        shapes=(
            Shape(r"[A-Z][AEIOUX][A-Z]{2}[0-9]{6}[HMX][A-Z]{5}[0-9A-Z][0-9]", Confidence.MEDIUM, caseless=True, trigger=DIGITS),
        ),
        keywords=("curp", "clave única", "registro de población"),
        validate=stdnum_check(curp),
    ),
    Detector(
        id=DetectorId("cl_rut"),
        title="Chilean identity number (RUT)",
        label="RUT",
        category="identity",
        shapes=(
            Shape(r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}-[0-9K]", Confidence.MEDIUM, caseless=True, trigger=DIGITS),
            Shape(r"[0-9]{7,8}-[0-9K]", None, caseless=True, trigger=DIGITS),
        ),
        keywords=("rut", "rol único", "cédula"),
        validate=stdnum_check(rut),
    ),
)  # fmt: skip
