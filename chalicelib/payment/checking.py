"""Whether an order's lists, the bank's rows and the payments' names say what its facts say."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.domain import balance, events
from chalicelib.domain.money import Money
from chalicelib.payment.port import PROVIDERS
from chalicelib.store.bank import State
from chalicelib.store.differences import Difference
from chalicelib.store.orders import head_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chalicelib.domain.order import Order
    from chalicelib.store.bank import Entry
    from chalicelib.store.orders import Head

# An append that is younger may still be on its way to the lists.
ON_ITS_WAY = timedelta(minutes=10)
FIGURES = ("total", "payment", "owed", "disputed")
OF_BANK = re.compile(r"([0-9a-f]{24})(-\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is kept beside an order: its head, the bank's entries by key, and whose payments are.

    `owners` are the orders that a payment, by source and name, is kept for; none: nobody's.
    """

    head: Head | None
    entries: Mapping[str, Entry]
    owners: Mapping[tuple[str, str], str]


def entry_keys(order: Order) -> set[str]:
    """Return the names of the bank's entries that an order says it was paid by."""
    found = (OF_BANK.fullmatch(x.reference) for x in _by_bank(order))
    return {match[1] for match in found if match}


def payments(order: Order) -> set[tuple[str, str]]:
    """Return the payments of providers on an order, by source and name."""
    return {
        (fact.source, fact.payment or fact.reference)
        for fact in balance.standing(order, events.PaymentReceived)
        if fact.source in PROVIDERS
    }


def check(order: Order, seen: Seen, now: datetime) -> Iterator[Difference]:
    """Name everything about an order that does not agree."""
    if max(fact.at for fact in order.facts) <= now - ON_ITS_WAY:
        yield from _head(order, seen.head, now)
    yield from _bank(order, seen.entries)
    for source, payment in sorted(payments(order)):
        owner = seen.owners.get((source, payment), "")
        if owner != order.id:
            what, found = f"payment:{source}:{payment}", f"order {owner}" if owner else "nobody's"
            yield _differs(order, what, f"order {order.id}", found, is_healed=not owner)


def check_entry(entry: Entry, orders: Mapping[str, Order]) -> Iterator[Difference]:
    """Name what a booked entry of the bank says and its orders do not."""
    for part in entry.booked.parts if entry.booked else ():
        order, what = orders.get(part.order_id), f"bank:{entry.reference}"
        booked = _amounts(order, entry.reference) if order else []
        if booked != [part.amount]:
            yield Difference(
                order_id=part.order_id,
                number=part.number,
                what=what,
                expected=f"{part.amount} on the order",
                found=", ".join(map(str, booked)) if booked else "nothing",
            )


def _head(order: Order, head: Head | None, now: datetime) -> Iterator[Difference]:
    """Compare the figures that lists show; they are made of the facts, so they are mended."""
    should: dict[str, Any] = json.loads(head_of(order, now).summary)
    shown: dict[str, Any] = json.loads(head.summary) if head else {}
    for name in FIGURES:
        if should.get(name, 0) != shown.get(name, 0):
            currency = order.bought.currency
            expected = _text(should.get(name, 0), currency)
            found = _text(shown.get(name, 0), currency)
            yield _differs(order, name, expected, found, is_healed=True)


def _bank(order: Order, entries: Mapping[str, Entry]) -> Iterator[Difference]:
    for fact in _by_bank(order):
        match = OF_BANK.fullmatch(fact.reference)
        entry = entries.get(match[1]) if match else None
        if match is None or _is_booked(entry, order, fact):
            continue
        found = "nothing" if entry is None else f"{entry.state}, {entry.transaction.amount}"
        yield _differs(order, f"bank:{fact.reference}", f"{fact.amount} booked here", found)


def _is_booked(entry: Entry | None, order: Order, fact: events.Movement) -> bool:
    if entry is None or entry.state is not State.BOOKED or entry.reference != fact.reference:
        return False
    parts = entry.booked.parts if entry.booked else ()
    return any(part.order_id == order.id and part.amount == fact.amount for part in parts)


def _by_bank(order: Order) -> list[events.PaymentReceived]:
    came = balance.standing(order, events.PaymentReceived)
    return [fact for fact in came if fact.source == "bank"]


def _amounts(order: Order, reference: str) -> list[Any]:
    return [fact.amount for fact in _by_bank(order) if fact.reference == reference]


def _differs(
    order: Order, what: str, expected: str, found: str, *, is_healed: bool = False
) -> Difference:
    return Difference(
        order_id=order.id,
        number=order.bought.number,
        what=what,
        expected=expected,
        found=found,
        is_healed=is_healed,
    )


def _text(value: Any, currency: str) -> str:  # noqa: ANN401 - JSON
    """Show an amount, whole or in minor units, or a state; nothing that is not there."""
    if isinstance(value, dict):
        return str(Money(minor=value["minor"], currency=value["currency"]))
    return str(Money(minor=value, currency=currency)) if isinstance(value, int) else str(value)
