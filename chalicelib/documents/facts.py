"""What a document says, frozen: plain values only, so that JSON keeps it and it renders again.

Amounts are whole minor units of `currency`, dates are ISO 8601 (`2026-11-23`), tax rates are
decimals in per cent (`"19"`, `"5.5"`), countries ISO 3166-1 alpha-2, languages those
of `languages/*.json`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Language = str
ChargeKind = Literal["shipping", "discount", "fee", "gift_card", "deposit"]
# Why no tax is shown, or by whom it is owed: § 19, § 4 Nr. 1b, § 13b, § 4 Nr. 1a UStG; whose rates
# they are: § 18j UStG; and what is sold by its margin: § 25a UStG.
TaxTreatment = Literal[
    "standard", "small_business", "intra_community", "reverse_charge", "export", "oss",
    "margin_goods", "margin_art", "margin_antiques",
]  # fmt: skip
# Which form the invoice has besides paper; empty for those of before there were any.
EInvoiceFormat = Literal["", "pdf", "zugferd", "xrechnung_cii", "xrechnung_ubl"]
# `due` is to be transferred to the sender, `collected` is what a provider gets from the customer;
# `set_off` is owed no more.
PaymentState = Literal["paid", "due", "collected", "refunded", "refund_due", "set_off", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A postal address as it stands on the document."""

    name: str = ""
    company: str = ""
    street: str = ""
    street2: str = ""
    zip: str = ""
    city: str = ""
    region: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The merchant: address, registration, bank and look.

    `logo` is SVG markup (text as paths) or a `data:image/png;base64,…` URI; `accent` is `#rrggbb`.
    `register` reads like "Amtsgericht Leipzig, HRB 12345".
    """

    name: str
    street: str
    zip: str
    city: str
    country: str = "DE"
    managing_director: str = ""
    register: str = ""
    tax_number: str = ""
    vat_id: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    account_holder: str = ""
    iban: str = ""
    bic: str = ""
    bank: str = ""
    logo: str = ""
    accent: str = "#0f766e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An article; `total` is after its own discount, gross or net as the invoice's prices are.

    `details` are options, batch or serial numbers, printed small below the name. `discount` (never
    negative) is what `total` is lower than quantity times `unit_price`.
    """

    position: int
    name: str
    quantity: int
    sku: str = ""
    details: str = ""
    unit_price: int = 0
    total: int = 0
    discount: int = 0
    tax_rate: str = "0"
    ean: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Something beside the articles; discounts and gift cards have a negative `amount`."""

    kind: ChargeKind
    amount: int
    tax_rate: str = "0"
    name: str = ""

    @property
    def is_money(self) -> bool:
        """Tell whether it stands in for money: a gift card that was sold without tax."""
        return self.kind == "gift_card" and not Decimal(self.tax_rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """Everything taxed at one rate."""

    rate: str
    net: int
    tax: int
    gross: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums; `paid` is what came in (or went back) before the document, `due` is the rest.

    `redeemed` is what gift cards stood in for: they are money, so no tax is taken off with them.
    """

    net: int
    tax: int
    gross: int
    redeemed: int = 0
    paid: int = 0
    due: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """What who pays until a day may take off what is due: a rate in per cent, `days` from now."""

    rate: str
    days: int
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """How the sum is settled: `on` is the day it was, `due_on` the day it shall be."""

    state: PaymentState = "none"
    method: str = ""
    on: str = ""
    due_on: str = ""
    reference: str = ""
    discount: Discount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The invoice that a credit note corrects (§ 31 Abs. 5 UStDV)."""

    number: str
    issued_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts:
    """An invoice or a credit note; a credit note's amounts are positive and flow back.

    `supplied_on` is the day of supply (§ 14 Abs. 4 Nr. 6 UStG), the first of several where there
    is a `supplied_until`; `vat_id` is the customer's. `home_tax` is the tax in minor units of
    `home_currency`, where the invoice is in another. `buyer_reference` is the Leitweg-ID of a
    public buyer.
    """

    number: str
    issued_on: str
    currency: str
    sender: Sender
    bill_to: Party
    lines: tuple[Line, ...]
    taxes: tuple[TaxGroup, ...]
    totals: Totals
    supplied_on: str
    language: Language = "de"
    order_number: str = ""
    ordered_on: str = ""
    customer_reference: str = ""
    customer_number: str = ""
    vat_id: str = ""
    ship_to: Party | None = None
    charges: tuple[Charge, ...] = ()
    prices_include_tax: bool = True
    tax_treatment: TaxTreatment = "standard"
    payment: Payment = field(default_factory=Payment)
    original: Original | None = None
    reason: str = ""
    intro: str = ""
    notes: tuple[str, ...] = ()
    small_print: str = ""
    hidden: tuple[str, ...] = ()  # columns that the merchant does not want
    layout: int = 1
    einvoice: EInvoiceFormat = ""
    supplied_until: str = ""
    buyer_reference: str = ""
    customer_email: str = ""
    home_currency: str = "EUR"
    home_tax: int | None = None
    exchange_rate: str = ""
    parcel: int = 0  # which one it bills, if not all of the order


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """Pieces of an order that this delivery does not hold."""

    name: str
    quantity: int
    sku: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryNoteFacts:
    """What lies in a parcel, without prices; `form` prints it as another kind of paper.

    Prices of `lines` are ignored.
    """

    number: str
    issued_on: str
    sender: Sender
    ship_to: Party
    lines: tuple[Line, ...]
    language: Language = "de"
    order_number: str = ""
    ordered_on: str = ""
    customer_reference: str = ""
    customer_number: str = ""
    open_lines: tuple[OpenLine, ...] = ()
    carrier: str = ""
    tracking_number: str = ""
    weight_g: int = 0
    gift_message: str = ""
    form: Literal["", "packing_slip"] = ""
    intro: str = ""
    notes: tuple[str, ...] = ()
    small_print: str = ""
    hidden: tuple[str, ...] = ()  # columns that the merchant does not want
    layout: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFacts:
    """A parcel label of the merchant's own delivery; `tracking_number` is printable ASCII."""

    number: str
    issued_on: str
    sender: Sender
    ship_to: Party
    tracking_number: str
    tracking_url: str
    language: Language = "de"
    order_number: str = ""
    weight_g: int = 0
    parcel: int = 1
    parcels: int = 1
    phone: str = ""
    note: str = ""
    is_sample: bool = False
    layout: int = 1


DocumentFacts = InvoiceFacts | DeliveryNoteFacts | LabelFacts


def freeze(facts: DataclassInstance) -> dict[str, Any]:
    """Return the facts as plain dicts, lists, strings and whole numbers, ready for JSON."""
    return asdict(facts)
