"""WooCommerce's own ways: the trash, plugins for tracking, variations, webhooks switched off."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.errors import Permanent
from chalicelib.runtime.http import Reply
from chalicelib.shops import woocommerce
from chalicelib.shops.port import Level
from tests.recorded.reading import read_all
from tests.shops.outside import ADDRESS, START, parcel
from tests.shops.woocommerce import Shop

HOUR = timedelta(hours=1)


def test_an_order_in_the_trash_is_listed_after_the_others_and_cancelled() -> None:
    """The list of all statuses leaves it out, and no webhook may have come."""
    shop = Shop()
    shop.add(1, START)
    shop.orders[int(shop.add(2, START))]["status"] = "trash"
    first = woocommerce.orders(shop, since=START, until=START + HOUR)
    second = woocommerce.orders(shop, since=START, until=START + HOUR, cursor=first.cursor)
    assert not second.cursor
    found = [read_all("woocommerce", page)[0] for page in (first, second)]
    assert [snapshot.cancelled for snapshot in found] == [False, True]


def test_bodies_are_handed_on_byte_for_byte() -> None:
    """A price of 17.647059 and a shop's odd spelling are what the shop said."""

    class Odd(Shop):
        def _list(self, query: dict[str, str]) -> Reply:
            body = b'[{"id": 1,\n "price":17.6470590000000001, "url":"https:\\/\\/x"}]'
            return Reply(status=200, headers={}, body=body)

    page = woocommerce.open_orders(Odd())
    assert page.bodies == (b'{"id": 1,\n "price":17.6470590000000001, "url":"https:\\/\\/x"}',)


def test_an_answer_that_is_no_list_is_refused_in_words() -> None:
    """WordPress prints the warnings of its plugins before the answer."""

    class Noisy(Shop):
        def _list(self, query: dict[str, str]) -> Reply:
            return Reply(status=200, headers={}, body=b"Warning: Undefined index\n[]")

    with pytest.raises(Permanent, match="no list of JSON"):
        woocommerce.open_orders(Noisy())


def test_a_webhook_that_the_shop_switched_off_is_switched_on_again() -> None:
    """After seven failures it stays off until somebody does this; other people's are left alone."""
    shop = Shop()
    woocommerce.register(shop, address=ADDRESS, secret="old-secret")
    shop.hooks[1]["status"] = "disabled"
    other = {"topic": "order.created", "delivery_url": "https://erp.example", "secret": "theirs"}
    shop.hooks.append({"id": 5, "status": "disabled", **other})
    woocommerce.register(shop, address=ADDRESS, secret="new-secret")
    assert set(shop.webhooks().values()) == {"new-secret"}
    assert len(shop.webhooks()) == 4
    assert shop.hooks[4]["status"] == "disabled"


def test_without_a_tracking_plugin_the_parcel_is_a_private_note() -> None:
    """Private: Kontor mails the customer itself."""
    shop = Shop(plugin="none")
    order_id = shop.add(1001, START)
    first = woocommerce.ship(shop, parcel(order_id))
    assert woocommerce.ship(shop, parcel(order_id)) == first
    (note,) = shop.notes[1001]
    assert note["customer_note"] is False
    assert "00340433999991" in note["note"]
    assert "https://tracking.example/1" in note["note"]
    assert shop.state(order_id) == "shipped"


def test_a_plugin_that_knows_only_its_own_carriers_gets_the_bare_name() -> None:
    """And if it does not know that one either, the parcel becomes a note."""
    shop = Shop(plugin="picky")
    order_id = shop.add(1001, START)
    woocommerce.ship(shop, parcel(order_id))
    assert shop.tracked[1001][0]["tracking_provider"] == "DHL"
    other = shop.add(1002, START)
    woocommerce.ship(shop, replace(parcel(other), carrier="Bote"))
    assert shop.tracked[1002] == []
    assert "Bote" in shop.notes[1002][0]["note"]


def test_a_parcel_without_a_number_is_a_note_also_with_the_plugin() -> None:
    """The plugin has nothing to show without one."""
    shop = Shop()
    order_id = shop.add(1001, START)
    woocommerce.ship(shop, replace(parcel(order_id), tracking_number="", tracking_url=""))
    assert shop.notes[1001][0]["note"] == "Kontor: parcel 1, DHL\n1 × BECHER-B"
    assert shop.state(order_id) == "shipped"


def test_an_order_that_the_shop_cancelled_is_not_completed() -> None:
    """The parcel is told all the same: it is on its way."""
    shop = Shop()
    order_id = shop.add(1001, START)
    shop.orders[1001]["status"] = "refunded"
    woocommerce.ship(shop, parcel(order_id))
    assert shop.orders[1001]["status"] == "refunded"
    assert shop.parcels(order_id)


def test_an_order_that_was_deleted_needs_no_cancelling() -> None:
    """It is gone already."""
    assert woocommerce.cancel(Shop(), "77", "") == "deleted"


def test_the_reason_of_a_cancellation_is_noted_for_the_shops_people() -> None:
    """Not for the customer: Kontor has written to them."""
    shop = Shop()
    woocommerce.cancel(shop, shop.add(1001, START), "Sold out")
    assert shop.notes[1001][0]["note"] == "Kontor: Sold out"
    assert shop.notes[1001][0]["customer_note"] is False


def test_a_variation_is_set_at_its_product() -> None:
    """The shop refuses it anywhere else."""
    shop = Shop()
    shop.product("SHIRT-M", 1, parent=55)
    shop.product("SHIRT-L", None, parent=55)
    told = woocommerce.set_levels(
        shop, [Level(sku="SHIRT-M", available=7), Level(sku="SHIRT-L", available=8)]
    )
    assert set(told.taken) == {"SHIRT-M", "SHIRT-L"}
    assert [p["stock_quantity"] for p in shop.products] == [7, 8]
    assert all(p["manage_stock"] for p in shop.products)


def test_a_level_that_is_right_is_not_written_again() -> None:
    """Each write would wake the shop's own webhooks."""
    shop = Shop()
    shop.stock("A", 3)
    assert woocommerce.set_levels(shop, [Level(sku="A", available=3)]).taken == ("A",)
    assert shop.writes() == []


def test_a_product_in_two_languages_is_set_twice() -> None:
    """Translation plugins keep a product for each language under one SKU."""
    shop = Shop()
    shop.product("MUG", 1)
    shop.product("mug", 1)
    assert woocommerce.set_levels(shop, [Level(sku="MUG", available=0)]).taken == ("MUG",)
    assert [product["stock_quantity"] for product in shop.products] == [0, 0]


def test_a_sku_with_a_comma_is_found() -> None:
    """The shop reads a comma as the end of a SKU, unless it stands alone."""
    shop = Shop()
    shop.stock("12,5 cm", 1)
    shop.stock("A", 1)
    levels = [Level(sku="A", available=2), Level(sku="12,5 cm", available=4)]
    assert set(woocommerce.set_levels(shop, levels).taken) == {"A", "12,5 cm"}
    assert (shop.stock("12,5 cm"), shop.stock("A")) == (4, 2)


def test_a_product_that_refuses_keeps_no_other_from_its_level() -> None:
    """The shop's own words are kept."""
    shop = Shop()
    shop.stock("A", 1)
    shop.stock("B", 1)
    shop.stubborn = {100}
    told = woocommerce.set_levels(shop, [Level(sku=sku, available=9) for sku in "AB"])
    assert (told.taken, dict(told.refused)) == (("B",), {"A": "Invalid ID."})
    assert shop.stock("B") == 9


def test_a_deleted_parent_refuses_only_its_own_variations() -> None:
    """The shop answers the whole batch with 404 then."""

    class Deleted(Shop):
        def answer(self, method: str, path: str, query: dict[str, str], data: object) -> Reply:
            if "/variations/" in path:
                body = b'{"code":"x","message":"No such product."}'
                return Reply(status=404, headers={}, body=body)
            return super().answer(method, path, query, data)

    shop = Deleted()
    shop.product("V", 1, parent=55)
    shop.stock("B", 1)
    told = woocommerce.set_levels(shop, [Level(sku=sku, available=9) for sku in "VB"])
    assert (told.taken, dict(told.refused)) == (("B",), {"V": "No such product."})
