"""Etsy's own ways: two keys in one header, mails to the buyer, carriers by their names there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.errors import Permanent
from chalicelib.shops import etsy
from chalicelib.shops.port import can
from tests.recorded.reading import read_all
from tests.shops.etsy import Shop
from tests.shops.outside import START, parcel

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("name", "given"), [("shop_id", "../1"), ("tax_rate", "viel")])
def test_a_setting_that_makes_no_sense_is_named(name: str, given: str) -> None:
    """It would end up in addresses and in invoices."""
    with pytest.raises(Permanent, match=f"settings.{name}") as caught:
        etsy.connect({**Shop.settings, name: given}, Shop.secrets)
    assert caught.value.code == "not_set_up"


def test_the_shop_is_known_after_signing_in() -> None:
    """Nothing is sent yet."""
    api = etsy.connect(Shop.settings, Shop.secrets)
    assert (api.shop_id, api.tax_rate) == ("42", "19")


def test_the_buyer_gets_one_mail_a_parcel() -> None:
    """Each call sends one, so we look before."""
    shop = Shop()
    order_id = shop.add(1, START)
    for _ in range(3):
        etsy.ship(shop, parcel(order_id))
    assert shop.mails == [order_id]


def test_a_parcel_without_a_number_completes_the_order_once() -> None:
    """A letter has none."""
    shop = Shop()
    order_id = shop.add(1, START)
    letter = replace(parcel(order_id), tracking_number="")
    assert etsy.ship(shop, letter) == etsy.ship(shop, letter) == order_id
    assert shop.mails == [order_id]
    assert shop.parcels(order_id) == []


@pytest.mark.parametrize(("carrier", "named"), [("DHL", "dhl-germany"), ("Eselspost", "other")])
def test_carriers_have_their_names_there(carrier: str, named: str) -> None:
    """Of a name it does not know Etsy may drop the number."""
    shop = Shop()
    order_id = shop.add(1, START)
    etsy.ship(shop, replace(parcel(order_id), carrier=carrier))
    [shipment] = shop.receipts[order_id]["shipments"]
    assert shipment["carrier_name"] == named


def test_a_receipt_that_leaves_its_second_while_we_page_hides_no_other() -> None:
    """Receipts of one second are counted through, with some of them twice."""
    shop = Shop()
    ids = [shop.add(number, START) for number in range(1, 231)]
    found: list[str] = []
    cursor = ""
    for turn in range(20):
        page = etsy.orders(shop, since=START, until=START + 60 * SECOND, cursor=cursor)
        found += [each.bought.external_id for each in read_all("etsy", page)]
        cursor = page.cursor
        if not cursor:
            break
        shop.touch(ids[turn], START + (turn + 1) * SECOND)
    assert not cursor
    assert set(found) == set(ids)


def test_the_first_import_leaves_out_what_is_not_paid() -> None:
    """It comes with a poll once it is: Etsy forbids to send it before."""
    shop = Shop()
    paid, waiting = shop.add(1, START), shop.add(2, START)
    shop.receipts[waiting]["is_paid"] = False
    found = read_all("etsy", etsy.open_orders(shop))
    assert [each.bought.external_id for each in found] == [paid]
    assert shop.calls[0][1] == "/shops/42/receipts"


def test_levels_are_not_told() -> None:
    """There is no sound way: see the head of the module."""
    assert not can("etsy", "set_levels")
