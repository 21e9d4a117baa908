"""Goods that an order waits for: not paid in time, on order, or missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.api.view import promised_ship_date
from chalicelib.domain import events, scarcity, waiting
from chalicelib.domain.commands import ReleaseStock, ReserveStock
from chalicelib.domain.events import Policy, Shortage, Units
from chalicelib.domain.order import Order
from chalicelib.stock.decide import decide
from tests.events import NOW, bought, line, order, paid, reserved
from tests.histories import note

THREE_DAYS = Policy(reservation_days=3)
UNITS = (Units(sku="TEE-1", quantity=1),)


def short(*missing: Shortage) -> events.StockShort:
    """Return a shortage of these."""
    return events.StockShort(at=NOW, missing=missing)


def late(sku: str, day: int | None = 1) -> Shortage:
    """Return a shortage of a product on backorder that is due on a day of December."""
    due = date(2026, 12, day) if day else None
    return Shortage(sku=sku, wanted=1, available=0, backorder=True, expected_on=due)


def codes(one: Order) -> dict[str, str]:
    """Return what stands in the way and whose turn it is."""
    return {blocker.code: blocker.owner for blocker in waiting.blockers(one, NOW)}


def expired(one: Order) -> Order:
    """Return the order after its units were let go."""
    [wish] = decide(one, NOW + timedelta(days=4))
    assert isinstance(wish, ReleaseStock)
    gone = events.StockReleased(at=NOW + timedelta(days=4), units=wish.units, reason=wish.reason)
    return one.plus([gone])


def test_goods_that_nobody_pays_for_are_let_go_when_their_time_is_over() -> None:
    """Not a minute earlier, with the reason in the fact, and not taken again at once."""
    one = order(reserved(), policy=THREE_DAYS)
    assert list(decide(one, NOW + timedelta(days=3, minutes=-1))) == []
    assert list(decide(one, NOW + timedelta(days=3))) == [
        ReleaseStock(units=UNITS, reason="expired")
    ]
    after = expired(one)
    assert list(decide(after, NOW + timedelta(days=9))) == []
    assert codes(after) == {"reservation_expired": "customer", "unpaid": "customer"}


def test_with_the_money_the_goods_are_wanted_again() -> None:
    """Whoever pays late gets them, or learns that they are gone."""
    back = expired(order(reserved(), policy=THREE_DAYS)).plus([paid()])
    assert list(decide(back, NOW + timedelta(days=9))) == [ReserveStock(units=UNITS)]
    gone = back.plus([short(Shortage(sku="TEE-1", wanted=1, available=0))])
    assert "short_stock" in codes(gone)


@pytest.mark.parametrize(
    "kept",
    [
        order(reserved(), paid(), policy=THREE_DAYS),
        order(reserved(), paid(amount="1.00"), policy=THREE_DAYS),
        order(reserved(), policy=Policy()),
        order(reserved(), policy=replace(THREE_DAYS, ship_on="acceptance")),
        order(reserved(), note(1, {"l-TEE-1": 1}), policy=THREE_DAYS),
    ],
)
def test_goods_of_other_orders_stay_where_they_are(kept: Order) -> None:
    """Paid, partly paid, without a limit, bought on account, or in a parcel already."""
    assert not [x for x in decide(kept, NOW + timedelta(days=99)) if isinstance(x, ReleaseStock)]


def test_what_is_on_order_waits_for_the_supplier() -> None:
    """It is nobody's task here, and the day is told."""
    one = order(paid(), short(late("TEE-1")))
    [blocker] = waiting.blockers(one, NOW)
    assert (blocker.code, blocker.owner) == ("backorder", "supplier")
    assert blocker.text == "SKU TEE-1: 1 wanted, 0 available, expected on 2026-12-01."
    assert waiting.worklist(one, NOW) == "to_ship"
    assert promised_ship_date(one) == "2026-12-02"


def test_the_last_day_counts_and_only_if_all_are_known() -> None:
    """Of two products on order the later one; without a day, or with a real shortage, none."""
    two = bought(line("A"), line("B"))
    assert scarcity.expected_on(order(short(late("A", 1), late("B", 9)), what=two)) == date(
        2026, 12, 9
    )
    for other in (late("B", None), Shortage(sku="B", wanted=1, available=0)):
        one = order(paid(amount="20.00"), short(late("A"), other), what=two)
        assert scarcity.expected_on(one) is None
        assert promised_ship_date(one) is None
    there = order(short(late("A", 1), late("B", 9)), reserved("B"), what=two)
    assert scarcity.expected_on(there) == date(2026, 12, 1)


def test_what_the_customer_took_out_of_an_order_goes_back_to_the_shelf() -> None:
    """Only units that are in no parcel yet, and only once."""
    one = order(reserved("TEE-1", 3), policy=THREE_DAYS)
    [wish] = decide(one, NOW)
    assert wish == ReleaseStock(units=(Units(sku="TEE-1", quantity=2),), reason="changed")
    assert isinstance(wish, ReleaseStock)
    done = one.plus([events.StockReleased(at=NOW, units=wish.units, reason=wish.reason)])
    assert list(decide(done, NOW)) == []
