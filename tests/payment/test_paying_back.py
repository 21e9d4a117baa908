"""A refund whose answer was lost at a provider that cannot tell of it is never paid anew."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.commands import PayRefund
from chalicelib.domain.errors import NeedsHuman, Permanent
from chalicelib.domain.events import EffectIntended, Fact, HoldPlaced, RefundRecorded
from chalicelib.domain.events import RefundRequested as Requested
from chalicelib.domain.order import Order
from chalicelib.payment.refunds import Payer
from chalicelib.store.connections import Connection
from tests.contracts.test_provider_refunds import CASES, Answering
from tests.events import NOW, eur, order, paid

EFFECT = "refund:KRONE"


def intended(at: datetime, attempt: int = 1) -> EffectIntended:
    """Return that it was tried."""
    return EffectIntended(at=at, effect=EFFECT, attempt=attempt)


def ordered(*facts: Fact, kind: str = "adyen") -> Order:
    """Return an order with a refund at a provider."""
    wish = Requested(
        at=NOW, refund_id="KRONE", amount=eur("5"), way="provider", source=kind,
        payment=CASES[kind].payment,
    )  # fmt: skip
    return order(paid("20.00", source=kind), wish, *facts)


def pay(one: Order, *answers: str, now: datetime, kind: str = "adyen") -> list[Fact]:
    """Pay the refund and return what is told of it."""
    there = Answering(kind, *answers)
    connection = Connection(
        merchant_id="demo", id=f"demo-{kind}", kind=kind, name=kind, created_at=NOW,
        settings=CASES[kind].settings,
    )  # fmt: skip
    payer = Payer(
        connections_of=lambda _: [connection], secrets_of=lambda *_: CASES[kind].secrets,
        transfers=None, otherwise=lambda *_: (), call=lambda *_: there,  # type: ignore[arg-type]
    )  # fmt: skip
    return list(payer.perform(one, PayRefund(refund_id="KRONE"), now))


def test_a_refusal_after_a_lost_answer_says_nothing_of_the_first_try() -> None:
    """It may have paid: the key stays the same, and a person must say that it has not."""
    later = NOW + timedelta(hours=1)
    with pytest.raises(Permanent) as refused:
        pay(ordered(intended(NOW), intended(later, 2)), "declined", now=later)
    assert refused.value.code == "refund_unknown"
    with pytest.raises(Permanent) as refused:
        pay(ordered(intended(NOW)), "declined", now=NOW)
    assert refused.value.code == "refund_refused"


def test_a_refusal_begins_anew_however_long_ago_it_was() -> None:
    """Nothing was paid before it, so nothing needs to be asked."""
    hold = HoldPlaced(at=NOW, code="refund_refused", text="no", effect=EFFECT)
    later = NOW + timedelta(days=30)
    [told] = pay(ordered(intended(NOW), hold, intended(later)), "pending", now=later)
    assert isinstance(told, RefundRecorded)


def twice(later: datetime) -> Order:
    """Return an order whose refund at PayPal was tried, and its answer lost."""
    return ordered(intended(NOW), intended(later, 2), kind="paypal")


@pytest.mark.parametrize("answer", ["declined", "already"])
def test_a_refusal_after_no_telling_is_for_a_person(answer: str) -> None:
    """PayPal tells no refunds of a capture without an order: the first try may have paid."""
    later = NOW + timedelta(hours=1)
    with pytest.raises(Permanent) as refused:
        pay(twice(later), "payment-without-order", answer, now=later, kind="paypal")
    assert refused.value.code == "refund_unknown"
    with pytest.raises(Permanent) as refused:
        pay(twice(later), "payment", "none", answer, now=later, kind="paypal")
    assert refused.value.code == "refund_refused"


def test_the_same_key_pays_once_as_long_as_it_is_known() -> None:
    """After that nothing is sent: it might be paid again."""
    later = NOW + timedelta(days=44)
    [told] = pay(twice(later), "payment-without-order", "refunded", now=later, kind="paypal")
    assert isinstance(told, RefundRecorded)
    later = NOW + timedelta(days=46)
    with pytest.raises(NeedsHuman) as unsure:
        pay(twice(later), "payment-without-order", now=later, kind="paypal")
    assert unsure.value.code == "refund_unknown"
