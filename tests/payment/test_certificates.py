"""Certificates: theirs, in time, and vouched for."""

from __future__ import annotations

import pytest

from chalicelib.domain.errors import Permanent
from chalicelib.payment.certificates import public_key, system_roots
from tests.payment.authority import NAME, Certificate, private_key
from tests.recorded.reading import NOW

ROOT = Certificate(name="Root", issuer="Root")
BETWEEN = Certificate(name="Between", issuer="Root")
OWN = Certificate(issuer="Between")


@pytest.mark.parametrize("pem", [OWN.pem, OWN.pem + BETWEEN.pem, BETWEEN.pem + OWN.pem])
def test_a_certificate_that_leads_to_a_root_is_good(pem: bytes) -> None:
    """With what stands between, in whatever order; or alone, if where it lies is certain."""
    found = public_key(pem, NAME, NOW, [ROOT.der])
    assert found.public_numbers() == private_key(NAME).public_key().public_numbers()


@pytest.mark.parametrize(
    ("pem", "what"),
    [
        (b"", "is none"),
        (b"-----BEGIN CERTIFICATE-----", "is none"),
        (Certificate(name="evil.example").pem, "is not that of"),
        (Certificate(name=f"{NAME}.evil.example").pem, "is not that of"),
        (Certificate(days=(-60, -1)).pem, "was not good at 2026-11-23"),
        (Certificate(days=(1, 60)).pem, "was not good at 2026-11-23"),
        (Certificate(issuer=NAME).pem, "is signed by itself"),
        (OWN.pem + Certificate(name="Between", issuer="Elsewhere").pem, "does not lead"),
        (Certificate(issuer="Elsewhere").pem + BETWEEN.pem, "does not lead"),
    ],
)
def test_any_other_is_refused(pem: bytes, what: str) -> None:
    """With what is wrong about it."""
    with pytest.raises(Permanent) as caught:
        public_key(pem, NAME, NOW, [ROOT.der])
    assert caught.value.code == "bad_signature"
    assert what in caught.value.text


def test_this_machine_knows_authorities() -> None:
    """Otherwise no chain would ever lead anywhere."""
    assert system_roots()
