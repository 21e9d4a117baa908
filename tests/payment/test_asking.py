"""Before an order is cancelled the providers are asked, and no answer is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.errors import NeedsHuman, Permanent, Retryable
from chalicelib.domain.events import PaymentReceived
from chalicelib.domain.order import Order
from chalicelib.payment.asking import ask, asking
from chalicelib.store.connections import Connection
from tests.contracts.test_provider_refunds import CASES, Answering
from tests.events import NOW, bought, eur, order


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
        to_ask = asking(lambda _, kind=kind: [connection(kind)], secrets, lambda *_: "")
        with pytest.raises(NeedsHuman, match=kind):
            to_ask(unpaid(), NOW)
    assert asking(lambda _: [], secrets_of, lambda *_: "")(unpaid(), NOW) == ()
