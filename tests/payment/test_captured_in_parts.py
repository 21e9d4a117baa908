"""Mollie: what is captured of one payment in parts is all booked, and never twice."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import balance, refunding
from chalicelib.domain.errors import Permanent
from chalicelib.domain.order import order_id
from chalicelib.payment import mollie
from chalicelib.payment.asking import ask
from chalicelib.payment.port import MovementKind, Notice
from chalicelib.payment.trust import trust
from chalicelib.providers import mollie as interface
from chalicelib.providers.port import Sought
from chalicelib.runtime.http import Reply
from tests.events import NOW, eur
from tests.payment.test_asking import connection as with_keys
from tests.payment.test_asking import secrets_of
from tests.payment.test_mollie import KEY, called
from tests.payment.test_perform import House
from tests.payment.test_trust import connection
from tests.recorded.reading import delivery, raw, recorded

if TYPE_CHECKING:
    from chalicelib.domain.deliveries import Delivery
    from chalicelib.domain.order import Order

FIRST, BOTH = "payment-captured-in-part", "payment-captured-in-two-parts"
NAME = "tr_Parts1"


class Mollie:
    """Mollie's interface with some things in it."""

    def __init__(self, **things: Any) -> None:
        self.things, self.asked = things, list[str]()

    def __call__(self, *_: Any) -> Mollie:
        """Stand for the way to it."""
        return self

    def call(self, method: str, path: str, *, query: Any = None, **_: Any) -> Reply:
        """Answer with what is there; a list has its payments without their captures."""
        self.asked.append(f"{method} {path} {(query or {}).get('embed', '')}".strip())
        name = path.rpartition("/")[2]
        found = self.things.get(name)
        if name == "payments":
            bare = [{**one, "_embedded": None} for one in self.things.values()]
            found = {"_embedded": {"payments": bare}}
        return Reply(status=200 if found else 404, headers={}, body=raw(found or {}))


def told(body: Any) -> list[Notice]:
    """Return what moves money."""
    return [x for x in mollie.translate(delivery("mollie", body)) if isinstance(x, Notice)]


def summed(counted: str) -> dict[str, Any]:
    """Return the payment as it was read before its captures were asked for: with their sum."""
    amount = {"value": counted, "currency": "EUR"}
    return {**recorded("mollie", BOTH), "amountCaptured": amount, "_embedded": None}


def event(thing: Any) -> Delivery:
    """Return a signed event about something."""
    return delivery("mollie", {"resource": "event", "id": "whe_9", "_embedded": {"entity": thing}})


def capture() -> dict[str, Any]:
    """Return a capture as its own event tells it."""
    found: dict[str, Any] = recorded("mollie", FIRST)["_embedded"]["captures"][0]
    return found


def test_each_capture_is_money_of_its_own() -> None:
    """The oldest first; what failed or is pending yet is none."""
    assert [(x.kind, x.reference, str(x.amount), x.payment) for x in told(recorded("mollie", BOTH))
    ] == [
        (MovementKind.RECEIVED, "cpt_Test2", "40.00 EUR", NAME),
        (MovementKind.RECEIVED, "cpt_Test1", "10.00 EUR", NAME),
        (MovementKind.REFUNDED, "re_Parts1", "5.00 EUR", NAME),
    ]  # fmt: skip
    first, promise = told(recorded("mollie", FIRST))
    assert first == told(recorded("mollie", BOTH))[0]
    assert (promise.kind, promise.reference) == (MovementKind.AUTHORIZED, NAME)


def test_what_is_captured_at_once_goes_by_the_payments_own_name() -> None:
    """As does a payment of which no capture is told, for there is nothing to tell apart."""
    body = recorded("mollie", BOTH)
    amount = {"value": "68.99", "currency": "EUR"}
    for inner in ({"captures": [{**capture(), "amount": amount}]}, {}):
        found = told({**body, "amountCaptured": amount, "_embedded": inner})
        assert [(x.reference, str(x.amount)) for x in found] == [(NAME, "68.99 EUR")]


def test_what_is_pending_counts_when_mollie_counts_it() -> None:
    """The sum of the payment says so."""
    body = recorded("mollie", BOTH)
    body["amountCaptured"]["value"] = "68.99"
    assert [x.reference for x in told(body)][:3] == ["cpt_Test2", "cpt_Test1", "cpt_Wait"]


def test_a_capture_in_another_currency_is_refused_by_its_field() -> None:
    """Nothing is added up that cannot be."""
    body = recorded("mollie", FIRST)
    body["_embedded"]["captures"][0]["amount"]["currency"] = "USD"
    with pytest.raises(Permanent, match=r"_embedded\.captures\[0\]\.amount: must be in EUR"):
        told(body)


# ---- one ledger ------------------------------------------------------------------------------


class Told(House):
    """An order that is paid in two parts, told of in any order and by any version of ours."""

    def tell(self, what: str) -> None:
        """Let the order come in, or Mollie tell of its payment."""
        if what == "order":
            self.place(external_id="1008")
            for waiting in self.parking.awaiting("demo", order="1008"):
                self.ledger.retry("demo", waiting, NOW)
            return
        body = summed(what) if what[0].isdigit() else recorded("mollie", what)
        self.inbox.deliveries[what] = replace(delivery("mollie", body), id=what)
        self.take(what)

    def order(self) -> Order:
        """Return the order."""
        found = self.orders.load("demo", order_id("demo-woo", "1008"))
        assert found
        return found


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_whatever_is_told_first_the_sum_is_what_was_captured(data: st.DataObject) -> None:
    """A sum that an older version has booked, of one part or both, is counted in; so is a late one.

    Refunds and what is asked for go by the payment.
    """
    older = data.draw(st.lists(st.sampled_from(["40.00", "50.00", "45.00"]), max_size=1))
    late = data.draw(st.lists(st.sampled_from([FIRST, BOTH, *older]), max_size=3))
    house = Told()
    for step in data.draw(st.permutations(["order", FIRST, BOTH, *older, *late])):
        house.tell(step)
    order = house.order()
    assert balance.received_amount(order) == eur("50")
    [source] = refunding.sources(order)
    assert (source.payment, source.left) == (NAME, eur("45"))
    assert asked(order) == ()
    assert house.parking.waiting == set()


def asked(order: Order) -> Any:
    """Ask Mollie about an order."""
    outside = Mollie(**{NAME: recorded("mollie", BOTH)})
    return ask(
        order, [with_keys("mollie")], secrets_of=secrets_of, order_of=lambda *_: "", now=NOW,
        call=outside,
    )  # fmt: skip


def test_asking_finds_the_parts_under_the_names_that_are_told() -> None:
    """Known payments and those of a list alike, so both ways end in one ledger."""
    body = recorded("mollie", BOTH)
    heard = [x for x in told(body) if x.kind is MovementKind.RECEIVED]
    for payments in ((NAME,), ()):
        outside = Mollie(**{NAME: body})
        sought = Sought(references=("1008",), since=heard[0].booked_at, until=NOW,
                        payments=payments)  # fmt: skip
        sought = replace(sought, since=sought.since.replace(day=1))
        found = list(interface.payments_of(outside, sought))
        assert [(x.reference, x.payment, x.amount, x.earlier, x.booked_at) for x in found] == [
            (x.reference, x.payment, x.amount, x.earlier, x.booked_at) for x in heard
        ]


# ---- where an event tells too little ---------------------------------------------------------


def confirmed(sent: Delivery, outside: Mollie, **secrets: str) -> Delivery:
    """Have a delivery looked at as the worker does."""
    return trust(sent, connection("mollie"), lambda *_: secrets, outside)


@pytest.mark.parametrize("thing", [capture(), summed("40.00"), summed("68.99")])
def test_an_event_that_tells_a_sum_or_one_part_has_the_payment_read_back(thing: Any) -> None:
    """For it does not say which captures there are."""
    outside = Mollie(**{NAME: recorded("mollie", BOTH)})
    found = confirmed(event(thing), outside, api_key=KEY)
    assert json.loads(found.body) == recorded("mollie", BOTH)
    assert outside.asked == [f"GET /v2/payments/{NAME} captures,refunds,chargebacks"]


def test_an_event_that_tells_all_is_read_as_it_is() -> None:
    """What Mollie captures by itself is captured once; without a key all that can be is enough."""
    by_itself = event({**summed("68.99"), "captureMode": "automatic"})
    assert confirmed(by_itself, Mollie(), api_key=KEY) == by_itself
    whole = event(summed("68.99"))
    assert confirmed(whole, Mollie(), webhook_secret="of-the-tests") == whole


@pytest.mark.parametrize("thing", [capture(), summed("40.00")])
def test_without_a_key_a_part_is_a_persons_task(thing: Any) -> None:
    """The delivery is kept until there is a key: a later part would be taken for this one."""
    with pytest.raises(Permanent, match=r"secrets\.api_key"):
        confirmed(event(thing), Mollie(), webhook_secret="of-the-tests")


def test_a_call_for_an_order_of_the_older_interface_reads_its_payments() -> None:
    """Its payments are not called for; they may leave it to the order to name itself."""
    parts = recorded("mollie", BOTH)
    old = {"resource": "order", "id": "ord_12345", "orderNumber": "1008", "metadata": None,
           "_embedded": {"payments": [{"id": NAME}]}}  # fmt: skip
    outside = Mollie(**{NAME: {**parts, "metadata": None}, "ord_12345": old})
    found = mollie.translate(confirmed(called(b"id=ord_12345"), outside, api_key=KEY))
    assert [x for x in found if isinstance(x, Notice)] == told(parts)
    assert outside.asked[0] == "GET /v2/orders/ord_12345 payments"
