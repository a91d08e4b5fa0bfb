"""Credentials of machines and people. Forms as the vendors publish them; never verified over a network."""

import re

from core.types import Confidence
from policies.dlp.detector import Detector, DetectorId, Mask, Shape
from policies.dlp.tokens import chosen_password, jwt, looks_random

_HIGH = Confidence.HIGH


def _beginning(pattern: str) -> str:
    """Return a cheaper pattern for the first pass: the vendor's prefix and a few characters."""
    return re.sub(r"\{(\d+)(?:,\d+)?\}$", lambda count: f"{{{min(8, int(count.group(1)))}}}", pattern)


def _token_shape(pattern: str) -> Shape:
    """Return the shape of a token; where its length is open, redaction takes all that follows."""
    if re.search(r",\d+\}$", pattern):
        tail = r"[0-9A-Za-z_\-]{0,2000}"
        return Shape(rf"(?<!\w){pattern}", _HIGH, _beginning(pattern), bordered=False, reach=300, tail=tail)
    return Shape(pattern, _HIGH, _beginning(pattern), reach=300)


def _token(name: str, title: str, *patterns: str) -> Detector:
    """Return a detector for tokens that carry their vendor's prefix."""
    return Detector(
        id=DetectorId(name),
        title=title,
        label=title,
        category="secret",
        shapes=tuple(_token_shape(pattern) for pattern in patterns),
        negative=(),
        validate=looks_random,
        mask=Mask.PREFIX,
    )


SECRETS = (
    _token("aws_access_key", "AWS access key", r"(?:AKIA|ASIA)[A-Z0-9]{16}"),
    Detector(
        id=DetectorId("aws_secret_key"),
        title="AWS secret key",
        label="AWS secret key",
        category="secret",
        shapes=(
            Shape(
                r"(?:secret|aws)[A-Za-z_ \-]{0,24}['\"]?[ ]{0,3}(?::|=|=>|is)[ ]{0,3}['\"]?(?P<value>[A-Za-z0-9/+]{40})",
                _HIGH,
                trigger=r"(?:secret|aws)[A-Za-z_ '\"\-]*(?:[:=]| is)",
                caseless=True,
                reach=128,
            ),
        ),
        negative=(),
        validate=looks_random,
        mask=Mask.NONE,
    ),
    _token(
        "github_token", "GitHub token", r"gh[pousr]_[0-9A-Za-z]{36,251}", r"github_pat_[0-9A-Za-z_]{22,251}"
    ),
    _token("gitlab_token", "GitLab token", r"gl(?:pat|dt|rt|ptt|ft|soat)-[0-9A-Za-z_\-]{20,64}"),
    _token(
        "slack_token",
        "Slack token",
        r"xox[abceoprs]-[0-9A-Za-z\-]{10,250}",
        r"xapp-[0-9]-[0-9A-Za-z\-]{10,250}",
    ),
    _token(
        "slack_webhook",
        "Slack webhook",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[0-9A-Za-z_]{6,24}/[0-9A-Za-z_/]{8,80}",
    ),
    _token(
        "stripe_key",
        "Stripe key",
        r"[sr]k_(?:live|test)_[0-9A-Za-z]{16,247}",
        r"whsec_[0-9A-Za-z]{24,64}",
    ),
    _token("google_api_key", "Google API key", r"AIza[0-9A-Za-z_\-]{35}"),
    _token(
        "openai_key",
        "OpenAI key",
        r"sk-(?:proj|svcacct|admin)-[0-9A-Za-z_\-]{20,200}",
        r"sk-[0-9A-Za-z]{32,64}",
    ),
    _token("anthropic_key", "Anthropic key", r"sk-ant-[0-9A-Za-z_\-]{24,200}"),
    _token("npm_token", "npm token", r"npm_[0-9A-Za-z]{36}"),
    _token("pypi_token", "PyPI token", r"pypi-[0-9A-Za-z_\-]{50,250}"),
    _token("sendgrid_key", "SendGrid key", r"SG\.[0-9A-Za-z_\-]{16,32}\.[0-9A-Za-z_\-]{32,64}"),
    Detector(
        id=DetectorId("private_key"),
        title="Private key (PEM)",
        label="private key",
        category="secret",
        shapes=(
            Shape(
                r"-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----",
                _HIGH,
                bordered=False,
                reach=128,
                tail=r"(?>(?:[\sA-Za-z0-9+/=:,.()]|-(?!-)){0,16000})(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?",
            ),
        ),
        negative=(),
        mask=Mask.NONE,
    ),
    Detector(
        id=DetectorId("jwt"),
        title="JSON web token",
        label="web token",
        category="secret",
        shapes=(
            Shape(
                r"(?<![0-9A-Za-z_\-])eyJ[0-9A-Za-z_\-]{10,400}+\.[0-9A-Za-z_\-]{0,80}",
                _HIGH,
                trigger=r"eyJ[0-9A-Za-z_\-]{10}",
                bordered=False,
                reach=420,
                tail=r"[0-9A-Za-z_\-]{0,8000}(?:\.[0-9A-Za-z_\-]{0,8000})?",
            ),
        ),
        negative=(),
        validate=jwt,
        mask=Mask.NONE,
    ),
    Detector(
        id=DetectorId("password"),
        title="Password",
        label="password",
        category="secret",
        shapes=(
            Shape(
                r"(?:password|passwd|passwort|passphrase|pwd|pass|contraseña|mot de passe)['\"]?"
                r"(?:[ ]{0,3}(?::=|=>|[:=])| is| ist| es| est)[ ]{0,3}(?:['\"](?P<value>[!#-&(-~]{6,64})['\"]"
                r"|(?P<bare>[!#-&(-~]{5,63}[!#-&*+\-/-9<-~]))",
                Confidence.MEDIUM,
                trigger=r"(?:password|passwd|passwort|passphrase|pwd|pass|contraseña|mot de passe)['\"]?"
                r"(?:[ ]{0,3}[:=]| is| ist| es| est)",
                caseless=True,
                bordered=False,
                reach=128,
            ),
        ),
        negative=(),
        validate=chosen_password,
        mask=Mask.NONE,
    ),
)
