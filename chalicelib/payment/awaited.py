"""Whether money that waits has come before its order, so that matching is worth a try now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.payment.matching.references import References
from chalicelib.store.bank import Bank, State
from chalicelib.store.tables import moment
from chalicelib.store.worklists import Worklists

if TYPE_CHECKING:
    from datetime import datetime

NEWEST = 200  # orders without money, and transactions without an order, that are looked at


def is_awaited(merchant_id: str, since: datetime) -> bool:
    """Tell whether a transaction that waits names an unpaid order that came in since then.

    Two questions, the second only if there is such an order: the matching reads all that is open,
    so it is begun only where it may find something.
    """
    page = Worklists().page(merchant_id, "unpaid", limit=NEWEST, start=None, newest=True)
    came_in = [one.number for one in page.items if moment(one.since) >= since]
    if not came_in:
        return False
    numbers = References(came_in)
    waiting, _ = Bank().list(merchant_id, State.UNMATCHED, limit=NEWEST, newest_first=True)
    return any(
        numbers.find((*one.pieces, one.end_to_end_id)) or numbers.exactly(one.creditor_reference)
        for one in (entry.transaction for entry in waiting)
    )
