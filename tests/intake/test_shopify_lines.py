"""Shopify: what was bought, line by line."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.money import Money
from chalicelib.domain.order import LineItem, LineKind
from chalicelib.intake import shopify
from chalicelib.intake.port import Snapshot
from tests.recorded.reading import delivery, recorded

KIND = "shopify"


def read(body: object, topic: str | None = None) -> Snapshot:
    """Translate a body that must be an order."""
    found = shopify.translate(delivery(KIND, body, topic))
    assert isinstance(found, Snapshot)
    return found


def lines(name: str) -> dict[str, LineItem]:
    """Return the lines of a recorded order by their name."""
    return {line.name: line for line in read(recorded(KIND, name)).bought.lines}


def eur(text: str) -> Money:
    """Write an amount in euro."""
    return Money.of(text, "EUR")


def changed(name: str, **fields: Any) -> dict[str, Any]:
    """Return a recorded order with other fields."""
    return {**recorded(KIND, name), **fields}


# ---- what was bought -------------------------------------------------------------------------


def test_gross_prices_with_two_rates_and_a_discount() -> None:
    """The discount is taken off the line it was allocated to."""
    found = lines("gross-two-rates-discount-unpaid")
    hat, book, shipping = found["Wollmütze - grau"], found["Kochbuch 🍲"], found["DHL Paket"]
    assert (hat.total, hat.tax, hat.tax_rate) == (eur("44.82"), eur("7.16"), Decimal(19))
    assert (hat.unit_price, hat.discount, hat.quantity) == (eur("24.90"), eur("4.98"), 2)
    assert (book.total, book.tax, book.tax_rate) == (eur("28.80"), eur("1.88"), Decimal(7))
    assert (shipping.kind, shipping.total, shipping.ships) == (
        LineKind.SHIPPING,
        eur("4.90"),
        False,
    )


def test_net_prices_with_several_taxes_become_gross() -> None:
    """The rates of a line add up; a discount on shipping is one too."""
    found = lines("net-two-taxes-shipping-discount")
    coat, shipping = found["Coat - red"], found["Standard"]
    assert (str(coat.total), str(coat.tax), str(coat.tax_rate)) == (
        "141.04 USD",
        "11.05 USD",
        "8.5",
    )
    assert (str(shipping.total), str(shipping.discount)) == ("5.04 USD", "5.04 USD")


def test_gift_cards_downloads_and_tips_do_not_ship() -> None:
    """Only goods go into a parcel."""
    found = lines("gift-card-download-tip")
    assert [name for name, line in found.items() if line.ships] == ["Stoff - blau"]
    assert found["Gutschein - 25 €"].kind is LineKind.PRODUCT  # it is bought, not redeemed
    assert (found["Tip"].kind, found["Tip"].total) == (LineKind.FEE, eur("3.00"))


def test_a_gift_card_on_paper_ships() -> None:
    """One that says nothing of shipping is sent by mail."""
    body = recorded(KIND, "gift-card-download-tip")
    body["line_items"][0]["requires_shipping"] = True
    assert read(body).bought.lines[0].ships
    del body["line_items"][0]["requires_shipping"]
    assert not read(body).bought.lines[0].ships


def test_a_tip_that_is_a_line_is_not_counted_again() -> None:
    """Shopify may send it both ways at once."""
    body = recorded(KIND, "gift-card-download-tip")
    line = copy.deepcopy(body["line_items"][0])
    line.update(id=9, name="Tip", price="3.00", gift_card=False, tip_payment_gateway="shopify")
    body["line_items"].append(line)
    found = read(body).bought
    assert not found.difference()
    assert len(found.of_kind(LineKind.FEE)) == 1


def test_duties_in_the_total_are_a_fee() -> None:
    """They stand beside the lines."""
    body = recorded(KIND, "two-currencies")
    money = {"shop_money": {"amount": "12.00", "currency_code": "EUR"}}
    body.update(original_total_duties_set=money, total_price="220.00")
    found = read(body).bought
    assert not found.difference()
    assert found.of_kind(LineKind.FEE)[0].name == "Duties"


def test_what_was_taken_back_before_shipping_is_not_shipped() -> None:
    """Current quantities, their share of the money, and the current total."""
    found = read(recorded(KIND, "partly-refunded-before-shipping"))
    plates = found.bought.lines[0]
    assert [line.name for line in found.bought.lines] == ["Teller", "DHL Paket"]
    assert (plates.quantity, plates.total, plates.discount) == (4, eur("28.62"), eur("3.18"))
    assert found.bought.total == eur("33.52")
    assert found.paid == eur("33.52")


def test_the_shops_currency_counts_not_the_customers() -> None:
    """The books are kept in the shop's."""
    found = read(recorded(KIND, "two-currencies")).bought
    assert found.total == eur("208.00")


def test_a_tax_known_only_for_the_whole_order_is_shared_out() -> None:
    """Orders of marketplaces carry it beside the lines."""
    found = read(recorded(KIND, "tax-of-the-whole-order")).bought
    assert not found.difference()
    assert sum(line.tax.minor for line in found.lines) == 1061
    assert {line.tax_rate for line in found.physical()} == {Decimal(19)}


def test_a_business_customer_without_e_mail_and_sku() -> None:
    """The VAT id is where the merchant's checkout asks for it."""
    found = read(recorded(KIND, "b2b-no-email-no-sku-partly-paid")).bought
    assert (found.email, found.vat_id) == ("", "ATU12345678")
    assert found.shipping.company == "Huber & Söhne KG"
    assert [line.sku for line in found.physical()] == [None, None]


def test_a_missing_address_is_the_other_one() -> None:
    """Either may be absent."""
    found = read(recorded(KIND, "zero-total")).bought
    assert found.billing == found.shipping
    assert found.shipping.is_deliverable()
    bare = read(changed("zero-total", shipping_address=None)).bought
    assert not bare.shipping.is_deliverable()


def test_number_language_and_times() -> None:
    """The number without its sign, the customer's language, moments in UTC."""
    found = read(recorded(KIND, "gross-two-rates-discount-unpaid")).bought
    assert (found.number, found.locale, found.language) == ("1001", "de-DE", "de")
    assert found.placed_at == datetime(2026, 11, 23, 9, 2, 13, tzinfo=UTC)


def test_an_edited_order_is_read_as_it_stands() -> None:
    """A line removed is gone, a quantity is what is left of it, a line added is there."""
    found = read(recorded(KIND, "edited-line-removed-and-added")).bought
    assert [(line.name, line.quantity, str(line.total.amount)) for line in found.lines] == [
        ("Regalboden", 3, "71.40"),
        ("Schrauben", 1, "5.95"),
        ("DHL Paket", 1, "4.90"),
    ]
    assert found.total == eur("82.25")
    assert not found.difference()


def test_the_parts_of_a_bundle_are_lines_with_its_title() -> None:
    """Shopify sells the parts; the bundle itself has no line, no price and no parcel."""
    found = lines("bundle-free-item-deposit")
    assert found["Seife (Geschenkset)"].sku == "SEIFE"
    assert found["Handtuch - weiß (Geschenkset)"].ships
    assert not read(recorded(KIND, "bundle-free-item-deposit")).bought.difference()


def test_a_free_item_ships_and_a_deposit_does_not() -> None:
    """One costs nothing and weighs something, the other the other way round."""
    found = lines("bundle-free-item-deposit")
    sample, deposit = found["Probe"], found["Pfand"]
    assert (sample.total, sample.discount, sample.ships) == (eur("0.00"), eur("1.19"), True)
    assert (deposit.kind, deposit.total, deposit.ships) == (LineKind.DEPOSIT, eur("0.90"), False)


def test_goods_with_deposit_in_their_name_still_ship() -> None:
    """Only a line that needs no parcel is a deposit."""
    body = recorded(KIND, "bundle-free-item-deposit")
    body["line_items"][4].update(title="Kiste inkl. Pfand", requires_shipping=True)
    assert read(body).bought.lines[4].kind is LineKind.PRODUCT


def test_the_number_of_a_customers_own_order_is_on_our_papers() -> None:
    """Their bookkeeping asks for it."""
    assert read(recorded(KIND, "b2b-no-email-no-sku-partly-paid")).bought.note == "PO B-77"
    note = read(recorded(KIND, "bundle-free-item-deposit")).bought.note
    assert note == "Bitte als Geschenk einpacken.\nDanke!"


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("VAT ID", "DE 123456789", "DE 123456789"),
        ("Umsatzsteuer-ID", "de123456789", "de123456789"),
        ("eu_vat_number", "NL123456789B01", "NL123456789B01"),
        ("uid", "7739201", ""),
        ("Uid", "", ""),
        ("Geschenk", "DE123456789", ""),
    ],
)
def test_a_vat_id_is_known_by_its_field_and_its_shape(name: str, value: str, found: str) -> None:
    """A number of the shop's own apps is none."""
    body = changed("yen", note_attributes=[{"name": name, "value": value}])
    assert read(body).bought.vat_id == found


# ---- properties ------------------------------------------------------------------------------


def _round(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _item(number: int, price: int, quantity: int, off: int, rate: Decimal, *, gross: bool) -> Any:
    whole = Decimal(price) / 100 * quantity
    taken = min(Decimal(off) / 100, whole)
    tax = (whole - taken) * rate / (1 + rate if gross else 1)
    return {
        "id": number,
        "name": f"Artikel {number}",
        "quantity": quantity,
        "current_quantity": quantity,
        "price": str(Decimal(price) / 100),
        "discount_allocations": [{"amount": str(taken)}] if taken else [],
        "tax_lines": [{"price": str(_round(tax)), "rate": float(rate)}] if rate else [],
        "_base": whole - taken,
        "_tax": tax,
    }


@settings(max_examples=200, deadline=None)
@given(
    goods=st.lists(
        st.tuples(
            st.integers(0, 50_000),
            st.integers(1, 40),
            st.integers(0, 5_000),
            st.sampled_from([Decimal(0), Decimal("0.07"), Decimal("0.19"), Decimal("0.085")]),
        ),
        min_size=1,
        max_size=25,
    ),
    gross=st.booleans(),
    at_the_end=st.booleans(),
)
def test_orders_always_add_up(
    goods: list[tuple[int, int, int, Decimal]], *, gross: bool, at_the_end: bool
) -> None:
    """Gross or net prices, any discount, tax rounded by line or at the end."""
    items = [_item(number + 1, *each, gross=gross) for number, each in enumerate(goods)]
    shown = [Decimal(tax["price"]) for item in items for tax in item["tax_lines"]]
    tax = _round(sum(item["_tax"] for item in items)) if at_the_end else sum(shown)
    total = sum(item.pop("_base") for item in items) + (0 if gross else tax)
    for item in items:
        del item["_tax"]
    body = changed("yen", currency="EUR", line_items=items, shipping_lines=[], tax_lines=[])
    body.update(total_price=str(total), total_tax=str(tax), taxes_included=gross)
    found = read(body).bought
    assert not found.difference()
    assert sum(line.tax.amount for line in found.lines) == tax
