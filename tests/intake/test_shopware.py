"""Shopware: what its orders say was bought, and what it costs."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.money import Money
from chalicelib.domain.order import LineItem, LineKind
from chalicelib.intake import shopware
from chalicelib.intake.port import Snapshot
from tests.recorded.reading import delivery, recorded

KIND = "shopware"


def read(body: object) -> Snapshot:
    """Translate a body that must be an order."""
    found = shopware.translate(delivery(KIND, body))
    assert isinstance(found, Snapshot)
    return found


def lines(name: str) -> list[LineItem]:
    """Return the lines of a recorded order."""
    return list(read(recorded(KIND, name)).bought.lines)


def money(text: str, currency: str = "EUR") -> Money:
    """Write an amount."""
    return Money.of(text, currency)


def test_gross_prices_with_two_rates_a_promotion_and_mixed_carriage() -> None:
    """What is taxed at two rates becomes a line for each."""
    found = lines("gross-two-rates-promotion")
    assert [(line.total, line.tax, int(line.tax_rate)) for line in found] == [
        (money("25.80"), money("4.12"), 19),
        (money("25.47"), money("1.67"), 7),
        (money("-2.58"), money("-0.41"), 19),
        (money("-2.55"), money("-0.17"), 7),
        (money("2.46"), money("0.39"), 19),
        (money("2.44"), money("0.16"), 7),
    ]
    assert [line.kind for line in found[2:]] == [LineKind.DISCOUNT] * 2 + [LineKind.SHIPPING] * 2
    assert [line.sku for line in found[:3]] == ["BECHER-B", "KAFFEE-500", None]


def test_net_prices_are_taxed_on_top() -> None:
    """A business customer sees net prices; we keep what is paid."""
    found = read(recorded(KIND, "net-two-rates-two-deliveries"))
    assert not found.bought.prices_include_tax
    assert found.bought.lines[0].total == money("204.92")
    assert sum(line.tax.minor for line in found.bought.lines) == 4312
    assert found.bought.billing.street2 == "Einkauf"


def test_two_delivery_addresses_are_for_a_person() -> None:
    """A parcel goes to one: who is to get what, nobody but the merchant knows."""
    found = read(recorded(KIND, "net-two-rates-two-deliveries"))
    assert found.remarks == ("The shop wants this order sent to 2 different addresses.",)
    assert found.bought.shipping.city == "Stuttgart"
    assert read(recorded(KIND, "gross-two-rates-promotion")).remarks == ()


def test_a_discount_on_the_carriage_is_no_second_delivery() -> None:
    """The shop keeps it as a delivery with negative costs."""
    order = recorded(KIND, "gross-two-rates-promotion")
    off = copy.deepcopy(order["deliveries"][0])
    off["shippingOrderAddress"] = None
    off["id"] = "off"
    costs = off["shippingCosts"]
    costs["totalPrice"] = -4.9
    for tax in costs["calculatedTaxes"]:
        tax.update(tax=-tax["tax"], price=-tax["price"])
    order["deliveries"].insert(0, off)
    order.update(amountTotal=46.14, amountNet=40.93)
    order["price"].update(calculatedTaxes=[], rawTotal=46.14)
    found = read(order)
    assert not found.bought.difference()
    assert found.bought.shipping.city == "Osnabrück"
    assert found.remarks == ()


def test_a_tax_free_order_of_a_company_abroad() -> None:
    """Its VAT id comes with the customer or with the address."""
    found = read(recorded(KIND, "b2b-tax-free-vat-id")).bought
    assert found.vat_id == "FR40303265045"
    assert {(line.tax.minor, line.tax_rate) for line in found.lines} == {(0, Decimal(0))}
    order = recorded(KIND, "b2b-tax-free-vat-id")
    order["orderCustomer"]["vatIds"] = None
    assert read(order).bought.vat_id == "FR40303265045"


def test_the_parts_of_a_set_are_the_goods_and_carry_the_money() -> None:
    """Each at its own rate of tax; the set itself is sent in no parcel."""
    whole, cup, coffee, knife, engraving, *_ = lines("nested-bundle-and-option")
    assert (whole.total, whole.ships, whole.part_of) == (money("0.00"), False, "")
    assert (cup.total, int(cup.tax_rate), cup.ships) == (money("20.00"), 19, True)
    assert (coffee.quantity, coffee.unit_price, coffee.ships) == (2, money("9.95"), True)
    assert cup.part_of == coffee.part_of == whole.id
    assert (knife.sku, knife.ships) == ("MESSER", True)
    assert (engraving.kind, engraving.ships, engraving.part_of) == (LineKind.FEE, False, knife.id)


def test_nested_lines_are_found_inside_their_parents_too() -> None:
    """How the shop lists them depends on what was loaded with the order."""
    order = recorded(KIND, "nested-bundle-and-option")
    nested = copy.deepcopy(order)
    parts = [line for line in nested["lineItems"] if line["parentId"]]
    nested["lineItems"] = [line for line in nested["lineItems"] if not line["parentId"]]
    for line in nested["lineItems"]:
        line["children"] = [part for part in parts if part["parentId"] == line["id"]]
    flat, found = read(order).bought, read(nested).bought
    assert {line.id: line for line in found.lines} == {line.id: line for line in flat.lines}
    both = copy.deepcopy(order)
    both["lineItems"][0]["children"] = copy.deepcopy(both["lineItems"][1:3])
    assert read(both).bought.lines == flat.lines


def test_a_set_with_a_price_of_its_own_keeps_it() -> None:
    """Where the parts do not add up to the set, they are part of its price."""
    order = recorded(KIND, "nested-bundle-and-option")
    for part in order["lineItems"][1:3]:
        part["totalPrice"] = 1.0
    found = read(order).bought
    assert not found.difference()
    assert [line.total for line in found.lines[:2]] == [money("20.00"), money("19.90")]
    assert [line.ships for line in found.lines[:4]] == [False, False, True, True]


def test_a_total_rounded_for_cash_names_the_difference() -> None:
    """A franc has no single cents."""
    found = read(recorded(KIND, "swiss-francs-rounded")).bought
    assert (found.total, found.lines[-1].name) == (money("20.00", "CHF"), "Rundung")
    assert found.lines[-1].total == money("0.01", "CHF")


def test_a_difference_that_rounding_does_not_explain_is_shown() -> None:
    """Here the shop says to round to 0.05."""
    order = recorded(KIND, "swiss-francs-rounded")
    order["price"]["rawTotal"] = 19.90
    order["lineItems"][0]["totalPrice"] = 12.90
    assert read(order).bought.difference() == money("0.10", "CHF")


def test_a_download_needs_no_parcel() -> None:
    """In either spelling of the shop's versions."""
    assert not lines("zero-total-download")[0].ships
    order = recorded(KIND, "zero-total-download")
    order["lineItems"][0].update(states=None)
    assert read(order).bought.lines[0].ships
    order["lineItems"][0]["payload"]["productType"] = "digital"
    assert not read(order).bought.lines[0].ships


@pytest.mark.parametrize(
    ("kind", "good", "total", "expected"),
    [
        ("custom", True, 5.0, LineKind.PRODUCT),
        ("custom", False, 5.0, LineKind.FEE),
        ("credit", False, -5.0, LineKind.DISCOUNT),
        ("discount", False, -5.0, LineKind.DISCOUNT),
        ("pfand", False, 0.25, LineKind.DEPOSIT),
        ("brand-new", True, 5.0, LineKind.PRODUCT),
    ],
)
def test_lines_that_are_no_products(
    kind: str, total: float, expected: LineKind, *, good: bool
) -> None:
    """What the shop calls goods is packed, or at least seen by a person for want of a SKU."""
    order = recorded(KIND, "cancelled")
    line = {**copy.deepcopy(order["lineItems"][0]), "id": "x", "productId": None, "payload": []}
    line.update(type=kind, good=good, totalPrice=total, unitPrice=total)
    order["lineItems"].append(line)
    found = read(order).bought.lines[1]
    assert (found.kind, found.sku) == (expected, None)
    assert found.ships is (expected is LineKind.PRODUCT)


def test_the_newest_change_of_any_part_is_the_orders_own() -> None:
    """A payment leaves the order's own time alone, and must not count as old."""
    found = read(recorded(KIND, "gross-two-rates-promotion")).bought
    assert found.modified_at == datetime(2026, 11, 23, 8, 16, 10, 500000, tzinfo=UTC)
    assert found.placed_at == datetime(2026, 11, 23, 8, 14, 5, 101000, tzinfo=UTC)


@pytest.mark.parametrize(
    "way",
    [
        ("orderCustomer",),
        ("billingAddress",),
        ("lineItems", 0),
        ("deliveries", 0),
        ("deliveries", 0, "shippingOrderAddress"),
        ("transactions", 0),
    ],
)
def test_a_part_that_changes_alone_makes_the_order_newer(way: tuple[Any, ...]) -> None:
    """A new delivery address is written without the order."""
    order = recorded(KIND, "net-two-rates-two-deliveries")
    place: Any = order
    for step in way:
        place = place[step]
    place["updatedAt"] = "2026-11-24T10:00:00.000+00:00"
    assert read(order).bought.modified_at == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_who_where_and_how() -> None:
    """Addresses, contact, language and the newest try to pay."""
    found = read(recorded(KIND, "gross-two-rates-promotion")).bought
    assert (found.billing.name, found.billing.street2) == ("Jürgen Groß", "Hinterhaus")
    assert (found.email, found.phone) == ("juergen@example.org", "+49 541 123456")
    assert (found.locale, found.payment_method) == ("de-DE", "PayPal")
    assert found.note == "Bitte klingeln.\nDanke!"
    assert read(recorded(KIND, "nested-bundle-and-option")).bought.billing.region == "DE-BY"
    order = recorded(KIND, "gross-two-rates-promotion")
    order["addresses"] = [{"id": "other"}, order.pop("billingAddress")]
    assert read(order).bought.billing == found.billing


# ---- properties ------------------------------------------------------------------------------


def _cent(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@settings(max_examples=200, deadline=None)
@given(
    goods=st.lists(
        st.tuples(st.integers(1, 50_000), st.integers(1, 40), st.sampled_from([0, 7, 19])),
        min_size=1,
        max_size=25,
    ),
    status=st.sampled_from(["gross", "net", "tax-free"]),
    at_the_end=st.booleans(),
)
def test_orders_always_add_up(
    goods: list[tuple[int, int, int]], status: str, *, at_the_end: bool
) -> None:
    """Gross, net or without tax, rounded by line or for each rate: lines and tax are right."""
    order = recorded(KIND, "cancelled")
    items, exact = [], {0: Decimal(0), 7: Decimal(0), 19: Decimal(0)}
    by_line, base = Decimal(0), Decimal(0)
    for number, (price, quantity, rate) in enumerate(goods):
        total = Decimal(price) / 100 * quantity
        tax = total * rate / (100 + rate if status == "gross" else 100)
        tax = Decimal(0) if status == "tax-free" else tax
        line = copy.deepcopy(order["lineItems"][0])
        taxes = [{"tax": float(_cent(tax)), "taxRate": rate, "price": float(total)}]
        line["price"]["calculatedTaxes"] = [] if status == "tax-free" else taxes
        line.update(id=f"l{number}", quantity=quantity, totalPrice=float(total))
        items.append(line)
        exact[rate] += tax
        by_line, base = by_line + _cent(tax), base + total
    tax = sum((_cent(each) for each in exact.values()), start=Decimal(0)) if at_the_end else by_line
    whole = base if status != "net" else base + tax
    order.update(lineItems=items, taxStatus=status, amountTotal=float(whole))
    order["amountNet"] = float(whole - tax)
    order["price"].update(calculatedTaxes=[{"tax": float(tax)}], rawTotal=float(whole))
    found = read(json.loads(json.dumps(order))).bought
    assert not found.difference()
    assert sum((line.tax.amount for line in found.lines), start=Decimal(0)) == tax
