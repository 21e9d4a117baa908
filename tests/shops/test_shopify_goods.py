"""Shopify: parcels and stock levels, as we tell them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.domain.errors import Permanent
from chalicelib.shops import shopify
from chalicelib.shops.port import Level, Parcel, ParcelLine
from tests.recorded.reading import recorded
from tests.shops.shopify import Shop, gid
from tests.shops.shopify_nodes import node

UNTIL = datetime(2026, 11, 23, 10, tzinfo=UTC)


def shop(*names: str) -> Shop:
    """Return a shop with recorded orders."""
    return Shop(*(node(recorded("shopify", name)) for name in names or ["yen"]))


def parcel(*lines: tuple[int, str, int], number: str = "JJD-1") -> Parcel:
    """Return a parcel with lines (id, SKU, quantity) of the order on the shop's first node."""
    return Parcel(
        order_id="6200000011009",
        order_number="1009",
        number=1,
        carrier="DHL",
        tracking_number=number,
        tracking_url=f"https://dhl.example/{number}",
        shipped_at=UNTIL,
        lines=tuple(ParcelLine(line_id=str(i), sku=s, quantity=q) for i, s, q in lines),
    )


# ---- parcels ---------------------------------------------------------------------------------


def test_a_parcel_becomes_a_fulfillment_with_its_tracking_number() -> None:
    """Carrier, number and address; only the pieces that are in it; Shopify writes no mail."""
    api = shop()
    api.wait(1, (7, "A", 3), (8, "B", 1))
    reference = shopify.ship(api, parcel((7, "A", 2)))
    assert reference == gid("Fulfillment", 1)
    (sent,) = api.mutations("fulfillmentCreate")
    assert sent["fulfillment"]["trackingInfo"] == {
        "company": "DHL",
        "number": "JJD-1",
        "url": "https://dhl.example/JJD-1",
    }
    assert sent["fulfillment"]["notifyCustomer"] is False
    assert [
        line["remainingQuantity"] for line in api.waiting[gid("FulfillmentOrder", 1)]["lines"]
    ] == [1, 1]


def test_a_parcel_is_told_once() -> None:
    """After a lost answer the second attempt finds the first by its tracking number."""
    api = shop()
    api.wait(1, (7, "A", 3))
    first = shopify.ship(api, parcel((7, "A", 2)))
    assert shopify.ship(api, parcel((7, "A", 2))) == first
    assert len(api.sent) == 1


def test_two_parcels_of_one_order_are_two_fulfillments() -> None:
    """Each under its own number."""
    api = shop()
    api.wait(1, (7, "A", 3))
    first = shopify.ship(api, parcel((7, "A", 2)))
    assert shopify.ship(api, parcel((7, "A", 1), number="JJD-2")) != first
    assert [line["quantity"] for each in api.sent for line in each["lines"]] == [2, 1]


def test_pieces_of_two_locations_are_told_apart_and_a_half_told_parcel_is_completed() -> None:
    """Shopify takes one location at a time; a crash between them loses nothing."""
    api = shop()
    api.wait(1, (7, "A", 1))
    api.wait(2, (7, "A", 2), (8, "B", 1))
    api.wait(3, (8, "B", 1), status="CLOSED")
    wanted = parcel((7, "A", 3), (8, "B", 1))
    create = api.fulfillmentCreate
    api.fulfillmentCreate = lambda *given, **more: (  # type: ignore[method-assign]
        create(*given, **more) if not api.sent else 1 / 0
    )
    with pytest.raises(Permanent):
        shopify.ship(api, wanted)
    assert len(api.sent) == 1
    api.fulfillmentCreate = create  # type: ignore[method-assign]
    shopify.ship(api, wanted)
    assert len(api.sent) == 2
    pieces = [(x["lineItem"]["sku"], x["quantity"]) for each in api.sent for x in each["lines"]]
    assert pieces == [("A", 1), ("A", 2), ("B", 1)]


def test_a_line_is_found_by_its_sku_where_its_id_is_another() -> None:
    """An edit in the shop gives lines new ids; a second line of one id ends in a number."""
    api = shop()
    api.wait(1, (7, "A", 1), (9, "B", 1))
    shopify.ship(api, parcel((99, "B", 1)))
    again = ParcelLine(line_id="7.2", sku="", quantity=1)
    shopify.ship(api, replace(parcel(number="JJD-2"), lines=(again,)))
    assert [x["lineItem"]["sku"] for each in api.sent for x in each["lines"]] == ["B", "A"]


def test_a_parcel_made_in_the_shop_gets_its_number() -> None:
    """Somebody pressed the button there first; nothing is sent twice."""
    api = shop()
    api.wait(1, (7, "A", 2))
    bare = shopify.ship(api, parcel((7, "A", 2), number=""))
    assert shopify.ship(api, parcel((7, "A", 2))) == bare
    assert [each["told"]["number"] for each in api.sent] == ["JJD-1"]
    with pytest.raises(Permanent, match="nothing left to send"):
        shopify.ship(api, parcel((7, "A", 2), number="JJD-2"))


def test_an_order_of_which_nothing_waits_is_named() -> None:
    """Somebody has sent it in the shop already, or holds it there."""
    api = shop()
    api.wait(1, (7, "A", 1), status="ON_HOLD")
    with pytest.raises(Permanent, match="nothing left to send of order 1009"):
        shopify.ship(api, parcel((7, "A", 1)))


def test_a_fulfillment_without_a_number_does_not_pass_for_another() -> None:
    """Two parcels without tracking are two parcels."""
    api = shop()
    api.wait(1, (7, "A", 2))
    shopify.ship(api, parcel((7, "A", 1), number=""))
    shopify.ship(api, parcel((7, "A", 1), number=""))
    assert len(api.sent) == 2


# ---- stock -----------------------------------------------------------------------------------


def level(sku: str, available: int, before: int | None = None) -> Level:
    """Return a level to tell."""
    return Level(sku=sku, available=available, before=before)


def test_levels_are_set_where_they_are_still_what_we_told_last() -> None:
    """One that the shop has sold from since is left, with what it is there now."""
    api = shop()
    for sku, available in (("A", 5), ("B", 2), ('C "x\\', 1)):
        api.stock(sku, available)
    told = shopify.set_levels(
        api, [level("A", 7, 5), level("B", 9, 4), level('C "x\\', 0), level("D", 3)]
    )
    assert told.taken == ("A", 'C "x\\')
    assert told.moved == {"B": 2}
    assert told.unknown == ("D",)
    assert not told.refused
    assert [item["available"] for item in api.items] == [7, 2, 0]
    keys = [sent["key"] for sent in api.mutations("inventorySetQuantities")]
    assert len(set(keys)) == len(keys) == 2


def test_a_level_that_is_right_already_is_not_sent() -> None:
    """Shopify has sold the piece itself."""
    api = shop()
    api.stock("A", 4)
    assert shopify.set_levels(api, [level("A", 4, 5)]).taken == ("A",)
    assert api.mutations("inventorySetQuantities") == []


def test_a_product_that_shopify_does_not_count_is_refused_in_words() -> None:
    """Nothing would come of it."""
    api = shop()
    api.stock("A", 4, tracked=False)
    assert "does not count" in shopify.set_levels(api, [level("A", 1)]).refused["A"]


def test_one_sku_at_two_products_is_set_at_both() -> None:
    """Both sell the same pieces; the spelling of the SKU does not matter."""
    api = shop()
    api.stock("a-1", 4)
    api.stock("A-1", 9)
    assert shopify.set_levels(api, [level("A-1", 2)]).taken == ("A-1",)
    assert [item["available"] for item in api.items] == [2, 2]


def test_hundreds_of_levels_go_in_batches() -> None:
    """A search for all at once would be too long."""
    api = shop()
    for number in range(120):
        api.stock(f"S{number}", 1)
    told = shopify.set_levels(api, [level(f"S{number}", 2, 1) for number in range(120)])
    assert len(told.taken) == 120
    assert len(api.mutations("inventorySetQuantities")) == 3


def test_a_shop_without_an_active_location_is_named() -> None:
    """There is no place to keep stock at."""
    api = shop()
    api.places = api.places[:1]
    with pytest.raises(Permanent, match="no active location"):
        shopify.set_levels(api, [level("A", 1)])


def test_the_location_of_the_settings_counts() -> None:
    """Where a merchant has several; an item that is not stocked there is refused."""
    api = shop()
    api.stock("A", 4)
    api.location = "2"  # type: ignore[attr-defined]
    assert "does not stock" in shopify.set_levels(api, [level("A", 1)]).refused["A"]
