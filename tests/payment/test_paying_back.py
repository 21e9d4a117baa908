"""A refund whose answer was lost at a provider that can not be asked is never paid anew."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.commands import PayRefund
from chalicelib.domain.errors import Permanent
from chalicelib.domain.events import EffectIntended, Fact, HoldPlaced, RefundRecorded
from chalicelib.domain.events import RefundRequested as Requested
from chalicelib.domain.order import Order
from chalicelib.payment.refunds import Payer
from chalicelib.store.connections import Connection
from tests.contracts.test_provider_refunds import CASES, Answering
from tests.events import NOW, eur, order, paid

CASE = CASES["adyen"]
EFFECT = "refund:KRONE"


def intended(at: datetime, attempt: int = 1) -> EffectIntended:
    """Return that it was tried."""
    return EffectIntended(at=at, effect=EFFECT, attempt=attempt)


def ordered(*facts: Fact) -> Order:
    """Return an order with a refund at Adyen."""
    wish = Requested(
        at=NOW, refund_id="KRONE", amount=eur("5"), way="provider", source="adyen",
        payment=CASE.payment,
    )  # fmt: skip
    return order(paid("20.00", source="adyen"), wish, *facts)


def pay(one: Order, answer: str, now: datetime) -> list[Fact]:
    """Pay the refund and return what is told of it."""
    adyen = Answering("adyen", answer)
    connection = Connection(
        merchant_id="demo", id="demo-adyen", kind="adyen", name="Adyen", created_at=NOW,
        settings=CASE.settings,
    )  # fmt: skip
    payer = Payer(
        connections_of=lambda _: [connection], secrets_of=lambda *_: CASE.secrets,
        transfers=None, otherwise=lambda *_: (), call=lambda *_: adyen,  # type: ignore[arg-type]
    )  # fmt: skip
    return list(payer.perform(one, PayRefund(refund_id="KRONE"), now))


def test_a_refusal_after_a_lost_answer_says_nothing_of_the_first_try() -> None:
    """It may have paid: the key stays the same, and a person must say that it has not."""
    later = NOW + timedelta(hours=1)
    with pytest.raises(Permanent) as refused:
        pay(ordered(intended(NOW), intended(later, 2)), "declined", later)
    assert refused.value.code == "refund_unknown"
    with pytest.raises(Permanent) as refused:
        pay(ordered(intended(NOW)), "declined", NOW)
    assert refused.value.code == "refund_refused"


def test_a_refusal_begins_anew_however_long_ago_it_was() -> None:
    """Nothing was paid before it, so nothing needs to be asked."""
    hold = HoldPlaced(at=NOW, code="refund_refused", text="no", effect=EFFECT)
    later = NOW + timedelta(days=30)
    [told] = pay(ordered(intended(NOW), hold, intended(later)), "pending", later)
    assert isinstance(told, RefundRecorded)
