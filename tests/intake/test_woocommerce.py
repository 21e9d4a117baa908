"""WooCommerce: what its orders say and what its webhooks do."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.deliveries import Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money
from chalicelib.domain.order import LineItem, LineKind
from chalicelib.intake import woocommerce
from chalicelib.intake.port import Ignored, Snapshot
from tests.recorded.reading import NOW, SECRET, delivery, raw, recorded, signed

KIND = "woocommerce"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def read(body: object, topic: str | None = None) -> Snapshot:
    """Translate a body that must be an order."""
    found = woocommerce.translate(delivery(KIND, body, topic))
    assert isinstance(found, Snapshot)
    return found


def lines(body: object) -> dict[str, LineItem]:
    """Return the lines of an order by their id."""
    return {line.id: line for line in read(body).bought.lines}


def eur(text: str) -> Money:
    """Write an amount in euro."""
    return Money.of(text, "EUR")


def changed(name: str, **fields: Any) -> dict[str, Any]:
    """Return a recorded order with other fields."""
    return {**recorded(KIND, name), **fields}


# ---- webhooks --------------------------------------------------------------------------------


def test_the_ping_at_activation_is_answered_without_a_signature() -> None:
    """A bare form with the webhook's id, and nothing else."""
    secrets = {"webhook_secret": SECRET}
    ping = woocommerce.verify(b"webhook_id=142", FORM, secrets, NOW)
    assert ping is Verdict.PING


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"webhook_id=142", {"content-type": "application/json"}),
        (b"webhook_id=142", {}),
        (b"webhook_id=142&order=1", FORM),
        (b"webhook_id=", FORM),
        (b'{"webhook_id": 142}', FORM),
        (b"webhook_id=142", {**FORM, "x-wc-webhook-signature": "c2lnbmVk"}),
    ],
)
def test_what_only_looks_like_a_ping_is_refused(body: bytes, headers: dict[str, str]) -> None:
    """Nothing unsigned passes but the ping itself."""
    secrets = {"webhook_secret": SECRET}
    assert woocommerce.verify(body, headers, secrets, NOW) is Verdict.FORGED


def test_the_shops_own_delivery_id_does_not_hide_a_second_delivery() -> None:
    """Two deliveries of one second share it; topic and body tell them apart."""
    same = {"x-wc-webhook-delivery-id": "abc", "x-wc-webhook-topic": "order.updated"}
    first = woocommerce.delivery_key(b'{"id":1}', same)
    assert first != woocommerce.delivery_key(b'{"id":2}', same)
    created = {**same, "x-wc-webhook-topic": "order.created"}
    assert first != woocommerce.delivery_key(b'{"id":1}', created)


def test_the_same_state_told_twice_is_one_delivery() -> None:
    """By two webhooks, or by a poll that finds what a webhook brought: only the links differ."""
    order = recorded(KIND, "yen")
    key = woocommerce.delivery_key(raw(order), {"x-wc-webhook-topic": "order.created"})
    polled = {name: order[name] for name in reversed(order) if name != "_links"}
    told = {"x-wc-webhook-topic": "order.updated", "x-wc-webhook-id": "9"}
    assert woocommerce.delivery_key(raw(polled), told) == key
    later = {**order, "date_modified_gmt": "2026-11-23T08:15:12"}
    assert woocommerce.delivery_key(raw(later), told) != key
    assert woocommerce.delivery_key(raw({**order, "status": "cancelled"}), told) != key


@pytest.mark.parametrize("topic", ["product.updated", "coupon.created", "action.woocommerce_x"])
def test_other_topics_are_ignored_by_name(topic: str) -> None:
    """Genuine, but not about orders, whatever their body looks like."""
    found = woocommerce.translate(delivery(KIND, b"no json", topic))
    assert isinstance(found, Ignored)
    assert topic in found.reason


@pytest.mark.parametrize("topic", ["order.created", "order.updated", "order.restored", ""])
def test_every_topic_with_an_order_is_read_alike(topic: str) -> None:
    """The body is the order as it stands when it is sent."""
    assert read(recorded(KIND, "yen"), topic).bought.number == "1006"


def test_a_deleted_order_is_cancelled_by_its_id_alone() -> None:
    """The body holds nothing else, so nothing else is taken from it."""
    found = read({"id": 1001}, "order.deleted")
    assert found.cancelled
    assert found.is_bare
    assert found.cancel_reason == "deleted in the shop"
    assert found.bought.external_id == "1001"


@pytest.mark.parametrize("status", ["checkout-draft", "auto-draft"])
def test_a_cart_that_is_not_an_order_yet_is_ignored(status: str) -> None:
    """Drafts come and go while the customer still fills in the form."""
    found = woocommerce.translate(delivery(KIND, changed("yen", status=status)))
    assert isinstance(found, Ignored)


# ---- what was bought -------------------------------------------------------------------------


def test_gross_prices_with_two_rates_and_a_coupon() -> None:
    """Gross line totals, the tax in them, its rate, and what the coupon took off."""
    found = lines(recorded(KIND, "gross-two-rates-coupon"))
    mug, coffee, shipping = found["301"], found["302"], found["9001"]
    assert (mug.total, mug.tax, mug.tax_rate) == (eur("23.22"), eur("3.71"), Decimal(19))
    assert (mug.unit_price, mug.discount, mug.quantity) == (eur("12.90"), eur("2.58"), 2)
    assert (coffee.total, coffee.tax_rate, coffee.sku) == (eur("22.92"), Decimal(7), "KAFFEE-500")
    assert (shipping.kind, shipping.total) == (LineKind.SHIPPING, eur("4.90"))
    assert (shipping.sku, shipping.ships) == (None, False)


def test_net_prices_of_a_business_customer() -> None:
    """Company, VAT id, note, another delivery address, a fee; paid by transfer, so not yet."""
    found = read(recorded(KIND, "net-b2b-vat-id"))
    bought = found.bought
    assert (bought.billing.company, bought.vat_id) == ("Yıldız Möbelbau GmbH", "DE123456789")
    assert (bought.shipping.name, bought.shipping.city) == ("Lager Tor 3", "Stuttgart")
    assert bought.note == "Bitte an Tor 3 liefern.\nDanke!"
    assert bought.of_kind(LineKind.FEE)[0].total == eur("5.95")
    assert not bought.prices_include_tax
    assert found.paid is None


def test_a_sum_the_shop_rounded_at_the_end_is_shared_out() -> None:
    """The shown lines are a cent off; the unrounded ones beside them say where it went."""
    body = recorded(KIND, "gross-rounded-at-the-end")
    groups = (body["line_items"], body["shipping_lines"])
    entries = [entry for group in groups for entry in group]
    shown = sum(Decimal(entry["total"]) + Decimal(entry["total_tax"]) for entry in entries)
    assert shown != Decimal(body["total"])
    found = read(body).bought
    assert not found.difference()
    assert str(sum(line.tax.amount for line in found.lines)) == body["total_tax"]


def test_a_bundle_ships_its_parts() -> None:
    """Both carry money; the goods are the parts, a free item among them."""
    found = lines(recorded(KIND, "bundle-free-item-no-email-no-sku"))
    assert (found["310"].ships, found["311"].ships, found["312"].ships) == (False, True, True)
    assert (found["310"].total, found["311"].total) == (eur("10.00"), eur("9.00"))
    assert not found["312"].total


def test_names_lose_markup_and_control_characters_but_keep_emoji() -> None:
    """WordPress keeps HTML in names; a page or a label must not."""
    body = recorded(KIND, "bundle-free-item-no-email-no-sku")
    names = {key: line.name for key, line in lines(body).items()}
    assert names["310"] == "Geschenkset „Nordsee“ neu"
    assert names["311"] == "Tee 🫖 Ostfriesenmischung"
    assert names["313"] == "Überraschung gratis"
    title = lines(recorded(KIND, "gross-two-rates-coupon"))["301"].name
    assert title == "Kaffeebecher – Farbe: Blau"


def test_a_missing_sku_and_e_mail_stay_empty() -> None:
    """Both are for a person to see, neither stops the order from being stored."""
    found = read(recorded(KIND, "bundle-free-item-no-email-no-sku")).bought
    assert found.email == ""
    assert found.lines[0].sku is None


def test_an_empty_delivery_address_is_the_one_on_the_bill() -> None:
    """That is how the shop means it."""
    found = read(recorded(KIND, "bundle-free-item-no-email-no-sku")).bought
    assert found.shipping == found.billing
    assert found.shipping.is_deliverable()


def test_a_redeemed_gift_card_is_a_line_of_its_own() -> None:
    """Its plugin takes it off the total only."""
    card = lines(recorded(KIND, "gift-card-redeemed"))["gift-card-71"]
    assert (card.kind, card.total) == (LineKind.GIFT_CARD, eur("-20.00"))


def test_an_order_of_downloads_needs_no_parcel() -> None:
    """The shop says that nothing in it is to be processed, and nothing is carried."""
    body = changed("zero-total", needs_processing=False, shipping_lines=[])
    assert [line.ships for line in read(body).bought.lines] == [False]
    assert all(line.ships for line in read({**body, "needs_processing": True}).bought.lines)
    carried = recorded(KIND, "yen")
    assert carried["shipping_lines"]
    goods = read({**carried, "needs_processing": False}).bought.physical()
    assert goods


@pytest.mark.parametrize(
    "key", ["wc_gc_giftcard_to_multiple", "_ywgc_recipients", "pw_gift_card_to"]
)
def test_a_gift_card_that_is_bought_needs_no_parcel(key: str) -> None:
    """Each plugin notes for whom it is; the rest of the order is packed."""
    body = recorded(KIND, "gross-two-rates-coupon")
    body["line_items"][0]["meta_data"] = [{"id": 1, "key": key, "value": "oma@example.org"}]
    assert [line.ships for line in read(body).bought.lines[:3]] == [False, True, True]


def test_a_currency_without_decimals() -> None:
    """4140 yen are 4140 minor units."""
    assert read(recorded(KIND, "yen")).bought.total == Money(minor=4140, currency="JPY")


def test_other_types_with_a_clear_meaning_are_read() -> None:
    """Numbers as text, text as numbers, lists as objects, as plugins and PHP write them."""
    found = read(recorded(KIND, "alternative-types")).bought
    assert (found.number, found.total, found.prices_include_tax) == ("10080", eur("53.90"), True)
    line = found.lines[0]
    assert (line.sku, line.quantity, line.tax_rate) == ("4711", 2, Decimal(19))
    assert found.billing.zip == "49074"


def test_times_without_an_offset_are_utc() -> None:
    """The shop's own clock is never used where the other is known."""
    found = read(recorded(KIND, "yen")).bought
    assert found.placed_at == datetime(2026, 11, 23, 8, 14, 5, tzinfo=UTC)
    assert found.modified_at == datetime(2026, 11, 23, 8, 15, 11, tzinfo=UTC)


def test_the_language_is_what_the_plugin_noted() -> None:
    """WooCommerce itself does not know it."""
    assert read(recorded(KIND, "yen")).bought.locale == "de"
    assert read(changed("yen", meta_data=[])).bought.locale == ""


def test_a_missing_rate_is_worked_out_over_the_whole_order() -> None:
    """Shops before version 3.7 do not send it."""
    body = recorded(KIND, "gross-two-rates-coupon")
    body["tax_lines"] = [
        {key: value for key, value in line.items() if key != "rate_percent"}
        for line in body["tax_lines"]
    ]
    assert {line.tax_rate for line in read(body).bought.lines} == {Decimal(19), Decimal(7)}
    rates = [line.tax_rate for line in read({**body, "tax_lines": []}).bought.lines]
    assert set(rates) == {Decimal(19), Decimal(7)}


# ---- paid and cancelled ----------------------------------------------------------------------


def test_a_paid_order_names_the_payment() -> None:
    """By the provider's own number, so that its event is the same money."""
    found = read(recorded(KIND, "gross-two-rates-coupon"))
    assert found.paid == found.bought.total
    assert found.payment_reference == "pi_3Test1001"
    nameless = read(changed("gross-two-rates-coupon", transaction_id=""))
    assert nameless.payment_reference == "woocommerce:1001"


@pytest.mark.parametrize(
    ("method", "status", "has_date", "is_paid"),
    [
        ("stripe", "processing", False, True),
        ("ppcp-gateway", "completed", False, True),
        ("stripe", "pending", False, False),
        ("stripe", "failed", False, False),
        ("bacs", "on-hold", False, False),
        ("bacs", "processing", False, False),
        ("bacs", "processing", True, True),
        ("cheque", "completed", True, True),
        ("cod", "processing", True, False),
        ("cod", "completed", True, True),
        ("invoice", "processing", True, False),
        ("stripe", "refunded", True, False),
        ("stripe", "my-own-status", True, True),
    ],
)
def test_when_the_shop_says_paid(
    method: str, status: str, *, has_date: bool, is_paid: bool
) -> None:
    """A date of payment, or a status behind the payment where the method pays at once."""
    date = "2026-11-23T08:15:10" if has_date else None
    body = changed("yen", payment_method=method, status=status, date_paid_gmt=date, date_paid=date)
    assert (read(body).paid is not None) is is_paid


def test_nothing_is_paid_for_an_order_that_costs_nothing() -> None:
    """There is no movement of zero."""
    assert read(recorded(KIND, "zero-total")).paid is None


@pytest.mark.parametrize(
    ("status", "is_cancelled"),
    [
        ("cancelled", True),
        ("trash", True),
        ("refunded", True),
        ("failed", False),
        ("on-hold", False),
        ("completed", False),
    ],
)
def test_which_status_cancels(status: str, *, is_cancelled: bool) -> None:
    """A failed payment does not: its customer may still pay."""
    found = read(changed("gross-two-rates-coupon", status=status))
    assert found.cancelled is is_cancelled
    assert bool(found.cancel_reason) is is_cancelled


def test_the_wrong_shape_is_named_by_its_path() -> None:
    """A person finds the place without reading JSON."""
    body = recorded(KIND, "gross-two-rates-coupon")
    body["line_items"][1]["taxes"][0]["total"] = "viel"
    with pytest.raises(Permanent) as caught:
        woocommerce.translate(delivery(KIND, body))
    expected = 'line_items[1].taxes[0].total: must be a number, is "viel"'
    assert caught.value.text == expected


def test_a_signature_over_the_shops_bytes_survives_odd_json() -> None:
    """Escaped slashes and spaces are part of what is signed."""
    body = b'{"id": 1,\n "url":"https:\\/\\/laden.example"}'
    headers = signed(KIND, body)
    assert woocommerce.verify(body, headers, {"webhook_secret": SECRET}, NOW) is Verdict.GENUINE


# ---- properties ------------------------------------------------------------------------------


def _round(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _item(number: int, full: Decimal, quantity: int, rate: int, *, gross: bool) -> dict[str, Any]:
    net = full * 100 / (100 + rate) if gross else full
    tax = full - net if gross else full * rate / 100
    return {
        "id": number,
        "name": f"Artikel {number}",
        "quantity": quantity,
        "total": str(_round(net)),
        "total_tax": str(_round(tax)),
        "price": float(net / quantity),
        "taxes": [{"id": rate, "total": f"{tax:.6f}"}],
        "_net": net,
        "_tax": tax,
    }


@settings(max_examples=200, deadline=None)
@given(
    goods=st.lists(
        st.tuples(
            st.integers(0, 50_000),
            st.integers(1, 40),
            st.sampled_from([0, 7, 19]),
            st.integers(0, 9),
        ),
        min_size=1,
        max_size=25,
    ),
    gross=st.booleans(),
    at_the_end=st.booleans(),
)
def test_orders_always_add_up(
    goods: list[tuple[int, int, int, int]], *, gross: bool, at_the_end: bool
) -> None:
    """Gross or net prices, any coupon, rounded by line or at the end: lines and tax are right."""
    items = []
    for number, (cents, quantity, rate, tenths) in enumerate(goods):
        full = Decimal(cents) / 100 * quantity * (10 - tenths) / 10
        items.append(_item(number + 1, full, quantity, rate, gross=gross))
    body = copy.deepcopy(recorded(KIND, "gross-two-rates-coupon"))
    if at_the_end:
        tax = _round(sum(item["_tax"] for item in items))
        total = _round(sum(item["_net"] for item in items) + sum(item["_tax"] for item in items))
    else:
        tax = sum((Decimal(item["total_tax"]) for item in items), start=Decimal(0))
        total = tax + sum((Decimal(item["total"]) for item in items), start=Decimal(0))
    if at_the_end and not gross:
        total = tax + _round(sum(item["_net"] for item in items))
    rates = [{"rate_id": rate, "rate_percent": rate} for rate in (7, 19)]
    body.update(line_items=items, shipping_lines=[], prices_include_tax=gross, tax_lines=rates)
    for item in items:
        del item["_net"], item["_tax"]
    found = read({**body, "total": str(total), "total_tax": str(tax)}).bought
    assert not found.difference()
    assert sum(line.tax.amount for line in found.lines) == tax
