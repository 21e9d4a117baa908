"""Klarna: calls that prove nothing, and orders read back with what was captured and refunded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.domain.deliveries import VERDICT, Delivery, Verdict
from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.domain.money import Money
from chalicelib.payment import klarna
from chalicelib.payment.port import Ignored, MovementKind, Notice
from chalicelib.payment.trust import trust
from chalicelib.runtime.http import Reply
from tests.payment.test_trust import connection
from tests.recorded.reading import NOW, delivery, raw, recorded

if TYPE_CHECKING:
    from chalicelib.runtime.http import Sign

KIND = "klarna"
NAME = "a3f1c0de-0000-4000-8000-000000001001"
KNOWN = {"username": "PK_test_user", "password": "klarna-test-password"}
PUSH = f"klarna_order_id={NAME}".encode()
NOTIFIED = f'{{"order_id": "{NAME}", "event_type": "FRAUD_RISK_ACCEPTED"}}'.encode()
PAGE = f'{{"event_id": "e1", "session": {{"session_id": "s1", "order_id": "{NAME}"}}}}'.encode()


class FakeKlarna:
    """Klarna's order management with one order in it, or out of order."""

    def __init__(self, order: object = None, *, is_down: bool = False) -> None:
        self.order, self.is_down = order, is_down
        self.asked: list[tuple[str, str, str]] = []

    def __call__(self, address: str, sign: Sign) -> FakeKlarna:
        """Stand for the way to an address."""
        self.address, self.sign = address, sign
        return self

    def call(self, method: str, path: str, **_: Any) -> Reply:
        """Answer with the order, if that is the one."""
        is_refused = False
        self.asked.append((method, self.address + path, self.sign(is_refused)["Authorization"]))
        if self.is_down:
            raise Retryable("outside_down", "429 Too Many Requests")
        status = 200 if self.order else 404
        return Reply(status=status, headers={}, body=raw(self.order or {}))


def called(body: bytes = NOTIFIED) -> Delivery:
    """Return a call as the webhook keeps it."""
    return replace(delivery(KIND, body), headers={VERDICT: Verdict.UNVERIFIED})


def read_back(outside: FakeKlarna, body: bytes = NOTIFIED, **settings: str) -> Delivery:
    """Have a call confirmed as the worker does."""
    return trust(called(body), connection(KIND, **settings), lambda *_: KNOWN, outside)


def told(name: str) -> list[Notice]:
    """Translate a recorded order; returns what moves money."""
    found = klarna.translate(delivery(KIND, recorded(KIND, name)))
    return [each for each in found if isinstance(each, Notice)]


def shown(name: str) -> list[tuple[MovementKind, str, str]]:
    """Return the movements of a recorded order in short."""
    return [(each.kind, each.reference, str(each.amount)) for each in told(name)]


# ---- whom to believe -------------------------------------------------------------------------


@pytest.mark.parametrize("body", [PUSH, NOTIFIED, PAGE])
def test_a_call_that_names_an_order_proves_nothing(body: bytes) -> None:
    """Whatever it says became of it; the order is read back, wherever it stands in the call."""
    assert klarna.verify(body, {}, KNOWN, NOW) is Verdict.UNVERIFIED


def test_a_payment_page_without_an_order_yet_is_answered_and_forgotten() -> None:
    """Klarna would call again."""
    body = b'{"event_id": "e1", "session": {"session_id": "s1", "status": "IN_PROGRESS"}}'
    assert klarna.verify(body, {}, KNOWN, NOW) is Verdict.PING


@pytest.mark.parametrize(
    "body", [b"", b"klarna_order_id=../../x", b'{"order_id": "1"}', b"{}", b"[1]", b"{", b"\xff"]
)
def test_what_names_no_order_is_refused(body: bytes) -> None:
    """Nothing else is ever put into an address at Klarna."""
    assert klarna.verify(body, {}, KNOWN, NOW) is Verdict.FORGED


def test_an_order_is_read_back_with_the_connections_credentials() -> None:
    """At Klarna and nowhere else; the playground has an address of its own."""
    outside = FakeKlarna(recorded(KIND, "order-authorized"))
    assert read_back(outside).body == raw(recorded(KIND, "order-authorized"))
    read_back(outside, environment="playground")
    basic = "Basic UEtfdGVzdF91c2VyOmtsYXJuYS10ZXN0LXBhc3N3b3Jk"
    assert outside.asked == [
        ("GET", f"https://api.klarna.com/ordermanagement/v1/orders/{NAME}", basic),
        ("GET", f"https://api.playground.klarna.com/ordermanagement/v1/orders/{NAME}", basic),
    ]


def test_a_push_of_the_checkout_is_acknowledged_once_it_is_read() -> None:
    """Else Klarna tells the same for two days."""
    outside = FakeKlarna(recorded(KIND, "order-authorized"))
    read_back(outside, PUSH)
    assert [(method, at.rpartition("/")[2]) for method, at, _ in outside.asked] == [
        ("GET", NAME),
        ("POST", "acknowledge"),
    ]


@pytest.mark.parametrize(
    ("outside", "code"),
    [(FakeKlarna(), "bad_signature"), (FakeKlarna({"order_id": "another"}), "outside_answer")],
)
def test_an_order_that_is_not_there_changes_nothing(outside: FakeKlarna, code: str) -> None:
    """An invented name, or an answer about another order; neither is acknowledged."""
    with pytest.raises(Permanent) as caught:
        read_back(outside, PUSH)
    assert caught.value.code == code
    assert len(outside.asked) == 1


def test_klarna_out_of_order_is_asked_again_later() -> None:
    """Too many calls, too: the trouble goes back to the queue."""
    with pytest.raises(Retryable):
        read_back(FakeKlarna(is_down=True))


@pytest.mark.parametrize(
    ("settings", "secrets", "field"),
    [
        ({}, {}, "secrets.username"),
        ({}, {"username": "PK_test_user"}, "secrets.password"),
        ({"environment": "mars"}, KNOWN, "settings.environment"),
    ],
)
def test_a_connection_that_could_not_work_is_refused(
    settings: dict[str, str], secrets: dict[str, str], field: str
) -> None:
    """With the field that is missing."""
    klarna.check({}, KNOWN)
    with pytest.raises(Permanent) as caught:
        klarna.check(settings, secrets)
    assert caught.value.text.startswith(field)


# ---- movements -------------------------------------------------------------------------------


def test_an_order_is_promised_until_parts_of_it_are_captured() -> None:
    """Each capture is money of its own; the promise stays under the order's name."""
    assert shown("order-authorized") == [(MovementKind.AUTHORIZED, NAME, "68.99 EUR")]
    assert shown("order-captured-in-two-parts") == [
        (MovementKind.AUTHORIZED, NAME, "68.99 EUR"),
        (MovementKind.RECEIVED, "cap-1001-1", "30.00 EUR"),
        (MovementKind.RECEIVED, "cap-1001-2", "20.00 EUR"),
    ]
    found = told("order-captured-in-two-parts")
    assert {each.order_reference for each in found} == {"1001"}
    assert {each.payment for each in found} == {NAME}
    assert found[0].payer == "Käthe Öztürk"


def test_a_refund_is_told_beside_its_capture() -> None:
    """Under the name that Klarna gave it."""
    assert shown("order-captured-and-refunded")[-1] == (
        MovementKind.REFUNDED, "ref-1002-1", "12.90 EUR",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["order-cancelled", "order-expired-crowns-second-reference"])
def test_a_promise_ends_under_its_own_name(name: str) -> None:
    """When the order is cancelled or runs out, whatever was captured before."""
    found = told(name)
    assert (found[0].kind, found[-1].kind) == (
        MovementKind.AUTHORIZED, MovementKind.AUTHORIZATION_VOIDED,
    )  # fmt: skip
    assert found[0].reference == found[-1].reference


def test_the_second_reference_counts_where_there_is_no_first() -> None:
    """And crowns are crowns."""
    found = told("order-expired-crowns-second-reference")
    assert {each.order_reference for each in found} == {"1007"}
    assert found[0].amount == Money.of("68.99", "SEK")


def test_an_order_that_klarna_still_checks_promises_nothing() -> None:
    """It is told again when that is decided."""
    [found] = klarna.translate(delivery(KIND, recorded(KIND, "order-pending-fraud-check")))
    assert isinstance(found, Ignored)
