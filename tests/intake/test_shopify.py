"""Shopify: what its orders say and what its webhooks do."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.deliveries import Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money
from chalicelib.domain.order import LineItem, LineKind
from chalicelib.intake import shopify
from chalicelib.intake.port import Ignored, Snapshot
from tests.recorded.reading import NOW, SECRET, delivery, raw, recorded, signed

KIND = "shopify"
SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / KIND
# A fixture of 2014 whose totals were written by hand: 3 × 199.00 and a subtotal of 398.00.
WRONG_SAMPLES = {"webhook-order-old": "-199.00"}


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


# ---- webhooks --------------------------------------------------------------------------------


def test_the_header_names_of_the_newer_events_count_too() -> None:
    """They are the same without `X-`."""
    body = raw(recorded(KIND, "yen"))
    value = signed(KIND, body)["x-shopify-hmac-sha256"]
    newer = {"Shopify-Hmac-Sha256": value}
    assert shopify.verify(body, newer, {"webhook_secret": SECRET}, NOW) is Verdict.GENUINE
    named = delivery(KIND, body, "")
    ignored = shopify.translate(
        type(named)(
            merchant_id="demo",
            connection_id="c",
            kind=KIND,
            id="d",
            received_at=NOW,
            headers={"shopify-topic": "products/update"},
            body=body,
        )
    )
    assert isinstance(ignored, Ignored)


def test_a_delivery_is_known_by_shopifys_id_for_it() -> None:
    """A retry has the same; without it the event and its topic, as one event has several topics."""
    first = shopify.delivery_key(b"{}", {"x-shopify-webhook-id": "w-1"})
    assert first == shopify.delivery_key(b"[]", {"shopify-webhook-id": "w-1"})
    assert first != shopify.delivery_key(b"{}", {"x-shopify-webhook-id": "w-2"})
    event = {"x-shopify-event-id": "e-1", "x-shopify-topic": "orders/create"}
    other = {**event, "x-shopify-topic": "orders/paid"}
    assert shopify.delivery_key(b"{}", event) != shopify.delivery_key(b"{}", other)
    assert shopify.delivery_key(b"{}", event) == shopify.delivery_key(b"[]", event)


@pytest.mark.parametrize(
    "topic",
    ["refunds/create", "orders/edited", "draft_orders/create", "app/uninstalled", "shop/redact"],
)
def test_other_topics_are_ignored_by_name(topic: str) -> None:
    """Genuine, but without an order in the body."""
    found = shopify.translate(delivery(KIND, b"no json", topic))
    assert isinstance(found, Ignored)
    assert topic in found.reason


@pytest.mark.parametrize(
    "topic", ["orders/create", "orders/updated", "orders/paid", "orders/fulfilled", ""]
)
def test_every_topic_with_an_order_is_read_alike(topic: str) -> None:
    """Each brings the order as it stood when it was sent."""
    assert read(recorded(KIND, "yen"), topic).bought.number == "1009"


def test_a_deleted_order_is_cancelled_by_its_id_alone() -> None:
    """The body holds nothing else."""
    found = read({"id": 6200000011001}, "orders/delete")
    assert found.cancelled
    assert found.bought.external_id == "6200000011001"


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
    assert found["Gutschein - 25 €"].kind is LineKind.GIFT_CARD
    assert (found["Tip"].kind, found["Tip"].total) == (LineKind.FEE, eur("3.00"))


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


# ---- paid and cancelled ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "outstanding", "paid"),
    [
        ("paid", "0.00", "208.00"),
        ("paid", "208.00", "208.00"),
        ("partially_paid", "8.00", "200.00"),
        ("partially_paid", "208.00", None),
        ("partially_paid", None, None),
        ("partially_refunded", "0.00", "208.00"),
        ("pending", "208.00", None),
        ("authorized", "208.00", None),
        ("refunded", "0.00", None),
        ("voided", "0.00", None),
        (None, None, None),
    ],
)
def test_what_the_shop_says_is_paid(
    status: str | None, outstanding: str | None, paid: str | None
) -> None:
    """All, the part that is not outstanding, or nothing."""
    body = changed("two-currencies", financial_status=status, total_outstanding=outstanding)
    found = read(body)
    assert found.paid == (eur(paid) if paid else None)
    assert bool(found.payment_reference) is bool(paid)


def test_a_part_and_the_whole_are_paid_under_different_names() -> None:
    """The second is news and must not look like the first again."""
    part = changed("two-currencies", financial_status="partially_paid", total_outstanding="8.00")
    whole = recorded(KIND, "two-currencies")
    assert read(part).payment_reference != read(whole).payment_reference
    assert read(whole).payment_reference == "shopify:6200000011005"


def test_a_cancelled_order_keeps_what_was_bought() -> None:
    """Although nothing of it is left."""
    found = read(recorded(KIND, "cancelled"), "orders/cancelled")
    assert (found.cancelled, found.cancel_reason) == (True, "customer")
    assert found.bought.total == eur("83.90")
    assert found.bought.lines[0].quantity == 1


def test_an_order_refunded_in_full_shall_not_be_carried_out() -> None:
    """Even if nobody cancelled it."""
    assert read(changed("yen", financial_status="refunded")).cancelled
    assert not read(changed("yen", financial_status="partially_refunded")).cancelled


def test_the_wrong_shape_is_named_by_its_path() -> None:
    """A person finds the place without reading JSON."""
    body = recorded(KIND, "yen")
    body["shipping_lines"][0]["tax_lines"] = "none"
    with pytest.raises(Permanent) as caught:
        shopify.translate(delivery(KIND, body))
    expected = 'shipping_lines[0].tax_lines: must be a list, is "none"'
    assert caught.value.text == expected


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


# ---- the samples of the shop's makers --------------------------------------------------------


def _samples() -> list[Path]:
    names = ("order-*.json", "webhook-order-*.json")
    found = sorted(path for name in names for path in SAMPLES.glob(name))
    return [path for path in found if path.stem != "order-transactions"]


@pytest.mark.skipif(not _samples(), reason="no samples beside the repository")
@pytest.mark.parametrize("path", _samples(), ids=lambda path: path.stem)
def test_every_sample_order_adds_up(path: Path) -> None:
    """Orders from the documentation and from others' tests; one of them never did."""
    found = json.loads(path.read_text(encoding="utf-8"))
    bought = read(found.get("order", found)).bought
    expected = WRONG_SAMPLES.get(path.stem, "0.00")
    assert str(bought.difference().amount) == expected
