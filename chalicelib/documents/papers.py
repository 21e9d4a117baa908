"""Papers beside the invoice, frozen: pick lists, return slips and letters about money.

Amounts are whole minor units of `currency`, dates are ISO 8601, as in `facts`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.documents.facts import (
    DeliveryNoteFacts,
    InvoiceFacts,
    LabelFacts,
    Language,
    Line,
    Party,
    Payment,
    Sender,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many pieces of an article go into which box (the order's place on the list)."""

    box: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """An article to fetch, once for all orders; `bin` is where it lies."""

    sku: str
    name: str
    quantity: int
    bin: str = ""
    ean: str = ""
    lots: str = ""
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One order of a batch: `lines` are what it gets of the articles."""

    number: str
    recipient: str
    lines: tuple[Pick, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickListFacts:
    """What to fetch for one order or many, by bin; with the place of each order's pieces."""

    number: str
    issued_on: str
    sender: Sender
    picks: tuple[Pick, ...]
    boxes: tuple[Box, ...]
    location: str = ""
    language: Language = "de"
    layout: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnSlipFacts:
    """What the customer lays into the parcel that comes back; prices of `lines` are ignored.

    `is_open` says that the order is not paid in full, so that the goods lower what is owed.
    """

    number: str
    issued_on: str
    sender: Sender
    send_to: Party
    customer: Party
    lines: tuple[Line, ...]
    order_number: str
    ordered_on: str = ""
    language: Language = "de"
    reason: str = ""
    is_open: bool = False
    intro: str = ""
    notes: tuple[str, ...] = ()
    small_print: str = ""
    layout: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One row of a letter: what it is, its number or day, and its amount."""

    text: str
    amount: int
    date: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """A letter about money: what is owed by whom, paragraph by paragraph.

    `total` is the sum of the items; a positive one is the customer's to pay in reminders, and the
    merchant's in a credit balance. `title` replaces the usual one.
    """

    number: str
    issued_on: str
    currency: str
    sender: Sender
    to: Party
    items: tuple[Item, ...]
    total: int
    language: Language = "de"
    title: str = ""
    salutation: str = ""
    intro: str = ""
    paragraphs: tuple[str, ...] = ()
    order_number: str = ""
    ordered_on: str = ""
    customer_number: str = ""
    invoice_number: str = ""
    invoice_date: str = ""
    payment: Payment = field(default_factory=Payment)
    notes: tuple[str, ...] = ()
    small_print: str = ""
    layout: int = 1


Paper = (
    InvoiceFacts | DeliveryNoteFacts | LabelFacts | PickListFacts | ReturnSlipFacts | LetterFacts
)
