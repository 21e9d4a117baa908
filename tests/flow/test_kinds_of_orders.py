"""Orders of every kind of line, from the shop to the last paper, through the whole house."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain import balance, events, goods, states, waiting
from chalicelib.domain.money import Money, tax_within
from chalicelib.domain.order import Bought, LineItem, LineKind, Order
from tests.events import bought, line
from tests.fakes import SETTINGS, World
from tests.histories import pieces


def item(name: str, price: str = "10.00", quantity: int = 1, **more: Any) -> LineItem:
    """Return a line under a name of its own."""
    return replace(line(name, price=price, quantity=quantity, line_id=name), **more)


def charge(kind: LineKind, price: str, rate: str = "19") -> LineItem:
    """Return a line beside the goods."""
    return line(None, price=price, rate=rate, kind=kind, line_id=kind.value)


SET = item("SET", "30.00", ships=False)
PARTS = (item("CUP", "0.00", 2, part_of="SET"), item("POT", "0.00", part_of="SET"))
DEAR_PARTS = (item("CUP", "2.00", 2, part_of="SET"), item("POT", "6.00", part_of="SET"))
CARD = charge(LineKind.GIFT_CARD, "-10.00", "0")


def sold(what: Bought, policy: events.Policy | None = None) -> tuple[World, Order]:
    """Sell an order, paid as far as there is something to pay, and let the house run."""
    world = World(settings=replace(SETTINGS, policy=policy or events.Policy()))
    for sku in {x.sku for x in what.lines if x.sku}:
        world.shelve(sku, 10)
    now = world.clock()
    received = events.OrderReceived(
        at=now, delivery_id="d", policy=world.settings.policy, access_token="t"
    )
    empty = Order(merchant_id="demo", id="o1", bought=what)
    world.orders.create(empty, [received, events.OrderAccepted(at=now)])
    world.settle()
    world.clock.now += timedelta(minutes=1)
    return world, run_on(world, *money(what, world))


def money(what: Bought, world: World) -> list[events.Fact]:
    """Return the payment of an order; none where nothing is to be paid."""
    if not what.total:
        return []
    now = world.clock()
    return [
        events.PaymentReceived(
            at=now, source="bank", reference="b1", amount=what.total, booked_at=now
        )
    ]


def run_on(world: World, *facts: events.Fact) -> Order:
    """Add facts, let the house run, and return the order, at rest."""
    world.orders.record(world.all_orders()[0], facts)
    world.settle()
    for _ in range(2):
        world.sweep()
    (one,) = world.all_orders()
    return one


def in_parcels(one: Order) -> dict[str, int]:
    """Return what has left, by line."""
    return goods.sent(one)


def invoice(world: World) -> dict[str, Any]:
    """Return what the one invoice says."""
    [drawn] = [x.frozen for x in world.numbers.documents.values() if x.number.startswith("RE")]
    return drawn


def owed(world: World, back: dict[str, int]) -> str:
    """Let pieces come back and return what is owed for them."""
    now, parts = world.clock(), pieces(back, restock=True)
    run_on(
        world,
        events.ReturnAuthorized(at=now, return_id="R1", lines=parts),
        events.ReturnReceived(at=now, return_id="R1", lines=parts),
    )
    (one,) = world.all_orders()
    return str(one.all(events.RefundDue)[0].amount.amount)


KINDS: dict[str, tuple[tuple[LineItem, ...], dict[str, int]]] = {
    "bundle with the price": ((SET, *PARTS), {"CUP": 2, "POT": 1}),
    "bundle and parts priced": ((SET, *DEAR_PARTS), {"CUP": 2, "POT": 1}),
    "download": ((item("PDF", ships=False),), {}),
    "download and goods": ((item("PDF", ships=False), item("CUP")), {"CUP": 1}),
    "gift card bought": ((item("CARD", "25.00", ships=False),), {}),
    "gift card redeemed": ((item("CUP", "25.00"), CARD), {"CUP": 1}),
    "gift card pays it all": ((item("CUP", "10.00"), CARD), {"CUP": 1}),
    "deposit": ((item("WATER", "6.00", 2), charge(LineKind.DEPOSIT, "3.30")), {"WATER": 2}),
    "fee": ((item("CUP"), charge(LineKind.FEE, "2.00")), {"CUP": 1}),
    "free item": ((item("CUP"), item("SAMPLE", "0.00")), {"CUP": 1, "SAMPLE": 1}),
    "nothing to pay": ((item("SAMPLE", "0.00"),), {"SAMPLE": 1}),
    "nothing to pay or send": ((item("PDF", "0.00", ships=False),), {}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("invoice_on", ["payment", "acceptance", "shipment"])
def test_every_kind_of_order_comes_to_its_end(kind: str, invoice_on: str) -> None:
    """Completed, with what has to leave in parcels and nothing else, and nobody asked."""
    lines, left = KINDS[kind]
    world, one = sold(bought(*lines), events.Policy(invoice_on=invoice_on))
    assert states.lifecycle(one) is states.Lifecycle.COMPLETED
    assert waiting.blockers(one, world.clock()) == []
    assert in_parcels(one) == left
    assert len(goods.shipments(one)) == bool(left)
    levels = {sku: x for (_, sku, _), x in world.database.levels.items()}
    assert {sku: (levels[sku].available, levels[sku].reserved) for sku in left} == {
        sku: (10 - count, 0) for sku, count in left.items()
    }


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"nothing to pay", "nothing to pay or send"}))
def test_every_kind_of_line_is_on_the_invoice(kind: str) -> None:
    """Lines and charges add up to the shop's total, to the cent."""
    lines, _ = KINDS[kind]
    world, one = sold(bought(*lines))
    bill = invoice(world)
    shown = sum(x["total"] for x in bill["lines"]) + sum(x["amount"] for x in bill["charges"])
    sums = bill["totals"]
    assert shown == sums["gross"] - sums["redeemed"] == one.bought.total.minor
    assert len(bill["lines"]) == len(one.bought.of_kind(LineKind.PRODUCT))


def test_what_is_given_away_is_not_billed() -> None:
    """No number is drawn for nothing."""
    world, _ = sold(bought(*KINDS["nothing to pay"][0]))
    assert world.numbers.last == {}


def test_a_gift_card_that_pays_it_all_leaves_the_tax_of_the_sale() -> None:
    """The customer owes nothing; the merchant owes the tax on 10.00."""
    world, one = sold(bought(*KINDS["gift card pays it all"][0]))
    assert balance.is_settled(one)
    taxes = {group["rate"]: (group["gross"], group["tax"]) for group in invoice(world)["taxes"]}
    assert taxes == {"19": (1000, 160)}
    sums = invoice(world)["totals"]
    assert (sums["gross"], sums["redeemed"], sums["due"]) == (1000, 1000, 0)


@pytest.mark.parametrize(
    ("kind", "back", "amount"),
    [
        ("bundle with the price", {"CUP": 2, "POT": 1}, "30.00"),
        ("bundle with the price", {"CUP": 1}, "10.00"),
        ("bundle and parts priced", {"CUP": 2, "POT": 1}, "40.00"),
        ("bundle and parts priced", {"POT": 1}, "24.00"),
        ("deposit", {"WATER": 2}, "15.30"),
        ("deposit", {"WATER": 1}, "6.00"),
        ("gift card redeemed", {"CUP": 1}, "15.00"),
        ("free item", {"SAMPLE": 1}, "0.00"),
    ],
)
def test_what_comes_back_is_worth_what_it_cost(
    kind: str, back: dict[str, int], amount: str
) -> None:
    """Parts carry the price of their bundle; the deposit goes back with the last bottle."""
    world, _ = sold(bought(*KINDS[kind][0]))
    assert owed(world, back) == amount


def test_a_deposit_stands_on_the_invoice_by_its_name() -> None:
    """With its own tax."""
    world, _ = sold(bought(*KINDS["deposit"][0]))
    [deposit] = invoice(world)["charges"]
    assert (deposit["kind"], deposit["amount"], deposit["tax_rate"]) == ("deposit", 330, "19")


@pytest.mark.parametrize("currency", ["USD", "JPY", "CHF", "KWD"])
def test_every_currency_goes_through(currency: str) -> None:
    """With two, no or three decimals, from the payment to the credit note."""
    world, one = sold(in_currency(bought(item("CUP"), charge(LineKind.SHIPPING, "4.90")), currency))
    assert states.lifecycle(one) is states.Lifecycle.COMPLETED
    assert invoice(world)["currency"] == currency
    assert owed(world, {"CUP": 1}) == str(one.bought.total.amount)


def in_currency(what: Bought, currency: str) -> Bought:
    """Return an order whose amounts are of another currency, in as many minor units."""

    def other(amount: Money) -> Money:
        return replace(amount, currency=currency)

    return replace(
        what,
        currency=currency,
        total=other(what.total),
        lines=tuple(
            replace(x, total=other(x.total), tax=other(x.tax), unit_price=other(x.unit_price))
            for x in what.lines
        ),
    )


def test_a_business_is_billed_net_with_its_vat_id() -> None:
    """Net lines, the tax beside them, and the number of the buyer."""
    world, _ = sold(bought(item("CUP"), vat_id="DE136695976", prices_include_tax=False))
    bill = invoice(world)
    net = 1000 - tax_within(Money(minor=1000, currency="EUR"), Decimal(19)).minor
    assert bill["vat_id"] == "DE136695976"
    assert [x["total"] for x in bill["lines"]] == [net]
