"""Random orders and random facts: anything that could ever be written, in any order."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from chalicelib.domain import events
from chalicelib.domain.events import FACTS, Fact, LineQuantity, Policy, Shortage, Units
from chalicelib.domain.money import Money, tax_within
from chalicelib.domain.order import Address, Bought, LineItem, LineKind, Order
from tests.events import ANNA, NOW, bought

SKUS = ("A", "B", "C")
SOURCES = ("stripe", "bank", "shop")
RATES = tuple(Decimal(rate) for rate in ("0", "7", "19"))
CODES = (
    "manual", "total_mismatch", "no_lines", "missing_sku", "missing_address", "refused",
    "changed_in_shop", "charged_back", "refunded", "cancelled_late", "stock_failed",
)  # fmt: skip
EFFECTS = (
    "", "IssueInvoice", "shipment:1", "shipment:2", "mail:order_confirmation:", "label:1",
    "tell:shipped:1", "tell:cancelled",
)  # fmt: skip

moments = st.integers(0, 60 * 24 * 12).map(lambda minutes: NOW + timedelta(minutes=minutes))
money = st.integers(1, 5000).map(lambda minor: Money(minor=minor, currency="EUR"))
numbers = st.integers(1, 3)
return_ids = st.sampled_from(("R1", "R2"))
lines_named = st.lists(
    st.builds(
        LineQuantity,
        line_id=st.sampled_from(("l1", "l2", "l3", "elsewhere")),
        quantity=numbers,
        restock=st.booleans(),
        location=st.sampled_from(("main", "main", "berlin")),
    ),
    max_size=3,
    unique_by=lambda piece: piece.line_id,
).map(tuple)
units = st.lists(
    st.builds(
        Units, sku=st.sampled_from(SKUS), quantity=numbers, weight_g=st.just(100),
        location=st.sampled_from(("main", "main", "berlin")),
    ),
    max_size=3,
    unique_by=lambda unit: (unit.sku, unit.location),
).map(tuple)  # fmt: skip
shortages = st.lists(
    st.builds(
        Shortage, sku=st.sampled_from(SKUS), wanted=numbers,
        available=st.one_of(st.none(), st.integers(0, 3)),
    ),
    max_size=2,
).map(tuple)  # fmt: skip
policies = st.builds(
    Policy,
    ship_on=st.sampled_from(("payment", "acceptance")),
    invoice_on=st.sampled_from(("payment", "acceptance", "shipment", "delivery")),
    partial_reservation=st.booleans(),
    partial_shipments=st.booleans(),
    merge_payment_mail=st.booleans(),
    split=st.booleans(),
    reservation_days=st.sampled_from((0, 3)),
)


@st.composite
def line_items(draw: st.DrawFn, index: int) -> LineItem:
    """Draw a line: a product with or without SKU, or shipping."""
    kind = draw(st.sampled_from((LineKind.PRODUCT, LineKind.PRODUCT, LineKind.SHIPPING)))
    quantity = draw(numbers) if kind is LineKind.PRODUCT else 1
    price, rate = draw(st.integers(0, 3000)), draw(st.sampled_from(RATES))
    whole = Money(minor=price * quantity, currency="EUR")
    return LineItem(
        id=f"l{index}",
        sku=draw(st.sampled_from((*SKUS, None))) if kind is LineKind.PRODUCT else None,
        name=f"Line {index}",
        quantity=quantity,
        unit_price=Money(minor=price, currency="EUR"),
        total=whole,
        tax=tax_within(whole, rate),
        tax_rate=rate,
        kind=kind,
        ships=kind is LineKind.PRODUCT and draw(st.integers(0, 3)) > 0,
    )


def discounts(minor: int) -> tuple[LineItem, ...]:
    """Return a discount on the whole order, if there is anything to discount."""
    off = Money(minor=-minor, currency="EUR")
    return (
        LineItem(
            id="off", sku=None, name="Discount", quantity=1, unit_price=off, total=off,
            tax=tax_within(off, RATES[2]), tax_rate=RATES[2], kind=LineKind.DISCOUNT, ships=False,
        ),
    ) if minor else ()  # fmt: skip


@st.composite
def purchases(draw: st.DrawFn) -> Bought:
    """Draw what was bought: up to three lines, sometimes with a total that does not add up."""
    lines = tuple(draw(line_items(index)) for index in range(1, draw(st.integers(0, 3)) + 1))
    if draw(st.booleans()):
        lines = (*lines, *discounts(sum(line.total.minor for line in lines) * 3 // 10))
    whole = sum(line.total.minor for line in lines)
    off = draw(st.sampled_from((0, 0, 0, 1, -100)))
    what: Bought = bought(
        total=str(Decimal(whole + off) / 100),
        prices_include_tax=draw(st.booleans()),
        email=draw(st.sampled_from(("", "anna@example.com"))),
        shipping=draw(st.sampled_from((ANNA, ANNA, Address()))),
    )
    return dataclasses.replace(what, lines=lines)


def _movement(kind: type[events.Movement], /, **more: Any) -> st.SearchStrategy[Any]:
    # Every source has its own way of naming movements.
    named = st.sampled_from([(source, f"{source}-{n}") for source in SOURCES for n in (1, 2)])
    return named.flatmap(
        lambda name: st.builds(
            kind,
            at=moments,
            source=st.just(name[0]),
            reference=st.just(name[1]),
            amount=money,
            booked_at=moments,
            **more,
        )
    )


SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    "EffectIntended": st.builds(
        events.EffectIntended, at=moments, effect=st.sampled_from(EFFECTS[1:]), attempt=numbers
    ),
    "HoldPlaced": st.builds(
        events.HoldPlaced, at=moments, code=st.sampled_from(CODES), text=st.just("x."),
        owner=st.sampled_from(("staff", "customer")), effect=st.sampled_from(EFFECTS),
    ),
    "HoldReleased": st.builds(
        events.HoldReleased, at=moments, code=st.sampled_from(CODES), by=st.just("x"),
        effect=st.sampled_from(EFFECTS),
    ),
    "DocumentIssued": st.one_of(
        st.builds(
            events.DocumentIssued, at=moments, kind=st.just("delivery_note"), number=st.just("n"),
            issued_on=st.just(NOW.date()), key=st.just("k"), sha256=st.just("s"),
            refers_to=numbers.map(str), lines=lines_named,
        ),
        st.builds(
            events.DocumentIssued, at=moments, number=st.just("n"), key=st.just("k"),
            kind=st.sampled_from(("invoice", "credit_note", "label")), sha256=st.just("s"),
            issued_on=st.just(NOW.date()),
            refers_to=st.sampled_from(("", "1", "2", "parcel:1", "parcel:2", "stripe-1")),
            amount=st.one_of(st.none(), money),
        ),
        st.builds(
            events.DocumentIssued, at=moments, number=st.just("n"), key=st.just("k"),
            kind=st.sampled_from(("cancellation", "credit_note")), sha256=st.just("s"),
            issued_on=st.just(NOW.date()), refers_to=st.sampled_from(("cancelled", "cancelled:2")),
            amount=st.one_of(st.none(), money),
        ),
    ),
    "CreditBalanceTold": st.builds(
        events.CreditBalanceTold, at=moments, number=numbers, amount=money, by=st.just("x")
    ),
    "InvoiceWithdrawn": st.builds(
        events.InvoiceWithdrawn, at=moments, number=st.sampled_from(("n", "x")), by=st.just("x")
    ),
    "MessageSent": st.builds(
        events.MessageSent, at=moments, to=st.just("a@b"), message_id=st.just("m"),
        kind=st.sampled_from(("order_confirmation", "payment_received", "order_cancelled")),
    ),
    "ShopTold": st.builds(
        events.ShopTold, at=moments, reference=st.just("r"),
        what=st.sampled_from(("shipped:1", "shipped:2", "cancelled")),
    ),
    "RefundRecorded": _movement(
        events.RefundRecorded, return_id=st.sampled_from(("", "R1", "R2")), by=st.just("x")
    ).flatmap(
        # By hand anything may be written, also what we call something else by.
        lambda fact: st.sampled_from(
            (fact, fact, dataclasses.replace(fact, source="manual", reference="return:R1"))
        )
    ),
    "MovementUndone": st.sampled_from(SOURCES).flatmap(
        lambda source: st.builds(
            events.MovementUndone,
            at=moments,
            of_source=st.just(source),
            of_reference=st.sampled_from((f"{source}-1", f"{source}-2")),
        )
    ),
    "PaymentReceived": _movement(events.PaymentReceived),
    "PaymentAuthorized": _movement(events.PaymentAuthorized),
    "ChargebackRecorded": _movement(events.ChargebackRecorded),
    "ChargebackReversed": _movement(events.ChargebackReversed),
    "RefundFailed": _movement(events.RefundFailed),
    "AuthorizationVoided": _movement(events.AuthorizationVoided),
    "VoucherRedeemed": _movement(events.VoucherRedeemed),
    "FeeCharged": _movement(events.FeeCharged),
    "DunningFeeCharged": _movement(events.DunningFeeCharged),
    "WriteOffRecorded": _movement(
        events.WriteOffRecorded, kind=st.sampled_from(("tolerance", "discount", "loss"))
    ),
    "StockShort": st.builds(events.StockShort, at=moments, missing=shortages),
    "ShopChangeReported": st.builds(
        events.ShopChangeReported, at=moments, modified_at=moments,
        changes=st.just(("delivery address",)),
    ),
}  # fmt: skip
# What the fields of all other facts hold, by their name.
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "at": moments,
    "policy": policies,
    "units": units,
    "lines": lines_named,
    "shipment": numbers,
    "return_id": return_ids,
    "amount": money,
    "deduction": st.one_of(st.none(), st.none(), money),
    "sku": st.sampled_from(SKUS),
    "parts": st.just((events.Part(sku="A", quantity=2), events.Part(sku="B"))),
    "tags": st.just(("gift",)),
    "weight_g": st.just(100),
    "part": st.integers(0, 1),
    "more": st.booleans(),
    "modified_at": moments,
    "changes": st.sampled_from(((), ("delivery address",))),
    "is_about_goods": st.booleans(),
    "has_label": st.booleans(),
    "level": st.integers(0, 2),
    "due_on": st.just(NOW.date()),
}


def fact_of(name: str) -> st.SearchStrategy[Any]:
    """Draw facts of one kind."""
    if name in SPECIAL:
        return SPECIAL[name]
    kind = FACTS[name]
    fields = {
        field.name: FIELDS.get(field.name, st.just("x")) for field in dataclasses.fields(kind)
    }
    return st.builds(kind, **fields)


any_fact: st.SearchStrategy[Fact] = st.sampled_from(sorted(set(FACTS) - {"OrderReceived"})).flatmap(
    fact_of
)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Draw an order with any facts after the first, few or many."""
    received = events.OrderReceived(
        at=NOW,
        delivery_id="d",
        policy=draw(policies),
        access_token="t",
        tells=draw(st.sampled_from(((), ("ship",), ("ship", "cancel")))),
    )
    empty = Order(merchant_id="demo", id="o1", bought=draw(purchases()))
    one = empty.plus([received])
    count = draw(st.sampled_from((0, 4, 12, 30)))
    for fact in draw(st.lists(any_fact, min_size=count, max_size=count)):
        one = one.plus([fact])
    return one
