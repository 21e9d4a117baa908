"""SumUp keeps no name of ours with a refund: a lost answer never pays twice all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.commands import PayRefund
from chalicelib.domain.errors import KontorError, NeedsHuman, Permanent, Retryable
from chalicelib.domain.events import EffectIntended, Fact, HoldPlaced, RefundRecorded
from chalicelib.domain.events import RefundRequested as Requested
from chalicelib.domain.order import Order
from chalicelib.payment.refunds import Payer
from chalicelib.providers import sumup
from chalicelib.providers.port import Sought
from chalicelib.runtime.http import Reply
from chalicelib.store.connections import Connection
from tests.events import NOW, eur, order, paid
from tests.recorded.reading import raw

TX = "9b1e77aa-0000-4000-8000-000000001001"
EFFECT = "refund:KRONE"
SOON = timedelta(minutes=6)


class FakeSumUp:
    """One payment at SumUp, which may lose what it answers, and tell of a refund late."""

    def __init__(self) -> None:
        self.now, self.lag, self.loses = NOW, timedelta(), ""
        self.status, self.is_dated = "SUCCESSFUL", False
        self.events = list[tuple[datetime, dict[str, Any]]]()
        self.asked = list[str]()

    def refunded(self, amount: str = "5.00", at: datetime | None = None, **other: Any) -> None:
        """Give money back, as a call or a person at SumUp does."""
        made = at or self.now
        when = {"date": made.date().isoformat()} if self.is_dated else {"timestamp": stamp(made)}
        event = {"id": 7001 + len(self.events), "event_type": "REFUND", "status": "REFUNDED"}
        self.events.append((made + self.lag, event | {"amount": amount} | when | other))

    def call(self, method: str, path: str, *, query: Any = None, data: Any = None, **_: Any) -> Any:
        """Take a call."""
        self.asked.append(f"{method} {path}")
        if path == "/v0.1/me":
            return answer({"merchant_profile": {"merchant_code": "MTEST001"}})
        if method == "POST":
            assert path == f"/v1.0/merchants/MTEST001/payments/{TX}/refunds"
            return self.pay(data)
        assert (path, query) == ("/v2.1/merchants/MTEST001/transactions", {"id": TX})
        told = [event for seen, event in self.events if seen <= self.now]
        return answer({"id": TX, "status": self.status, "currency": "EUR", "amount": 20.0,
                       "timestamp": stamp(NOW), "transaction_events": told})  # fmt: skip

    def pay(self, data: Any) -> Any:
        """Pay, or not, and answer or not."""
        if self.loses == "refused":
            raise Permanent("outside_refused", "Partial refunds are not allowed.")
        if self.loses != "call":
            self.refunded(f"{data['amount']:.2f}")
        if self.loses:
            raise Retryable("outside_down", "There is no answer in time.")
        return answer({})


def stamp(moment: datetime) -> str:
    """Write a moment as SumUp does."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def answer(body: Any) -> Reply:
    """Return a good answer."""
    return Reply(status=200, headers={}, body=raw(body))


class Desk:
    """An order of which five euros are to go back, and the step that pays them."""

    def __init__(self, *facts: Fact) -> None:
        wish = Requested(at=NOW, refund_id="KRONE", amount=eur("5"), way="provider",
                         source="sumup", payment=TX)  # fmt: skip
        received = paid("20.00", source="sumup")
        self.order: Order = order(received, *facts, wish)
        self.sumup = FakeSumUp()

    def attempt(self) -> list[Fact]:
        """Try to pay it, as the step does: the intent first, then the call."""
        now, tried = self.sumup.now, len(self.order.all(EffectIntended))
        self.order = self.order.plus([EffectIntended(at=now, effect=EFFECT, attempt=tried + 1)])
        connection = Connection(merchant_id="demo", id="demo-sumup", kind="sumup", name="SumUp",
                                created_at=NOW)  # fmt: skip
        payer = Payer(
            connections_of=lambda _: [connection], secrets_of=lambda *_: {"api_key": "sup_sk"},
            transfers=None, otherwise=lambda *_: (), call=lambda *_: self.sumup,  # type: ignore[arg-type]
        )  # fmt: skip
        found = list(payer.perform(self.order, PayRefund(refund_id="KRONE"), now))
        self.order = self.order.plus(found)
        return found

    def wait(self, time: timedelta = SOON) -> None:
        """Let time pass."""
        self.sumup.now += time


def lost(what: str, *, lag: timedelta = timedelta()) -> Desk:
    """Return a desk whose first answer was lost, and the next will not be."""
    desk = Desk()
    desk.sumup.loses, desk.sumup.lag = what, lag
    with pytest.raises(Retryable):
        desk.attempt()
    desk.sumup.loses = ""
    desk.wait()
    return desk


def test_a_refund_is_paid_and_named_as_its_webhook_names_it() -> None:
    """By the payment and the event, found as what was not there before."""
    desk = Desk()
    desk.sumup.refunded(at=NOW - timedelta(minutes=1))
    [told] = desk.attempt()
    assert isinstance(told, RefundRecorded)
    assert (told.reference, told.payment, told.amount) == (f"{TX}:7002", TX, eur("5"))


def test_a_refusal_is_told_in_sumups_own_words() -> None:
    """A person decides; the next try is no repetition of this one."""
    desk = Desk()
    desk.sumup.loses = "refused"
    with pytest.raises(Permanent, match="Partial refunds") as refused:
        desk.attempt()
    assert refused.value.code == "refund_refused"


def test_a_lost_answer_is_found_by_amount_and_time() -> None:
    """Nothing is paid again; another amount, an older one and a failed one are others."""
    desk = lost("answer")
    desk.sumup.refunded("4.99")
    desk.sumup.refunded(at=NOW - timedelta(hours=1))
    desk.sumup.refunded(status="FAILED")
    [told] = desk.attempt()
    assert isinstance(told, RefundRecorded)
    assert told.reference == f"{TX}:7001"
    assert sum(one.startswith("POST") for one in desk.sumup.asked) == 1


def test_what_was_never_taken_is_paid_after_a_quiet_time() -> None:
    """Not before: SumUp may tell of it late."""
    desk = lost("call")
    with pytest.raises(Retryable) as early:
        desk.attempt()
    assert early.value.after == 15 * 60
    desk.wait(timedelta(minutes=15))
    [told] = desk.attempt()
    assert isinstance(told, RefundRecorded)
    assert len(desk.sumup.events) == 1


@pytest.mark.parametrize("case", ["several", "dated", "status"])
def test_what_is_not_sure_is_for_a_person(case: str) -> None:
    """Several of the amount, one of the same day without a time, or a payment that is over."""
    desk = Desk()
    desk.sumup.is_dated = case == "dated"
    desk.sumup.loses = "call" if case == "status" else "answer"
    with pytest.raises(Retryable):
        desk.attempt()
    desk.sumup.loses = ""
    if case == "several":
        desk.sumup.refunded()
    if case == "status":
        desk.sumup.status = "CANCELLED"
    before = len(desk.sumup.events)
    for pause in (SOON, timedelta(days=2)):
        desk.wait(pause)
        with pytest.raises(NeedsHuman) as unsure:
            desk.attempt()
        assert unsure.value.code == "refund_unknown"
        hold = HoldPlaced(at=desk.sumup.now, code="refund_unknown", text="", effect=EFFECT)
        desk.order = desk.order.plus([hold])
    assert len(desk.sumup.events) == before


def test_what_was_taken_and_is_told_late_is_found_when_it_is_released() -> None:
    """Until then a person sees that it is not known."""
    desk = Desk()
    desk.sumup.lag = timedelta(minutes=3)
    with pytest.raises(NeedsHuman) as unsure:
        desk.attempt()
    assert unsure.value.code == "refund_unknown"
    desk.wait()
    [told] = desk.attempt()
    assert isinstance(told, RefundRecorded)
    assert len(desk.sumup.events) == 1


def test_a_refund_of_another_wish_is_not_taken_for_this_one() -> None:
    """It has been told of with its own."""
    other = RefundRecorded(at=NOW, source="sumup", reference=f"{TX}:7001", amount=eur("5"),
                           booked_at=NOW, refund_id="KRTWO", payment=TX)  # fmt: skip
    desk = Desk(other)
    desk.sumup.refunded()
    desk.sumup.loses = "call"
    with pytest.raises(Retryable):
        desk.attempt()
    desk.wait()
    with pytest.raises(Retryable, match="no refund yet"):
        desk.attempt()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_nothing_that_gets_lost_pays_twice(data: st.DataObject) -> None:
    """However often it is tried, whatever is lost, and though SumUp tells of it minutes later."""
    desk = Desk()
    for _ in range(5):
        desk.sumup.loses = data.draw(st.sampled_from(["", "call", "answer"]))
        desk.sumup.lag = timedelta(minutes=data.draw(st.sampled_from([0, 1, 14])))
        try:
            done = desk.attempt()
        except KontorError:
            done = []
        assert len(desk.sumup.events) <= 1
        if done:
            return
        desk.wait(timedelta(minutes=data.draw(st.sampled_from([1, 6, 16, 60]))))


def test_a_payment_that_is_known_is_looked_up_by_its_name() -> None:
    """So the connection that has it is found among several."""
    api = sumup.connect({"merchant_code": "MTEST001"}, {"api_key": "k"}, lambda *_: FakeSumUp())
    [found] = sumup.payments_of(
        api, Sought(references=(), since=NOW, until=NOW, payments=(TX,))
    )  # fmt: skip
    assert (found.reference, found.amount) == (TX, eur("20"))


def test_a_code_that_is_none_is_refused_by_its_field() -> None:
    """It becomes part of an address."""
    with pytest.raises(Permanent, match=r"settings\.merchant_code"):
        sumup.connect({"merchant_code": "../me"}, {"api_key": "k"}, lambda *_: FakeSumUp())
