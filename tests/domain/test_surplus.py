"""What was paid too much and went back, and what corrections of an invoice are called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain import balance, books, events
from tests.events import NOW, eur, order, paid
from tests.histories import document, refund


def test_what_went_back_as_surplus_pays_nothing_any_more() -> None:
    """The second payment was given back; when the first proves to be none, all is owed again."""
    twice = [replace(paid(), reference="first"), replace(paid(), reference="second")]
    one = order(*twice, refund("10.00", reference="re_1"))
    assert (balance.outstanding(one), balance.is_paid(one)) == (eur("0.00"), True)
    undone = events.MovementUndone(at=NOW, of_source="stripe", of_reference="first")
    bare = one.plus([undone])
    assert balance.outstanding(bare) == books.open_item(bare) == eur("10.00")
    assert not balance.is_paid(bare)


def test_a_fee_that_is_given_back_is_not_owed_again() -> None:
    """Neither by the books nor by the next letter."""
    fee = events.DunningFeeCharged(
        at=NOW, source="dunning", reference="level-2", amount=eur("2.50"), booked_at=NOW
    )
    one = order(fee, paid("12.50"), refund("2.50", reference="re_1"))
    assert balance.outstanding(one) == books.open_item(one) == eur("0.00")
    assert balance.dunning_fees(one) == eur("0.00")


@pytest.mark.parametrize("reference", ["return:R1", "cancelled", "refund:x"])
def test_a_reference_of_a_person_is_no_name_of_ours(reference: str) -> None:
    """A refund by hand has a correction of its own, whatever it is called."""
    by_hand = refund("3.00", reference=reference)
    credit = events.ReturnCredited(at=NOW, return_id="R1", amount=eur("4.00"))
    one = order(credit, paid("10.00"), by_hand, document("invoice"))
    names = [balance.correction_name(fact) for fact in (credit, by_hand)]
    assert names == ["return:R1", f"refund:{reference}"]
    assert [balance.cause_of(one, name) for name in names] == [credit, by_hand]
    assert sum(part.minor for part in balance.corrections(one)[0].values()) == 400
