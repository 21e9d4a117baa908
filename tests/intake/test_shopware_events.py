"""Shopware: what its events bring along or only hint at, and what became of an order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.deliveries import Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money
from chalicelib.intake import shopware
from chalicelib.intake.port import Hint, Ignored, Snapshot
from tests.recorded.reading import NOW, SECRET, delivery, names, raw, recorded, signed

KIND = "shopware"
SECRETS = {"webhook_secret": SECRET}
SOURCE = {"url": "https://laden.example", "shopId": "hRCw2xo1", "appVersion": "1.0.0"}
LIVE = "0fa91ce3e96a4bc2be4bd9ce752c3425"


def event(name: str, payload: Any, **source: str) -> dict[str, Any]:
    """Return the body of a webhook."""
    stamp = int(NOW.timestamp())
    data = {"event": name, "payload": payload}
    return {"data": data, "source": {**SOURCE, **source}, "timestamp": stamp}


def placed(order: dict[str, Any]) -> dict[str, Any]:
    """Return the event of a placed order."""
    return event("checkout.order.placed", {"order": order})


def read(body: object) -> Snapshot:
    """Translate a body that must be an order."""
    found = shopware.translate(delivery(KIND, body))
    assert isinstance(found, Snapshot)
    return found


def with_payment(state: str) -> dict[str, Any]:
    """Return an order whose only payment is in a state."""
    order = recorded(KIND, "refunded")
    order["transactions"][0]["stateMachineState"]["technicalName"] = state
    return order


def money(text: str, currency: str = "EUR") -> Money:
    """Write an amount."""
    return Money.of(text, currency)


@pytest.mark.parametrize("name", names(KIND))
def test_an_event_with_the_whole_order_is_the_order_itself(name: str) -> None:
    """The same as if we had asked for it, so that no question is needed."""
    order = recorded(KIND, name)
    assert read(placed(order)) == read(order)


@pytest.mark.parametrize(
    "way",
    [
        ("currency",),
        ("orderCustomer",),
        ("stateMachineState",),
        ("lineItems",),
        ("deliveries",),
        ("transactions",),
        ("billingAddress",),
        ("billingAddress", "country"),
        ("transactions", 0, "stateMachineState"),
        ("deliveries", 0, "stateMachineState"),
        ("deliveries", 0, "shippingOrderAddress", "country"),
    ],
)
def test_an_event_that_lacks_a_part_is_a_hint(way: tuple[Any, ...]) -> None:
    """Which parts come along depends on the event and on the shop's plugins."""
    order = recorded(KIND, "cancelled")
    place: Any = order
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = None
    found = shopware.translate(delivery(KIND, placed(order)))
    assert isinstance(found, Hint)
    assert found.external_id == order["id"]


def test_a_searched_order_that_lacks_a_part_is_refused_by_its_name() -> None:
    """Asking again would bring the same."""
    order = {**recorded(KIND, "cancelled"), "lineItems": None}
    with pytest.raises(Permanent, match="lineItems: must be given, is missing"):
        shopware.translate(delivery(KIND, order))


def test_a_written_order_is_a_hint() -> None:
    """The event names what was written, nothing more."""
    entry = {"entity": "order", "operation": "update", "primaryKey": "a1", "versionId": LIVE}
    found = shopware.translate(delivery(KIND, event("order.written", [entry])))
    assert found == Hint(external_id="a1", reason="order.written")


def test_the_draft_of_an_edit_is_ignored() -> None:
    """The shop writes a copy under another version while somebody edits the order."""
    entry = {"entity": "order", "operation": "update", "primaryKey": "a1", "versionId": "f" * 32}
    found = shopware.translate(delivery(KIND, event("order.written", [entry])))
    assert isinstance(found, Ignored)


def test_a_deleted_order_is_cancelled_by_its_id_alone() -> None:
    """No list will ever show it again."""
    entry = {"entity": "order", "operation": "delete", "primaryKey": "a1"}
    found = read(event("order.deleted", [entry]))
    assert (found.bought.external_id, found.is_bare) == ("a1", True)


def test_several_deleted_orders_are_named_to_a_person() -> None:
    """One delivery is one order: the rest would be lost without a word."""
    entries = [{"entity": "order", "operation": "delete", "primaryKey": x} for x in ("a1", "b2")]
    with pytest.raises(Permanent, match="several orders were deleted at once: a1, b2"):
        shopware.translate(delivery(KIND, event("order.deleted", entries)))


@pytest.mark.parametrize(
    "body",
    [
        event("product.written", [{"entity": "product", "primaryKey": "p1"}]),
        event("customer.login", {"customer": {"id": "c1"}}),
        event("app.activated", []),
    ],
)
def test_other_events_are_ignored_by_name(body: dict[str, Any]) -> None:
    """Genuine, but not about orders."""
    found = shopware.translate(delivery(KIND, body))
    assert isinstance(found, Ignored)
    assert body["data"]["event"] in found.reason


def test_a_removed_app_is_a_problem_that_people_see() -> None:
    """From then on no event comes, and the credentials are void."""
    with pytest.raises(Permanent) as caught:
        shopware.translate(delivery(KIND, event("app.deleted", [])))
    assert caught.value.code == "app_removed"


def test_a_retried_event_has_the_same_key_whatever_its_body() -> None:
    """The shop builds the body anew, with another time in it."""
    first = event("order.written", [], eventId="e1")
    again = {**first, "timestamp": 5}
    key = shopware.delivery_key(raw(first), {})
    assert shopware.delivery_key(raw(again), {}) == key
    assert shopware.delivery_key(raw(event("order.written", [], eventId="e2")), {}) != key
    assert shopware.delivery_key(raw(event("order.deleted", [], eventId="e1")), {}) != key
    header = {"X-Shopware-Event-Id": "e9", "X-Shopware-Attempt": "0"}
    later = {"x-shopware-event-id": "e9", "x-shopware-attempt": "3"}
    assert shopware.delivery_key(raw(first), header) == shopware.delivery_key(raw(again), later)


@pytest.mark.parametrize(("hours", "verdict"), [(5, Verdict.GENUINE), (25, Verdict.STALE)])
def test_an_old_event_is_refused_after_all_tries_are_over(hours: int, verdict: Verdict) -> None:
    """The time is signed; a worker that was down for some hours still sends in time."""
    body = raw(event("order.written", []))
    later = NOW + timedelta(hours=hours)
    assert shopware.verify(body, signed(KIND, body), SECRETS, later) is verdict


# ---- paid, sent and cancelled ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "paid", "is_cancelled", "remarks"),
    [
        ("open", None, False, 0),
        ("authorized", None, False, 0),
        ("in_progress", None, False, 0),
        ("failed", None, False, 0),
        ("paid", "24.90", False, 0),
        ("paid_partially", None, False, 1),
        ("refunded_partially", "24.90", False, 1),
        ("chargeback", None, False, 1),
        ("refunded", None, True, 0),
        ("cancelled", None, False, 0),
    ],
)
def test_what_the_state_of_the_payment_means(
    state: str, paid: str | None, remarks: int, *, is_cancelled: bool
) -> None:
    """What the shop leaves open is for a person; a cancelled payment may be tried again."""
    found = read(with_payment(state))
    assert found.paid == (money(paid) if paid else None)
    assert found.cancelled is is_cancelled
    assert len(found.remarks) == remarks
    assert bool(found.payment_reference) is bool(paid)


def test_a_failed_try_does_not_hide_the_payment_after_it() -> None:
    """Each try is a transaction of its own; the one that was paid names the money."""
    order = recorded(KIND, "gross-two-rates-promotion")
    found = read(order)
    assert found.paid == money("51.04")
    assert found.payment_reference == f"shopware:{order['transactions'][1]['id']}"


def test_a_cancelled_order_says_why() -> None:
    """By the state of the order, not of its parts."""
    found = read(recorded(KIND, "cancelled"))
    assert (found.cancelled, found.cancel_reason) == (True, "cancelled in the shop")
    assert read(recorded(KIND, "refunded")).cancel_reason == "refunded in the shop"


def test_all_deliveries_sent_is_all_sent() -> None:
    """Or the order is completed; one parcel of two is not all."""
    order = recorded(KIND, "net-two-rates-two-deliveries")
    states = [each["stateMachineState"] for each in order["deliveries"]]
    states[0]["technicalName"] = "shipped"
    assert not read(order).fulfilled
    states[1]["technicalName"] = "shipped"
    assert read(order).fulfilled
    order = recorded(KIND, "cancelled")
    order["stateMachineState"]["technicalName"] = "completed"
    assert read(order).fulfilled


def test_odd_signs_and_times_without_an_offset_are_read() -> None:
    """Control signs and turned writing go, emoji stay; a time of the shop's interface is UTC."""
    order = recorded(KIND, "cancelled")
    order["lineItems"][0]["label"] = "Tee\x07 \u202e🫖 <b>neu</b>\ud800"
    order.update(orderDateTime="2026-11-23T08:14:05.101", amountTotal="39.90")
    found = read(order).bought
    assert found.lines[0].name == "Tee 🫖 <b>neu</b>"
    assert found.placed_at == datetime(2026, 11, 23, 8, 14, 5, 101000, tzinfo=UTC)
    assert found.total == money("39.90")


def test_two_shops_may_use_one_number() -> None:
    """The order is known by its connection and the shop's own id."""
    first, second = recorded(KIND, "cancelled"), recorded(KIND, "refunded")
    second["orderNumber"] = first["orderNumber"]
    assert read(first).bought.external_id != read(second).bought.external_id
