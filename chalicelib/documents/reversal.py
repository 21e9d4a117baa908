"""A cancellation as it is printed: the whole invoice once more, with every sum below zero."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.documents.facts import InvoiceFacts


def reversed_amounts(facts: InvoiceFacts) -> InvoiceFacts:
    """Return facts with negative quantities and sums; the prices of pieces stay as they are."""
    sums = facts.totals
    return replace(
        facts,
        lines=tuple(
            replace(line, quantity=-line.quantity, total=-line.total, discount=-line.discount)
            for line in facts.lines
        ),
        charges=tuple(replace(one, amount=-one.amount) for one in facts.charges),
        taxes=tuple(
            replace(one, net=-one.net, tax=-one.tax, gross=-one.gross) for one in facts.taxes
        ),
        totals=replace(
            sums, net=-sums.net, tax=-sums.tax, gross=-sums.gross, paid=-sums.paid, due=-sums.due,
            redeemed=-sums.redeemed,
        ),
    )  # fmt: skip
