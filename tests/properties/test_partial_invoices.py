"""Invoices by delivery: whatever is packed with what, together they are the order, to the cent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.documents import drafts, soundness
from chalicelib.documents.facts import InvoiceFacts, freeze
from chalicelib.documents.filed import amount_of
from chalicelib.domain import bills, by_delivery, events
from chalicelib.domain.order import Bought, LineKind, Order
from tests.events import NOW, bought, eur, line, order, paid
from tests.fakes import SETTINGS
from tests.histories import document, shipped

DELIVERY = events.Policy(ship_on="acceptance", invoice_on="delivery", partial_shipments=True)
RATES = st.sampled_from(("19", "7"))
PRICES = st.integers(0, 9999).map(lambda minor: f"{minor / 100:.2f}")


@st.composite
def baskets(draw: st.DrawFn) -> Bought:
    """Draw articles with discounts, carriage, a fee, a discount on all of it, and a gift card."""
    goods = [
        line(f"A{index}", quantity=draw(st.integers(1, 5)), price=draw(PRICES), rate=draw(RATES))
        for index in range(draw(st.integers(1, 4)))
    ]
    if draw(st.booleans()):
        goods[0] = replace(goods[0], discount=eur("1.01"))
    whole = sum(one.total.minor for one in goods)
    more: list[Any] = [line(None, price="4.90", kind=LineKind.SHIPPING, line_id="ship")]
    off = draw(st.integers(0, whole))
    for kind, minor, rate in (
        (LineKind.DISCOUNT, off, "19"), (LineKind.GIFT_CARD, min(whole - off, 777), "0"),
    ):  # fmt: skip
        if minor and draw(st.booleans()):
            price = f"{-minor / 100:.2f}"
            more.append(line(None, price=price, rate=rate, kind=kind, line_id=kind.value))
    gross = draw(st.booleans())
    return bought(*goods, *more, prices_include_tax=gross, billing=replace(bought().billing))


@st.composite
def packed(draw: st.DrawFn) -> tuple[Order, int]:
    """Draw an order on its way, in as many parcels as chance wants, and their number."""
    what = draw(baskets())
    left = {one.id: one.quantity for one in what.physical()}
    facts: list[events.Fact] = [*([paid("20.00")] if draw(st.booleans()) else [])]
    parcels = 0
    while left:
        some = {
            name: count for name, most in left.items() if (count := draw(st.integers(0, most)))
        } or dict(left)
        parcels += 1
        facts += shipped(parcels, some)
        left = {name: left[name] - some.get(name, 0) for name in left}
        left = {name: count for name, count in left.items() if count}
    return order(*facts, what=what, policy=DELIVERY), parcels


def billed(one: Order) -> tuple[Order, list[InvoiceFacts]]:
    """Issue what is due until nothing is."""
    found = []
    while parcel := by_delivery.due(one):
        facts = drafts.invoice(one, SETTINGS, number=f"RE-{parcel}", now=NOW, shipment=parcel)
        found.append(facts)
        about = by_delivery.name_of(parcel)
        issued = replace(document("invoice", about), amount=amount_of(freeze(facts)))
        one = one.plus([issued])
    return one, found


@given(packed())
def test_all_invoices_together_are_the_order(case: tuple[Order, int]) -> None:
    """Total, carriage, discounts, money that came before; each is sound by itself."""
    one, parcels = case
    if not one.bought.total:
        return
    one, found = billed(one)
    assert len(found) == (parcels if parcels > 1 else 0)
    if not found:
        return
    claims = [facts.totals.gross - facts.totals.redeemed for facts in found]
    assert sum(claims) == one.bought.total.minor
    assert bills.is_all_billed(one)
    paid_before = sum(facts.totals.paid for facts in found)
    came = 2000 if one.has(events.PaymentReceived) else 0
    assert paid_before <= min(came, one.bought.total.minor)
    for facts in found:
        assert list(soundness._unequal(facts)) == []
    for item in one.bought.physical():
        pieces = [x for facts in found for x in facts.lines if x.sku == item.sku]
        assert sum(x.quantity for x in pieces) == item.quantity
        if one.bought.prices_include_tax:
            assert sum(x.total for x in pieces) == item.total.minor
    carriage = [c.kind for facts in found for c in facts.charges if c.kind == "shipping"]
    assert carriage == ["shipping"]
    assert found[0].charges
