"""Saleor: what its orders say, in each of the shapes they come in."""

from __future__ import annotations

import copy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.deliveries import Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money
from chalicelib.domain.order import LineKind
from chalicelib.intake import saleor
from chalicelib.intake.port import Ignored, Snapshot
from tests.recorded.reading import NOW, delivery, recorded

KIND = "saleor"


def read(body: object, event: str = "order_updated") -> Snapshot:
    """Translate a body that must be an order."""
    found = answer(body, event)
    assert isinstance(found, Snapshot)
    return found


def answer(body: object, event: str = "order_updated") -> object:
    """Translate a body."""
    return saleor.translate(replace(delivery(KIND, body), headers={"saleor-event": event}))


def changed(name: str, **fields: Any) -> dict[str, Any]:
    """Return a recorded order with other fields."""
    return {**recorded(KIND, name), **fields}


def eur(text: str) -> Money:
    """Write an amount in euro."""
    return Money.of(text, "EUR")


# ---- deliveries ------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", ["order", "event", "data"])
def test_an_order_is_read_in_every_wrapper(wrap: str) -> None:
    """Bare as polled, as the event of a subscription, and as the whole answer to it."""
    order = recorded(KIND, "gross-two-rates-voucher")
    event = {"issuedAt": "2026-11-23T09:02:16+00:00", "version": "3.21.4", "order": order}
    bodies = {"order": event, "event": {"event": event}, "data": {"data": {"event": event}}}
    assert read(bodies[wrap]) == read(order)


def test_a_signature_of_saleors_own_is_left_to_the_worker() -> None:
    """The webhook has no key for it; anything else must be signed with ours."""
    secrets = {"webhook_secret": "s"}
    for given, verdict in {
        "eyJhbGciOiJSUzI1NiJ9..c2lnbmF0dXJl": Verdict.UNVERIFIED,
        "eyJhbGciOiJSUzI1NiJ9.e30.c2ln": Verdict.FORGED,
        "..": Verdict.FORGED,
        "a..b.c": Verdict.FORGED,
        "": Verdict.FORGED,
    }.items():
        assert saleor.verify(b"{}", {"Saleor-Signature": given}, secrets, NOW) is verdict
        assert saleor.verify(b"{}", {"x-saleor-signature": given}, {}, NOW) is verdict


def test_the_same_body_under_another_event_is_another_delivery() -> None:
    """An order that is created and paid at once tells both with the same body."""
    created = saleor.delivery_key(b"{}", {"saleor-event": "order_created"})
    assert created != saleor.delivery_key(b"{}", {"saleor-event": "order_paid"})
    assert created == saleor.delivery_key(b"{}", {"Saleor-Event": "order_created"})


def test_a_forged_copy_does_not_take_the_place_of_a_delivery() -> None:
    """It is told apart by its signature; the genuine one still comes in."""
    forged, genuine = ({"saleor-signature": f"h..{name}"} for name in ("forged", "genuine"))
    assert saleor.delivery_key(b"{}", forged) != saleor.delivery_key(b"{}", genuine)


@pytest.mark.parametrize("event", ["product_updated", "product_variant_out_of_stock"])
def test_events_about_other_things_are_ignored_by_name(event: str) -> None:
    """Genuine, but without an order."""
    found = answer({"product_variant_id": "x"}, event)
    assert found == Ignored(reason=f"event {event} is not about orders")


def test_a_draft_is_no_order_yet() -> None:
    """It comes again when it is placed."""
    assert isinstance(answer(changed("gross-two-rates-voucher", status="DRAFT")), Ignored)


# ---- what was bought -------------------------------------------------------------------------


def test_gross_prices_with_two_rates_and_a_voucher() -> None:
    """Saleor has taken the voucher off the unit already."""
    hat, book, shipping = read(recorded(KIND, "gross-two-rates-voucher")).bought.lines
    assert (hat.name, hat.sku, hat.quantity) == ("Wollmütze - grau", "MUETZE-G", 2)
    assert (hat.total, hat.tax, hat.discount) == (eur("44.82"), eur("7.16"), eur("4.98"))
    assert (hat.unit_price, hat.tax_rate) == (eur("24.90"), Decimal(19))
    assert (book.name, book.total, book.tax_rate) == ("Kochbuch 🍲", eur("28.80"), Decimal(7))
    assert (shipping.kind, shipping.total, shipping.ships) == (
        LineKind.SHIPPING,
        eur("4.90"),
        False,
    )


def test_net_prices_are_kept_apart() -> None:
    """The channel shows net prices; the total is gross all the same."""
    found = read(recorded(KIND, "net-prices-two-taxes")).bought
    assert (found.prices_include_tax, str(found.total)) == (False, "160.56 USD")
    assert str(found.lines[0].tax_rate) == "8.5"
    assert (found.locale, found.language, found.shipping.region) == ("en-us", "en", "NY")


def test_a_rate_that_a_tax_app_left_out_is_worked_out() -> None:
    """The sums are there all the same."""
    body = recorded(KIND, "gross-two-rates-voucher")
    body["lines"][0]["taxRate"] = 0
    assert read(body).bought.lines[0].tax_rate == Decimal(19)


def test_a_gift_card_paid_a_part_of_the_total() -> None:
    """Saleor takes it off the total and off no line; without a card nothing is made up."""
    found = read(recorded(KIND, "gift-card-redeemed-partly-paid"))
    card = found.bought.lines[-1]
    assert (card.kind, card.total, card.name) == (LineKind.GIFT_CARD, eur("-25.00"), "…7QX2")
    assert not found.bought.difference()
    assert found.paid == eur("20.00")
    without = read(changed("gift-card-redeemed-partly-paid", giftCards=[]))
    assert without.bought.difference() == eur("-25.00")


def test_a_voucher_that_no_line_shows_is_a_line() -> None:
    """As a staff member gives it to a whole order."""
    body = recorded(KIND, "gross-two-rates-voucher")
    body["discounts"] = [{"id": "d", "name": "Treue", "amount": {"amount": 10.0}}]
    body["total"]["gross"]["amount"] -= 10
    body["total"]["net"]["amount"] -= 10
    found = read(body).bought
    assert (found.lines[-1].kind, found.lines[-1].total) == (LineKind.DISCOUNT, eur("-10.00"))
    assert not found.difference()


def test_a_download_needs_no_parcel_and_no_address() -> None:
    """And costs nothing here: the order is complete."""
    found = read(recorded(KIND, "digital-zero-total-no-shipping"))
    assert (found.bought.physical(), found.bought.total) == ((), eur("0.00"))
    assert (found.fulfilled, found.paid) == (True, None)
    assert found.bought.shipping == found.bought.billing


def test_a_vat_id_comes_from_the_storefronts_metadata() -> None:
    """Saleor has no field for it."""
    found = read(recorded(KIND, "cancelled-b2b")).bought
    assert (found.vat_id, found.billing.company) == ("ATU12345678", "Huber & Söhne KG")


# ---- what happened ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "event", "reason"),
    [
        ({"status": "CANCELED"}, "order_updated", "cancelled in the shop"),
        ({"status": "EXPIRED"}, "order_updated", "expired in the shop"),
        ({}, "order_cancelled", "cancelled in the shop"),
        ({"paymentStatus": "FULLY_REFUNDED"}, "order_refunded", "refunded in the shop"),
        ({"paymentStatus": "FULLY_REFUNDED", "status": "FULFILLED"}, "order_refunded", ""),
        ({"paymentStatus": "PARTIALLY_REFUNDED"}, "order_refunded", ""),
    ],
)
def test_when_an_order_shall_not_be_carried_out(
    fields: dict[str, Any], event: str, reason: str
) -> None:
    """Cancelled, expired, or refunded before anything left."""
    found = read(changed("gross-two-rates-voucher", **fields), event)
    assert (found.cancelled, found.cancel_reason) == (bool(reason), reason)


def test_an_order_the_shop_has_not_confirmed_is_marked() -> None:
    """A person decides whether it may go on."""
    (remark,) = read(recorded(KIND, "yen-unconfirmed-no-sku")).remarks
    assert "not confirmed" in remark
    assert read(recorded(KIND, "gross-two-rates-voucher")).remarks == ()


def test_money_that_the_shop_gave_back_is_marked() -> None:
    """A person books it, for a payment provider may tell of it too."""
    back = {"amount": 5.5, "currency": "EUR"}
    found = read(changed("gross-two-rates-voucher", totalRefunded=back))
    assert found.remarks == ("The shop gave 5.50 EUR of the money back.",)


def test_paid_is_what_was_captured() -> None:
    """A bare `isPaid` means all of it, nothing captured nothing."""
    whole = recorded(KIND, "net-prices-two-taxes")
    assert str(read(whole).paid) == "160.56 USD"
    del whole["totalCaptured"]
    assert str(read(whole).paid) == "160.56 USD"
    assert read(recorded(KIND, "gross-two-rates-voucher")).paid is None


# ---- the other shape -------------------------------------------------------------------------


def static() -> dict[str, Any]:
    """Return an order as Saleor writes it where nobody subscribed to fields."""
    line = {
        "id": "T3JkZXJMaW5lOjE=",
        "product_name": "Becher",
        "variant_name": "blau",
        "product_sku": "BECHER-B",
        "quantity": 3,
        "total_gross_amount": "35.70",
        "total_net_amount": "30.00",
        "tax_rate": "0.1900",
        "is_shipping_required": True,
    }
    return {
        "id": "T3JkZXI6MQ==",
        "number": "77",
        "created": "2026-11-23 09:02:13.114302+00:00",
        "status": "unfulfilled",
        "currency": "EUR",
        "language_code": "de",
        "email": "kaethe@example.com",
        "total_gross_amount": "40.60",
        "total_net_amount": "34.12",
        "shipping_price_gross_amount": "4.90",
        "shipping_price_net_amount": "4.12",
        "shipping_method_name": "DHL",
        "shipping_tax_rate": "0.19",
        "display_gross_prices": True,
        "billing_address": {"first_name": "Käthe", "street_address_1": "Weg 1", "country": "DE"},
        "shipping_address": None,
        "lines": [line],
        "discounts": [],
    }


def test_a_notice_without_a_subscription_is_read_too() -> None:
    """Sums as text, names in another spelling, the address of a country as its code."""
    found = read(
        {"notify_event": "order_confirmation", "payload": {"order": static()}}, "notify_user"
    )
    assert (found.bought.number, found.bought.total) == ("77", eur("40.60"))
    assert [line.name for line in found.bought.lines] == ["Becher - blau", "DHL"]
    assert not found.bought.difference()
    assert (found.bought.shipping.name, found.bought.shipping.country) == ("Käthe", "DE")
    assert (found.bought.email, found.bought.language) == ("kaethe@example.com", "de")


def test_complaints_name_the_field() -> None:
    """In the path where it stands."""
    body = copy.deepcopy(static())
    body["total_gross_amount"] = "viel"
    with pytest.raises(Permanent, match=r'total\.gross\.amount: must be a number, is "viel"'):
        answer(body)
    with pytest.raises(Permanent, match="total_gross_amount: must be given"):
        answer({"id": "T3JkZXI6MQ=="})
