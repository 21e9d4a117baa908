"""When an order is to be billed."""

from __future__ import annotations

import pytest

from chalicelib.domain import billing
from chalicelib.domain.events import Policy
from tests.events import order, paid
from tests.histories import shipped


@pytest.mark.parametrize("invoice_on", ["payment", "shipment"])
def test_who_has_the_goods_before_paying_is_billed_with_them(invoice_on: str) -> None:
    """Else nobody would owe by a day, and nobody could be reminded."""
    policy = Policy(ship_on="acceptance", invoice_on=invoice_on)
    assert not billing.is_due(order(policy=policy))
    assert billing.is_due(order(*shipped(1, {"l-TEE-1": 1}), policy=policy))


def test_who_pays_first_is_billed_with_the_payment() -> None:
    """A parcel that a person let go out before it makes no bill of its own."""
    policy = Policy(ship_on="payment", invoice_on="payment")
    assert not billing.is_due(order(*shipped(1, {"l-TEE-1": 1}), policy=policy))
    assert billing.is_due(order(paid(), policy=policy))
