"""Saleor: what we ask its API, and what we tell it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from graphql import parse, validate

from chalicelib.domain.errors import Permanent
from chalicelib.intake.saleor import translate
from chalicelib.shops import saleor, saleor_queries
from chalicelib.shops.port import Level
from tests.recorded.reading import delivery, names, recorded
from tests.shops.graphql_shop import schema
from tests.shops.outside import ADDRESS, parcel
from tests.shops.saleor import PLACE, Shop

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DOCUMENTS = {
    name: text
    for name, text in vars(saleor_queries).items()
    if isinstance(text, str) and text.lstrip().startswith(("query", "mutation", "subscription"))
}


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_every_query_is_one_that_the_schema_knows(name: str) -> None:
    """Our webhooks' subscription too: Saleor refuses one that it does not understand."""
    assert validate(schema("saleor/api.graphql"), parse(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", names("saleor"))
def test_what_we_ask_for_is_all_that_is_read(name: str) -> None:
    """A polled order holds only the fields of our query, and is the same order as the whole."""
    shop, order = Shop(), recorded("saleor", name)
    shop.nodes[order["id"]] = order
    moment = datetime.fromisoformat(order["updatedAt"])
    page = saleor.orders(shop, since=moment, until=moment + timedelta(minutes=1))
    assert translate(delivery("saleor", page.bodies[0])) == translate(delivery("saleor", order))
    assert page.total == 1


def test_the_address_of_the_api_is_taken_too() -> None:
    """People copy it from Saleor's own pages."""
    api = saleor.connect(
        {"base_url": "https://laden.example/graphql/", "warehouse": "W"}, {"app_token": "t"}
    )
    assert getattr(api, "warehouse", "") == "W"


def test_a_webhook_is_renewed_when_saleor_or_we_have_changed() -> None:
    """Switched off after failures, or made by an older version of ours with fewer fields."""
    shop = Shop()
    saleor.register(shop, address=ADDRESS, secret="")
    saleor.register(shop, address=ADDRESS, secret="")
    assert len(shop.writes()) == 1
    for field, value in (("isActive", False), ("subscriptionQuery", "subscription { event }")):
        shop.registered[0][field] = value
        saleor.register(shop, address=ADDRESS, secret="")
        assert shop.registered[0]["isActive"]
        assert shop.registered[0]["subscriptionQuery"] == saleor_queries.SUBSCRIPTION
    assert len(shop.registered) == 1


def test_pieces_leave_the_warehouses_that_set_them_aside() -> None:
    """And the rest the one of the product."""
    shop = Shop()
    order_id = shop.add(1001, NOW)
    shop.nodes[order_id]["lines"][0]["allocations"][0]["warehouse"]["id"] = "OTHER"
    saleor.ship(shop, parcel(order_id, pieces=2))
    (sent,) = shop.mutations("orderFulfill")
    assert sent["input"]["lines"][0]["stocks"] == [
        {"warehouse": "OTHER", "quantity": 1},
        {"warehouse": PLACE, "quantity": 1},
    ]
    assert (sent["input"]["notifyCustomer"], sent["input"]["allowStockToBeExceeded"]) == (
        False,
        True,
    )


def test_what_was_told_under_a_number_is_not_told_again() -> None:
    """Only the pieces that are missing there."""
    shop = Shop()
    order_id = shop.add(1001, NOW)
    shop.nodes[order_id]["lines"][0]["quantityToFulfill"] = 3
    saleor.ship(shop, parcel(order_id, pieces=1))
    saleor.ship(shop, parcel(order_id, pieces=2))
    assert [line["quantity"] for each in shop.sent for line in each["lines"]] == [1, 1]


def test_a_parcel_made_in_the_shop_gets_its_number() -> None:
    """Somebody pressed the button there first; nothing is sent twice."""
    shop = Shop()
    order_id = shop.add(1001, NOW)
    saleor.ship(shop, parcel(order_id, pieces=2))
    shop.sent[0]["trackingNumber"] = ""
    assert saleor.ship(shop, parcel(order_id, pieces=2)) == "F1"
    assert shop.parcels(order_id) == [parcel(order_id).tracking_number]


def test_an_order_of_which_nothing_waits_is_named() -> None:
    """All pieces have left under other numbers."""
    shop = Shop()
    order_id = shop.add(1001, NOW)
    saleor.ship(shop, parcel(order_id, 1, pieces=2))
    with pytest.raises(Permanent, match="nothing left to send of order 1001"):
        saleor.ship(shop, parcel(order_id, 2))


def test_an_order_the_shop_does_not_know_is_named() -> None:
    """Another shop's, or gone."""
    with pytest.raises(Permanent, match="does not know this order"):
        saleor.cancel(Shop(), "T3JkZXI6OQ==", "")


def test_what_saleor_has_set_aside_is_added_to_what_may_be_sold() -> None:
    """It counts both as in stock until they are sent."""
    shop = Shop()
    shop.stock("A", 9, allocated=4)
    assert saleor.set_levels(shop, [Level(sku="A", available=2)]).taken == ("A",)
    assert shop.stock("A") == 2
    assert shop.variants["A"]["stocks"][0]["quantity"] == 6


def test_a_level_that_saleor_refuses_is_told_in_its_words() -> None:
    """The others are taken."""
    shop = Shop()
    shop.stock("A", 1)
    shop.stock("B", 1)
    shop.variants["B"]["stocks"] = []
    told = saleor.set_levels(shop, [Level(sku="A", available=2), Level(sku="B", available=2)])
    assert (told.taken, dict(told.refused)) == (("A",), {"B": "warehouse: No such stock"})


def test_a_shop_without_a_warehouse_is_named() -> None:
    """There is no place to keep stock at."""
    shop = Shop()
    shop.places = []
    with pytest.raises(Permanent, match="no warehouse"):
        saleor.set_levels(shop, [Level(sku="A", available=1)])
