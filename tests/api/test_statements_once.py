"""Whatever files come, in whatever order and however often: each entry books once."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from chalice.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.conftest import Caller, register
from tests.api.test_statements import camt, counts, entry, listed, place, quiet, send

__all__ = ["quiet"]  # a fixture of the other tests of statements
pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("aws")]
DAY = [("10.00", "Bestellung 10421"), ("4.00", "Nr 10555"), ("6.00", "Nr 10555 Rest"),
       ("7.77", "wer weiß"), ("7.77", "wer weiß")]  # fmt: skip


def sum_of(call: Caller, state: str) -> Decimal:
    """Add up what the payments in a state brought in."""
    return sum((Decimal(one["amount"]["amount"]) for one in listed(call, state)), Decimal(0))


@settings(max_examples=8)
@given(files=st.lists(st.integers(1, len(DAY)), min_size=1, max_size=4))
def test_each_entry_books_once_and_the_sums_are_right(client: Client, files: list[int]) -> None:
    """Files hold the day so far; together they make as much as the longest alone."""
    call = register(client, f"m{uuid.uuid4().hex[:10]}")
    place(call, "10421")
    place(call, "10555")
    booked = 0
    for size in files:
        told = counts(send(call, camt(*[entry(*one, name="Otto") for one in DAY[:size]])))
        booked += told.get("booked", 0)
        assert told["entries"] == told.get("booked", 0) + told.get("duplicates", 0)
    longest = DAY[: max(files)]
    assert booked == len(longest)
    states = ("booked", "suggested", "unmatched")
    assert sum(len(listed(call, state)) for state in states) == len(longest)
    whole = sum((Decimal(amount) for amount, _ in longest), Decimal(0))
    assert sum((sum_of(call, state) for state in states), Decimal(0)) == whole
    paid = [
        Decimal(one["amount"]["amount"])
        for number in ("10421", "10555")
        for one in call.get(f"/v1/orders/o{number}")["payments"]
    ]
    assert sum(paid, Decimal(0)) == sum_of(call, "booked")
