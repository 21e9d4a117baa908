"""What about an order only a person can clear up: remarks, changes, and what does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import bills, events, goods, revision, states
from chalicelib.domain.blocker import Blocker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order


def remarked(order: Order) -> Iterator[Blocker]:
    """Yield what the shop's order says to a person, unless they have seen or cancelled it since."""
    answers = [
        index
        for index, fact in enumerate(order.facts)
        if (isinstance(fact, events.HoldReleased) and fact.code == "shop_remark")
        or isinstance(fact, events.OrderCancelled)
    ]
    since = answers[-1] if answers else 0
    remarks = [x for x in order.facts[since:] if isinstance(x, events.ShopRemarked)]
    if remarks:
        yield Blocker(
            code="shop_remark",
            text=" ".join(remark.text for remark in remarks),
            owner="staff",
            since=remarks[0].at,
            next="Look at it, then release the order or cancel it.",
        )


def changed(order: Order) -> Iterator[Blocker]:
    """Yield what the shop has changed and was not taken over, whatever has left since."""
    report = revision.open_report(order)
    if report and not states.is_cancelled(order):
        yield Blocker(
            code="changed_in_shop",
            text=f"The shop has changed the order: {'; '.join(report.changes)}.",
            owner="staff",
            since=report.at,
            next="Take it over, or release the order as it is."
            if revision.is_free(order)
            else "Correct the invoice, release the order as it is, or cancel it."
            if bills.standing(order)
            else "Release the order as it is, or cancel it.",
        )


def unclear(order: Order) -> Iterator[Blocker]:
    """Yield what does not add up or is missing, for as long as it matters."""
    bought, since = order.bought, revision.since(order)
    if bought.difference() and not order.is_released("total_mismatch", after=since):
        yield Blocker(
            code="total_mismatch",
            text=f"The shop's total is {bought.total}, its lines add up to "
            f"{bought.lines_total()}: {bought.difference()} apart.",
            owner="staff",
            since=since,
            next="Compare with the shop, then release the order or cancel it.",
        )
    if not bought.lines and not order.is_released("no_lines", after=since):
        yield _clarify("no_lines", "The order has no lines.", since)
    if goods.is_all_shipped(order) and bought.lines:
        return
    nameless = [line.name for line in bought.physical() if not line.sku]
    if nameless and not order.is_released("missing_sku", after=since):
        names = ", ".join(nameless)
        yield _clarify("missing_sku", f"No SKU, so no stock can be set aside: {names}.", since)
    is_released = order.is_released("missing_address", after=since)
    if not bought.shipping.is_deliverable() and not is_released:
        yield _clarify("missing_address", "The delivery address is not complete.", since)


def _clarify(code: str, text: str, since: datetime) -> Blocker:
    return Blocker(
        code=code, text=text, owner="staff", since=since, next="Correct it in the shop or release."
    )
