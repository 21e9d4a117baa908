"""Orders and notices of Amazon."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.api.webhooks import KEPT_HEADERS
from chalicelib.domain.deliveries import OWN_RATE
from chalicelib.domain.order import LineKind
from chalicelib.intake import amazon
from chalicelib.intake.port import Hint, Ignored, Snapshot
from tests.recorded.reading import delivery, raw, recorded


def order(name: str = "gross-no-tax-told") -> dict[str, Any]:
    """Return a recorded order to be changed."""
    return recorded("amazon", name)


def read(body: object, rate: str = "19") -> Snapshot:
    """Translate an order as polled by a seller with this VAT."""
    found = amazon.translate(replace(delivery("amazon", body), headers={OWN_RATE: rate}))
    assert isinstance(found, Snapshot)
    return found


def notice(kind: str = "ORDER_CHANGE", name: str = "n-1") -> dict[str, Any]:
    """Return a notice as Amazon sends it."""
    told = {"AmazonOrderId": "028-1000002-0000002", "OrderChangeType": "OrderStatusChange"}
    return {
        "NotificationType": kind,
        "Payload": {"OrderChangeNotification": told},
        "NotificationMetadata": {"NotificationId": name},
    }


def test_where_amazon_tells_no_tax_the_sellers_own_is_contained() -> None:
    """In goods and carriage alike."""
    lines = read(order()).bought.lines
    assert [(line.tax_rate, line.tax.minor) for line in lines] == [
        (Decimal(19), 412),
        (Decimal(19), 271),
        (Decimal(19), 79),
    ]
    assert {line.tax.minor for line in read(order(), "0").bought.lines} == {0}


def test_tax_that_amazon_tells_counts_more_than_the_sellers_rate() -> None:
    """Each part has its own; a discount is shown with the goods it is on."""
    bought = read(order("gross-two-rates-business-discount")).bought
    assert bought.prices_include_tax
    assert [line.tax_rate for line in bought.lines] == [Decimal(19), Decimal(7), Decimal(19)]
    assert [line.tax.minor for line in bought.lines] == [955, 451, 80]
    assert bought.lines[0].discount is not None
    assert bought.lines[0].discount.minor == 1000
    assert bought.lines[0].unit_price.minor == 3490


def test_tax_on_top_is_found_by_what_adds_up() -> None:
    """Nothing says which it is; a tip that is not final is not in the total yet."""
    body = order("net-tax-on-top-gift-tip")
    bought = read(body).bought
    assert not bought.prices_include_tax
    assert [line.total.minor for line in bought.lines] == [5410, 620, 432, 700]
    assert [line.kind for line in bought.lines[2:]] == [LineKind.FEE, LineKind.FEE]
    body["proceeds"]["breakdowns"][-1]["status"] = "PENDING"
    body["proceeds"]["grandTotal"]["amount"] = "64.62"
    assert not read(body).bought.difference()


@pytest.mark.parametrize(("total", "is_gross"), [("32.79", True), ("38.03", False)])
def test_a_tax_of_the_whole_order_is_shared_out_at_one_rate(total: str, *, is_gross: bool) -> None:
    """To the cent, carriage included."""
    body = order("shipped-sums-of-the-whole-order")
    body["proceeds"]["grandTotal"]["amount"] = total
    bought = read(body).bought
    assert bought.prices_include_tax is is_gross
    assert not bought.difference()
    assert sum(line.tax.minor for line in bought.lines) == 524
    assert len({line.tax_rate for line in bought.lines}) == 1


def test_a_discount_on_the_carriage_is_taken_off_the_carriage() -> None:
    """Whatever its sign."""
    for sign in ("", "-"):
        body = order()
        off = {"amount": f"{sign}4.95", "currencyCode": "EUR"}
        detail = [{"subtype": "SHIPPING", "value": off}]
        parts = body["orderItems"][0]["proceeds"]["breakdowns"]
        parts.append({"type": "DISCOUNT", "subtotal": off, "detailedBreakdowns": detail})
        body["proceeds"]["grandTotal"]["amount"] = "42.80"
        bought = read(body).bought
        assert not bought.difference()
        [carriage] = bought.of_kind(LineKind.SHIPPING)
        assert carriage.total.minor == 0


@pytest.mark.parametrize("status", ["PENDING", "PENDING_AVAILABILITY"])
def test_an_order_that_is_not_released_waits(status: str) -> None:
    """Amazon forbids to send it, and tells no sums yet."""
    body = order()
    body["fulfillment"]["fulfillmentStatus"] = status
    del body["proceeds"]
    found = amazon.translate(delivery("amazon", body))
    assert isinstance(found, Ignored)
    assert status in found.reason


def test_what_amazon_sends_itself_is_none_of_ours() -> None:
    """Its goods lie in Amazon's warehouse."""
    body = order()
    body["fulfillment"]["fulfilledBy"] = "AMAZON"
    found = amazon.translate(delivery("amazon", body))
    assert isinstance(found, Ignored)
    assert "warehouse" in found.reason


def test_states_of_amazon_are_read() -> None:
    """Released is paid, unless the carrier is to collect it."""
    released = read(order())
    assert released.paid == released.bought.total
    sent = read(order("shipped-sums-of-the-whole-order"))
    assert (sent.fulfilled, sent.cancelled) == (True, False)
    gone = read(order("yen-cancelled"))
    assert (gone.cancelled, gone.cancel_reason, gone.paid) == (True, "cancelled on Amazon", None)
    collected = {"paymentExecutions": [{"paymentMethod": "CashOnDelivery"}]}
    assert read({**order(), "payment": collected}).paid is None


def test_a_cancellation_without_sums_is_one_all_the_same() -> None:
    """Of an order that was cancelled early Amazon tells little more than its number."""
    body = order("yen-cancelled")
    del body["proceeds"]
    gone = read(body)
    assert gone.is_bare
    assert gone.bought.external_id == "250-1000006-0000006"
    assert gone.cancel_reason == "cancelled on Amazon"


def test_an_item_that_was_cancelled_is_left_out() -> None:
    """Nothing is left of its quantity."""
    body = order()
    item = body["orderItems"][1]
    item["quantityOrdered"] = 0
    item["cancellation"] = {"cancellationExecution": {"cancelledBy": "MERCHANT"}}
    assert [line.sku for line in read(body).bought.lines] == ["BECHER-B", None]


def test_a_person_hears_of_wishes_only_amazon_knows() -> None:
    """The buyer wants to cancel, wants it made specially, or comes to fetch it."""
    [wish] = read(order("buyer-asks-to-cancel-no-personal-data")).remarks
    assert "asks on Amazon to cancel: Mütze Grün" in wish
    [made] = read(order("net-tax-on-top-gift-tip")).remarks
    assert "Oak cutting board" in made
    assert read({**order(), "programs": ["IN_STORE_PICK_UP", "PRIME"]}).remarks


def test_an_order_without_personal_data_is_taken_in() -> None:
    """Who may not see it gets none; the order waits for an address."""
    bought = read(order("buyer-asks-to-cancel-no-personal-data")).bought
    assert not bought.shipping.is_deliverable()
    assert (bought.email, bought.shipping.country) == ("", "DE")


def test_a_business_is_billed_where_it_is_registered() -> None:
    """The parcel goes elsewhere; its own number and its wishes are in the note."""
    bought = read(order("gross-two-rates-business-discount")).bought
    assert (bought.billing.street, bought.shipping.street) == ("Hauptweg 1", "Industriestraße 12")
    assert bought.billing.company == "Reuter Werkstatt GmbH"
    assert bought.vat_id == "DE136695976"
    assert bought.note.splitlines() == ["PO BST-4711", "Empfang", "Klingel am Tor 3"]


def test_a_gift_is_billed_to_who_pays() -> None:
    """And what is to be written on the card is kept in its lines."""
    bought = read(order("net-tax-on-top-gift-tip")).bought
    assert (bought.billing.name, bought.shipping.name) == ("Ann Porter", "Bob Porter")
    assert bought.note == "Happy birthday!\nLove, Ann"


def test_an_address_of_brazil_has_its_parts() -> None:
    """Street and number stand apart there."""
    body = order()
    place = body["recipient"]["deliveryAddress"]
    more = {"streetName": "Rua das Flores", "streetNumber": "12", "neighborhood": "Centro"}
    place.update(addressLine1="", addressLine2="", extendedFields=more)
    shipping = read(body).bought.shipping
    assert (shipping.street, shipping.street2) == ("Rua das Flores 12", "Centro")


def test_an_order_in_the_wrapper_of_its_call_is_the_same() -> None:
    """As Amazon answers when it is asked for one."""
    assert read({"order": order()}) == read(order())


@pytest.mark.parametrize("is_on_the_bus", [True, False])
def test_a_notice_has_the_order_read(*, is_on_the_bus: bool) -> None:
    """With or without the envelope of the event bus."""
    body = {"detail-type": "ORDER_CHANGE", "detail": notice()} if is_on_the_bus else notice()
    found = amazon.translate(delivery("amazon", body))
    assert isinstance(found, Hint)
    assert found.external_id == "028-1000002-0000002"


def test_the_key_of_a_notice_is_not_kept_with_it() -> None:
    """Whoever may look at a delivery must not be able to send one."""
    assert not amazon.KEY.startswith(KEPT_HEADERS)


def test_notices_about_other_things_are_ignored_by_name() -> None:
    """An event bus may carry all of them."""
    found = amazon.translate(delivery("amazon", notice("FEED_PROCESSING_FINISHED")))
    assert isinstance(found, Ignored)
    assert "FEED_PROCESSING_FINISHED" in found.reason


def test_a_notice_is_known_again_by_its_own_id() -> None:
    """The event bus wraps it anew each time it tries."""
    tries = [{"detail-type": "x", "id": n, "detail": notice()} for n in ("1", "2")]
    first, second = (amazon.delivery_key(raw(each), {}) for each in tries)
    assert first == second
    assert first != amazon.delivery_key(raw(notice(name="n-2")), {})


def test_an_order_read_with_another_rate_is_another_delivery() -> None:
    """Who sets the rate right gets the lines right with the next poll."""
    body = json.dumps(order()).encode()
    keys = {amazon.delivery_key(body, {OWN_RATE: rate}) for rate in ("19", "7")}
    assert len(keys) == 2
