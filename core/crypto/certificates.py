"""X.509 certificates as people compare them: whose it is, who vouches for it, its fingerprint."""

import hashlib
from datetime import datetime

from cryptography import x509


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 fingerprint of a certificate: 64 lower-case hexadecimal digits."""
    return hashlib.sha256(der).hexdigest()


def described(der: bytes) -> str:
    """Return a certificate in words: subject, issuer, last day, fingerprint."""
    shown = fingerprint(der)
    try:
        certificate = x509.load_der_x509_certificate(der)
    except ValueError:
        return f"an unreadable certificate, SHA-256 fingerprint {shown}"
    subject, issuer = certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
    return (
        f"a certificate of {subject or 'nobody named'}, issued by {issuer or 'nobody named'}, valid until "
        f"{certificate.not_valid_after_utc:%Y-%m-%d}, SHA-256 fingerprint {shown}"
    )


def ends(der: bytes) -> datetime:
    """Return when a certificate that was accepted is no longer good."""
    return x509.load_der_x509_certificate(der).not_valid_after_utc
