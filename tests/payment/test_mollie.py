"""Mollie: signed events, and calls that prove nothing until the payment is read back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.domain.deliveries import VERDICT, Delivery, Verdict
from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.domain.money import Money
from chalicelib.payment import mollie
from chalicelib.payment.port import Ignored, MovementKind, Notice
from chalicelib.payment.trust import trust
from chalicelib.runtime.http import Reply
from tests.payment.test_trust import connection
from tests.recorded.reading import NOW, SECRET, delivery, raw, recorded, signed

if TYPE_CHECKING:
    from chalicelib.runtime.http import Sign

KIND = "mollie"
KEY = "live_key-of-the-tests"


class FakeMollie:
    """Mollie's interface with one payment in it, or out of order."""

    def __init__(self, payment: object = None, *, is_down: bool = False) -> None:
        self.payment, self.is_down = payment, is_down
        self.asked: list[tuple[str, str, Any, str]] = []

    def __call__(self, address: str, sign: Sign) -> FakeMollie:
        """Stand for the way to an address."""
        self.address, self.sign = address, sign
        return self

    def call(self, method: str, path: str, *, query: Any = None, **_: Any) -> Reply:
        """Answer with the payment, if that is the one."""
        is_refused = False
        bearer = self.sign(is_refused)["Authorization"]
        self.asked.append((method, self.address + path, query, bearer))
        if self.is_down:
            raise Retryable("outside_down", "away")
        status = 200 if self.payment else 404
        return Reply(status=status, headers={}, body=raw(self.payment or {}))


def called(body: bytes = b"id=tr_Test1001") -> Delivery:
    """Return the older call as the webhook keeps it."""
    return replace(delivery(KIND, body), headers={VERDICT: Verdict.UNVERIFIED})


def read_back(outside: FakeMollie, sent: Delivery | None = None, **secrets: str) -> Delivery:
    """Have a call confirmed as the worker does."""
    known = secrets or {"api_key": KEY}
    return trust(sent or called(), connection(KIND), lambda *_: known, outside)


def told(name: str) -> list[Notice]:
    """Translate a recorded body; returns what moves money."""
    found = mollie.translate(delivery(KIND, recorded(KIND, name)))
    return [each for each in found if isinstance(each, Notice)]


# ---- whom to believe -------------------------------------------------------------------------


def test_a_call_without_a_signature_proves_nothing() -> None:
    """Whatever secret there is; anybody can post an id."""
    for secrets in ({}, {"webhook_secret": SECRET}):
        assert mollie.verify(b"id=tr_Test1001", {}, secrets, NOW) is Verdict.UNVERIFIED


@pytest.mark.parametrize("body", [b"", b"id=", b"id=tr_1&x=y", b"id=tr_../../x", b'{"id": "tr_1"}'])
def test_what_is_no_such_call_must_be_signed(body: bytes) -> None:
    """A missing header does not make an old call of a forged event."""
    assert mollie.verify(body, {}, {"webhook_secret": SECRET}, NOW) is Verdict.FORGED


def test_any_of_several_signatures_may_match() -> None:
    """Mollie signs with every secret of a subscription."""
    body = raw(recorded(KIND, "event-payment-paid"))
    given = signed(KIND, body)["x-mollie-signature"]
    headers = {"X-Mollie-Signature": f"sha256={'0' * 64}, {given}"}
    assert mollie.verify(body, headers, {"webhook_secret": SECRET}, NOW) is Verdict.GENUINE


def test_a_payment_is_read_back_with_the_connections_key() -> None:
    """At Mollie and nowhere else, with its captures, refunds and chargebacks."""
    outside = FakeMollie(recorded(KIND, "payment-read-back"))
    found = read_back(outside)
    assert found.body == raw(recorded(KIND, "payment-read-back"))
    assert outside.asked == [
        ("GET", "https://api.mollie.com/v2/payments/tr_Test1001",
         {"embed": "captures,refunds,chargebacks"}, f"Bearer {KEY}"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("outside", "sent", "code"),
    [
        (FakeMollie(), called(), "bad_signature"),
        (FakeMollie({"id": "tr_Other"}), called(), "outside_answer"),
        (FakeMollie(), called(b"id=pl_12345"), "bad_payload"),
    ],
)
def test_a_payment_that_is_not_there_changes_nothing(
    outside: FakeMollie, sent: Delivery, code: str
) -> None:
    """An invented id, an answer about another payment, a thing that is no payment."""
    with pytest.raises(Permanent) as caught:
        read_back(outside, sent)
    assert caught.value.code == code


def test_without_a_key_nothing_is_read_and_the_reason_named() -> None:
    """The delivery is kept for when there is one."""
    outside = FakeMollie()
    with pytest.raises(Permanent) as caught:
        read_back(outside, webhook_secret=SECRET)
    assert (caught.value.code, outside.asked) == ("not_set_up", [])


def test_mollie_out_of_order_is_asked_again_later() -> None:
    """The trouble goes back to the queue."""
    with pytest.raises(Retryable):
        read_back(FakeMollie(is_down=True))


def test_an_event_is_known_by_its_id() -> None:
    """However often it comes."""
    assert mollie.delivery_key(raw(recorded(KIND, "event-payment-paid")), {}) == "whe_1"


# ---- movements -------------------------------------------------------------------------------


def test_a_payment_tells_what_came_in_and_everything_that_went_back() -> None:
    """Each movement under its own name, all for the same order; a pending refund is none."""
    found = told("payment-read-back")
    assert [(each.kind, each.reference, str(each.amount)) for each in found] == [
        (MovementKind.RECEIVED, "tr_Test1001", "68.99 EUR"),
        (MovementKind.REFUNDED, "re_Test1", "12.90 EUR"),
        (MovementKind.REFUND_FAILED, "re_Test3", "1.00 EUR"),
        (MovementKind.CHARGED_BACK, "chb_Won", "10.00 EUR"),
        (MovementKind.CHARGEBACK_REVERSED, "chb_Won", "10.00 EUR"),
        (MovementKind.CHARGED_BACK, "chb_Lost", "20.00 EUR"),
    ]
    assert {each.order_reference for each in found} == {"1001"}
    assert found[0].payer == "Käthe Öztürk"


def test_a_refund_finds_its_order_by_the_payment() -> None:
    """Its own event names no order, and is the same movement as that of the payment."""
    [event] = told("event-refund-refunded")
    assert (event.order_reference, event.payment) == ("", "tr_Test1001")
    assert event.reference == told("payment-read-back")[1].reference


def test_a_promise_in_yen() -> None:
    """4140 is 4140 yen, and has not come in."""
    [found] = told("event-payment-authorized-yen")
    assert (found.kind, found.order_reference) == (MovementKind.AUTHORIZED, "1006")
    assert found.amount == Money.of("4140", "JPY")


def test_a_promise_that_ran_out_goes_by_its_name() -> None:
    """Only if there was one: a payment that nobody made runs out too, and moves nothing."""
    [found] = told("event-payment-expired-yen")
    assert found.kind is MovementKind.AUTHORIZATION_VOIDED
    assert found.reference == told("event-payment-authorized-yen")[0].reference
    event = recorded(KIND, "event-payment-expired-yen")
    del event["_embedded"]["entity"]["authorizedAt"]
    [ignored] = mollie.translate(delivery(KIND, event))
    assert isinstance(ignored, Ignored)


def test_what_mollie_keeps_is_told_by_the_balance() -> None:
    """For the payment it was kept of; what it gives back is no fee."""
    [fee] = told("event-balance-fee")
    assert (fee.kind, fee.payment) == (MovementKind.FEE, "tr_Test1001")
    assert fee.amount == Money.of("0.39", "EUR")
    event = recorded(KIND, "event-balance-fee")
    event["_embedded"]["entity"]["deductions"]["value"] = "0.39"
    [ignored] = mollie.translate(delivery(KIND, event))
    assert isinstance(ignored, Ignored)


def test_what_was_captured_counts() -> None:
    """A capture may be for less than was promised."""
    event = recorded(KIND, "event-payment-paid")
    event["_embedded"]["entity"]["amountCaptured"] = {"value": "50.00", "currency": "EUR"}
    [found] = mollie.translate(delivery(KIND, event))
    assert isinstance(found, Notice)
    assert found.amount == Money.of("50", "EUR")


@pytest.mark.parametrize(
    "name", ["event-payment-failed", "event-refund-pending", "event-payment-link-paid"]
)
def test_what_moves_no_money_is_ignored(name: str) -> None:
    """With a reason."""
    assert told(name) == []


def test_an_event_without_its_payload_says_what_to_change() -> None:
    """Nothing is guessed of it."""
    event = recorded(KIND, "event-payment-paid")
    del event["_embedded"]
    with pytest.raises(Permanent) as caught:
        mollie.translate(delivery(KIND, event))
    assert caught.value.text.startswith("_embedded.entity: must be given (subscribe")


@pytest.mark.parametrize(
    ("secrets", "field"),
    [
        ({}, "secrets.api_key"),
        ({"api_key": "x"}, "secrets.api_key"),
        ({"api_key": KEY, "webhook_secret": "short"}, "secrets.webhook_secret"),
    ],
)
def test_a_connection_that_could_not_work_is_refused(secrets: dict[str, str], field: str) -> None:
    """A key to read payments or a secret of events is needed."""
    mollie.check({}, {"api_key": KEY})
    mollie.check({}, {"webhook_secret": SECRET})
    with pytest.raises(Permanent) as caught:
        mollie.check({}, secrets)
    assert caught.value.text.startswith(field)
