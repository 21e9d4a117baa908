"""Amazon's own ways: regions, packages by number, goods in Amazon's warehouse, levels refused."""

from __future__ import annotations

import pytest

from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.runtime.http import Reply
from chalicelib.shops import amazon
from chalicelib.shops.port import Level
from tests.shops.amazon import Shop
from tests.shops.outside import START, parcel, reply


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("region", "de"),
        ("seller_id", "A1/../x"),
        ("marketplace_ids", "A1PA6795UKMFR9; DROP"),
        ("tax_rate", "viel"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(name: str, given: str) -> None:
    """Hosts are fixed by the region, and names end up in addresses."""
    with pytest.raises(Permanent, match=f"settings.{name}") as caught:
        amazon.connect({**Shop.settings, name: given}, Shop.secrets)
    assert caught.value.code == "not_set_up"


def test_the_seller_is_known_after_signing_in() -> None:
    """Nothing is sent yet; several marketplaces may stand in one setting."""
    api = amazon.connect(Shop.settings, Shop.secrets)
    assert (api.seller_id, api.tax_rate) == ("A3TESTSELLER01", "19")
    assert api.marketplaces == ("A1PA6795UKMFR9", "A13V1IB3VIYZZH")


def test_a_marketplace_where_the_seller_does_not_sell_is_named() -> None:
    """Its orders would never come."""
    shop = Shop()
    there = Shop()
    there.marketplaces = there.marketplaces[:1]
    shop.answer = there.answer  # type: ignore[method-assign]
    with pytest.raises(Permanent, match="does not sell in A13V1IB3VIYZZH"):
        amazon.check(shop)


def test_a_parcel_is_confirmed_for_the_marketplace_of_its_order() -> None:
    """With the carrier's name where Amazon has no code for it."""
    shop = Shop()
    order_id = shop.add(1, START)
    shop.orders[order_id]["salesChannel"]["marketplaceId"] = "A13V1IB3VIYZZH"
    amazon.ship(shop, parcel(order_id))
    [(_, path, data)] = shop.writes()
    assert path == f"/orders/v0/orders/{order_id}/shipmentConfirmation"
    assert data["marketplaceId"] == "A13V1IB3VIYZZH"
    detail = data["packageDetail"]
    assert (detail["carrierCode"], detail["shipDate"]) == ("DHL", "2026-11-23T08:00:00Z")


def test_a_package_that_somebody_confirmed_by_hand_stays_as_it_is() -> None:
    """The same number again would have Amazon change it."""
    shop = Shop()
    order_id = shop.add(1, START)
    item = {"orderItemId": "1", "quantity": 1}
    by_hand = {"packageReferenceId": "1", "trackingNumber": "by-hand", "packageItems": [item]}
    shop.orders[order_id]["packages"] = [by_hand]
    assert amazon.ship(shop, parcel(order_id)) == "2"
    assert shop.parcels(order_id) == ["by-hand", parcel(order_id).tracking_number]


def test_goods_in_amazons_own_warehouse_are_left_alone() -> None:
    """Their level is Amazon's to count."""
    shop = Shop()
    shop.listings["FBA-1"] = {"AMAZON_EU": 7}
    told = amazon.set_levels(shop, [Level(sku="FBA-1", available=3)])
    assert told.unknown == ("FBA-1",)
    assert shop.writes() == []


def test_a_level_that_amazon_refuses_keeps_no_other_from_its_own() -> None:
    """The reason is Amazon's."""
    shop = Shop(stubborn={"B"})
    for sku in "ABC":
        shop.stock(sku, 1)
    told = amazon.set_levels(shop, [Level(sku=sku, available=9) for sku in "ABC"])
    assert told.taken == ("A", "C")
    assert dict(told.refused) == {"B": "'quantity' is refused."}


def test_a_sku_of_any_spelling_is_found_and_told() -> None:
    """Amazon takes a comma in a list for the end of a SKU, and a slash for the end of a name."""
    shop = Shop()
    for sku in ("A,B", "A/B C", "A"):
        shop.stock(sku, 1)
    told = amazon.set_levels(shop, [Level(sku=sku, available=4) for sku in shop.listings])
    assert sorted(told.taken) == ["A", "A,B", "A/B C"]
    assert {shop.stock(sku) for sku in shop.listings} == {4}


def test_a_level_that_looks_right_is_told_all_the_same() -> None:
    """Amazon takes its time: an older level may still be on its way there."""
    shop = Shop()
    shop.stock("A", 3)
    assert amazon.set_levels(shop, [Level(sku="A", available=3)]).taken == ("A",)
    assert len(shop.writes()) == 1


def test_who_asks_too_often_is_told_to_come_back() -> None:
    """Amazon lets a seller search about once in three minutes."""

    class Busy(Shop):
        def answer(self, method: str, path: str, query: dict[str, str], data: object) -> Reply:
            return reply({"errors": [{"code": "QuotaExceeded"}]}, 429)

    with pytest.raises(Retryable):
        amazon.orders(Busy(), since=START, until=START)
