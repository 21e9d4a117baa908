"""Stripe: which events move money, how much, and for which order."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.deliveries import Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money
from chalicelib.payment import stripe
from chalicelib.payment.port import Ignored, MovementKind, Notice
from tests.recorded.reading import NOW, SECRET, delivery, raw, recorded, signed

KIND = "stripe"
SECRETS = {"webhook_secret": SECRET}
BODY = b'{"id": "evt_1"}'


def translate(body: object) -> Notice | Ignored:
    """Translate an event."""
    return stripe.translate(delivery(KIND, body))


def notice(name: str) -> Notice:
    """Translate a recorded event that must move money."""
    found = translate(recorded(KIND, name))
    assert isinstance(found, Notice)
    return found


def with_object(name: str, **fields: Any) -> dict[str, Any]:
    """Return a recorded event whose object has other fields."""
    event = recorded(KIND, name)
    event["data"]["object"].update(fields)
    return event


# ---- signatures ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (0, Verdict.GENUINE),
        (299, Verdict.GENUINE),
        (-299, Verdict.GENUINE),
        (301, Verdict.STALE),
        (-301, Verdict.STALE),
    ],
)
def test_a_signature_holds_for_five_minutes_either_way(seconds: int, verdict: Verdict) -> None:
    """An old one may be a replay, one from the future a broken clock."""
    headers = signed(KIND, BODY, at=NOW - timedelta(seconds=seconds))
    assert stripe.verify(BODY, headers, SECRETS, NOW) is verdict


def test_a_stale_time_needs_a_genuine_signature_to_be_called_stale() -> None:
    """Somebody without the secret learns nothing."""
    headers = signed(KIND, BODY, "another", at=NOW - timedelta(days=1))
    assert stripe.verify(BODY, headers, SECRETS, NOW) is Verdict.FORGED


def test_any_of_several_signatures_may_match() -> None:
    """While Stripe rolls a secret it signs with both, and sends a scheme for tests beside them."""
    stamp, genuine = signed(KIND, BODY)["stripe-signature"].split(",")
    header = f"{stamp}, v1={'0' * 64}, {genuine}, v0=abc"
    assert stripe.verify(BODY, {"Stripe-Signature": header}, SECRETS, NOW) is Verdict.GENUINE


@pytest.mark.parametrize(
    "header", ["", "t=,v1=", "v1=abc", "t=soon,v1=abc", "t=1", "t=٣,v1=abc", ",,,", "t==1,v1==2"]
)
def test_a_broken_header_is_refused(header: str) -> None:
    """Without an error."""
    assert stripe.verify(BODY, {"stripe-signature": header}, SECRETS, NOW) is Verdict.FORGED


def test_the_older_scheme_alone_proves_nothing() -> None:
    """Only `v1` counts."""
    stamp = int(NOW.timestamp())
    digest = hmac.new(SECRET.encode(), f"{stamp}.".encode() + BODY, hashlib.sha256).hexdigest()
    header = {"stripe-signature": f"t={stamp},v0={digest}"}
    assert stripe.verify(BODY, header, SECRETS, NOW) is Verdict.FORGED


def test_an_event_is_known_by_its_id() -> None:
    """A retry is signed anew but has the same id."""
    assert stripe.delivery_key(raw(recorded(KIND, "refund-created")), {}) == "evt_5"


# ---- movements -------------------------------------------------------------------------------


def test_a_payment_that_succeeded_is_money_received() -> None:
    """With the shop's order number, the payer, and the moment of the event."""
    found = notice("payment-intent-succeeded")
    assert (found.kind, found.reference) == (MovementKind.RECEIVED, "pi_3Test1001")
    assert (found.order_reference, found.payer) == ("1001", "Jörg Müßig")
    assert found.amount == Money.of("68.99", "EUR")
    assert found.booked_at == datetime.fromtimestamp(1795425010, UTC)


def test_what_was_received_counts_not_what_was_asked() -> None:
    """A capture may be for less."""
    found = translate(with_object("payment-intent-succeeded", amount_received=5000))
    assert isinstance(found, Notice)
    assert found.amount == Money.of("50.00", "EUR")


def test_a_currency_without_decimals() -> None:
    """4140 is 4140 yen; the number sign is not part of the order's number."""
    found = notice("payment-intent-succeeded-yen")
    assert found.amount == Money(minor=4140, currency="JPY")
    assert (found.order_reference, found.payer) == ("1006", "kunde@example.com")


@pytest.mark.parametrize(
    ("currency", "stripes", "ours"),
    [("isk", 50000, "500"), ("ugx", 50000, "500"), ("mga", 500, "500"), ("kwd", 1230, "1.230")],
)
def test_currencies_stripe_counts_in_its_own_way(currency: str, stripes: int, ours: str) -> None:
    """Hundredths of krónur that do not exist, thousandths of dinars that do."""
    event = with_object("payment-intent-succeeded", currency=currency, amount_received=stripes)
    found = translate(event)
    assert isinstance(found, Notice)
    assert found.amount == Money.of(ours, currency.upper())


def test_money_that_is_held_is_a_promise() -> None:
    """Nothing has come in before the capture."""
    found = notice("payment-intent-capturable")
    assert (found.kind, found.amount) == (MovementKind.AUTHORIZED, Money.of("29.90", "EUR"))
    assert found.payer == "Käthe Öztürk"


def test_a_refund_told_three_times_has_one_name() -> None:
    """The refund, its update and the charge it belongs to are the same money."""
    created = notice("refund-created")
    updated = translate({**recorded(KIND, "refund-created"), "type": "refund.updated"})
    charge = notice("charge-refunded")
    assert isinstance(updated, Notice)
    names = {(each.kind, each.reference, each.amount) for each in (created, updated, charge)}
    assert names == {(MovementKind.REFUNDED, "re_3Second", Money.of("12.90", "EUR"))}
    assert charge.order_reference == "1001"


@pytest.mark.parametrize(
    "name",
    ["refund-pending", "charge-refunded-without-list", "dispute-inquiry", "payment-intent-failed"],
)
def test_what_moves_no_money_is_ignored(name: str) -> None:
    """A refund on its way, a charge that does not say which, a question, a failure."""
    assert isinstance(translate(recorded(KIND, name)), Ignored)


def test_a_dispute_is_one_chargeback() -> None:
    """Opening it and taking the money are told apart, but are the same money."""
    opened, taken = notice("dispute-created"), notice("dispute-funds-withdrawn")
    assert opened.kind is taken.kind is MovementKind.CHARGED_BACK
    assert opened.reference == taken.reference == "du_1Test"


def test_a_refund_that_failed_takes_back_the_refund_of_its_name() -> None:
    """However Stripe tells it; its order is found by the payment."""
    found = notice("refund-failed")
    updated = translate({**recorded(KIND, "refund-failed"), "type": "refund.updated"})
    assert isinstance(updated, Notice)
    assert found.kind is updated.kind is MovementKind.REFUND_FAILED
    assert found.reference == notice("refund-created").reference
    assert (found.order_reference, found.payment) == ("", "pi_3Test1001")


def test_a_dispute_that_was_won_gives_the_money_back() -> None:
    """Under the name of the dispute."""
    found = notice("dispute-funds-reinstated")
    assert found.kind is MovementKind.CHARGEBACK_REVERSED
    assert (found.reference, found.payment) == ("du_1Test", "pi_3Test1001")


@pytest.mark.parametrize(
    "metadata",
    [{"order_id": "77"}, {"order_number": "#77"}, {"orderId": 77}, {"order_id": "", "order": "77"}],
)
def test_the_order_is_found_where_shops_put_it(metadata: dict[str, object]) -> None:
    """There is no one name for it."""
    found = translate(with_object("payment-intent-succeeded", metadata=metadata))
    assert isinstance(found, Notice)
    assert found.order_reference == "77"


def test_a_payment_that_names_no_order_is_told_all_the_same() -> None:
    """It is parked, not lost."""
    found = translate(with_object("payment-intent-succeeded", metadata={}))
    assert isinstance(found, Notice)
    assert found.order_reference == ""


def test_nothing_received_is_no_movement() -> None:
    """Of zero there is nothing to book."""
    found = translate(with_object("payment-intent-succeeded", amount_received=0))
    assert isinstance(found, Ignored)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"amount_received": -1}, "data.object.amount_received: must be a whole number"),
        ({"amount_received": 10.5}, "data.object.amount_received: must be a whole number"),
        ({"amount_received": True}, "data.object.amount_received: must be a whole number"),
        ({"amount_received": None}, "data.object.amount_received: must be a whole number"),
        ({"amount_received": 10**40}, "data.object.amount_received: must be a whole number"),
        ({"currency": "euro"}, 'data.object.currency: must be a currency of ISO 4217, is "euro"'),
        ({"id": None}, "data.object.id: must be given, is missing"),
    ],
)
def test_an_amount_that_is_none_is_refused(fields: dict[str, Any], text: str) -> None:
    """With the field and the reason."""
    with pytest.raises(Permanent) as caught:
        translate(with_object("payment-intent-succeeded", **fields))
    assert caught.value.code == "bad_payload"
    assert caught.value.text.startswith(text)


@pytest.mark.parametrize("type_", ["charge.captured", "checkout.session.completed", "payout.paid"])
def test_other_events_are_ignored_by_name(type_: str) -> None:
    """They tell the same money again, or none of an order's."""
    found = translate({**recorded(KIND, "payment-intent-succeeded"), "type": type_})
    assert isinstance(found, Ignored)
    assert type_ in found.reason


def test_a_promise_that_is_cancelled_or_runs_out_goes_by_its_name() -> None:
    """The intent's, whichever of the two events tells it; an unpaid one promised nothing."""
    promised = translate(recorded(KIND, "payment-intent-capturable"))
    for name in ("payment-intent-canceled", "charge-expired"):
        found = translate(recorded(KIND, name))
        assert isinstance(found, Notice)
        assert isinstance(promised, Notice)
        assert found.kind is MovementKind.AUTHORIZATION_VOIDED
        assert (found.reference, found.amount) == (promised.reference, promised.amount)
    event = recorded(KIND, "payment-intent-canceled")
    event["data"]["object"]["capture_method"] = "automatic"
    assert isinstance(translate(event), Ignored)


def test_the_fee_is_told_where_the_charge_carries_it() -> None:
    """For the payment it was kept of; a charge that only names its entry tells none."""
    found = translate(recorded(KIND, "charge-updated-with-fee"))
    assert isinstance(found, Notice)
    assert (found.kind, found.reference, found.payment, str(found.amount)) == (
        MovementKind.FEE, "txn_1Test", "pi_3Test1001", "1.29 EUR",
    )  # fmt: skip
    assert isinstance(translate(recorded(KIND, "charge-succeeded")), Ignored)
