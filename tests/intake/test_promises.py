"""Money that a shop says is authorized: promised once, and taken back by its newer word only."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from chalicelib.domain import balance, events, states
from chalicelib.domain.values import Policy
from chalicelib.intake import generic, shopify
from chalicelib.intake.decide import first_facts
from chalicelib.intake.port import Snapshot
from tests.events import NOW
from tests.intake.snapshots import snapshot
from tests.intake.test_edits import TWO, at_stage, then
from tests.recorded.reading import delivery, recorded


def said(*, minutes: int, is_promised: bool | None, paid: str = "") -> Snapshot:
    """Return what the shop says so many minutes after the order."""
    return replace(snapshot(*TWO, minutes=minutes, paid=paid), is_promised=is_promised)


def test_an_order_that_comes_in_authorized_is_promised() -> None:
    """In full, by the shop; nothing has come in."""
    facts = list(
        first_facts(
            said(minutes=0, is_promised=True),
            NOW,
            delivery_id="d",
            policy=Policy(),
            access_token="t",
        )
    )
    [promise] = [fact for fact in facts if isinstance(fact, events.PaymentAuthorized)]
    assert (promise.source, promise.amount) == (
        "shop",
        said(minutes=0, is_promised=None).bought.total,
    )
    assert not any(isinstance(fact, events.PaymentReceived) for fact in facts)


def test_the_same_word_again_changes_nothing() -> None:
    """Nor does a shop that says nothing of promises, nor the money that follows."""
    one = then(at_stage(), said(minutes=1, is_promised=True))
    assert states.payment(one) is states.Payment.AUTHORIZED
    again = then(one, said(minutes=2, is_promised=True))
    assert len(again.all(events.PaymentAuthorized)) == 1
    paid = then(again, said(minutes=3, is_promised=None, paid="30.00"))
    assert states.payment(paid) is states.Payment.PAID
    assert not paid.has(events.AuthorizationVoided)


def test_a_promise_may_end_and_be_given_again() -> None:
    """By newer words of the shop: whatever came late, its newest word, told again, counts."""
    words = {1: True, 2: False, 3: True}
    for order in permutations(words):
        one = at_stage()
        for minute in (*order, max(words)):
            one = then(one, said(minutes=minute, is_promised=words[minute]))
        assert balance.is_promised(one)
    ended = then(then(at_stage(), said(minutes=1, is_promised=True)),
                 said(minutes=2, is_promised=False))  # fmt: skip
    assert states.payment(ended) is states.Payment.UNPAID
    assert then(ended, said(minutes=1, is_promised=True)) == ended


@pytest.mark.parametrize(
    ("state", "expected"),
    [("authorized", True), ("unpaid", False), ("paid", None), (None, None)],
)
def test_a_shop_of_any_kind_says_what_is_authorized(state: str | None, expected: object) -> None:
    """Whoever says nothing of the payment says nothing of a promise."""
    body = recorded("generic", "yen") | {"payment": {"state": state}}
    found = generic.translate(delivery("generic", body))
    assert isinstance(found, Snapshot)
    assert found.is_promised is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [("authorized", True), ("voided", False), ("expired", False), ("pending", None)],
)
def test_shopify_says_what_is_authorized(status: str, expected: object) -> None:
    """And when that is void."""
    body = recorded("shopify", "two-currencies") | {"financial_status": status}
    found = shopify.translate(delivery("shopify", body))
    assert isinstance(found, Snapshot)
    assert found.is_promised is expected
