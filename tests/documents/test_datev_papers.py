"""What bookings of payments name of an order that has more than one invoice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.documents.exports.datev_papers import Papers, is_enough
from chalicelib.domain import events
from tests.domain.test_allotted import A, B, sold
from tests.events import NOW, order, paid
from tests.histories import document

OLD, NEW = document("invoice", number="RE-1"), document("invoice", "2", number="RE-2")
WITHDRAWN = events.InvoiceWithdrawn(at=NOW, number="RE-1", by="anna")


def frozen(number: str, name: str = "Anna") -> dict[str, Any]:
    """Return what matters of an invoice's facts."""
    return {"number": number, "bill_to": {"name": name}, "order_number": "1042"}


def named(papers: Papers, fact: events.Fact) -> list[tuple[str, str, str]]:
    """Return number, customer and amount of each part of a movement."""
    assert isinstance(fact, events.Movement)
    return [(x.number, x.customer, str(part.amount.amount)) for x, part in papers.of(fact)]


def test_the_newest_invoice_is_named_with_its_own_customer() -> None:
    """The one before it was taken back, whoever had paid it."""
    one = order(paid(), OLD, WITHDRAWN, document("cancellation", "cancelled"), NEW)
    invoices = {"": frozen("RE-1"), "2": frozen("RE-2", "Anna GmbH")}
    papers = Papers("o1", invoices, one, NOW)
    assert named(papers, paid()) == [("RE-2", "Anna GmbH", "10.00")]
    assert papers.whole.facts is invoices["2"]


def test_parcels_are_named_each_with_its_part() -> None:
    """What no invoice claims yet has the order's number."""
    invoices = {"parcel:1": frozen("RE-1"), "parcel:2": frozen("RE-2")}
    both = Papers("o1", invoices, sold(A, B, paid("100.00")), NOW)
    assert named(both, paid("100.00")) == [("RE-1", "Anna", "40.00"), ("RE-2", "Anna", "60.00")]
    later = replace(B, at=NOW + timedelta(days=1))
    before = Papers("o1", invoices, sold(A, paid("100.00"), later), NOW)
    assert [x[::2] for x in named(before, paid("100.00"))] == [("RE-1", "40.00"), ("1042", "60.00")]


@pytest.mark.parametrize(
    ("about", "enough"), [([""], True), ([], False), (["", "2"], False), (["parcel:1"], False)]
)
def test_the_order_is_read_only_where_its_invoice_does_not_say_it(
    about: list[str], *, enough: bool
) -> None:
    """Most orders have one invoice over all of it."""
    assert is_enough({name: frozen("RE") for name in about}) is enough
