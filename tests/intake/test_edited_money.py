"""What an edit in the shop does to the arithmetic of payments, refunds and corrections."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.domain import balance, events, states, waiting
from chalicelib.domain.money import Money
from chalicelib.intake.decide import decide, untimely
from chalicelib.intake.port import Snapshot
from tests.events import NOW, bought, eur
from tests.intake.snapshots import snapshot
from tests.intake.test_edits import EDITS, ELSEWHERE, LATER, PAID, TWO, at_stage, codes, then


def test_who_has_paid_more_than_the_order_costs_now_is_owed_the_rest() -> None:
    """The parcel goes all the same; staff pay back, and no credit note takes back a sale."""
    one = then(at_stage(*PAID), snapshot(*EDITS["removed"], minutes=1))
    assert states.payment(one) is states.Payment.OVERPAID
    assert "overpaid" in codes(one)
    assert waiting.is_ready_to_ship(one, LATER)
    back = events.RefundRecorded(
        at=LATER, source="manual", reference="b", amount=eur("10.00"), booked_at=LATER
    )
    even = one.plus([back])
    assert "overpaid" not in codes(even)
    assert balance.corrections(even) == ({"b": eur("0")}, eur("0"))


def test_a_refund_beyond_what_was_overpaid_corrects_the_invoice_by_the_rest() -> None:
    """12.00 back of 10.00 too much: 2.00 of the sale; a return's refund is the sale's alone."""
    one = then(at_stage(*PAID), snapshot(*EDITS["removed"], minutes=1))
    back = events.RefundRecorded(
        at=LATER, source="manual", reference="b", amount=eur("12.00"), booked_at=LATER
    )
    assert balance.corrections(one.plus([back]))[0] == {"b": eur("2.00")}
    of_return = replace(back, return_id="R1")
    assert balance.corrections(one.plus([of_return])) == ({"b": eur("12.00")}, eur("10.00"))


def test_what_costs_more_now_is_not_paid_by_the_payment_of_before() -> None:
    """The shop says `paid` of whatever the total is; the moment of the payment gives it away."""
    first = snapshot(*TWO, paid="30.00")
    one = then(at_stage(), replace(first, paid_at=NOW))
    assert balance.is_settled(one)
    dearer = snapshot(*EDITS["added"], minutes=1, paid="40.00", reference="r1")
    edited = then(one, replace(dearer, paid_at=NOW))
    assert balance.outstanding(edited) == eur("10.00")
    assert "unpaid" in codes(edited)
    settled = then(edited, replace(dearer, paid_at=NOW + timedelta(minutes=5)))
    assert balance.is_settled(settled)


def test_another_currency_is_never_mixed_with_money_that_came() -> None:
    """Without money the order is in the new currency; with it, a person looks."""
    dollars = replace(
        bought(modified_at=LATER, currency="USD"),
        lines=tuple(in_dollars(x) for x in TWO),
        total=Money(minor=3000, currency="USD"),
    )
    told = Snapshot(bought=dollars, paid=dollars.total, payment_reference="r")
    one = then(at_stage(*PAID), told)
    assert one.bought.currency == "EUR"
    assert "changed_in_shop" in codes(one)
    assert balance.is_settled(one)
    assert then(at_stage(), told).bought.currency == "USD"


def in_dollars(item: Any) -> Any:
    """Return a line in another currency."""

    def dollars(amount: Money) -> Money:
        return replace(amount, currency="USD")

    return replace(
        item, unit_price=dollars(item.unit_price), total=dollars(item.total), tax=dollars(item.tax)
    )


def test_an_edit_waits_while_an_invoice_may_be_drawn() -> None:
    """Its number may be taken already; an address or a mail address touches no invoice."""
    one = at_stage(*PAID)
    for told, is_untimely in (
        (snapshot(*EDITS["added"], minutes=1), True),
        (snapshot(*TWO, minutes=1, cancelled=True), True),
        (snapshot(*TWO, minutes=1, billing=ELSEWHERE), True),
        (snapshot(*TWO, minutes=1, shipping=ELSEWHERE), False),
        (snapshot(*TWO, minutes=1, email="ute@example.com"), False),
    ):
        assert untimely(one, decide(one, told, LATER)) is is_untimely
    unpaid = at_stage()
    assert not untimely(unpaid, decide(unpaid, snapshot(*EDITS["added"], minutes=1), LATER))
    stuck = events.HoldPlaced(at=NOW, code="tax_number_missing", text="x.", effect="IssueInvoice")
    held = one.plus([stuck])
    assert not untimely(held, decide(held, snapshot(*EDITS["added"], minutes=1), LATER))
