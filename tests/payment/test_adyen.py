"""Adyen: what is signed, and which of its many events move money."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.domain.deliveries import Delivery, Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money
from chalicelib.payment import adyen
from chalicelib.payment.port import SETTING, Ignored, MovementKind, Notice
from tests.recorded.reading import NOW, delivery, key_of, raw, recorded, sealed

KIND = "adyen"
SECRETS = {"webhook_secret": key_of(KIND)}
SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "adyen"
# The key that Adyen publishes with its own examples.
PUBLISHED = "74F490DD33F7327BAECC88B2947C011FC02D014A473AAA33A8EC93E4DC069174"


def told(name: str, *, capture: str = "manual") -> Notice:
    """Translate a recorded event of one item that must move money."""
    [found] = adyen.translate(with_setting(delivery(KIND, recorded(KIND, name)), capture))
    assert isinstance(found, Notice)
    return found


def with_setting(sent: Delivery, capture: str) -> Delivery:
    """Return a delivery of a connection with this way to capture."""
    return replace(sent, headers={f"{SETTING}capture": capture})


@pytest.mark.parametrize(
    ("name", "kind", "reference", "amount"),
    [
        ("capture", MovementKind.RECEIVED, "QFTEST0000000002", "68.99"),
        ("refund-failed", MovementKind.REFUND_FAILED, "QFTEST0000000004", "12.90"),
        ("chargeback", MovementKind.CHARGED_BACK, "QFTEST0000000005", "68.99"),
        ("chargeback-reversed", MovementKind.CHARGEBACK_REVERSED, "QFTEST0000000005", "68.99"),
        ("second-chargeback", MovementKind.CHARGED_BACK,
         "QFTEST0000000005:second_chargeback", "68.99"),
        ("capture-failed", MovementKind.CHARGED_BACK, "QFTEST0000000002:capture_failed", "68.99"),
    ],
)  # fmt: skip
def test_every_event_is_a_movement_of_its_own(
    name: str, kind: MovementKind, reference: str, amount: str
) -> None:
    """About the payment it belongs to."""
    found = told(name)
    assert (found.kind, found.reference) == (kind, reference)
    assert found.amount == Money.of(amount, "EUR")
    assert (found.payment, found.order_reference) == ("QFTEST0000000001", "1001")


def test_an_authorisation_is_money_only_where_adyen_captures_by_itself() -> None:
    """With captures of one's own it is a promise, and the capture brings the money: never both."""
    assert told("authorisation").kind is MovementKind.AUTHORIZED
    assert told("authorisation", capture="automatic").kind is MovementKind.RECEIVED
    capture = with_setting(delivery(KIND, recorded(KIND, "capture")), "automatic")
    assert [type(each) for each in adyen.translate(capture)] == [Ignored]


def test_what_moves_no_money_is_ignored() -> None:
    """A refusal."""
    [found] = adyen.translate(delivery(KIND, recorded(KIND, "authorisation-refused")))
    assert isinstance(found, Ignored)


@pytest.mark.parametrize("name", ["cancellation", "expire"])
def test_the_end_of_a_promise_goes_by_the_name_of_the_promise(name: str) -> None:
    """Cancelled, or run out; where Adyen captures by itself, told money does not come."""
    promise = told("authorisation")
    assert told(name).kind is MovementKind.AUTHORIZATION_VOIDED
    assert told(name).reference == promise.reference
    lost = told(name, capture="automatic")
    assert (lost.kind, lost.payment) == (MovementKind.CHARGED_BACK, promise.reference)


def test_a_list_is_read_item_by_item_in_each_currency() -> None:
    """Thousandths of dinars; hundredths of crowns that ISO gave up; yen are whole."""
    dinar, crowns = adyen.translate(delivery(KIND, recorded(KIND, "batch-dinar-and-crowns")))
    assert isinstance(dinar, Notice)
    assert isinstance(crowns, Notice)
    assert (dinar.amount, dinar.order_reference) == (Money.of("1.230", "KWD"), "1002")
    assert crowns.amount == Money.of("500", "ISK")
    assert told("refund-without-order-yen").amount == Money.of("4140", "JPY")


def test_every_item_of_a_list_must_be_signed() -> None:
    """A forged one behind a genuine one is refused, and so is a list of nothing."""
    body, _ = sealed(KIND, raw(recorded(KIND, "batch-dinar-and-crowns")))
    assert adyen.verify(body, {}, SECRETS, NOW) is Verdict.GENUINE
    read = json.loads(body)
    for index in (0, 1):
        forged = json.loads(body)
        forged["notificationItems"][index]["NotificationRequestItem"]["amount"]["value"] = 1
        assert adyen.verify(raw(forged), {}, SECRETS, NOW) is Verdict.FORGED
    read["notificationItems"] = []
    assert adyen.verify(raw(read), {}, SECRETS, NOW) is Verdict.FORGED


def test_with_a_sign_in_both_must_be_right() -> None:
    """The signature covers eight fields; user and password vouch for the rest."""
    body, _ = sealed(KIND, raw(recorded(KIND, "capture")))
    secrets = SECRETS | {"basic_user": "kontor", "basic_password": "söcret"}

    def with_password(password: str) -> dict[str, str]:
        text = base64.b64encode(f"kontor:{password}".encode()).decode()
        return {"authorization": f"Basic {text}"}

    assert adyen.verify(body, with_password("söcret"), secrets, NOW) is Verdict.GENUINE
    for headers in ({}, with_password("other"), {"authorization": "Basic ü"}):
        assert adyen.verify(body, headers, secrets, NOW) is Verdict.FORGED


@pytest.mark.parametrize("value", [-1, 10.5, True, None, "ten", 10**16])
def test_an_amount_that_is_none_is_refused(value: object) -> None:
    """With the field and the reason."""
    body = recorded(KIND, "capture")
    body["notificationItems"][0]["NotificationRequestItem"]["amount"]["value"] = value
    with pytest.raises(Permanent) as caught:
        adyen.translate(delivery(KIND, body))
    assert "notificationItems[0].NotificationRequestItem.amount.value: must" in caught.value.text


@pytest.mark.parametrize(
    ("settings", "secrets", "field"),
    [
        ({}, SECRETS, "settings.capture"),
        ({"capture": "later"}, SECRETS, "settings.capture"),
        ({"capture": "manual"}, {"webhook_secret": "no-hex-at-all"}, "secrets.webhook_secret"),
    ],
)
def test_a_connection_that_could_not_work_is_refused(
    settings: dict[str, str], secrets: dict[str, str], field: str
) -> None:
    """Before the first delivery shows it."""
    adyen.check({"capture": "automatic"}, SECRETS)
    with pytest.raises(Permanent) as caught:
        adyen.check(settings, secrets)
    assert caught.value.text.startswith(f"{field}: must be")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no samples beside the project")
@pytest.mark.parametrize("name", ["backslash", "forwardslash"])
def test_adyens_own_examples_are_genuine(name: str) -> None:
    """Signed by Adyen itself; with one sign changed they are not."""
    item = json.loads((SAMPLES / f"hmac-vector-{name}.json").read_text(encoding="utf-8"))
    body = raw({"notificationItems": [{"NotificationRequestItem": item}]})
    secrets = {"webhook_secret": PUBLISHED}
    assert adyen.verify(body, {}, secrets, NOW) is Verdict.GENUINE
    spoiled = body.replace(b'"EUR"', b'"USD"')
    assert adyen.verify(spoiled, {}, secrets, NOW) is Verdict.FORGED
