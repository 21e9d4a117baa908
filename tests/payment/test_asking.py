"""Before an order is cancelled the providers are asked, and no answer is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.errors import NeedsHuman, Permanent, Retryable
from chalicelib.domain.events import PaymentAuthorized, PaymentReceived, RefundRecorded
from chalicelib.domain.order import Order
from chalicelib.payment.asking import ask, asking, is_asked
from chalicelib.store.connections import Connection
from tests.contracts.test_provider_refunds import CASES, Answering
from tests.events import NOW, bought, eur, order
from tests.payment.test_perform import House
from tests.recorded.reading import delivery, recorded


def connection(kind: str, **settings: str) -> Connection:
    """Return a connection of a kind."""
    return Connection(
        merchant_id="demo", id=f"demo-{kind}", kind=kind, name=kind, created_at=NOW,
        settings={**CASES[kind].settings, **settings},
    )  # fmt: skip


def secrets_of(_: str, name: str) -> dict[str, str]:
    """Return the credentials of a connection."""
    return CASES[name.removeprefix("demo-")].secrets


def unpaid() -> Order:
    """Return an order that nobody has paid yet."""
    return order(what=replace(bought(), external_id="727", number="1042"))


def asked(*answers: str, booked_on: str = "", one: Order | None = None) -> Any:
    """Ask Stripe about an order."""
    return ask(
        one or unpaid(), [connection("stripe")], secrets_of=secrets_of,
        order_of=lambda *_: booked_on, now=NOW, call=lambda *_: Answering("stripe", *answers),
    )  # fmt: skip


def nobody(*_: str) -> None:
    """Stand for a note that must not be made."""
    raise AssertionError


def test_what_the_provider_knows_and_we_do_not_is_found() -> None:
    """As the fact that its webhook would have brought."""
    (found,) = asked("searched", "searched-none")
    assert isinstance(found, PaymentReceived)
    assert (found.source, found.reference, found.amount) == ("stripe", "pi_3QTest", eur("38.92"))


def test_what_is_known_is_no_news() -> None:
    """Neither is a payment of another order with the same number."""
    (found,) = asked("searched", "searched-none")
    assert asked("searched", "searched-none", one=unpaid().plus([found])) == ()
    assert asked("searched", "searched-none", booked_on="oelsewhere") == ()


@pytest.mark.parametrize(("answer", "error"), [("down", Retryable), ("declined", Permanent)])
def test_no_answer_is_no_leave_to_cancel(answer: str, error: type[Exception]) -> None:
    """Whoever wanted to cancel does not go on."""
    with pytest.raises(error):
        asked(answer)


def test_a_provider_that_can_not_be_asked_leaves_it_to_a_person() -> None:
    """Adyen has no call for it, and without keys nobody can be called."""
    for kind, secrets in (("adyen", secrets_of), ("stripe", lambda *_: {})):
        to_ask = asking(
            lambda _, kind=kind: [connection(kind)], secrets, lambda *_: "", lambda *_: [],
            remember=nobody,
        )  # fmt: skip
        with pytest.raises(NeedsHuman, match=kind):
            to_ask(unpaid(), NOW)
    to_ask = asking(lambda _: [], secrets_of, lambda *_: "", lambda *_: [], remember=nobody)
    assert to_ask(unpaid(), NOW) == ()


def test_klarna_finds_nothing_by_a_number_so_it_was_not_asked() -> None:
    """Only what it has told us of can be asked for: an order that it has not is a person's task."""
    klarna = connection("klarna")
    assert not is_asked(klarna, secrets_of, unpaid())
    promise = PaymentAuthorized(
        at=NOW, source="klarna", reference="k-1", amount=eur("10"), booked_at=NOW
    )
    assert is_asked(klarna, secrets_of, unpaid().plus([promise]))


def test_money_in_another_currency_is_no_leave_to_cancel() -> None:
    """The customer has paid; what it is worth a person decides."""
    franc = order(what=replace(bought(currency="CHF"), external_id="727", number="1042"))
    with pytest.raises(NeedsHuman, match=r"38\.92.*pi_3QTest"):
        asked("searched", "searched-none", one=franc)


def test_money_for_a_number_that_two_orders_have_is_a_persons_to_give(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As with a webhook: it may be the other shop's."""
    answers = Answering("stripe", "searched", "searched-none")
    monkeypatch.setattr("chalicelib.payment.asking.ask", partial(ask, call=lambda *_: answers))
    to_ask = asking(
        lambda _: [connection("stripe")], secrets_of, lambda *_: "", lambda *_: ["oelsewhere"],
        remember=nobody,
    )  # fmt: skip
    with pytest.raises(NeedsHuman, match="several orders"):
        to_ask(unpaid(), NOW)


class Asked(House):
    """A house that has asked Mollie about an order of which nobody had told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        answers = Answering("mollie", "searched")
        monkeypatch.setattr("chalicelib.payment.asking.ask", partial(ask, call=lambda *_: answers))
        to_ask = asking(
            lambda _: [connection("mollie")], secrets_of, self.parking.order_of, lambda *_: [],
            remember=self.parking.remember,
        )  # fmt: skip
        one = self.place(external_id="727", placed_at=NOW - timedelta(days=5))
        self.name = one.id
        self.orders.record(one, to_ask(one, NOW))


def test_a_refund_of_what_was_found_finds_the_order_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It names the payment only; no night has to pass."""
    house = Asked(monkeypatch)
    event = recorded("mollie", "event-refund-refunded")
    event["_embedded"]["entity"]["paymentId"] = CASES["mollie"].payment
    house.inbox.deliveries["refund"] = replace(delivery("mollie", event), id="refund")
    house.take("refund")
    found = house.orders.load("demo", house.name)
    assert found
    assert [fact.payment for fact in found.all(RefundRecorded)] == [CASES["mollie"].payment]
    assert house.parking.waiting == set()
