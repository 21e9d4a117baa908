"""SumUp: three kinds of calls that name a checkout, and what its payments have come to."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.domain.deliveries import VERDICT, Delivery, Verdict
from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.domain.money import Money
from chalicelib.payment import sumup
from chalicelib.payment.port import Ignored, MovementKind, Notice
from chalicelib.payment.trust import trust
from chalicelib.runtime.http import Reply
from tests.payment.test_trust import connection
from tests.recorded.reading import NOW, SECRET, delivery, raw, recorded

if TYPE_CHECKING:
    from chalicelib.runtime.http import Sign

KIND = "sumup"
NAME = "6f2d1c9e-0000-4000-8000-000000001001"
PAID = "9b1e77aa-0000-4000-8000-000000001001"
KEY = "sup_sk_of-the-tests-0001"
OLDEST = raw({"event_type": "CHECKOUT_STATUS_CHANGED", "id": NAME})
SECOND = raw({
    "id": "c56d", "event_type": "checkout.status.updated",
    "payload": {"checkout_id": NAME, "reference": "1001", "status": "PAID"},
})  # fmt: skip
SIGNED = raw({
    "id": "evt_1", "type": "checkouts.paid", "created_at": "2026-11-23T09:30:00Z",
    "object": {"id": NAME, "type": "checkout", "url": "https://evil.example/x"},
})  # fmt: skip


class FakeSumUp:
    """SumUp's interface with one checkout and its transactions in it, or out of order."""

    def __init__(self, name: str = "", *, is_down: bool = False, **other: object) -> None:
        self.has, self.is_down = recorded(KIND, name) if name else {}, is_down
        self.has = self.has | {"checkout": {**self.has.get("checkout", {}), **other}}
        self.asked: list[tuple[str, Any, str]] = []

    def __call__(self, address: str, sign: Sign) -> FakeSumUp:
        """Stand for the way to an address."""
        self.address, self.sign = address, sign
        return self

    def call(self, method: str, path: str, *, query: Any = None, **_: Any) -> Reply:
        """Answer with the checkout or one of its transactions."""
        assert method == "GET"
        is_refused = False
        self.asked.append((self.address + path, query, self.sign(is_refused)["Authorization"]))
        if self.is_down:
            raise Retryable("outside_down", "429 Too Many Requests")
        if "/checkouts/" in path:
            status = 200 if self.has["checkout"] else 404
            return Reply(status=status, headers={}, body=raw(self.has["checkout"]))
        [found] = [each for each in self.has["transactions"] if each["id"] == query["id"]]
        return Reply(status=200, headers={}, body=raw(found))


def signature(body: bytes, secret: str = SECRET, seconds: int = 0) -> dict[str, str]:
    """Return the header that a body is signed with, so many seconds from now."""
    stamp = str(int((NOW + timedelta(seconds=seconds)).timestamp()))
    digest = hmac.new(secret.encode(), f"v1:{stamp}:".encode() + body, hashlib.sha256)
    return {"X-SumUp-Webhook-Signature": f"t={stamp},v1={digest.hexdigest()}"}


def read_back(outside: FakeSumUp, body: bytes = OLDEST) -> Delivery:
    """Have a call confirmed as the worker does."""
    sent = replace(delivery(KIND, body), headers={VERDICT: Verdict.UNVERIFIED})
    return trust(sent, connection(KIND), lambda *_: {"api_key": KEY}, outside)


def told(name: str) -> list[Notice]:
    """Translate a recorded checkout; returns what moves money."""
    found = sumup.translate(delivery(KIND, recorded(KIND, name)))
    return [each for each in found if isinstance(each, Notice)]


# ---- whom to believe -------------------------------------------------------------------------


@pytest.mark.parametrize("body", [OLDEST, SECOND])
def test_a_call_without_a_signature_proves_nothing(body: bytes) -> None:
    """The checkout it names is read back, and every call counts."""
    assert sumup.verify(body, {}, {"webhook_secret": SECRET}, NOW) is Verdict.UNVERIFIED


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_signed_event_is_still_read_back(seconds: int) -> None:
    """It carries nothing but a name; five minutes before and after count as now."""
    secrets = {"webhook_secret": "new-secret", "previous_webhook_secret": SECRET}
    headers = signature(SIGNED, seconds=seconds)
    assert sumup.verify(SIGNED, headers, secrets, NOW) is Verdict.UNVERIFIED
    assert sumup.delivery_key(SIGNED, headers) == "evt_1"


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_or_future_signature_is_stale(seconds: int) -> None:
    """A recorded delivery cannot be sent again next week."""
    headers = signature(SIGNED, seconds=seconds)
    assert sumup.verify(SIGNED, headers, {"webhook_secret": SECRET}, NOW) is Verdict.STALE


@pytest.mark.parametrize(
    ("body", "headers", "secret"),
    [
        (SIGNED, {}, SECRET),
        (SIGNED, signature(SIGNED, "another"), SECRET),
        (SIGNED + b" ", signature(SIGNED), SECRET),
        (SIGNED, signature(SIGNED, ""), ""),
        (SIGNED.replace(b"checkouts.paid", b"members.updated"), signature(SIGNED), SECRET),
        (OLDEST.replace(NAME.encode(), b"../../v1/me"), {}, SECRET),
        (b'{"event_type": "other", "id": "6f2d1c9e-0000"}', {}, SECRET),
        (b"[]", {}, SECRET),
        (b"id=1", {}, SECRET),
    ],
)
def test_what_is_forged_or_names_no_checkout_is_refused(
    body: bytes, headers: dict[str, str], secret: str
) -> None:
    """Leaving the signature away does not make an older call of an event."""
    assert sumup.verify(body, headers, {"webhook_secret": secret}, NOW) is Verdict.FORGED


def test_a_checkout_is_read_back_with_its_transactions() -> None:
    """At SumUp, whatever address the event names."""
    outside = FakeSumUp("checkout-refunded-in-parts")
    found = read_back(outside, SIGNED)
    assert json.loads(found.body) == recorded(KIND, "checkout-refunded-in-parts")
    assert outside.asked == [
        (f"https://api.sumup.com/v0.1/checkouts/{NAME}", None, f"Bearer {KEY}"),
        ("https://api.sumup.com/v2.1/merchants/MTEST001/transactions", {"id": PAID},
         f"Bearer {KEY}"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["checkout-pending", "checkout-failed-pesos"])
def test_nothing_more_is_read_of_a_checkout_that_is_not_paid(name: str) -> None:
    """And nothing is booked."""
    outside = FakeSumUp(name)
    assert all(isinstance(each, Ignored) for each in sumup.translate(read_back(outside)))
    assert len(outside.asked) == 1


@pytest.mark.parametrize(
    ("outside", "code"),
    [
        (FakeSumUp(), "bad_signature"),
        (FakeSumUp("checkout-paid", id="another-checkout"), "outside_answer"),
        (FakeSumUp("checkout-paid", merchant_code="../x"), "bad_payload"),
    ],
)
def test_a_checkout_that_is_not_there_changes_nothing(outside: FakeSumUp, code: str) -> None:
    """An invented name, an answer about another, and one that leads elsewhere."""
    with pytest.raises(Permanent) as caught:
        read_back(outside)
    assert caught.value.code == code


def test_sumup_out_of_order_is_asked_again_later() -> None:
    """Too many calls, too: the trouble goes back to the queue."""
    with pytest.raises(Retryable):
        read_back(FakeSumUp(is_down=True))


def test_a_connection_that_could_not_work_is_refused() -> None:
    """A key to read checkouts is always needed; a secret only for signed events."""
    sumup.check({}, {"api_key": KEY})
    for secrets, field in (
        ({}, "secrets.api_key"),
        ({"api_key": KEY, "webhook_secret": "short"}, "secrets.webhook_secret"),
    ):
        with pytest.raises(Permanent) as caught:
            sumup.check({}, secrets)
        assert caught.value.text.startswith(field)


# ---- movements -------------------------------------------------------------------------------


def test_a_payment_tells_what_came_in_and_everything_that_went_back() -> None:
    """Each movement under its own name, all for the same order; a pending refund is none."""
    found = told("checkout-refunded-in-parts")
    assert [(each.kind, each.reference, str(each.amount)) for each in found] == [
        (MovementKind.RECEIVED, PAID, "68.99 EUR"),
        (MovementKind.REFUNDED, f"{PAID}:700002", "12.90 EUR"),
        (MovementKind.REFUNDED, f"{PAID}:700004", "10.00 EUR"),
    ]
    assert {each.order_reference for each in found} == {"1001"}
    assert [each.payment for each in found] == ["", PAID, PAID]


def test_a_refund_that_failed_after_it_was_accepted_is_told() -> None:
    """Under the name it was accepted by."""
    body = recorded(KIND, "checkout-refunded-in-parts")
    body["transactions"][0]["transaction_events"][1]["status"] = "FAILED"
    found = [x for x in sumup.translate(delivery(KIND, body)) if isinstance(x, Notice)]
    [failed] = [x for x in found if x.kind is MovementKind.REFUND_FAILED]
    assert (failed.reference, failed.payment) == (f"{PAID}:700003", PAID)


def test_a_chargeback_takes_back_what_had_come_in() -> None:
    """Both are told, whichever was heard of first."""
    kinds = [each.kind for each in told("checkout-charged-back")]
    assert kinds == [MovementKind.RECEIVED, MovementKind.CHARGED_BACK]


def test_the_fee_is_told_once_the_money_is_paid_out() -> None:
    """For the payment it was kept of; a payout by itself moves nothing of the order."""
    paid, fee = told("checkout-paid-out-with-fee")
    assert (paid.kind, fee.kind, fee.payment) == (MovementKind.RECEIVED, MovementKind.FEE, PAID)
    assert fee.amount == Money.of("1.73", "EUR")


def test_pesos_are_whole_pesos() -> None:
    """4140 is what was asked for."""
    [found] = told("checkout-paid-pesos")
    assert (found.amount, found.order_reference) == (Money.of("4140", "CLP"), "1006")
