"""Payouts of every provider: split into payments, refunds and fees to the cent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.domain.errors import Retryable
from chalicelib.providers.settling import adyen
from chalicelib.providers.settling.port import PAYERS
from tests.recorded.payouts import HERE, everything, listed, recording

KINDS = sorted(PAYERS)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a report of a few rows have several pages."""
    monkeypatch.setattr(adyen, "AT_ONCE", 3)


def expected(kind: str) -> dict[str, Any]:
    """Return what a person has worked out of the recorded answers."""
    path = HERE / kind / "payouts" / "expected.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_payouts_are_read_to_the_cent(kind: str) -> None:
    """Each payment, refund and fee under the name that our ledger knows, in several pages."""
    found, most = everything(kind)
    assert found == expected(kind)
    assert most > 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_recorded_is_worth_reading(kind: str) -> None:
    """Two currencies, fees, money that went back; and all of it read from one host."""
    found = expected(kind).values()
    assert len({one["amount"].split()[1] for one in found}) > 1
    assert any("fees" in one for one in found)
    assert any("back" in one for one in found)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "mollie"])
def test_a_type_that_nobody_knows_is_kept_and_stays_unexplained(kind: str) -> None:
    """Mollie has lists of their own for all there is."""
    strange = [
        (one, part)
        for one in expected(kind).values()
        for part in one["parts"]
        if part.startswith("unread")
    ]
    assert strange
    assert all("unexplained" in one for one, _ in strange)
    # Behind kind, payment, amount, currency, fee and reference.
    assert all(part.split()[6:] for _, part in strange)


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_is_none_is_asked_for_again(kind: str) -> None:
    """A page of a proxy, say; nothing is made up of it."""
    one, api = recording(kind)
    one.answers = [{**each, "file": "../../noise.txt"} for each in one.answers]
    with pytest.raises(Retryable):
        listed(kind, api)
    one.answers = [{"path": each["path"], "body": {"error": "x"}} for each in one.answers]
    with pytest.raises(Retryable):
        listed(kind, api)
