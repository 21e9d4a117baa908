"""PayPal: what the worker must see before it believes an event, and what moves money."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.deliveries import VERDICT, Delivery, Verdict
from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.domain.money import Money
from chalicelib.payment import paypal
from chalicelib.payment.port import Ignored, MovementKind, Notice, read
from chalicelib.payment.trust import trust
from chalicelib.runtime.http import Reply
from tests.payment.authority import Certificate, sign
from tests.payment.test_trust import connection
from tests.recorded.reading import NOW, delivery, names, raw, recorded

KIND = "paypal"
WEBHOOK = "1JE4291016473214C"
CAPTURE = "3C679366HH908993F"


class FakePaypal:
    """The place where PayPal's certificates lie."""

    def __init__(self, pem: bytes | None = None) -> None:
        self.pem = pem
        self.asked: list[str] = []

    def __call__(self, address: str) -> FakePaypal:
        """Stand for the way to an address."""
        self.address = address
        return self

    def call(self, method: str, path: str, **_: Any) -> Reply:
        """Answer with the certificate, or not at all."""
        self.asked.append(f"{method} {self.address}{path}")
        if self.pem is None:
            raise Retryable("outside_down", "away")
        return Reply(status=200, headers={}, body=self.pem)


def address(name: str) -> str:
    """Return the address of a certificate; each test has its own, for they are remembered."""
    return f"https://api.paypal.com/v1/notifications/certs/CERT-{name}"


def sent(url: str, *, webhook: str = WEBHOOK, **more: str) -> Delivery:
    """Return an event as PayPal signs it, as the webhook keeps it."""
    one = delivery(KIND, recorded(KIND, "capture-completed"))
    at = "2026-11-23T08:15:31Z"
    message = f"69cd13f0|{at}|{webhook}|{zlib.crc32(one.body)}".encode()
    headers = {
        "paypal-transmission-id": "69cd13f0",
        "paypal-transmission-time": at,
        "paypal-transmission-sig": base64.b64encode(sign(message)).decode(),
        "paypal-cert-url": url,
        "paypal-auth-algo": "SHA256withRSA",
        VERDICT: Verdict.UNVERIFIED,
    }
    return replace(one, headers=headers | {f"paypal-{k}": v for k, v in more.items()})


def confirmed(one: Delivery, outside: FakePaypal, webhook: str = WEBHOOK) -> Delivery:
    """Have a delivery checked as the worker does."""
    return trust(one, connection(KIND, webhook_id=webhook), lambda *_: {}, outside)


def refused(one: Delivery, outside: FakePaypal, webhook: str = WEBHOOK) -> str:
    """Have a delivery refused as not genuine; returns the reason."""
    with pytest.raises(Permanent) as caught:
        confirmed(one, outside, webhook)
    assert caught.value.code == "bad_signature"
    return caught.value.text


def told(name: str) -> Notice:
    """Translate a recorded event that must move money."""
    found = read(delivery(KIND, recorded(KIND, name)))[0]
    assert isinstance(found, Notice)
    return found


# ---- whom to believe -------------------------------------------------------------------------


def test_what_can_be_genuine_is_left_to_the_worker() -> None:
    """The webhook believes nothing, and keeps nothing that can not be genuine."""
    one = sent(address("a"))
    assert paypal.verify(one.body, one.headers, {}, NOW) is Verdict.UNVERIFIED
    for name in one.headers:
        left = {key: value for key, value in one.headers.items() if key != name}
        expected = Verdict.UNVERIFIED if name == VERDICT else Verdict.FORGED
        assert paypal.verify(one.body, left, {}, NOW) is expected


@pytest.mark.parametrize(
    "url",
    [
        "http://api.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1",
        "https://evil.example/?x=https://api.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com@evil.example/v1/notifications/certs/CERT-1",
        "https://www.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com/v1/notifications/certs/../../x",
        "https://api.paypal.com/v1/notifications/certs/CERT-1\nx",
    ],
)
def test_a_certificate_that_lies_elsewhere_is_never_fetched(url: str) -> None:
    """Whoever sends an event has also written where its certificate lies."""
    one, outside = sent(url), FakePaypal(Certificate().pem)
    assert paypal.verify(one.body, one.headers, {}, NOW) is Verdict.FORGED
    refused(one, outside)
    assert outside.asked == []


def test_a_signed_event_is_believed_and_its_certificate_fetched_once() -> None:
    """From PayPal itself; the next one with the same certificate asks nobody."""
    outside, one = FakePaypal(Certificate().pem), sent(address("once"))
    assert [confirmed(one, outside), confirmed(one, outside)] == [one, one]
    assert outside.asked == [f"GET {address('once')}"]


def test_an_event_that_was_changed_is_refused() -> None:
    """Even by a blank: the checksum is that of the raw bytes."""
    outside, one = FakePaypal(Certificate().pem), sent(address("changed"))
    refused(replace(one, body=one.body + b" "), outside)
    refused(replace(one, headers={**one.headers, "paypal-transmission-id": "other"}), outside)
    refused(replace(one, headers={**one.headers, "paypal-transmission-sig": "ü"}), outside)


def test_an_event_for_another_webhook_is_refused() -> None:
    """Somebody else's events are signed by PayPal too."""
    text = refused(sent(address("o")), FakePaypal(Certificate().pem), "9ZZ99999AA999999B")
    assert "settings.webhook_id" in text


@pytest.mark.parametrize(
    "pem",
    [
        Certificate(name="evil.example").pem,
        Certificate(days=(-60, -1)).pem,
        Certificate(issuer="messageverificationcerts.paypal.com").pem,
        Certificate(name="messageverificationcerts.sandbox.paypal.com").pem,
    ],
)
def test_a_certificate_that_is_not_paypals_own_is_refused(pem: bytes) -> None:
    """Another name, run out, signed by itself, or that of the sandbox; and it is not kept."""
    url = address(f"bad-{zlib.crc32(pem)}")
    refused(sent(url), FakePaypal(pem))
    assert confirmed(sent(url), FakePaypal(Certificate().pem))


def test_paypal_out_of_order_is_asked_again_later() -> None:
    """The trouble goes back to the queue."""
    with pytest.raises(Retryable):
        confirmed(sent(address("down")), FakePaypal())


def test_a_forged_copy_does_not_take_the_place_of_the_event() -> None:
    """It has the same body, but cannot have the same signature."""
    one = sent(address("k"))
    keys = {
        paypal.delivery_key(one.body, {**one.headers, "paypal-transmission-sig": text})
        for text in ("a", "b", "b")
    }
    assert len(keys) == 2


def test_a_connection_needs_the_webhooks_id() -> None:
    """Not the word that PayPal's simulator, and so anybody, can sign with."""
    paypal.check({"webhook_id": WEBHOOK}, {})
    for settings in ({}, {"webhook_id": ""}, {"webhook_id": "WEBHOOK_ID"}):
        with pytest.raises(Permanent) as caught:
            paypal.check(settings, {})
        assert caught.value.text.startswith("settings.webhook_id: must be")


# ---- movements -------------------------------------------------------------------------------


def test_a_capture_is_money_received() -> None:
    """With the shop's own name of the order, and its moment in UTC."""
    found = told("capture-completed")
    assert (found.kind, found.reference) == (MovementKind.RECEIVED, CAPTURE)
    assert (found.order_reference, found.amount) == ("1001", Money.of("68.99", "EUR"))
    assert found.booked_at == datetime(2026, 11, 23, 8, 15, 30, tzinfo=UTC)


def test_what_paypal_keeps_is_told_beside_the_money() -> None:
    """For the same order and payment; in the currency it was kept in, and not at all if nothing."""
    paid, fee = read(delivery(KIND, recorded(KIND, "capture-completed")))
    assert isinstance(paid, Notice)
    assert isinstance(fee, Notice)
    assert (fee.kind, fee.payment, fee.order_reference) == (MovementKind.FEE, CAPTURE, "1001")
    assert fee.amount == Money.of("2.07", "EUR")
    event = recorded(KIND, "capture-completed")
    event["resource"]["seller_receivable_breakdown"]["paypal_fee"]["value"] = "0.00"
    assert len(read(delivery(KIND, event))) == 1


def test_a_promise_that_is_taken_back_goes_by_its_name() -> None:
    """And for as much."""
    promised, voided = told("authorization-created"), told("authorization-voided")
    assert voided.kind is MovementKind.AUTHORIZATION_VOIDED
    assert (voided.reference, voided.amount) == (promised.reference, promised.amount)


def test_the_invoice_names_the_order_where_a_plugin_keeps_notes_of_its_own() -> None:
    """4140 is 4140 yen."""
    found = told("capture-completed-yen-json-of-a-plugin")
    assert (found.order_reference, found.amount) == ("1006", Money.of("4140", "JPY"))


def test_the_first_version_of_the_interface_is_read_too() -> None:
    """Older shops still pay with it: what is now a capture was a sale, its fee told beside it."""
    paid, fee = read(delivery(KIND, recorded(KIND, "sale-completed-first-version")))
    assert isinstance(paid, Notice)
    assert isinstance(fee, Notice)
    assert (paid.order_reference, str(paid.amount), str(fee.amount)) == (
        "1008", "40.00 EUR", "0.89 EUR",
    )  # fmt: skip
    back = told("sale-refunded-first-version")
    assert (back.payment, str(back.amount)) == (paid.reference, "5.00 EUR")


def test_a_refund_finds_its_payment_in_its_link() -> None:
    """It names no order itself."""
    found = told("capture-refunded")
    assert (found.kind, found.reference) == (MovementKind.REFUNDED, "1JU08902781691411")
    assert (found.payment, found.order_reference) == (CAPTURE, "")


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED"])
def test_a_refund_that_came_to_nothing_is_no_money_back(status: str) -> None:
    """It is told by the same event, under the name it was accepted by."""
    event = recorded(KIND, "capture-refunded")
    event["resource"]["status"] = status
    found = paypal.translate(delivery(KIND, event))
    assert isinstance(found, Notice)
    assert (found.kind, found.reference) == (MovementKind.REFUND_FAILED, "1JU08902781691411")


def test_a_dispute_and_the_reversal_it_ends_with_are_the_same_money() -> None:
    """Booked once, under the name of the payment."""
    found = [told("dispute-updated-chargeback"), told("capture-reversed")]
    assert {(each.kind, each.reference, each.payment) for each in found} == {
        (MovementKind.CHARGED_BACK, CAPTURE, CAPTURE)
    }


def test_a_dispute_that_the_seller_wins_brings_the_money_back() -> None:
    """Under the same name."""
    found = told("dispute-resolved-for-the-seller")
    assert (found.kind, found.reference) == (MovementKind.CHARGEBACK_REVERSED, CAPTURE)


def test_what_moves_no_money_is_ignored() -> None:
    """A promise of PayPal, a question of the buyer, an end that other events tell."""
    found = {name: paypal.translate(delivery(KIND, recorded(KIND, name))) for name in names(KIND)}
    assert {name for name, each in found.items() if isinstance(each, Ignored)} == {
        "capture-pending", "capture-denied", "order-approved", "dispute-created-inquiry",
        "dispute-resolved-for-the-buyer",
    }  # fmt: skip


@pytest.mark.parametrize("value", ["-1", "ten", None, "1e400", True])
def test_an_amount_that_is_none_is_refused(value: object) -> None:
    """With the field and the reason."""
    event = recorded(KIND, "capture-completed")
    event["resource"]["amount"]["value"] = value
    with pytest.raises(Permanent) as caught:
        paypal.translate(delivery(KIND, raw(event)))
    assert caught.value.text.startswith("resource.amount.value: must")
