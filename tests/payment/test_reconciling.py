"""The night's reconciliation on the local engine: what is broken is named, and mended if it can."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain import events
from chalicelib.domain.bank import BankTransaction
from chalicelib.domain.order import Order
from chalicelib.payment import checking, reconciling
from chalicelib.payment.booking import told
from chalicelib.store.bank import Bank, Entry, New, Part, Proposal, State
from chalicelib.store.differences import Differences
from chalicelib.store.jobs import Job, new_job
from chalicelib.store.money_moved import MoneyMoved
from chalicelib.store.orders import OrderRow, Orders
from chalicelib.store.payments import PaymentRow, Payments
from tests.events import NOW, eur, order

pytestmark = pytest.mark.engine
NIGHT = NOW + timedelta(hours=18)


def place(merchant: str, name: str, *facts: events.Fact) -> Order:
    """Write an order and its head."""
    one = order(*facts)
    empty = replace(one, merchant_id=merchant, id=name, facts=(), version=0)
    created = Orders().create(empty, one.facts)
    Orders().project(created, None, NOW)
    return created


def came(amount: str, reference: str = "pi_1") -> events.PaymentReceived:
    """Return money that Stripe told of."""
    return events.PaymentReceived(
        at=NOW, source="stripe", reference=reference, amount=eur(amount), booked_at=NOW
    )


def by_bank(merchant: str, one: Order) -> Entry:
    """Book a transfer on an order."""
    transaction = BankTransaction(
        account="DE1", booked_on=date(2026, 11, 23), value_on=date(2026, 11, 23),
        amount=eur("10.00"), name="Anna",
    )  # fmt: skip
    part = Part(order_id=one.id, number=one.bought.number, amount=eur("10.00"))
    proposal = Proposal(parts=(part,), score=100)
    entry = Entry(id=transaction.key, state=State.BOOKED, transaction=transaction, booked=proposal)
    tells = tuple(told(entry, proposal, [one], NOW))
    Bank().add(merchant, [New(entry=entry, told=tells)])
    paid = Orders().load(merchant, one.id)
    assert paid
    Orders().project(paid, None, NOW)
    return entry


def run(merchant: str, memory: dict[str, Any] | None = None, at: Any = NIGHT) -> Job:
    """Run the job to its end."""
    job = new_job(merchant, "reconcile", at, subject="ledger", is_standing=True)
    job = replace(job, state="running", began_at=at, memory=memory or {})
    for _ in range(50):
        job = reconciling.advance(job, at)
        if job.is_over:
            return job
    raise AssertionError(job.cursor)


def named(merchant: str) -> dict[tuple[str, str], tuple[str, str, bool]]:
    """Return the differences on the list."""
    found, _ = Differences().page(merchant, limit=100)
    return {(x.order_id, x.what): (x.expected, x.found, x.is_healed) for x in found}


def test_a_sound_house_has_no_difference_and_its_sums(merchant: str) -> None:
    """Open items are orders less movements; a paid order that is still open counts too."""
    place(merchant, "o1")
    place(merchant, "o2", came("4.00"))
    Payments().remember(merchant, "stripe", "pi_1", "o2")
    entry = by_bank(merchant, place(merchant, "o3"))
    job = run(merchant)
    assert named(merchant) == {}
    sums = job.result["sums"]["EUR"]
    assert (sums["orders"], sums["received"], sums["open"]) == (3000, -1400, 1600)
    assert job.result["open"]["open"] == {"count": 2, "EUR": 1600}
    assert entry.state is State.BOOKED


def test_a_head_that_says_something_else_is_named_and_mended(merchant: str) -> None:
    """Derived from the facts, so the facts decide; the next night it is gone from the list."""
    one = place(merchant, "o1")
    broken = OrderRow(f"{merchant}#o1", "HEAD")
    head = Orders().load_with_head(merchant, "o1")[1]
    assert head
    wrong = head.summary.replace('"owed":1000', '"owed":7')
    broken.update([OrderRow.summary.set(wrong)])
    assert run(merchant).result["healed"] == 1
    assert named(merchant) == {("o1", "owed"): ("10.00 EUR", "0.07 EUR", True)}
    assert Orders().load_with_head(merchant, "o1")[1] == head
    job = run(merchant, at=NIGHT + timedelta(days=1))
    assert (job.result["healed"], named(merchant)) == (0, {})
    assert one.id == "o1"


def test_a_movement_whose_bank_row_is_gone_or_free_is_named(merchant: str) -> None:
    """Expected and found, for each of the two directions; nothing is healed without a person."""
    first, second = place(merchant, "o1"), place(merchant, "o2")
    entry = by_bank(merchant, first)
    row = PaymentRow.get(merchant, f"BANK#{entry.id}")
    stored = Bank().load(merchant, entry.id)
    assert stored
    moved = replace(stored.booked or Proposal(parts=(), score=0), parts=(
        Part(order_id=second.id, number="1042", amount=eur("10.00")),
    ))  # fmt: skip
    Bank().change(merchant, replace(stored, booked=moved))
    assert run(merchant).result["differences"] == 2
    what = f"bank:{entry.id}"
    assert named(merchant) == {
        ("o1", what): ("10.00 EUR booked here", "booked, 10.00 EUR", False),
        ("o2", what): ("10.00 EUR on the order", "nothing", False),
    }
    row.delete()
    run(merchant, at=NIGHT + timedelta(days=1))
    assert named(merchant) == {("o1", what): ("10.00 EUR booked here", "nothing", False)}


def test_a_payment_kept_for_another_order_is_named(merchant: str) -> None:
    """The name of a payment leads its refunds: nobody's is mended, another's is for a person."""
    place(merchant, "o1", came("10.00"))
    place(merchant, "o2", came("5.00", "pi_2"))
    Payments().remember(merchant, "stripe", "pi_1", "other")
    run(merchant)
    assert named(merchant) == {
        ("o1", "payment:stripe:pi_1"): ("order o1", "order other", False),
        ("o2", "payment:stripe:pi_2"): ("order o2", "nobody's", True),
    }
    assert Payments().order_of(merchant, "stripe", "pi_2") == "o2"


def test_a_difference_keeps_the_night_it_was_first_seen(merchant: str) -> None:
    """Since when is not since today."""
    place(merchant, "o1", came("10.00"))
    Payments().remember(merchant, "stripe", "pi_1", "other")
    run(merchant)
    run(merchant, at=NIGHT + timedelta(days=1))
    [one], _ = Differences().page(merchant, limit=10)
    assert one.since == NIGHT


def test_days_that_are_over_are_added_up_once(merchant: str) -> None:
    """The page reads them as sums, which are the same."""
    place(merchant, "o1", came("10.00"))
    run(merchant, at=NOW + timedelta(days=1))
    days = MoneyMoved().days(merchant, NOW.date(), NOW.date())
    [kept] = days[NOW.date()].takings
    assert (kept.source, kept.received, kept.count) == ("stripe", 1000, 1)


def test_many_orders_are_checked_slice_by_slice(
    merchant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each once, whatever is repeated; a slice that died is done again from where it began."""
    monkeypatch.setattr(reconciling, "AT_ONCE", 2)
    for n in range(5):
        place(merchant, f"o{n}")
    job = replace(new_job(merchant, "reconcile", NIGHT), state="running", began_at=NIGHT)
    while not job.is_over:
        reconciling.advance(job, NIGHT)
        job = reconciling.advance(job, NIGHT)
    assert job.result["sums"]["EUR"]["orders"] == 5000
    assert (job.done, job.total) == (5, 5)


def test_a_young_append_may_still_be_on_its_way(merchant: str) -> None:
    """The lists follow within seconds: that is no difference."""
    one = place(merchant, "o1")
    seen = checking.Seen(head=None, entries={}, owners={})
    assert list(checking.check(one, seen, NOW)) == []
    assert list(checking.check(one, seen, NIGHT))


@pytest.mark.parametrize(
    ("state", "amount", "found"),
    [
        (State.BOOKED, "10.00", []),
        (State.SUGGESTED, "10.00", ["suggested, 10.00 EUR"]),
        (State.BOOKED, "9.99", ["booked, 10.00 EUR"]),
    ],
)
def test_a_row_of_the_bank_must_be_booked_with_the_same_amount(
    state: State, amount: str, found: list[str]
) -> None:
    """Only a suggestion, or another amount, explains no movement."""
    key, booked_on = "ab" * 12, date(2026, 11, 23)
    fact = replace(came("10.00", key), source="bank")
    transaction = BankTransaction(
        account="DE1", booked_on=booked_on, value_on=booked_on, amount=eur("10.00")
    )
    part = Part(order_id="o1", number="1042", amount=eur(amount))
    entry = Entry(
        id=key, state=state, transaction=transaction, booked=Proposal(parts=(part,), score=100)
    )
    seen = checking.Seen(head=None, entries={key: entry}, owners={})
    named = [one.found for one in checking.check(order(fact), seen, NOW)]
    assert named == found
