"""Entries that hold several payments: split once, whichever file of the bank comes first."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.api.conftest import Caller
from tests.api.test_statements import camt, counts, entry, listed, payment, place, quiet, send

__all__ = ["quiet"]  # a fixture of the other tests of statements
pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("aws")]
HEAD = (
    '<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><Dt>2026-11-24</Dt></BookgDt><ValDt><Dt>2026-11-24</Dt></ValDt>"
    "<AcctSvcrRef>B-77</AcctSvcrRef><NtryDtls>{details}</NtryDtls></Ntry>"
)
BATCH = "<Btch><NbOfTxs>2</NbOfTxs></Btch>"
PAID = (("10.00", "Nr 10421", "E1"), ("12.00", "Nr 10422", "E2"))


def detail(amount: str, text: str, end_to_end: str) -> str:
    """Return one payment within an entry."""
    return (
        f"<TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs><AmtDtls><TxAmt>"
        f'<Amt Ccy="EUR">{amount}</Amt></TxAmt></AmtDtls><RltdPties><Dbtr><Pty><Nm>Payer {text}'
        f"</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"
    )


STATEMENT = camt(HEAD.format(amount="22.00", details=BATCH))
NOTICE = camt(
    HEAD.format(amount="22.00", details=BATCH + "".join(detail(*one) for one in PAID)),
    kind="Ntfctn", number="054",
)  # fmt: skip


@pytest.mark.parametrize(
    "files", sorted({*permutations((STATEMENT, NOTICE)), *permutations((STATEMENT, NOTICE) * 2)})
)
def test_a_batch_is_split_by_its_notice_once(call: Caller, files: tuple[bytes, ...]) -> None:
    """Statement and notice, in any order and however often: two payments, each on its order."""
    place(call, "10421")
    place(call, "10422", "12.00")
    for file in files:
        assert send(call, file).status == 201
    assert (payment(call, "o10421"), payment(call, "o10422")) == ("paid", "paid")
    assert sorted(one["amount"]["amount"] for one in listed(call, "booked")) == ["10.00", "12.00"]
    assert listed(call, "unmatched") == listed(call, "suggested") == []
    [whole] = listed(call, "split")
    assert whole["amount"]["amount"] == "22.00"
    for number in ("o10421", "o10422"):
        assert len(call.get(f"/v1/orders/{number}")["payments"]) == 1


def test_a_notice_that_does_not_add_up_splits_nothing(call: Caller) -> None:
    """Money is never invented: the entry waits as what it is."""
    place(call, "10421")
    send(call, STATEMENT)
    wrong = NOTICE.replace(b'"EUR">12.00', b'"EUR">13.00').replace(b'"EUR">22.00', b'"EUR">23.00')
    send(call, wrong)
    assert [one["amount"]["amount"] for one in listed(call, "unmatched")] == ["22.00"]
    assert payment(call, "o10421") == "unpaid"


def test_what_a_person_has_decided_is_not_split_afterwards(call: Caller) -> None:
    """Somebody booked the whole entry by hand before its details came."""
    place(call, "10421", "22.00")
    send(call, STATEMENT)
    [whole] = listed(call, "unmatched")
    call("POST", f"/v1/payments/{whole['id']}/match", {"order_id": "o10421"})
    send(call, NOTICE)
    assert [one["amount"]["amount"] for one in listed(call, "booked")] == ["22.00"]


def test_a_notice_of_what_the_statement_tells_too_books_nothing(call: Caller) -> None:
    """An entry with its own details needs no others."""
    place(call, "10421")
    send(call, camt(entry("10.00", "Bestellung 10421")))
    notice = camt(entry("10.00", "Bestellung 10421"), kind="Ntfctn", number="054")
    assert counts(send(call, notice)) == {"entries": 1}
    assert len(listed(call, "booked")) == 1
