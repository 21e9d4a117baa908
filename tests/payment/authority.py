"""Authorities and certificates made for the tests, and signatures with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.recorded.reading import NOW

NAME = "messageverificationcerts.paypal.com"


@cache
def private_key(whose: str) -> rsa.RSAPrivateKey:
    """Return somebody's key, made once."""
    del whose
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def sign(message: bytes, whose: str = NAME) -> bytes:
    """Sign as PayPal does."""
    return private_key(whose).sign(message, padding.PKCS1v15(), SHA256())


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """Whose key is vouched for, and by whom."""

    name: str = NAME
    issuer: str = "Authority of the tests"
    days: tuple[int, int] = (-30, 60)  # from when until when, from now

    @property
    def made(self) -> x509.Certificate:
        """The certificate itself; whoever signs for itself, or is no host, may sign for others."""
        is_authority = "." not in self.name
        key, own = private_key(self.name), private_key(self.issuer)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(self.name))
            .issuer_name(_name(self.issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + timedelta(days=self.days[0]))
            .not_valid_after(NOW + timedelta(days=self.days[1]))
        )
        for extension, is_critical in _extensions(self.name, key, own, is_authority=is_authority):
            builder = builder.add_extension(extension, critical=is_critical)
        return builder.sign(own, SHA256())

    @property
    def pem(self) -> bytes:
        """The certificate as PayPal hands it out."""
        return self.made.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        """The certificate as a machine keeps its roots."""
        return self.made.public_bytes(Encoding.DER)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, text)])


def _extensions(
    name: str, key: rsa.RSAPrivateKey, own: rsa.RSAPrivateKey, *, is_authority: bool
) -> list[tuple[Any, bool]]:
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(own.public_key())
    subject = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    found: list[tuple[Any, bool]] = [
        (x509.BasicConstraints(ca=is_authority, path_length=None), True),
        (issuer, False),
        (subject, False),
    ]
    if is_authority:
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "encipher_only", "decipher_only"), False,
        )  # fmt: skip
        signs = x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage)
        return [*found, (signs, True)]
    server = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH])
    return [*found, (x509.SubjectAlternativeName([x509.DNSName(name)]), False), (server, False)]
