"""What can be checked cheaply before a number is drawn: § 14 UStG, the sums, and the norm.

Each check that fails raises NeedsHuman with the name of the field. The whole rules of EN 16931 and
XRechnung are run by the tests over every kind of invoice, not here.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.documents.invoicing import SMALL_AMOUNT
from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.formats import is_iban
from chalicelib.domain.vat_ids import compact, is_vat_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.documents.einvoice import EInvoice
    from chalicelib.documents.facts import InvoiceFacts

_NEEDS_BUYER_VAT_ID = frozenset({"intra_community", "reverse_charge"})


def check(facts: InvoiceFacts) -> None:
    """Raise NeedsHuman for what keeps a document from being an invoice."""
    for code, text in (*_missing(facts), *_misread(facts), *_unequal(facts)):
        raise NeedsHuman(code, text)


def _missing(facts: InvoiceFacts) -> Iterator[tuple[str, str]]:
    """Yield the fields that § 14 Abs. 4 UStG asks for and that are empty."""
    if not facts.lines and not facts.charges:
        yield "invoice_lines_missing", "lines: there is nothing to be billed."
    for line in facts.lines:
        if not line.name.strip() or line.quantity == 0:
            what = "quantity" if line.name.strip() else "name"
            yield "invoice_line_empty", f"lines[{line.position}].{what}: is empty."
    buyer = facts.bill_to
    if facts.totals.gross > SMALL_AMOUNT:
        given = {"name": buyer.name or buyer.company, "street": buyer.street, "city": buyer.city}
        for field, value in given.items():
            if not value.strip():
                yield "buyer_missing", f"billing.{field}: an invoice over 250 € names the buyer."
    if facts.tax_treatment in _NEEDS_BUYER_VAT_ID and not is_vat_id(compact(facts.vat_id)):
        yield "vat_id_missing", "vat_id: a supply without tax names the buyer's VAT id."


def _misread(facts: InvoiceFacts) -> Iterator[tuple[str, str]]:
    """Yield what is given and cannot be right."""
    sender = facts.sender
    if sender.iban and not is_iban(sender.iban):
        yield "iban_wrong", "settings.iban: the check digits do not fit, so nobody could pay."
    if sender.vat_id and not (sender.tax_number or is_vat_id(compact(sender.vat_id))):
        yield "own_vat_id_wrong", "settings.vat_id: does not have the form of a VAT id."
    days = {name: getattr(facts, name) for name in ("issued_on", "supplied_on", "supplied_until")}
    for field, day in (days | {"payment.due_on": facts.payment.due_on}).items():
        if day and not _is_day(day):
            yield "invoice_date_wrong", f"{field}: {day[:20]!r} is no day."
    if facts.supplied_until and facts.supplied_until < facts.supplied_on:
        yield "invoice_date_wrong", "supplied_until: is before supplied_on."


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _unequal(facts: InvoiceFacts) -> Iterator[tuple[str, str]]:
    """Yield the sums that differ, be it by a cent."""
    sums = facts.totals
    parts = [line.total for line in facts.lines]
    parts += [charge.amount for charge in facts.charges if not charge.is_money]
    shown = sums.gross if facts.prices_include_tax else sums.net
    pairs = {
        "lines": (sum(parts), shown),
        "taxes.net": (sum(group.net for group in facts.taxes), sums.net),
        "taxes.tax": (sum(group.tax for group in facts.taxes), sums.tax),
        "totals.gross": (sums.net + sums.tax, sums.gross),
        "totals.due": (sums.gross - sums.redeemed - sums.paid, sums.due),
    }
    for field, (found, told) in pairs.items():
        if found != told:
            yield "invoice_mismatch", f"{field}: add up to {found}, not to {told} (in cents)."
    for group in facts.taxes:
        # Worked out from gross or from net amounts, a tax differs by less than a cent.
        if abs(Decimal(group.net) * Decimal(group.rate) / 100 - group.tax) >= 1:
            yield "invoice_mismatch", f"taxes.{group.rate}: {group.tax} is not the tax."


def check_electronic(invoice: EInvoice) -> None:
    """Raise NeedsHuman for what the norm, or XRechnung, asks for and the order does not have."""
    seller, buyer = invoice.seller, invoice.buyer
    fields = {
        "settings.name": seller.name,
        "settings.city": seller.place.city,
        "settings.country": seller.place.country,
        "billing.name": buyer.name,
        "billing.country": buyer.place.country,
    }
    if invoice.is_xrechnung:
        fields |= {
            "buyer_reference": invoice.buyer_reference,
            "settings.phone": seller.phone,
            "settings.email": seller.email,
            "settings.zip": seller.place.zip,
            "billing.zip": buyer.place.zip,
            "billing.city": buyer.place.city,
            "email": buyer.address,
        }
    for field, value in fields.items():
        if not value.strip():
            text = f"{field}: an electronic invoice cannot do without."
            raise NeedsHuman("einvoice_field_missing", text)
    lines = sum((item.net for item in invoice.items), start=Decimal(0))
    sums = invoice.sums
    if lines + sums.charges - sums.allowances != sums.net:
        text = f"lines: add up to {lines} net, which is not {sums.net} with what is beside them."
        raise NeedsHuman("invoice_mismatch", text)
