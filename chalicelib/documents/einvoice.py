"""The semantic model of EN 16931, made of an invoice's frozen facts; `cii` and `ubl` write it.

Amounts are decimals in the invoice's currency. BT and BG numbers are those of the norm. All prices
are net here: what a shop sold gross is divided by the cent rule of `tax`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from chalicelib.documents.payments import Means, means, terms
from chalicelib.documents.tax import net_amounts
from chalicelib.documents.traders import Trader, buyer, receiver, seller
from chalicelib.documents.treatments import category, exemption
from chalicelib.documents.wording import WORDS
from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.documents.facts import Charge, InvoiceFacts, Line, Original, TaxGroup

# UNTDID 1001 by kind of document; a 384 takes back the whole invoice with negative quantities.
TYPE_CODES = {
    "invoice": "380",
    "partial_invoice": "326",
    "credit_note": "381",
    "cancellation": "384",
}
_NEGATIVE = frozenset({"cancellation"})
XRECHNUNG = frozenset({"xrechnung_cii", "xrechnung_ubl"})
_PRICE_DECIMALS = 7
# UNTDID 7161 and 5189, where one says more than the word itself.
_CHARGE_CODES = {"shipping": "FC"}
_ALLOWANCE_CODES = {"discount": "95"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line (BG-25): `price` times `quantity` less `discount` is `net`."""

    position: str
    name: str
    details: str
    sku: str
    quantity: int
    price: Decimal
    net: Decimal
    discount: Decimal
    category: str
    rate: str
    ean: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What is added to or taken off the sum of the lines (BG-20, BG-21); `amount` is positive."""

    is_charge: bool
    amount: Decimal
    reason: str
    reason_code: str
    category: str
    rate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """What is taxed alike (BG-23), with the reason where no tax is due."""

    category: str
    rate: str
    net: Decimal
    tax: Decimal
    reason: str
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The sums of the document (BG-22)."""

    lines: Decimal
    allowances: Decimal
    charges: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    paid: Decimal
    due: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EInvoice:
    """All that an electronic invoice says; `home_tax` is the tax in the seller's own currency."""

    number: str
    type_code: str
    issued_on: str
    supplied_on: str
    supplied_until: str
    currency: str
    is_xrechnung: bool
    buyer_reference: str
    order_number: str
    sales_order: str
    notes: tuple[str, ...]
    seller: Trader
    buyer: Trader
    receiver: Trader
    items: tuple[Item, ...]
    adjustments: tuple[Adjustment, ...]
    taxes: tuple[Tax, ...]
    sums: Sums
    means: Means
    terms: str
    due_on: str
    original: Original | None
    home_currency: str
    home_tax: Decimal | None


def e_invoice(kind: str, facts: InvoiceFacts) -> EInvoice:
    """Return what the XML of a document of this kind says."""
    amount = _Amounts(kind, facts)
    charges = [charge for charge in facts.charges if not charge.is_money]
    nets = _nets(facts, charges)
    items = tuple(amount.item(*pair) for pair in zip(facts.lines, nets, strict=False))
    adjustments = tuple(
        amount.adjustment(*pair) for pair in zip(charges, nets[len(facts.lines) :], strict=True)
    )
    return EInvoice(
        number=facts.number,
        type_code=TYPE_CODES["partial_invoice" if facts.parcel and kind == "invoice" else kind],
        issued_on=facts.issued_on,
        supplied_on=facts.supplied_on,
        supplied_until=facts.supplied_until,
        currency=facts.currency,
        is_xrechnung=facts.einvoice in XRECHNUNG,
        buyer_reference=facts.buyer_reference,
        # The buyer's own number is what they look for; then ours is that of the sale (BT-14).
        order_number=facts.customer_reference or facts.order_number,
        sales_order=facts.order_number if facts.customer_reference else "",
        notes=_notes(facts),
        seller=seller(facts.sender),
        buyer=buyer(facts),
        receiver=receiver(facts),
        items=items,
        adjustments=adjustments,
        taxes=tuple(amount.tax(group) for group in facts.taxes),
        sums=amount.sums(items, adjustments),
        means=means(facts),
        terms=terms(facts),
        due_on=facts.payment.due_on if facts.totals.due > 0 else "",
        original=facts.original,
        home_currency=facts.home_currency if facts.home_tax is not None else "",
        home_tax=amount.home_tax(),
    )


def _nets(facts: InvoiceFacts, charges: Sequence[Charge]) -> list[int]:
    parts = [(line.tax_rate, line.total) for line in facts.lines]
    parts += [(charge.tax_rate, charge.amount) for charge in charges]
    if facts.prices_include_tax:
        return net_amounts(parts, facts.currency)
    return [net for _, net in parts]


def _notes(facts: InvoiceFacts) -> tuple[str, ...]:
    """Return the free text (BG-1): what was agreed on, and what the law wants said."""
    legal = exemption(facts).text if facts.tax_treatment == "oss" else ""
    return tuple(text for text in (facts.intro, facts.reason, legal, *facts.notes) if text)


class _Amounts:
    """Turns the facts' minor units into amounts; those of a 384 are negative."""

    def __init__(self, kind: str, facts: InvoiceFacts) -> None:
        self._facts, self._sign = facts, -1 if kind in _NEGATIVE else 1
        self._words = WORDS[facts.language]

    def _of(self, minor: int) -> Decimal:
        return Money(minor=minor * self._sign, currency=self._facts.currency).amount

    def item(self, line: Line, net: int) -> Item:
        """Return a line; pieces that come back are a negative quantity, for no price may be."""
        discount = self._net_discount(line)
        pieces = -line.quantity if net < 0 else line.quantity
        exact = abs(net + discount) / Decimal(line.quantity or 1)
        scaled = Money(minor=1, currency=self._facts.currency).amount * exact
        return Item(
            position=f"{line.position}",
            name=line.name,
            details=line.details,
            sku=line.sku,
            quantity=pieces * self._sign,
            price=scaled.quantize(Decimal(1).scaleb(-_PRICE_DECIMALS)).normalize(),
            net=self._of(net),
            discount=self._of(discount),
            category=category(line.tax_rate, self._facts.tax_treatment),
            rate=line.tax_rate,
            ean=line.ean,
        )

    def _net_discount(self, line: Line) -> int:
        if not self._facts.prices_include_tax:
            return line.discount
        net = Decimal(line.discount) * 100 / (100 + Decimal(line.tax_rate))
        return int(net.quantize(Decimal(1), rounding=ROUND_HALF_UP))

    def adjustment(self, charge: Charge, net: int) -> Adjustment:
        """Return a charge, or an allowance where it is less than nothing."""
        amount = self._of(net)
        codes = _CHARGE_CODES if amount >= 0 else _ALLOWANCE_CODES
        return Adjustment(
            is_charge=amount >= 0,
            amount=abs(amount),
            reason=charge.name or self._words[charge.kind],
            reason_code=codes.get(charge.kind, ""),
            category=category(charge.tax_rate, self._facts.tax_treatment),
            rate=charge.tax_rate,
        )

    def tax(self, group: TaxGroup) -> Tax:
        """Return what is taxed at one rate."""
        code = category(group.rate, self._facts.tax_treatment)
        why = exemption(self._facts)
        is_taxed = code in {"S", "Z"}
        return Tax(
            category=code,
            rate=group.rate,
            net=self._of(group.net),
            tax=self._of(group.tax),
            reason="" if is_taxed else why.text,
            reason_code="" if is_taxed else why.code,
        )

    def sums(self, items: Sequence[Item], adjustments: Sequence[Adjustment]) -> Sums:
        """Return the sums; gift cards that were redeemed are money that came in before."""
        nothing, given = self._of(0), self._facts.totals
        return Sums(
            lines=sum((item.net for item in items), start=nothing),
            allowances=sum((x.amount for x in adjustments if not x.is_charge), start=nothing),
            charges=sum((x.amount for x in adjustments if x.is_charge), start=nothing),
            net=self._of(given.net),
            tax=self._of(given.tax),
            gross=self._of(given.gross),
            paid=self._of(given.paid + given.redeemed),
            due=self._of(given.due),
        )

    def home_tax(self) -> Decimal | None:
        """Return the tax in the seller's own currency (BT-111), where another is charged."""
        if self._facts.home_tax is None:
            return None
        home = Money(minor=self._facts.home_tax * self._sign, currency=self._facts.home_currency)
        return home.amount
