"""Facts of an order's papers: what was issued, and how the buyer is to be invoiced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.domain.cash_discount import CashDiscount
from chalicelib.domain.fact import Fact
from chalicelib.domain.money import Money
from chalicelib.domain.values import LineQuantity


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentIssued(Fact):
    """A document lies in the archive; `refers_to` names the shipment or refund it is about.

    Of an invoice, `treatment` is how it is taxed and `form` which electronic form it has; its
    corrections have the same. `amount` is what it claims, or takes back; none is known of older
    ones; `discount` is what it grants who pays early. What is about the n-th invoice of an order
    names it so (`domain/bills.py`).
    """

    known_by = ("kind", "refers_to")
    kind: str  # invoice | credit_note | cancellation | …_xml | delivery_note | label
    number: str
    issued_on: date
    key: str
    sha256: str
    refers_to: str = ""
    lines: tuple[LineQuantity, ...] = ()
    treatment: str = ""
    form: str = ""
    amount: Money | None = None
    discount: CashDiscount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicingChosen(Fact):
    """A person says what a buyer wants on the invoice; what is empty is as the shop says.

    `buyer_reference` is what it is routed by (Leitweg-ID), `order_reference` the number that the
    buyer gave the order.
    """

    buyer_reference: str = ""
    form: str = ""
    vat_id: str = ""
    order_reference: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceWithdrawn(Fact):
    """A person says that an invoice is wrong: it is taken back in full, and a new one is drawn."""

    known_by = ("number",)
    number: str
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingCorrected(Fact):
    """A person has put right whom an order is billed to; this append's row holds what is bought.

    `instead_of` and `became` are marks of what the shop said and of what counts from now on.
    """

    known_by = ("at", "by")
    instead_of: str
    became: str
    changes: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditBalanceTold(Fact):
    """The n-th letter goes out that tells the customer of money that is theirs."""

    known_by = ("number",)
    number: int
    amount: Money
    by: str = ""
