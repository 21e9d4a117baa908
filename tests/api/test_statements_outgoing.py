"""Money that leaves the account: debits that come back, and refunds that arrive."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain import balance, refunding
from chalicelib.domain.events import (
    ChargebackRecorded,
    FeeCharged,
    PaymentReceived,
    RefundListed,
    RefundRecorded,
    RefundRequested,
)
from chalicelib.domain.order import Order
from chalicelib.store.orders import Orders
from chalicelib.store.transfers import Transfers
from tests.api.conftest import Caller
from tests.api.test_statements import camt, counts, entry, listed, payment, place, quiet, send
from tests.events import NOW, eur

__all__ = ["quiet"]  # a fixture of the other tests of statements
pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("aws")]


def returned(amount: str, text: str = "", *, end_to_end: str = "", name: str = "Anna Beispiel",
             original: str = "", fee: str = "") -> str:  # fmt: skip
    """Return an entry of a direct debit that came back, with the bank's fee."""
    inner = f'<AmtDtls><InstdAmt><Amt Ccy="EUR">{original}</Amt></InstdAmt></AmtDtls>'
    cost = f'<Chrgs><Rcrd><Amt Ccy="EUR">{fee}</Amt></Rcrd></Chrgs>'
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        "<BookgDt><Dt>2026-11-28</Dt></BookgDt><ValDt><Dt>2026-11-28</Dt></ValDt>"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd><SubFmlyCd>UPDD</SubFmlyCd></Fmly></Domn>"
        f"</BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>{end_to_end or 'NOTPROVIDED'}</EndToEndId>"
        f"</Refs>{inner * bool(original)}{cost * bool(fee)}<RltdPties><Dbtr><Pty><Nm>{name}</Nm>"
        f"</Pty></Dbtr></RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf>"
        "<RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry>"
    )


def out(amount: str, end_to_end: str) -> str:
    """Return an entry of a transfer of ours."""
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        "<BookgDt><Dt>2026-11-28</Dt></BookgDt><ValDt><Dt>2026-11-28</Dt></ValDt><NtryDtls><TxDtls>"
        f"<Refs><EndToEndId>{end_to_end}</EndToEndId></Refs><RltdPties><Cdtr><Pty>"
        "<Nm>Anna Beispiel</Nm></Pty></Cdtr></RltdPties></TxDtls></NtryDtls></Ntry>"
    )


def paid(call: Caller, number: str = "10421") -> None:
    """Place an order of 50 euros and have it paid."""
    place(call, number, "50.00")
    assert counts(send(call, camt(entry("50.00", f"Bestellung {number}"))))["matched"] == 1


def order_of(call: Caller, number: str = "10421") -> Order:
    """Load an order with its facts."""
    found = Orders().load(call.merchant, f"o{number}")
    assert found
    return found


def amounts(order: Order, kind: Any) -> list[str]:
    """Return the amounts of the facts of a kind."""
    return [str(fact.amount) for fact in order.all(kind)]


@pytest.mark.parametrize(
    "back",
    [
        returned("53.00", end_to_end="10421", original="50.00"),
        returned("53.00", "RETOURE Bestellung 10421", fee="3.00", original="50.00"),
        returned("53.00", "Rueckgabe 10421", fee="3.00"),
    ],
)
def test_a_returned_debit_takes_its_payment_back_and_tells_the_banks_fee(
    call: Caller, back: str
) -> None:
    """Whether the bank tells the first amount, its own fee, or both; and once."""
    paid(call)
    assert counts(send(call, camt(back)))["matched"] == 1
    order = order_of(call)
    assert amounts(order, ChargebackRecorded) == ["50.00 EUR"]
    assert amounts(order, FeeCharged) == ["3.00 EUR"]
    assert payment(call, "o10421") == "charged_back"
    assert counts(send(call, camt(back))) == {"entries": 1, "duplicates": 1}


def test_a_returned_debit_that_is_paid_after_all_is_paid(call: Caller) -> None:
    """The order waits for the money again, and the next transfer is found to be it."""
    paid(call)
    send(call, camt(returned("53.00", end_to_end="10421", original="50.00")))
    Orders().project(order_of(call), None, NOW)
    assert counts(send(call, camt(entry("50.00", "10421 noch einmal"))))["matched"] == 1
    assert payment(call, "o10421") == "paid"
    assert len(order_of(call).all(PaymentReceived)) == 2


def test_a_returned_debit_of_another_amount_is_a_question_until_a_person_answers(
    call: Caller,
) -> None:
    """One click takes the payment back; undoing that gives it again."""
    paid(call)
    told = counts(send(call, camt(returned("20.00", "10421", name="Otto Fremd"))))
    assert told == {"entries": 1, "booked": 1, "suggested": 1}
    [waiting] = listed(call, "suggested")
    path = f"/v1/payments/{waiting['id']}"
    assert call("POST", f"{path}/match", {"order_id": "o10421"}).json["state"] == "booked"
    assert balance.disputed(order_of(call)) == eur("20.00")
    assert call("POST", f"{path}/undo", {}).json["state"] == "unmatched"
    assert (payment(call, "o10421"), balance.disputed(order_of(call))) == ("paid", eur("0"))


def test_a_returned_debit_that_nobody_knows_waits_for_a_person(call: Caller) -> None:
    """It is no payment of anybody, and not put aside with other money that went out."""
    assert counts(send(call, camt(returned("53.00", "unbekannt")))) == {
        "entries": 1, "booked": 1, "unmatched": 1,
    }  # fmt: skip


@pytest.mark.parametrize("is_told_before", [False, True])
def test_a_refund_of_ours_is_recognised_when_it_arrives(
    call: Caller, *, is_told_before: bool
) -> None:
    """By its end-to-end id, once, also where somebody has said already that it was sent."""
    paid(call)
    request = RefundRequested(at=NOW, refund_id="R-7", amount=eur("20"), way="transfer")
    order = Orders().append(order_of(call), [request])
    Transfers().put(order, request, NOW)
    if is_told_before:
        sent = RefundRecorded(
            at=NOW, source="bank", reference="R-7", amount=eur("20"), booked_at=NOW,
            refund_id="R-7",
        )  # fmt: skip
        Orders().append(order, [sent])
    assert counts(send(call, camt(out("20.00", "R-7"), out("7.00", "Miete"))))["matched"] == 1
    assert amounts(order_of(call), RefundRecorded) == ["20.00 EUR"]
    assert payment(call, "o10421") == "partially_refunded"
    [booked] = [one for one in listed(call, "booked") if one["amount"]["amount"] == "-20.00"]
    assert booked["orders"][0]["number"] == "10421"
    assert [one["amount"]["amount"] for one in listed(call, "outgoing")] == ["-7.00"]


def test_a_refund_that_was_booked_by_mistake_never_was(call: Caller) -> None:
    """Undone, the money is the customer's again, and the order is paid."""
    paid(call)
    send(call, camt(out("20.00", "Erstattung")))
    [gone] = listed(call, "outgoing")
    path = f"/v1/payments/{gone['id']}"
    assert call("POST", f"{path}/match", {"order_id": "o10421"}).json["state"] == "booked"
    assert payment(call, "o10421") == "partially_refunded"
    assert call("POST", f"{path}/undo", {}).json["state"] == "outgoing"
    assert payment(call, "o10421") == "paid"
    assert balance.kept(order_of(call)) == eur("50.00")


def test_a_transfer_that_a_person_has_made_leaves_the_list(call: Caller) -> None:
    """Assigned without our name, by its amount; undone, it waits to be transferred again."""
    paid(call)
    request = RefundRequested(at=NOW, refund_id="KR7", amount=eur("20"), way="transfer")
    listed_fact = RefundListed(at=NOW, refund_id="KR7")
    Transfers().put(Orders().append(order_of(call), [request, listed_fact]), request, NOW)
    send(call, camt(out("20.00", "NOTPROVIDED")))
    [gone] = listed(call, "outgoing")
    path = f"/v1/payments/{gone['id']}"
    assert call("POST", f"{path}/match", {"order_id": "o10421"}).json["state"] == "booked"
    [refund] = order_of(call).all(RefundRecorded)
    assert (refund.refund_id, refunding.promised(order_of(call))) == ("KR7", eur("0"))
    assert call.get("/v1/transfers")["items"] == []
    assert call("POST", f"{path}/undo", {}).json["state"] == "outgoing"
    assert [one["id"] for one in call.get("/v1/transfers")["items"]] == ["KR7"]
    assert refunding.promised(order_of(call)) == eur("20")
