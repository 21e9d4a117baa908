"""Signatures: compared against every valid secret, and never against an empty one."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from chalicelib.domain.deliveries import is_signed, webhook_secrets

BODY = b'{"id": 727}'


def signature(secret: str, *, encoding: str = "base64") -> str:
    """Sign the body as a shop does."""
    digest = hmac.new(secret.encode(), BODY, hashlib.sha256)
    return (
        base64.b64encode(digest.digest()).decode() if encoding == "base64" else digest.hexdigest()
    )


@pytest.mark.parametrize("encoding", ["base64", "hex"])
def test_a_right_signature_is_genuine_in_either_spelling(encoding: str) -> None:
    """Shops write base64, payment providers hex; blanks around it do not matter."""
    given = signature("correct horse", encoding=encoding)
    secrets = {"webhook_secret": "correct horse"}
    assert is_signed(given, BODY, secrets, encoding=encoding)
    assert is_signed(f" {given}\n", BODY, secrets, encoding=encoding)


def test_during_a_rotation_both_secrets_are_good() -> None:
    """Deliveries signed before the change arrive after it."""
    secrets = {"webhook_secret": "new secret", "previous_webhook_secret": "old secret"}
    assert is_signed(signature("new secret"), BODY, secrets, encoding="base64")
    assert is_signed(signature("old secret"), BODY, secrets, encoding="base64")
    assert not is_signed(signature("older one"), BODY, secrets, encoding="base64")


@pytest.mark.parametrize("given", ["", "x", "é", signature("other"), signature("s")[:-2] + "A="])
def test_anything_else_is_forged(given: str) -> None:
    """Nothing, nonsense, another secret's signature, a changed letter."""
    assert not is_signed(given, BODY, {"webhook_secret": "s"}, encoding="base64")


def test_a_changed_body_is_forged() -> None:
    """The signature covers every byte."""
    secrets = {"webhook_secret": "s"}
    assert not is_signed(signature("s"), BODY + b" ", secrets, encoding="base64")


@pytest.mark.parametrize("secrets", [{}, {"webhook_secret": ""}, {"webhook_secret": "  "}])
def test_an_empty_secret_signs_nothing(secrets: dict[str, str]) -> None:
    """Whoever knows that no secret is set must not be able to sign with it."""
    assert webhook_secrets(secrets) == []
    assert not is_signed(signature(""), BODY, secrets, encoding="base64")
    assert not is_signed(signature("  "), BODY, secrets, encoding="base64")
