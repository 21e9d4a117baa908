"""The night's payouts on the local engine: taken apart, booked once, and joined with the bank."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.domain import events
from chalicelib.domain.bank import BankTransaction
from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money
from chalicelib.domain.order import Order
from chalicelib.domain.payouts import Payout, PayoutPart
from chalicelib.payment import payouts
from chalicelib.providers.reach import Reached
from chalicelib.providers.settling.port import Asked, Parts, Sent
from chalicelib.store.bank import Bank, Entry, New, State
from chalicelib.store.connections import Connection, Connections
from chalicelib.store.jobs import Job, new_job
from chalicelib.store.orders import Orders
from chalicelib.store.payments import Payments
from chalicelib.store.payouts import Payouts
from tests.events import NOW, eur, order

pytestmark = pytest.mark.engine
DAY = date(2026, 11, 23)
NIGHT = NOW + timedelta(hours=18)
BALANCE: Any = SimpleNamespace(KEEPS_BALANCE=True)


@dataclass
class Provider:
    """Stripe as far as it has sent money to the bank."""

    sent: dict[Payout, list[PayoutPart]] = field(default_factory=dict)
    asked: list[datetime] = field(default_factory=list)
    before: dict[str, str] = field(default_factory=dict)
    KEEPS_BALANCE: bool = False

    def payouts(self, _: object, asked: Asked, __: str) -> Sent:
        """Return what it has sent."""
        self.asked.append(asked.since)
        return Sent(payouts=tuple(self.sent))

    def parts(self, _: object, payout: Payout, before: Payout | None, place: str) -> Parts:
        """Return what one is made of, 250 at once."""
        self.before[payout.reference] = before.reference if before else ""
        start, parts = int(place or 0), self.sent[payout]
        following = str(start + 250) if start + 250 < len(parts) else ""
        return Parts(parts=tuple(parts[start : start + 250]), following=following)


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Provider:
    """Let the job reach a provider that answers from memory."""
    one = Provider()
    way: Any = Reached(kind="stripe", connection_id="c", provider=one, api=one)
    monkeypatch.setattr(payouts, "entered", lambda _: way)
    return one


def part(
    name: str, gross: str, fee: str, *, kind: str = "received", payment: str = "", **more: Any
) -> PayoutPart:
    """Return a part under the name of its entry in the provider's balance."""
    money = more.get("currency", "EUR")
    return PayoutPart(
        payment=payment or f"pi_{name}",
        kind=kind,
        gross=Money.of(gross, money),
        fee=Money.of(fee, money),
        reference=f"txn_{name}",
        booked_at=NOW,
    )


def payout(amount: str, name: str = "po_100001", **more: Any) -> Payout:
    """Return a payout of the day."""
    return Payout(source="stripe", reference=name, amount=eur(amount), arrived_on=DAY, **more)


def paid(merchant: str, name: str, amount: str = "10.00", *, at: datetime = NOW) -> Order:
    """Write an order that Stripe's payment `pi_{name}` has paid."""
    came = events.PaymentReceived(
        at=at, source="stripe", reference=f"pi_{name}", amount=eur(amount), booked_at=at
    )
    one = order(came)
    empty = replace(one, merchant_id=merchant, id=name, facts=(), version=0)
    created = Orders().create(empty, one.facts)
    Orders().project(created, None, NOW)
    Payments().remember(merchant, "stripe", f"pi_{name}", name)
    return created


def run(merchant: str, memory: dict[str, Any] | None = None, at: datetime = NIGHT) -> Job:
    """Run the job to its end."""
    job = new_job(merchant, "payouts", at, subject="c", is_standing=True)
    job = replace(job, state="running", began_at=at, memory=memory or {})
    for _ in range(50):
        job = payouts.advance(job, at)
        if job.is_over:
            return job
    raise AssertionError(job.cursor)


def fees(merchant: str, name: str) -> list[tuple[str, str]]:
    """Return the fees of an order by their name."""
    one = Orders().load(merchant, name)
    assert one
    return [(fee.reference, str(fee.amount.amount)) for fee in one.all(events.FeeCharged)]


def known(merchant: str, name: str = "po_100001") -> Any:
    """Return a payout as it is kept."""
    found = Payouts().load(merchant, "stripe", name)
    assert found
    return found


def test_a_payout_is_taken_apart_and_each_fee_is_on_its_order(
    merchant: str, stripe: Provider
) -> None:
    """A refund inside it and the fee of a chargeback included; what is nobody's is only kept."""
    paid(merchant, "a")
    paid(merchant, "b", "30.00")
    stripe.sent[payout("8.96")] = [
        part("a", "10.00", "0.39"),
        part("b", "30.00", "0.95"),
        part("r", "-10.00", "0.00", kind="refunded", payment="pi_a"),
        part("d", "-5.00", "15.00", kind="charged_back", payment="pi_b"),
        part("f", "0.00", "0.70", kind="fee", payment="fee_1"),
        part("s", "0.00", "0.00", payment="pi_of_somebody"),
    ]
    job = run(merchant)
    assert fees(merchant, "a") == [("txn_a", "0.39")]
    assert fees(merchant, "b") == [("txn_b", "0.95"), ("txn_d", "15.00")]
    kept = known(merchant)
    assert (kept.sums.unexplained, kept.unknown) == (eur("1.00"), 1)
    lines = Payouts().lines(merchant, kept.payout, 0)
    assert [(x.order_id, x.trouble) for x in lines] == [
        ("a", ""), ("b", ""), ("a", ""), ("b", ""), ("", ""), ("", "unknown"),
    ]  # fmt: skip
    assert job.result["new"] == 1


def test_nothing_counts_twice(merchant: str, stripe: Provider) -> None:
    """A webhook told the fee before, the job is run twice, the same payout is listed again."""
    one = paid(merchant, "a")
    told = events.FeeCharged(
        at=NOW, source="stripe", reference="txn_a", amount=eur("0.39"), booked_at=NOW,
        payment="pi_a",
    )  # fmt: skip
    Orders().record(one, [told])
    stripe.sent[payout("9.61")] = [part("a", "10.00", "0.39")]
    first = run(merchant)
    again = run(merchant, dict(first.memory), NIGHT + timedelta(days=1))
    assert fees(merchant, "a") == [("txn_a", "0.39")]
    assert (first.result["new"], again.result["new"]) == (1, 0)
    assert stripe.asked[-1] == NIGHT - payouts.OVERLAP
    assert known(merchant).unknown == 0


def test_an_order_that_comes_late_gets_its_fee(merchant: str, stripe: Provider) -> None:
    """Until then the payment is named in the payout."""
    stripe.sent[payout("9.61")] = [part("a", "10.00", "0.39")]
    run(merchant)
    assert known(merchant).unknown == 1
    paid(merchant, "a", "10.01")
    run(merchant, at=NIGHT + timedelta(days=1))
    assert (known(merchant).unknown, fees(merchant, "a")) == (0, [("txn_a", "0.39")])
    [line] = Payouts().lines(merchant, payout("9.61"), 0)
    assert (line.trouble, line.expected) == ("amount", eur("10.01"))


def test_a_fee_in_another_currency_stays_in_the_payout(merchant: str, stripe: Provider) -> None:
    """The order is in euros, the account of the provider counts in yen."""
    paid(merchant, "a")
    one = replace(payout("1"), amount=Money.of("982", "JPY"))
    stripe.sent[one] = [part("a", "1000", "18", currency="JPY")]
    run(merchant)
    [line] = Payouts().lines(merchant, one, 0)
    assert (line.trouble, line.order_id, fees(merchant, "a")) == ("currency", "a", [])
    assert known(merchant).sums.unexplained == Money.zero("JPY")


def test_large_payouts_are_kept_in_pages(merchant: str, stripe: Provider) -> None:
    """So that no row grows beyond what the database takes; unknown parts of all are counted."""
    parts = [part(f"x{n}", "1.00", "0.10") for n in range(401)]
    stripe.sent[payout("360.90")] = parts
    run(merchant)
    kept = known(merchant)
    assert (kept.pages, kept.unknown, kept.sums.count) == (3, 401, 401)
    sizes = [len(Payouts().lines(merchant, kept.payout, number)) for number in range(4)]
    assert sizes == [200, 50, 151, 0]


def test_the_night_joins_payouts_and_entries(merchant: str, stripe: Provider) -> None:
    """What the bank told before is found by the job itself."""
    stripe.sent[payout("9.61")] = []
    transaction = BankTransaction(
        account="DE1", booked_on=DAY, value_on=DAY, amount=eur("9.61"), name="STRIPE PAYMENTS"
    )
    entry = Entry(id=transaction.key, state=State.PAYOUT, transaction=transaction)
    Bank().add(merchant, [New(entry=entry)])
    run(merchant)
    assert known(merchant).difference == eur("0.00")


def test_a_connection_that_is_gone_or_has_no_key_says_so(merchant: str, aws: Any) -> None:
    """The job fails in words."""
    job = new_job(merchant, "payouts", NIGHT, subject=f"{merchant}-s", is_standing=True)
    job = replace(job, state="running", began_at=NIGHT, cursor=payouts.LISTING)
    with pytest.raises(Permanent, match="not there any more"):
        payouts.advance(job, NIGHT)
    Connections().create(
        Connection(
            merchant_id=merchant, id=f"{merchant}-s", kind="stripe", name="Stripe", created_at=NOW
        )
    )
    with pytest.raises(Permanent, match=r"secrets\.api_key"):
        payouts.advance(job, NIGHT)


def test_what_is_in_no_payout_is_named(merchant: str, stripe: Provider) -> None:
    """After ten days, and only the payments of this provider."""
    long_ago = datetime(2026, 11, 3, tzinfo=UTC)
    paid(merchant, "a", at=long_ago)
    paid(merchant, "b", at=long_ago)
    paid(merchant, "new")
    stripe.sent[payout("9.61")] = [part("b", "10.00", "0.39")]
    missing = run(merchant).result["missing"]
    assert (missing["count"], missing["sums"]) == (1, {"EUR": 1000})
    assert [(one["payment"], one["order_id"]) for one in missing["items"]] == [("pi_a", "a")]


def test_what_lies_in_a_balance_is_not_missed(
    merchant: str, stripe: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A payment between two withdrawals is in one of them; one after the last is nowhere yet."""
    monkeypatch.setattr(payouts, "payer", lambda _: BALANCE)
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in (2, 4, 6)]
    for name, at in zip("abc", days, strict=True):
        paid(merchant, name, at=at)
    for day, name in ((3, "po_first01"), (5, "po_second1")):
        at = datetime(2026, 11, day, tzinfo=UTC)
        stripe.sent[replace(payout("1.00", name), arrived_on=at.date(), sent_at=at)] = []
    missing = run(merchant).result["missing"]
    assert [one["order_id"] for one in missing["items"]] == ["b"]


def test_a_withdrawal_follows_the_one_before_of_its_account_and_currency(
    merchant: str, stripe: Provider
) -> None:
    """In this run or an earlier one; a second account of the merchant draws on its own balance."""
    stripe.KEEPS_BALANCE = True
    sent = [(3, "po_first01", "a"), (4, "po_other02", "b"), (5, "po_second1", "a")]
    for day, name, account in sent:
        at = datetime(2026, 11, day, tzinfo=UTC)
        one = replace(payout("1.00", name), arrived_on=at.date(), sent_at=at, place=account)
        stripe.sent[one] = [part(name, "1.00", "0.00")]
    run(merchant)
    assert stripe.before == {"po_first01": "", "po_other02": "", "po_second1": "po_first01"}
    at = datetime(2026, 11, 6, tzinfo=UTC)
    later = replace(payout("1.00", "po_third01"), arrived_on=at.date(), sent_at=at, place="b")
    stripe.sent = {later: [part("x", "1.00", "0.00")]}
    run(merchant)
    assert stripe.before["po_third01"] == "po_other02"
