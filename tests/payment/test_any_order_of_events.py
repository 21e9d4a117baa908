"""Providers tell in any order, twice, and before the order is there: the ledger ends the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import states
from chalicelib.domain.events import Movement
from chalicelib.payment.port import PROVIDERS, SETTING, MovementKind, Notice, read
from tests.events import NOW
from tests.payment.test_perform import House
from tests.recorded.reading import delivery, names, recorded

if TYPE_CHECKING:
    from chalicelib.domain.deliveries import Delivery
    from chalicelib.domain.order import Order

# What takes money away, and is a movement of its own.
TAKING = {MovementKind.REFUNDED, MovementKind.CHARGED_BACK}
every_kind = pytest.mark.parametrize("kind", [*sorted(PROVIDERS), "adyen automatic"])


def sent(kind: str) -> list[Delivery]:
    """Return everything recorded of a provider that moves money, each under its own id."""
    kind, _, capture = kind.partition(" ")
    headers = {f"{SETTING}capture": capture} if capture else {}
    found = [
        replace(delivery(kind, recorded(kind, name)), id=f"demo-{kind}/{name}", headers=headers)
        for name in names(kind)
    ]
    return [one for one in found if notices(one)]


def notices(one: Delivery) -> list[Notice]:
    """Return the movements that a delivery tells."""
    return [each for each in read(one) if isinstance(each, Notice)]


def is_payment(told: Notice) -> bool:
    """Tell whether this pays an order in euros, which is what a house sells for."""
    return told.kind is MovementKind.RECEIVED and told.amount.currency == "EUR"


class Run(House):
    """A house whose orders come in at any moment, and find what waits for them."""

    def __init__(self, deliveries: list[Delivery]) -> None:
        super().__init__()
        self.inbox.deliveries = {one.id: one for one in deliveries}
        told = [each for one in deliveries for each in notices(one) if each.order_reference]
        kept = {MovementKind.FEE}  # some providers keep their fee in a currency of their own
        self.currencies = {x.order_reference: x.amount.currency for x in told if x.kind not in kept}
        self.placed: list[Order] = []

    def come_in(self, name: str) -> None:
        """Place an order, as the router does it."""
        self.placed.append(self.place(external_id=name, currency=self.currencies[name]))
        for payment in self.parking.awaiting("demo", order=name):
            self.ledger.retry("demo", payment, NOW)

    def do(self, step: str) -> None:
        """Let an order or a delivery come in."""
        if step in self.currencies:
            self.come_in(step)
        else:
            self.take(step)

    def ledgers(self) -> set[tuple[str, str, str, str]]:
        """Return all that is booked, on whichever order."""
        orders = [self.orders.load("demo", one.id) for one in self.placed]
        facts = [(o.bought.external_id, fact) for o in orders if o for fact in o.all(Movement)]
        assert len(facts) == len(set(facts))
        return {
            (name, type(fact).__name__, fact.reference, str(fact.amount)) for name, fact in facts
        }

    def waiting(self) -> set[str]:
        """Return what waits for a person."""
        return {one.id for one in self.parking.parked("demo")[0]}


def played(kind: str, steps: list[str] | None = None) -> Run:
    """Let everything of a provider happen, in the usual order unless another is given."""
    run = Run(sent(kind))
    for step in steps or [*run.currencies, *run.inbox.deliveries]:
        run.do(step)
    return run


@every_kind
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_order_of_orders_and_events_ends_in_the_same_ledger(
    kind: str, data: st.DataObject
) -> None:
    """However often each event comes, and whether its order or payment is known by then."""
    usual = played(kind)
    again = st.lists(st.sampled_from(sorted(usual.inbox.deliveries)), max_size=6)
    steps = [*usual.currencies, *usual.inbox.deliveries, *data.draw(again)]
    run = played(kind, data.draw(st.permutations(steps)))
    assert run.ledgers() == usual.ledgers()
    assert run.waiting() == usual.waiting()
    assert usual.ledgers()


@every_kind
def test_a_paid_order_is_never_moved_back(kind: str) -> None:
    """Late promises, ends of promises, fees and repetitions leave it paid."""
    late = [one for one in sent(kind) if not TAKING & {each.kind for each in notices(one)}]
    paying = [(one, told) for one in late for told in notices(one) if is_payment(told)]
    for first, told in paying:
        run = Run(late)
        one = run.place(external_id=told.order_reference)
        for step in (first, *late, first):
            run.take(step.id)
            found = run.orders.load("demo", one.id)
            assert found
            assert states.payment(found) in {states.Payment.PAID, states.Payment.OVERPAID}
