"""What takes back all that is left of an invoice: made of what that invoice says, to the cent."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.documents.choices import chosen
from chalicelib.documents.drafts import Priced, sender
from chalicelib.documents.facts import InvoiceFacts, Original, Payment
from chalicelib.documents.settling import day_of
from chalicelib.documents.tax import totals
from chalicelib.documents.wording import WORDS
from chalicelib.domain import bills, formats
from chalicelib.domain.money import Money, split
from chalicelib.domain.order import LineItem, LineKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chalicelib.domain.bills import Bill
    from chalicelib.domain.order import Order
    from chalicelib.store.merchants import Settings


def cancellation(
    order: Order,
    settings: Settings,
    bill: Bill,
    frozen: Mapping[str, Any],
    *,
    number: str,
    now: datetime,
) -> InvoiceFacts:
    """Return what takes back all of an invoice that no refund has corrected; no money flows."""
    invoice, issued_on = msgspec.convert(frozen, InvoiceFacts), bill.invoice.issued_on
    words = WORDS[invoice.language]
    is_replaced = bill.is_ended and bills.replaced(order) is not None
    facts = replace(
        invoice if is_whole(order, bill, frozen) else _rest(order, bill, invoice),
        number=number,
        issued_on=day_of(now),
        supplied_on=issued_on.isoformat(),
        supplied_until="",
        ship_to=None,
        sender=sender(settings),
        payment=Payment(),
        notes=(),
        reason=words["invoice_replaced" if is_replaced else "order_cancelled"],
        original=Original(number=bill.invoice.number, issued_on=issued_on.isoformat()),
    )
    if not is_replaced:
        return chosen(facts, settings)
    on = formats.day(issued_on, invoice.language)
    intro = words["intro_replaced"].format(number=bill.invoice.number, date=on)
    return replace(chosen(facts, settings), intro=intro)


def is_whole(order: Order, bill: Bill, frozen: Mapping[str, Any]) -> bool:
    """Tell whether all that an invoice claims is to be taken back, or only a rest of it."""
    sums = frozen["totals"]
    return bills.uncorrected(order, bill).minor == int(sums["gross"] - sums["redeemed"])


def replacing(order: Order, invoice: InvoiceFacts) -> InvoiceFacts:
    """Return a new invoice with the note that says which one it takes the place of, if any."""
    bill, words = bills.last(order), WORDS[invoice.language]
    if bill is None or bill.number == bills.next_number(order):
        return invoice
    on = formats.day(bill.invoice.issued_on, invoice.language)
    note = words["replaces"].format(number=bill.invoice.number, date=on)
    return replace(invoice, notes=(note, *invoice.notes))


def _rest(order: Order, bill: Bill, invoice: InvoiceFacts) -> InvoiceFacts:
    """Return the invoice brought to what is left of it, as a correction with positive sums."""
    items = tuple(_items(invoice))
    left = bills.uncorrected(order, bill)
    shares = split(left, [item.total.minor for item in items])
    lines = (replace(x, total=share) for x, share in zip(items, shares, strict=True) if share)
    shown = Priced(lines, invoice.currency, is_gross=invoice.prices_include_tax)
    sums = totals(shown.taxes, redeemed=shown.redeemed)
    # What is not to be paid is not to be paid back either.
    sums = replace(sums, paid=sums.due, due=0)
    share = Decimal(sums.tax) / (invoice.totals.tax or 1)
    home = None if invoice.home_tax is None else round(invoice.home_tax * share)
    return replace(
        invoice, lines=shown.lines, charges=shown.charges, taxes=shown.taxes, totals=sums,
        home_tax=home,
    )  # fmt: skip


def _items(invoice: InvoiceFacts) -> Iterator[LineItem]:
    """Yield the lines and charges of an invoice with what the customer pays for each."""
    parts = [(x.tax_rate, x.total, x.name, x.sku, x.quantity, LineKind.PRODUCT)
             for x in invoice.lines]  # fmt: skip
    parts += [(x.tax_rate, x.amount, x.name, "", 1, LineKind(x.kind)) for x in invoice.charges]
    gross = _gross(invoice, [(rate, amount) for rate, amount, *_ in parts])
    nothing = Money.zero(invoice.currency)
    for index, (rate, _, name, sku, quantity, kind) in enumerate(parts):
        yield LineItem(
            id=str(index),
            sku=sku,
            name=name,
            quantity=quantity,
            unit_price=nothing,
            total=Money(minor=gross[index], currency=invoice.currency),
            tax=nothing,
            tax_rate=Decimal(rate),
            kind=kind,
        )


def _gross(invoice: InvoiceFacts, parts: list[tuple[str, int]]) -> list[int]:
    """Return the gross amounts of parts, which an invoice at net prices shows without tax."""
    found = [amount for _, amount in parts]
    if invoice.prices_include_tax:
        return found
    for group in invoice.taxes:
        ours = [index for index, (rate, _) in enumerate(parts) if rate == group.rate]
        whole = Money(minor=group.gross, currency=invoice.currency)
        shares = split(whole, [found[index] for index in ours])
        for index, share in zip(ours, shares, strict=True):
            found[index] = share.minor
    return found
