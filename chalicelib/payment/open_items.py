"""The orders that wait for money, as the matching wants them: read from the heads of the lists."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.domain import cash_discount
from chalicelib.domain.cash_discount import CashDiscount
from chalicelib.domain.money import Money
from chalicelib.domain.waiting import OPEN
from chalicelib.payment.matching.items import OpenItem
from chalicelib.store.worklists import Worklists

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chalicelib.store.merchants import Settings
    from chalicelib.store.worklists import Listed, Waiting

WAITING = frozenset({"unpaid", "authorized", "partially_paid"})


def heads(merchant_id: str) -> Iterator[Waiting]:
    """Yield once what the lists hold of every order that is not over."""
    seen: set[str] = set()
    for worklist in OPEN:
        for head in Worklists().everything(merchant_id, worklist):
            # An order may go from one list to the next while they are read.
            if head.order_id not in seen:
                seen.add(head.order_id)
                yield head


def open_items(
    listed: Iterable[Waiting], payers: Mapping[str, frozenset[str]], settings: Settings
) -> Iterator[OpenItem]:
    """Yield what is open, with the accounts that each customer has paid from before."""
    accounts: dict[str, list[str]] = defaultdict(list)
    for iban, customers in payers.items():
        for customer in customers:
            accounts[customer].append(iban)
    for one in listed:
        summary = one.summary
        # What the customer's bank took back is waited for like what was never paid.
        owed = owed_of(one) + summary.get("disputed", 0) * ("may_be_paid" in summary)
        if owed <= 0:
            continue
        currency = summary["total"]["currency"]
        customer = summary.get("customer", "")
        item = OpenItem(
            order_id=one.order_id,
            outstanding=Money(minor=owed, currency=currency),
            principal=_principal(owed, summary.get("fees", 0), currency),
            references=tuple(dict.fromkeys((one.number, *summary.get("invoices", ())))),
            names=tuple(summary.get("names") or (summary["name"],)),
            accounts=tuple(accounts.get(customer, ())),
            customer=customer,
            version=one.version if _is_plain(summary) else 0,
        )
        yield _discounted(item, _terms(summary, settings))


def _is_plain(summary: Mapping[str, Any]) -> bool:
    """Tell whether what a head says is all that must be known to book on its order."""
    return "may_be_paid" in summary and "disputed" not in summary


def owed_of(listed: Listed | Waiting) -> int:
    """Return what a head says is still owed, in minor units."""
    summary = listed.summary
    # A head that was written before it told what is owed: all of it, if nothing came in.
    is_old = "owed" not in summary and summary["payment"] in WAITING
    owed: int = summary.get("owed", summary["total"]["minor"] if is_old else 0)
    return owed


def _principal(owed: int, fees: int, currency: str) -> Money | None:
    """Return what is owed without the dunning fees, if there are any."""
    return Money(minor=owed - fees, currency=currency) if 0 < fees < owed else None


def _discounted(item: OpenItem, terms: CashDiscount | None) -> OpenItem:
    """Return the item with what it costs if paid early, where that was granted."""
    if terms is None:
        return item
    owed = item.outstanding
    left = Money(minor=cash_discount.reduced(owed.minor, terms.rate), currency=owed.currency)
    return replace(item, discounted=left, discount_until=terms.until)


def _terms(summary: Mapping[str, Any], settings: Settings) -> CashDiscount | None:
    """Return what the invoice grants; before there is one, what it would grant from the order on.

    What an invoice says holds, whatever the settings say since.
    """
    if "invoiced_on" in summary:
        rate, until = summary.get("discount") or ("", "")
        return CashDiscount(rate=rate, until=date.fromisoformat(until)) if rate else None
    rate, days = settings.discount_percent, settings.discount_days
    if not cash_discount.is_granted(rate, days):
        return None
    placed = datetime.fromisoformat(summary["placed_at"]).date()
    return CashDiscount(rate=rate, until=cash_discount.last_day(placed, days))
