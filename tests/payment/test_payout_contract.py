"""The night's payouts of every provider, from recorded answers to the facts of the orders."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import events
from chalicelib.domain.errors import Retryable
from chalicelib.domain.money import Money
from chalicelib.payment import payouts
from chalicelib.providers.reach import Reached
from chalicelib.providers.settling import adyen
from chalicelib.providers.settling.port import PAYERS, payer
from chalicelib.store.jobs import Job, new_job
from chalicelib.store.orders import Orders
from chalicelib.store.payments import Payments
from chalicelib.store.payouts import Payouts
from chalicelib.store.reports import announce, announced, read_through
from chalicelib.store.tables import stamp
from tests.events import NOW, bought, order
from tests.recorded.payouts import ASKED, everything, recording

pytestmark = pytest.mark.engine
NIGHT = ASKED.now
# It looks back as far as what is recorded reaches.
MEMORY = {"until": stamp(ASKED.since + payouts.OVERLAP)}
FAR = timedelta(days=90)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a report of a few rows have several pages."""
    monkeypatch.setattr(adyen, "AT_ONCE", 3)


def part(text: str) -> tuple[str, str, Money, Money]:
    """Read a part as it is written down as expected."""
    kind, payment, gross, currency, fee, *_ = text.split()
    return kind, payment, Money.of(gross, currency), Money.of(fee, currency)


def parts(kind: str) -> list[tuple[str, str, Money, Money]]:
    """Return all parts that are recorded of a provider."""
    found, _ = everything(kind)
    return [part(text) for one in found.values() for text in one["parts"]]


def pay(merchant: str, kind: str) -> list[str]:
    """Write an order for each payment that is recorded, in its currency, paid with its amount."""
    names = []
    for what, payment, gross, _ in parts(kind):
        if what != "received" or payment in names:
            continue
        came = events.PaymentReceived(
            at=NOW, source=kind, reference=payment, amount=gross, booked_at=NOW
        )
        what_it_was = replace(bought(), currency=gross.currency, total=gross, lines=())
        one = order(came, what=what_it_was)
        empty = replace(one, merchant_id=merchant, id=payment, facts=(), version=0)
        Orders().project(Orders().create(empty, one.facts), None, NOW)
        Payments().remember(merchant, kind, payment, payment)
        names.append(payment)
    return names


def enter(patch: pytest.MonkeyPatch, kind: str) -> Any:
    """Let the job reach what is recorded of a provider."""
    one, api = recording(kind)
    way = Reached(kind=kind, connection_id="c", provider=payer(kind), api=api)
    patch.setattr(payouts, "entered", lambda _: way)
    return one


def begun(merchant: str) -> Job:
    """Return the job as it begins."""
    job = new_job(merchant, "payouts", NIGHT, subject="c", is_standing=True)
    return replace(job, state="running", began_at=NIGHT, memory=MEMORY)


def run(job: Job) -> Job:
    """Go on with a job to its end; what fails once is done again from the last place."""
    for _ in range(200):
        stored = json.loads(json.dumps(dict(job.cursor)))
        try:
            job = payouts.advance(replace(job, cursor=stored), NIGHT)
        except Retryable:
            continue
        if job.is_over:
            return job
    raise AssertionError(job.cursor)


def fees(merchant: str, names: list[str]) -> Counter[str]:
    """Add up by currency what the orders have been charged."""
    sums = Counter[str]()
    for name in names:
        one = Orders().load(merchant, name)
        assert one
        for fee in one.all(events.FeeCharged):
            sums[fee.amount.currency] += fee.amount.minor
    return sums


def wanted(kind: str, names: list[str]) -> Counter[str]:
    """Add up by currency what the recorded parts of these payments cost."""
    sums = Counter[str]()
    for what, payment, _, fee in parts(kind):
        if what != "fee" and payment in names and fee:
            sums[fee.currency] += fee.minor
    return sums


@pytest.mark.parametrize("kind", sorted(PAYERS))
def test_each_fee_is_on_its_order_once(
    kind: str, merchant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at every call and begun again, then fetched once more: the cents stay the same."""
    names, one = pay(merchant, kind), enter(monkeypatch, kind)
    for report in ASKED.reports:
        announce(merchant, "c", report, NOW)
    failed = set[str]()

    def fail_once(asked: str) -> None:
        if asked not in failed:
            failed.add(asked)
            raise Retryable("outside_down", "The provider is away.")

    one.before = fail_once
    first = run(begun(merchant))
    kept = {each.payout.reference: each for each in Payouts().since(merchant, NIGHT.date() - FAR)}
    assert sorted(kept) == sorted(everything(kind)[0])
    assert fees(merchant, names) == wanted(kind, names)
    assert first.result["new"] == len(kept)
    for each in kept.values():
        assert each.arrived is None  # not in the bank yet
        held = [Payouts().lines(merchant, each.payout, page) for page in range(each.pages + 1)]
        assert sum(map(len, held)) == each.sums.count
    left = announced(merchant, "c", ASKED.since)
    assert left == ([] if kind == "adyen" else list(ASKED.reports))  # what is read, is off the list
    again = run(begun(merchant))
    assert again.result["new"] == 0
    assert fees(merchant, names) == wanted(kind, names)


def test_a_report_is_read_once_however_often_it_is_announced(merchant: str) -> None:
    """And one that was announced too long ago is given up."""
    for _ in range(2):
        announce(merchant, "c", "one.csv", NOW)
    announce(merchant, "c", "old.csv", NOW - FAR)
    announce(merchant, "another", "two.csv", NOW)
    assert announced(merchant, "c", NOW - payouts.FIRST_TIME) == ["one.csv"]
    read_through(merchant, "c", ["one.csv"])
    announce(merchant, "c", "one.csv", NOW)
    assert announced(merchant, "c", NOW - payouts.FIRST_TIME) == []
