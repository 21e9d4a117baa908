"""Shopware's own ways: parts that change alone, deliveries, webhooks of an app, sync."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from chalicelib.domain.errors import Permanent
from chalicelib.runtime.http import Reply
from chalicelib.shops import shopware
from chalicelib.shops.port import Level
from tests.recorded.reading import read_all
from tests.shops.outside import ADDRESS, START, parcel
from tests.shops.shopware import Shop

HOUR = timedelta(hours=1)


def changed(shop: Shop) -> list[str]:
    """Return the orders that were changed in the hour after START."""
    page = shopware.orders(shop, since=START, until=START + HOUR)
    return [snapshot.bought.external_id for snapshot in read_all("shopware", page)]


@pytest.mark.parametrize("part", ["transactions", "deliveries"])
def test_an_order_of_which_only_a_part_changed_is_listed(part: str) -> None:
    """A payment leaves the order's own time alone."""
    shop = Shop()
    order_id = shop.add(1, START - HOUR)
    assert changed(shop) == []
    shop.orders[order_id][part][0]["updatedAt"] = "2026-11-23T08:05:00.000+00:00"
    assert changed(shop) == [order_id]


def test_the_total_is_counted_once() -> None:
    """Counting costs the shop more than listing."""
    shop = Shop()
    for number in range(60):
        shop.add(number, START)
    first = shopware.orders(shop, since=START, until=START + HOUR)
    second = shopware.orders(shop, since=START, until=START + HOUR, cursor=first.cursor)
    assert (first.total, second.total) == (60, None)
    assert shop.calls[1][2]["total-count-mode"] == 0


def test_an_order_that_is_sent_but_never_completed_is_not_imported() -> None:
    """Most shops leave it so: the first import would hold years of them."""
    shop = Shop()
    sent, waiting = shop.add(1, START), shop.add(2, START)
    shop.orders[sent]["deliveries"][0]["stateMachineState"]["technicalName"] = "shipped"
    digital = shop.add(3, START)
    shop.orders[digital]["deliveries"] = []
    found = read_all("shopware", shopware.open_orders(shop))
    assert [one.bought.external_id for one in found] == [waiting, digital]


def test_an_answer_that_is_no_list_is_refused_in_words() -> None:
    """A shop in maintenance answers with a page."""

    class Closed(Shop):
        def answer(self, method: str, path: str, query: dict[str, str], data: object) -> Reply:
            return Reply(status=200, headers={}, body=b"<html>Maintenance</html>")

    with pytest.raises(Permanent, match="no list of orders"):
        shopware.open_orders(Closed())


def test_webhooks_that_the_shop_gave_up_are_switched_on_again() -> None:
    """After ten exhausted tries it sends nothing until somebody does this."""
    shop = Shop()
    shop.hooks[1].update(active=False, errorCount=10)
    shop.hooks.append({"id": "x", "url": "https://erp.example", "eventName": "a", "active": False})
    events = shopware.register(shop, address=ADDRESS, secret="unused-secret")
    assert list(events) == sorted(shop.webhooks())
    assert shop.hooks[1]["errorCount"] == 0
    assert not shop.hooks[3]["active"]


def test_without_the_app_there_is_nothing_to_register() -> None:
    """What an integration could add would not be signed."""
    with pytest.raises(Permanent, match="install the app"):
        shopware.register(Shop(hooks=[]), address=ADDRESS, secret="unused-secret")


def test_a_parcel_keeps_the_numbers_of_others() -> None:
    """The merchant may have written one down already."""
    shop = Shop()
    order_id = shop.add(1, START)
    shop.orders[order_id]["deliveries"][0]["trackingCodes"] = ["by-hand"]
    shopware.ship(shop, parcel(order_id))
    assert shop.parcels(order_id) == ["by-hand", parcel(order_id).tracking_number]


def test_the_last_parcel_ships_every_real_delivery() -> None:
    """A discount on the carriage looks like a delivery, and is none."""
    shop = Shop()
    order_id = shop.add(1, START)
    deliveries = shop.orders[order_id]["deliveries"]
    off, second = copy.deepcopy(deliveries[0]), copy.deepcopy(deliveries[0])
    off["id"], second["id"] = "off", "d-2"
    off["shippingCosts"]["totalPrice"] = -4.9
    deliveries[:] = [off, *deliveries, second]
    shopware.ship(shop, parcel(order_id, is_last=False))
    states = [one["stateMachineState"]["technicalName"] for one in deliveries]
    assert states == ["open", "shipped_partially", "open"]
    shopware.ship(shop, parcel(order_id, 2))
    states = [one["stateMachineState"]["technicalName"] for one in deliveries]
    assert states == ["open", "shipped", "shipped"]
    assert off["trackingCodes"] == []


def test_a_delivery_that_came_back_is_not_shipped_again() -> None:
    """The shop would refuse it."""
    shop = Shop()
    order_id = shop.add(1, START)
    shop.orders[order_id]["deliveries"][0]["stateMachineState"]["technicalName"] = "returned"
    shopware.ship(shop, parcel(order_id))
    assert shop.parcels(order_id)


@pytest.mark.parametrize("deliveries", [None, []])
def test_an_order_without_a_delivery_cannot_be_shipped(deliveries: list[object] | None) -> None:
    """A person has to see it."""
    shop = Shop()
    order_id = shop.add(1, START)
    shop.orders[order_id]["deliveries"] = deliveries
    with pytest.raises(Permanent, match="no delivery of order 1001"):
        shopware.ship(shop, parcel(order_id))
    with pytest.raises(Permanent, match="no delivery"):
        shopware.ship(shop, parcel("no-such"))


def test_an_order_that_was_deleted_needs_no_cancelling() -> None:
    """It is gone already."""
    assert shopware.cancel(Shop(), "no-such", "") == "deleted"


def test_a_level_that_is_right_is_not_written_again() -> None:
    """Each write has the shop index the product anew."""
    shop = Shop()
    shop.stock("A", 3)
    assert shopware.set_levels(shop, [Level(sku="a", available=3)]).taken == ("a",)
    assert shop.writes() == []


def test_a_product_that_refuses_keeps_no_other_from_its_level() -> None:
    """The shop takes all of a lot or none, so each is tried alone then."""
    shop = Shop(stubborn={"B"})
    for sku in "ABC":
        shop.stock(sku, 1)
    told = shopware.set_levels(shop, [Level(sku=sku, available=9) for sku in "ABC"])
    assert told.taken == ("A", "C")
    assert dict(told.refused) == {"B": "This value is not allowed."}
    assert [shop.stock(sku) for sku in "ABC"] == [9, 1, 9]
