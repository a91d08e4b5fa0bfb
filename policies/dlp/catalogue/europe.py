"""Identity numbers of Europe."""

from stdnum.ch import ssn as ch_ssn
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.ie import pps
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.pt import nif
from stdnum.tr import tckimlik

from core.types import Confidence
from policies.dlp.detector import Detector, DetectorId, Layout, Shape
from policies.dlp.triggers import DIGITS
from policies.dlp.validators import (
    be_nn,
    dk_cpr,
    fi_hetu,
    no_fodselsnummer,
    not_uniform,
    pl_pesel,
    se_personnummer,
    stdnum_check,
    uk_nino,
)

EUROPE = (
    Detector(
        id=DetectorId("uk_nino"),
        title="United Kingdom National Insurance number",
        label="national insurance number",
        category="identity",
        shapes=(
            Shape(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ \-]?[0-9]{2}[ \-]?[0-9]{2}[ \-]?[0-9]{2}[ \-]?[A-D]",
                  Confidence.MEDIUM, caseless=True, trigger=DIGITS),
        ),
        keywords=("nino", "ni number", "national insurance", "national insurance number", "insurance", "hmrc",
                  "payroll", "ni no"),
        validate=uk_nino,
    ),
    Detector(
        id=DetectorId("uk_nhs"),
        title="United Kingdom NHS number",
        label="NHS number",
        category="identity",
        layouts=(Layout((3, 3, 4), Confidence.LOW, " -"), Layout((10,))),
        keywords=("nhs", "nhs number", "nhs no", "national health service", "patient", "gp", "hospital"),
        validate=not_uniform(stdnum_check(nhs)),
    ),
    Detector(
        id=DetectorId("de_steuer_id"),
        title="German tax identification number (Steuer-IdNr)",
        label="tax identification number",
        category="identity",
        layouts=(Layout((2, 3, 3, 3), Confidence.LOW, " "), Layout((11,))),
        keywords=("steuer-id", "steuerid", "steuer id", "steueridentifikationsnummer", "steuer-idnr", "idnr",
                  "steuer-identifikationsnummer", "identifikationsnummer", "steuernummer", "tax id", "tin",
                  "steuerliche"),
        validate=stdnum_check(idnr),
    ),
    Detector(
        id=DetectorId("fr_nir"),
        title="French social security number (NIR)",
        label="NIR",
        category="identity",
        shapes=(
            Shape(r"[12378][ .]?[0-9]{2}[ .]?[0-9]{2}[ .]?(?:[0-9]{2}|2[AB])[ .]?[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{2}",
                Confidence.MEDIUM,
                caseless=True, trigger=DIGITS),
        ),
        keywords=("nir", "sécurité sociale", "securite sociale", "numéro de sécurité sociale", "sécu",
                  "carte vitale", "insee"),
        validate=stdnum_check(nir),
        weak=str.isdigit,
    ),
    Detector(
        id=DetectorId("es_dni"),
        title="Spanish identity number (DNI)",
        label="DNI",
        category="identity",
        shapes=(
            Shape(r"[0-9]{8}[ \-]?[A-HJ-NP-TV-Z]", Confidence.MEDIUM, caseless=True, trigger=DIGITS),
            Shape(r"[0-9]{2}\.[0-9]{3}\.[0-9]{3}[ \-]?[A-HJ-NP-TV-Z]", Confidence.MEDIUM, caseless=True, trigger=DIGITS),
        ),
        keywords=("dni", "documento nacional", "identidad", "nif", "documento", "carnet"),
        validate=lambda value: stdnum_check(dni)(value.replace(".", "")),
        weak=str.islower,
    ),
    Detector(
        id=DetectorId("es_nie"),
        title="Spanish foreigner's number (NIE)",
        label="NIE",
        category="identity",
        shapes=(Shape(r"[XYZ][ \-]?[0-9]{7}[ \-]?[A-HJ-NP-TV-Z]", Confidence.MEDIUM, caseless=True, trigger=DIGITS),),
        keywords=("nie", "extranjero", "identidad", "extranjería", "nif"),
        validate=stdnum_check(nie),
    ),
    Detector(
        id=DetectorId("it_codice_fiscale"),
        title="Italian tax code (codice fiscale)",
        label="codice fiscale",
        category="identity",
        shapes=(
            Shape(r"[A-Z]{6} ?[0-9LMNP-V]{2}[ABCDEHLMPRST][0-9LMNP-V]{2} ?[A-Z][0-9LMNP-V]{3}[A-Z]",
                  Confidence.HIGH, caseless=True, trigger=r"[0-9LMNP-V]{2}[A-EHLMPR-T][0-9]{2} ?[A-Z][0-9]{3}[A-Z]"),
        ),
        keywords=("codice fiscale", "cod. fisc", "cf", "c.f", "fiscale"),
        validate=lambda value: stdnum_check(codicefiscale)(value.replace(" ", "")),
    ),
    Detector(
        id=DetectorId("nl_bsn"),
        title="Dutch citizen service number (BSN)",
        label="BSN",
        category="identity",
        layouts=(Layout((9,)), Layout((4, 2, 3)), Layout((3, 3, 3))),
        keywords=("bsn", "burgerservicenummer", "sofinummer", "sofi-nummer", "sofi"),
        validate=not_uniform(stdnum_check(bsn)),
    ),
    Detector(
        id=DetectorId("pl_pesel"),
        title="Polish identity number (PESEL)",
        label="PESEL",
        category="identity",
        layouts=(Layout((11,), Confidence.LOW),),
        keywords=("pesel", "numer pesel", "ewidencyjny", "dowód"),
        validate=not_uniform(pl_pesel),
    ),
    Detector(
        id=DetectorId("be_nn"),
        title="Belgian national number",
        label="national number",
        category="identity",
        shapes=(Shape(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}", Confidence.MEDIUM, trigger=DIGITS),),
        layouts=(Layout((11,)), Layout((2, 2, 2, 3, 2)), Layout((6, 3, 2))),
        keywords=("rijksregisternummer", "rijksregister", "registre national", "numéro national", "niss", "insz",
                  "national number"),
        validate=not_uniform(be_nn),
    ),
    Detector(
        id=DetectorId("ch_ahv"),
        title="Swiss social security number (AHV)",
        label="AHV number",
        category="identity",
        layouts=(Layout((3, 4, 4, 2), Confidence.HIGH, "."), Layout((3, 4, 4, 2), Confidence.MEDIUM, " -"),
                 Layout((13,), Confidence.LOW)),
        keywords=("ahv", "avs", "ahv-nummer", "sozialversicherungsnummer", "numéro avs", "oasi"),
        validate=stdnum_check(ch_ssn),
    ),
    Detector(
        id=DetectorId("se_personnummer"),
        title="Swedish personal identity number",
        label="personnummer",
        category="identity",
        layouts=(Layout((8, 4), Confidence.MEDIUM, "-"), Layout((6, 4), Confidence.LOW, "-"), Layout((12,)),
                 Layout((10,))),
        keywords=("personnummer", "personnr", "samordningsnummer", "personal number"),
        validate=se_personnummer,
    ),
    Detector(
        id=DetectorId("fi_hetu"),
        title="Finnish personal identity code",
        label="HETU",
        category="identity",
        shapes=(Shape(r"[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]", Confidence.MEDIUM, trigger=DIGITS),),
        keywords=("hetu", "henkilötunnus", "henkilotunnus", "sotu", "personbeteckning"),
        validate=fi_hetu,
        weak=lambda value: value[6] == "-" and value[-1].isdigit(),
    ),
    Detector(
        id=DetectorId("no_fodselsnummer"),
        title="Norwegian birth number",
        label="fødselsnummer",
        category="identity",
        layouts=(Layout((6, 5), Confidence.LOW, " "), Layout((11,), Confidence.LOW)),
        keywords=("fødselsnummer", "fodselsnummer", "personnummer", "fnr", "d-nummer"),
        validate=no_fodselsnummer,
    ),
    Detector(
        id=DetectorId("dk_cpr"),
        title="Danish personal number (CPR)",
        label="CPR number",
        category="identity",
        layouts=(Layout((6, 4), Confidence.LOW, "-"), Layout((10,))),
        keywords=("cpr", "cpr-nummer", "cpr nummer", "personnummer", "cpr-nr"),
        validate=dk_cpr,
    ),
    Detector(
        id=DetectorId("ie_pps"),
        title="Irish personal public service number (PPS)",
        label="PPS number",
        category="identity",
        shapes=(Shape(r"[0-9]{7}[A-W][A-IW]?", None, caseless=True, trigger=DIGITS),),
        keywords=("pps", "ppsn", "pps number", "public service number", "ppsno"),
        validate=stdnum_check(pps),
    ),
    Detector(
        id=DetectorId("pt_nif"),
        title="Portuguese taxpayer number (NIF)",
        label="NIF",
        category="identity",
        layouts=(Layout((9,)), Layout((3, 3, 3), None, " ")),
        keywords=("nif", "contribuinte", "número fiscal", "número de contribuinte", "finanças"),
        validate=not_uniform(stdnum_check(nif)),
    ),
    Detector(
        id=DetectorId("tr_kimlik"),
        title="Turkish identity number",
        label="kimlik number",
        category="identity",
        layouts=(Layout((11,)),),
        keywords=("kimlik", "tc kimlik", "t.c. kimlik", "tckn", "kimlik no", "tc no"),
        validate=stdnum_check(tckimlik),
    ),
)  # fmt: skip
