"""What the buyer wants on an invoice: the word of a person who asked, else what the shop says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain.events import BillingCorrected, InvoicingChosen

if TYPE_CHECKING:
    from chalicelib.domain.order import Order

LONGEST_ORDER = 60  # characters of an order number of the buyer's own


def reference(order: Order) -> str:
    """Return what the buyer routes invoices by (BT-10), such as a Leitweg-ID."""
    chosen = _chosen(order, "buyer reference")
    return (chosen.buyer_reference if chosen else "") or order.bought.buyer_reference


def vat_id(order: Order) -> str:
    """Return the buyer's VAT id (BT-48)."""
    chosen = _chosen(order, "VAT id")
    return (chosen.vat_id if chosen else "") or order.bought.vat_id


def own_order(order: Order) -> str:
    """Return the number that the buyer gave the order (BT-13)."""
    chosen = order.last(InvoicingChosen)
    return chosen.order_reference if chosen else ""


def form(order: Order) -> str:
    """Return the form that the invoice is wanted in, if any."""
    chosen = _chosen(order, "form of the invoice")
    return (chosen.form if chosen else "") or order.bought.invoice_form


def _chosen(order: Order, change: str) -> InvoicingChosen | None:
    """Return the word of a person, unless what it is about was put right since."""
    chosen = order.last(InvoicingChosen)
    later = (
        fact
        for fact in order.all(BillingCorrected)
        if chosen and fact.at > chosen.at and change in fact.changes
    )
    return None if any(later) else chosen
