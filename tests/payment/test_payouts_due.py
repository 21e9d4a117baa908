"""Payouts are asked for also where nobody has saved the keys since there is a job for it."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.payment import payouts_due, reconciling
from chalicelib.payment.payouts_due import unasked
from chalicelib.store.jobs import new_job
from chalicelib.store.merchants import Merchants
from tests.events import NOW
from tests.payment.test_asking import connection, secrets_of


def test_who_may_tell_and_is_not_started_is_asked() -> None:
    """Not who has no keys, has none that may, or is asked every night already."""
    stripe, adyen = connection("stripe"), connection("adyen")
    assert list(unasked([stripe, adyen], (), secrets_of)) == [stripe.id]
    assert list(unasked([stripe], (), lambda *_: {"webhook_secret": "whsec"})) == []
    assert list(unasked([stripe], {("payouts", stripe.id)}, secrets_of)) == []


@pytest.mark.engine
def test_the_night_finds_it(merchant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the beginning of the reconciliation, once; after it was noted no more."""
    woken: list[Any] = []
    one = connection("stripe")
    monkeypatch.setattr(payouts_due.Connections, "list", lambda *_: [one])
    monkeypatch.setattr(payouts_due.secrets, "read", secrets_of)
    monkeypatch.setattr(payouts_due, "wake_standing", lambda *what: woken.append(what))
    job = new_job(merchant, "reconcile", NOW, subject="ledger", is_standing=True)
    for _ in range(2):
        reconciling.advance(job, NOW)
        Merchants().note_standing(merchant, one.id, {"payouts": True})
    assert woken == [(merchant, "payouts", one.id, NOW)]
