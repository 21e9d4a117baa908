"""Asks the providers what was paid for an order, before it is cancelled for want of money."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.events import Movement, PaymentAuthorized, PaymentReceived
from chalicelib.payment.captures import news
from chalicelib.payment.port import PROVIDERS as PAYMENT_PROVIDERS
from chalicelib.providers.port import Paid, Sought, can, provider
from chalicelib.providers.reach import reach
from chalicelib.runtime.http import HttpApi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.domain.order import Order
    from chalicelib.runtime.http import Api
    from chalicelib.store.connections import Connection

UNSURE = "provider_not_asked"
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
    cancel on no answer. NeedsHuman where it was paid in another currency.
    """
    found: list[Movement] = []
    for reached in reach((x for x in connections if can(x.kind, "payments_of")), secrets_of, call):
        for paid in reached.provider.payments_of(reached.api, _sought(order, reached.kind, now)):
            if order_of(reached.kind, paid.payment or paid.reference) not in {"", order.id}:
                continue
            if paid.amount.currency != order.bought.currency:
                text = f"{reached.kind} has {paid.amount} for it as {paid.reference}."
                raise NeedsHuman(UNSURE, text)
            if new := news(order, _movement(paid, reached.kind, now), paid.earlier):
                found.append(new)
    known = {fact.identity for fact in order.facts}
    return tuple(fact for fact in found if fact.identity not in known)


def asking(
    connections_of: Callable[[str], Iterable[Connection]],
    secrets_of: Callable[[str, str], Secrets],
    order_of: Callable[[str, str, str], str],
    numbered: Callable[[str, str], Iterable[str]],
    *,
    remember: Callable[[str, str, str, str], None],
) -> Callable[[Order, datetime], tuple[Movement, ...]]:
    """Return how to ask about an order; a provider that can not be asked is left to a person.

    So is money for a number that several orders have, as when a webhook tells of it. What is found
    is noted as this order's at once, for its refunds and disputes name the payment only.
    """

    def asked(order: Order, now: datetime) -> tuple[Movement, ...]:
        mine = [x for x in connections_of(order.merchant_id) if x.kind in PAYMENT_PROVIDERS]
        silent = {x.kind for x in mine if not is_asked(x, secrets_of, order)}
        found = ask(
            order,
            mine,
            secrets_of=secrets_of,
            order_of=partial(order_of, order.merchant_id),
            now=now,
        )
        if silent and not found:
            text = f"Nobody pays it, and {', '.join(sorted(silent))} can not be asked."
            raise NeedsHuman(UNSURE, text)
        if found and len({*numbered(order.merchant_id, order.bought.number), order.id}) > 1:
            text = f"Money came in for {order.bought.number}, but several orders have that number."
            raise NeedsHuman(UNSURE, text)
        for fact in found:
            name = getattr(fact, "payment", "") or fact.reference
            remember(order.merchant_id, fact.source, name, order.id)
        return found

    return asked


def is_asked(
    connection: Connection, secrets_of: Callable[[str, str], Secrets], order: Order
) -> bool:
    """Tell whether a provider has a call for it, and we its credentials and what to ask for."""
    if not can(connection.kind, "payments_of") or not reach([connection], secrets_of):
        return False
    is_searched = getattr(provider(connection.kind), "IS_SEARCHED", True)
    return bool(is_searched or _promised(order, connection.kind))


def _promised(order: Order, source: str) -> tuple[str, ...]:
    """Return the names of the payments that a provider has promised for an order."""
    promises = (fact for fact in order.all(PaymentAuthorized) if fact.source == source)
    return tuple(dict.fromkeys(fact.reference for fact in promises))


def _sought(order: Order, source: str, now: datetime) -> Sought:
    """Say what is looked for at one provider, by the names that shops and their plugins use."""
    names = (order.bought.external_id, order.bought.number)
    return Sought(
        references=tuple(dict.fromkeys(name for name in names if name)),
        since=order.bought.placed_at - EARLIER,
        until=now,
        payments=_promised(order, source),
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
