"""Which document of an order corrects or replaces which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.domain import bills

if TYPE_CHECKING:
    from chalicelib.domain.order import Order

UNRELATED: dict[str, Any] = {"corrects": "", "corrected_by": [], "replaced_by": ""}


def related(order: Order) -> dict[str, dict[str, Any]]:
    """Return by number what an invoice is corrected and replaced by, and what a correction is on.

    Documents that are neither are not named.
    """
    found: dict[str, dict[str, Any]] = {}
    every = bills.every(order)
    for bill in every:
        after = (x.invoice.number for x in every if x.number == bill.number + 1)
        next_one = next(after, "")
        for invoice in bill.parcels or (bill.invoice,):
            found[invoice.number] = {**UNRELATED, "corrected_by": [], "replaced_by": next_one}
        for one in bills.corrections_of(order, bill):
            on = bills.of_cause(order, one.refers_to) if bill.parcels else bill.invoice
            if on:
                found[on.number]["corrected_by"].append(one.number)
                found[one.number] = {**UNRELATED, "corrects": on.number}
    return found
