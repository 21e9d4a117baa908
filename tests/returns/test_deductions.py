"""What goods have lost in value is deducted, and the customer reads how much and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.documents import drafts, letters, parcel_papers
from chalicelib.documents.facts import InvoiceFacts
from chalicelib.domain import balance, books, events
from chalicelib.domain.order import Order
from chalicelib.returns.decide import decide
from chalicelib.returns.perform import amount_due, perform, value
from tests.events import NOW, eur, paid
from tests.fakes import SETTINGS
from tests.histories import authorized_return, received_return, refund
from tests.notification.test_account_mails import mail, on_account, plain

WHY = "Kratzer auf der Unterseite"


def back(one: Order, lost: str = "5.00", pieces: int = 1) -> Order:
    """Return the order once pots are back that have lost in value."""
    lines = {"l-POT": pieces}
    came = replace(received_return(lines), deduction=eur(lost), deduction_reason=WHY)
    one = one.plus([authorized_return("R1", lines), came])
    for wish in decide(one, NOW):
        one = one.plus(perform(one, wish, NOW))
    return one


def corrected(one: Order) -> InvoiceFacts:
    """Write the correction of the invoice by what was credited or refunded for the return."""
    cause = balance.cause_of(one, "return:R1" if one.has(events.ReturnCredited) else "re_1")
    return drafts.credit_note(one, SETTINGS, cause, number="RK-1", now=NOW)


def test_of_a_paid_return_so_much_less_goes_back() -> None:
    """The books are even, for what was kept was bought."""
    one = back(on_account(paid("80.00")))
    assert amount_due(back(on_account(paid("80.00"))), "R1") == value(one, "R1") == eur("35.00")
    assert balance.due_back(one, "R1") == eur("35.00")
    one = one.plus([refund("35.00", reference="re_1", return_id="R1")])
    assert books.open_item(one) == eur("0.00")
    facts = corrected(one)
    assert facts.totals.gross == 3500
    assert facts.reason == f"Rücksendung, abzüglich 5,00\u00a0€ Wertersatz ({WHY})"


def test_on_account_it_stays_owed() -> None:
    """One pot and five euros of the other."""
    one = back(on_account())
    assert balance.outstanding(one) == books.open_item(one) == eur("45.00")
    assert corrected(one).totals.gross == 3500
    assert balance.outstanding(back(on_account(), pieces=2)) == eur("5.00")


def test_what_is_worth_nothing_any_more_is_not_paid_back() -> None:
    """Down to the price, and never below."""
    assert value(back(on_account(paid("80.00")), "40.00"), "R1") == eur("0.00")
    assert value(back(on_account(paid("80.00")), "41.00"), "R1") == eur("0.00")


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("de-DE", f"Für den Wertverlust der Ware sind 5,00 € abgezogen: {WHY}."),
        ("en-GB", f"€5.00 are deducted for the goods’ loss in value: {WHY}."),
    ],
)
def test_the_mail_says_how_much_and_why(locale: str, said: str) -> None:
    """Whether money came back or less is to pay; and nothing of it where nothing was deducted."""
    credited = mail(back(on_account(locale=locale)), "return_credited", "R1")
    assert said in " ".join(plain(credited).split())
    gone = refund("35.00", reference="re_1", return_id="R1")
    refunded = back(on_account(paid("80.00"), locale=locale)).plus([gone])
    assert said in " ".join(plain(mail(refunded, "refund_confirmation", "re_1")).split())
    other = on_account(paid("80.00"), refund("2.00", reference="re_2"), locale=locale)
    assert WHY not in plain(mail(other, "refund_confirmation", "re_2"))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ((), "ziehen wir ihren Preis von dem ab, was Sie noch zu zahlen haben"),
        ((paid("30.00"),), "ziehen wir ihren Preis von dem ab, was Sie noch zu zahlen haben"),
        ((paid("80.00"),), "Das Geld kommt auf dem Weg zurück, auf dem Sie bezahlt haben"),
    ],
)
def test_the_slip_promises_money_only_to_who_has_paid(
    facts: tuple[events.Fact, ...], said: str
) -> None:
    """On account nothing comes back that never came."""
    one = on_account(*facts).plus([authorized_return("R1", {"l-POT": 1})])
    slip = parcel_papers.return_slip(one, SETTINGS, "R1", NOW)
    assert said in letters.return_slip("return_slip", slip)["how"]
