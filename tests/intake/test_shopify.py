"""Shopify: what its orders say and what its webhooks do."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.deliveries import Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money
from chalicelib.intake import shopify
from chalicelib.intake.port import Hint, Ignored, Snapshot
from tests.recorded.reading import NOW, SECRET, delivery, raw, recorded, signed

KIND = "shopify"


def read(body: object, topic: str | None = None) -> Snapshot:
    """Translate a body that must be an order."""
    found = shopify.translate(delivery(KIND, body, topic))
    assert isinstance(found, Snapshot)
    return found


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
    ["fulfillments/create", "draft_orders/create", "app/uninstalled", "shop/redact"],
)
def test_other_topics_are_ignored_by_name(topic: str) -> None:
    """Genuine, but without an order in the body."""
    found = shopify.translate(delivery(KIND, b"no json", topic))
    assert isinstance(found, Ignored)
    assert topic in found.reason


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("refunds/create", {"id": 9, "order_id": 6200000011009, "refund_line_items": []}),
        ("orders/edited", {"order_edit": {"id": 9, "order_id": 6200000011009}}),
    ],
)
def test_a_thin_topic_names_the_order_to_read(topic: str, body: object) -> None:
    """Its body tells only what changed."""
    found = shopify.translate(delivery(KIND, body, topic))
    assert found == Hint(external_id="6200000011009", reason=topic)
    with pytest.raises(Permanent, match="order_id: must be given"):
        shopify.translate(delivery(KIND, {"id": 9}, topic))


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


@pytest.mark.parametrize("sent", ["fulfilled", "partial"])
def test_an_order_refunded_after_it_was_sent_stays_an_order(sent: str) -> None:
    """Its goods are coming back, and its invoice stands."""
    assert not read(changed("yen", financial_status="refunded", fulfillment_status=sent)).cancelled


def test_the_wrong_shape_is_named_by_its_path() -> None:
    """A person finds the place without reading JSON."""
    body = recorded(KIND, "yen")
    body["shipping_lines"][0]["tax_lines"] = "none"
    with pytest.raises(Permanent) as caught:
        shopify.translate(delivery(KIND, body))
    expected = 'shipping_lines[0].tax_lines: must be a list, is "none"'
    assert caught.value.text == expected


# ---- what a person must see ------------------------------------------------------------------


def test_a_test_order_is_marked() -> None:
    """Nobody has paid for it; nobody shall pack it unseen."""
    (remark,) = read(recorded(KIND, "test-order-paid-by-gift-card")).remarks
    assert "test order" in remark


def test_another_currency_at_the_checkout_is_marked() -> None:
    """The invoice is in the shop's currency, the customer saw the other one."""
    (remark,) = read(recorded(KIND, "two-currencies")).remarks
    assert remark == "The customer was shown 196.29 CHF; the shop keeps the order as 208.00 EUR."
    odd = changed("two-currencies", presentment_currency="MOON")
    assert "shown MOON;" in read(odd).remarks[0]


@pytest.mark.parametrize("name", ["yen", "gift-card-download-tip", "cancelled"])
def test_an_ordinary_order_has_no_remarks(name: str) -> None:
    """A remark stops an order until a person has seen it."""
    assert read(recorded(KIND, name)).remarks == ()


def test_an_order_paid_with_a_gift_card_is_paid() -> None:
    """Shopify counts it as a way to pay: it is on no line and takes nothing off the total."""
    found = read(recorded(KIND, "test-order-paid-by-gift-card"))
    assert found.paid == found.bought.total == eur("34.65")
    assert found.bought.payment_method == "gift_card, bogus"


def test_a_draft_is_no_order() -> None:
    """Its webhooks have their own topics; a body without a topic tells by its id."""
    body = changed("yen", admin_graphql_api_id="gid://shopify/DraftOrder/1")
    found = shopify.translate(delivery(KIND, body, ""))
    assert isinstance(found, Ignored)
    assert "draft" in found.reason


def test_money_that_the_shop_gave_back_is_marked() -> None:
    """Only what really went; a person books it, for a payment provider may tell of it too."""
    found = read(recorded(KIND, "partly-refunded-before-shipping"))
    assert found.remarks == ("The shop gave 26.01 EUR of the money back.",)
