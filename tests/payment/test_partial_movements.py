"""Two captures and two equal refunds of one payment are two of each, with every provider."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import balance, refunding
from chalicelib.domain.money import total
from chalicelib.payment.port import PROVIDERS, read
from tests.events import eur
from tests.payment.test_perform import House
from tests.recorded.reading import delivery, recorded

if TYPE_CHECKING:
    from collections.abc import Callable

Bodies = list[dict[str, Any]]


def stripe() -> Bodies:
    """Tell of what is captured in parts: the last event has the sum of them."""
    held = recorded("stripe", "payment-intent-capturable")
    bodies = []
    for received, kind in ((0, "amount_capturable_updated"), (4000, "amount_capturable_updated"),
                           (5000, "succeeded")):  # fmt: skip
        intent = held["data"]["object"] | {"amount": 6899, "amount_received": received}
        intent["amount_capturable"] = 0 if kind == "succeeded" else 6899 - received
        bodies.append(held | {"type": f"payment_intent.{kind}", "data": {"object": intent}})
    for name in ("re_One", "re_Two"):
        event = recorded("stripe", "refund-created")
        event["data"]["object"] |= {"id": name, "amount": 500, "payment_intent": "pi_3TestHeld",
                                    "metadata": {}}  # fmt: skip
        bodies.append(event)
    return bodies


def adyen() -> Bodies:
    """Tell of each capture and refund under a name of its own."""
    bodies = [recorded("adyen", "authorisation")]
    for event, name, value in (("CAPTURE", "C1", 4000), ("CAPTURE", "C2", 1000),
                               ("REFUND", "R1", 500), ("REFUND", "R2", 500)):  # fmt: skip
        body = recorded("adyen", "capture")
        item = body["notificationItems"][0]["NotificationRequestItem"]
        item |= {"eventCode": event, "pspReference": name}
        item["amount"]["value"] = value
        bodies.append(body)
    return bodies


def klarna() -> Bodies:
    """Tell the whole order again whenever something became of it."""
    order = recorded("klarna", "order-authorized")
    captures = [
        {"capture_id": name, "captured_amount": value, "captured_at": "2026-11-21T10:00:00Z"}
        for name, value in (("cap-1", 4000), ("cap-2", 1000))
    ]  # fmt: skip
    refunds = [
        {"refund_id": f"ref-{at}", "refunded_amount": 500, "refunded_at": "2026-11-23T10:00:00Z"}
        for at in (1, 2)
    ]
    stages = ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2))
    return [order | {"captures": captures[:one], "refunds": refunds[:two]} for one, two in stages]


def paypal() -> Bodies:
    """Tell of each capture of an authorization, and of refunds of the first."""
    bodies = [recorded("paypal", "authorization-created")]
    custom = bodies[0]["resource"].get("custom_id") or bodies[0]["resource"].get("invoice_id")
    for name, value in (("CAP1", "40.00"), ("CAP2", "10.00")):
        event = recorded("paypal", "capture-completed")
        event["resource"] |= {"id": name, "custom_id": custom}
        event["resource"]["amount"]["value"] = value
        bodies.append(event)
    for name in ("REF1", "REF2"):
        event = recorded("paypal", "capture-refunded")
        event["resource"] |= {"id": name}
        event["resource"]["amount"]["value"] = "5.00"
        event["resource"]["links"][1]["href"] = "https://api.paypal.com/v2/payments/captures/CAP1"
        bodies.append(event)
    return bodies


def mollie() -> Bodies:
    """Tell the whole payment again, and each refund by an event of its own."""
    first, both = (recorded("mollie", f"payment-captured-in-{x}") for x in ("part", "two-parts"))
    refund = both["_embedded"]["refunds"][0]
    more = deepcopy(both)
    more["_embedded"]["refunds"] = [refund, refund | {"id": "re_Parts2"}]
    event = {"resource": "event", "id": "whe", "_embedded": {"entity": refund}}
    return [first, both, more, event]


def sumup() -> Bodies:
    """Tell of two payments of a checkout, and of two refunds of the first."""
    body = recorded("sumup", "checkout-paid")
    paid = body["transactions"][0]
    events = [
        {"id": at, "type": "REFUND", "status": "REFUNDED", "amount": 5, "date": "2026-11-26"}
        for at in (1, 2)
    ]
    first, second = paid | {"amount": 40}, paid | {"id": "9b1e77aa-second", "amount": 10}
    stages = ([first], [first, second], [first | {"transaction_events": events[:1]}, second])
    last = [first | {"transaction_events": events}, second]
    return [body | {"transactions": each} for each in (*stages, last)]


TOLD: dict[str, Callable[[], Bodies]] = {
    "adyen": adyen, "klarna": klarna, "mollie": mollie, "paypal": paypal, "stripe": stripe,
    "sumup": sumup,
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(PROVIDERS))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_part_is_taken_for_another(kind: str, data: st.DataObject) -> None:
    """In whatever order they are told, and however often."""
    house, bodies = House(), TOLD[kind]()
    named = [getattr(x, "order_reference", "") for b in bodies for x in read(delivery(kind, b))]
    name = next(filter(None, named))
    one = house.place(external_id=name)
    again = st.lists(st.integers(0, len(bodies) - 1), max_size=4)
    for at in data.draw(st.permutations([*range(len(bodies)), *data.draw(again)])):
        key = f"demo-{kind}/{at}"
        house.inbox.deliveries[key] = replace(delivery(kind, bodies[at]), id=key)
        house.take(key)
    order = house.orders.load("demo", one.id)
    assert order
    assert balance.received_amount(order) == eur("50")
    assert total((x.amount for x in balance.refunds(order)), "EUR") == eur("10")
    assert total((x.left for x in refunding.sources(order)), "EUR") == eur("40")
    assert house.parking.waiting == set()
