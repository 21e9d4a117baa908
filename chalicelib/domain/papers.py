"""Facts of an order's papers: what was issued, and how the buyer is to be invoiced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.domain.fact import Fact
from chalicelib.domain.values import LineQuantity


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentIssued(Fact):
    """A document lies in the archive; `refers_to` names the shipment or refund it is about.

    Of an invoice, `treatment` is how it is taxed and `form` which electronic form it has; its
    corrections have the same.
    """

    known_by = ("kind", "refers_to")
    kind: str  # invoice | credit_note | …_xml | delivery_note | label
    number: str
    issued_on: date
    key: str
    sha256: str
    refers_to: str = ""
    lines: tuple[LineQuantity, ...] = ()
    treatment: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicingChosen(Fact):
    """A person says by what the buyer routes invoices (Leitweg-ID), and which form they want."""

    buyer_reference: str = ""
    form: str = ""
    by: str = ""
