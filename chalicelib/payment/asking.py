"""Asks the providers what was paid for an order, before it is cancelled for want of money."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.events import Movement, PaymentAuthorized, PaymentReceived
from chalicelib.payment.port import PROVIDERS as PAYMENT_PROVIDERS
from chalicelib.providers.port import Paid, Sought, can
from chalicelib.providers.reach import reach
from chalicelib.runtime.http import HttpApi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.domain.order import Order
    from chalicelib.runtime.http import Api
    from chalicelib.store.connections import Connection

EARLIER = timedelta(days=1)  # a payment may be older than the order its shop makes of it


def ask(
    order: Order,
    connections: Iterable[Connection],
    *,
    secrets_of: Callable[[str, str], Secrets],
    order_of: Callable[[str, str], str],
    now: datetime,
    call: Callable[..., Api] = HttpApi,
) -> tuple[Movement, ...]:
    """Return what providers know to be paid or promised for an order, and the order does not.

    Every connection is asked whose credentials we have and whose provider can be asked; `order_of`
    tells on which order a payment (source, its name) is booked, for two shops may use one number.
    Retryable where a provider is away, Permanent in its own words where it refuses: nobody may
    cancel on no answer.
    """
    found: list[Movement] = []
    for reached in reach((x for x in connections if can(x.kind, "payments_of")), secrets_of, call):
        for paid in reached.provider.payments_of(reached.api, _sought(order, reached.kind, now)):
            elsewhere = order_of(reached.kind, paid.payment or paid.reference)
            if elsewhere in {"", order.id} and paid.amount.currency == order.bought.currency:
                found.append(_movement(paid, reached.kind, now))
    known = {fact.identity for fact in order.facts}
    return tuple(fact for fact in found if fact.identity not in known)


def asking(
    connections_of: Callable[[str], Iterable[Connection]],
    secrets_of: Callable[[str, str], Secrets],
    order_of: Callable[[str, str, str], str],
) -> Callable[[Order, datetime], tuple[Movement, ...]]:
    """Return how to ask about an order; a provider that can not be asked is left to a person."""

    def asked(order: Order, now: datetime) -> tuple[Movement, ...]:
        mine = [x for x in connections_of(order.merchant_id) if x.kind in PAYMENT_PROVIDERS]
        silent = {x.kind for x in mine if not is_asked(x, secrets_of)}
        found = ask(
            order,
            mine,
            secrets_of=secrets_of,
            order_of=partial(order_of, order.merchant_id),
            now=now,
        )
        if silent and not found:
            text = f"Nobody pays it, and {', '.join(sorted(silent))} can not be asked."
            raise NeedsHuman("provider_not_asked", text)
        return found

    return asked


def is_asked(connection: Connection, secrets_of: Callable[[str, str], Secrets]) -> bool:
    """Tell whether a provider has a call for it, and we its credentials."""
    return can(connection.kind, "payments_of") and bool(reach([connection], secrets_of))


def _sought(order: Order, source: str, now: datetime) -> Sought:
    """Say what is looked for at one provider, by the names that shops and their plugins use."""
    names = (order.bought.external_id, order.bought.number)
    promises = [fact for fact in order.all(PaymentAuthorized) if fact.source == source]
    return Sought(
        references=tuple(dict.fromkeys(name for name in names if name)),
        since=order.bought.placed_at - EARLIER,
        until=now,
        payments=tuple(dict.fromkeys(fact.reference for fact in promises)),
    )


def _movement(paid: Paid, source: str, now: datetime) -> Movement:
    if paid.is_promise:
        return PaymentAuthorized(
            at=now,
            source=source,
            reference=paid.reference,
            amount=paid.amount,
            booked_at=paid.booked_at,
        )
    return PaymentReceived(
        at=now,
        source=source,
        reference=paid.reference,
        amount=paid.amount,
        booked_at=paid.booked_at,
        payment=paid.payment,
    )
