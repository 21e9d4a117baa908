"""What a document of an order says: the order and the merchant's settings as frozen facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from chalicelib.documents import by_parcel, invoicing, settling
from chalicelib.documents.choices import chosen, with_eans
from chalicelib.documents.facts import (
    Charge,
    ChargeKind,
    InvoiceFacts,
    Language,
    Line,
    Original,
    Party,
    Sender,
)
from chalicelib.documents.settling import day_of
from chalicelib.documents.tax import net_amounts, plain_rate, tax_summary, totals
from chalicelib.documents.wording import WORDS
from chalicelib.domain import balance, bills, buyer, formats, goods
from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.events import RefundRecorded, ReturnCredited, ReturnReceived
from chalicelib.domain.money import Money, split
from chalicelib.domain.order import LineKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chalicelib.domain.events import DocumentIssued
    from chalicelib.domain.order import Address, LineItem, Order
    from chalicelib.store.merchants import Settings


# What is owed beside the goods once all of them are back.
BESIDE = frozenset({LineKind.SHIPPING, LineKind.FEE, LineKind.DEPOSIT})


def invoice(
    order: Order, settings: Settings, *, number: str, now: datetime, shipment: int = 0
) -> InvoiceFacts:
    """Return the invoice of all that was bought, or of one parcel (`shipment`).

    NeedsHuman if it cannot be a proper one.
    """
    _check_billable(order, settings)
    bill = _bill(order, settings, by_parcel.lines(order, shipment), number=number, now=now)
    # What earlier parcels were billed is paid for first.
    paid = max(min(settling.paid(order) - by_parcel.billed(order), bill.totals.due), 0)
    sums = totals(bill.taxes, paid=paid, redeemed=bill.totals.redeemed)
    first, last = _supplied_at(order, now, shipment)
    whole = replace(
        bill,
        parcel=shipment,
        notes=by_parcel.notes(order, bill, shipment),
        supplied_on=first,
        supplied_until=last if last != first else "",
        ship_to=party(order.bought.shipping) if order.bought.shipping.street else None,
        totals=sums,
        payment=settling.payment(order, settings, due=sums.due, now=now),
    )
    return chosen(whole, settings, intro="intro")


def credit_note(
    order: Order,
    settings: Settings,
    cause: RefundRecorded | ReturnCredited,
    *,
    number: str,
    now: datetime,
) -> InvoiceFacts:
    """Return the correction by a refund or return, as far as that takes a part of the sale back."""
    amount = balance.corrections(order)[0][balance.correction_name(cause)]
    original = bills.of_cause(order, balance.correction_name(cause))
    if original is None:
        raise NeedsHuman("no_invoice", "There is no invoice that a refund could correct.")
    lines = _corrected(order, amount, cause.return_id)
    bill = _bill(order, settings, lines, number=number, now=now, issued=original)
    whole = replace(
        bill,
        supplied_on=original.issued_on.isoformat(),
        totals=totals(bill.taxes, paid=bill.totals.due, redeemed=bill.totals.redeemed),
        payment=settling.corrected(cause),
        reason=_deducted(order, cause.return_id),
        original=Original(number=original.number, issued_on=original.issued_on.isoformat()),
    )
    return chosen(whole, settings)


def _bill(
    order: Order,
    settings: Settings,
    lines: Iterable[LineItem],
    *,
    number: str,
    now: datetime,
    issued: DocumentIssued | None = None,
) -> InvoiceFacts:
    """Return what all bills have in common; what corrects an `issued` one has its form and tax."""
    bought = order.bought
    shown = Priced(lines, bought.currency, is_gross=bought.prices_include_tax)
    sums = totals(shown.taxes, redeemed=shown.redeemed)
    home_tax, rate = invoicing.home_tax(sums.tax, bought.currency, settings)
    return InvoiceFacts(
        number=number,
        issued_on=day_of(now),
        supplied_on=day_of(now),
        currency=bought.currency,
        sender=sender(settings),
        bill_to=party(_bill_to(order)),
        lines=with_eans(shown.lines, order, settings),
        charges=shown.charges,
        taxes=shown.taxes,
        totals=sums,
        language=language(order),
        order_number=bought.number,
        ordered_on=day_of(bought.placed_at),
        vat_id=buyer.vat_id(order),
        customer_reference=buyer.own_order(order),
        prices_include_tax=bought.prices_include_tax,
        tax_treatment=invoicing.treatment(order, settings, issued).value,
        einvoice=invoicing.form(order, settings, sums.gross, day_of(now), issued),
        buyer_reference=invoicing.reference(order),
        customer_email=bought.email,
        home_tax=home_tax,
        exchange_rate=rate,
    )


def sender(settings: Settings) -> Sender:
    """Return the merchant as a document names it."""
    return Sender(
        name=settings.name,
        street=settings.street,
        zip=settings.zip,
        city=settings.city,
        country=settings.country,
        managing_director=settings.manager,
        register=settings.register,
        tax_number=settings.tax_number,
        vat_id=settings.vat_id,
        email=settings.email,
        phone=settings.phone,
        website=settings.website,
        account_holder=settings.bank_holder,
        iban=settings.iban,
        bic=settings.bic,
        bank=settings.bank,
        logo=settings.logo,
        accent=settings.colour,
    )


def party(address: Address) -> Party:
    """Return an address as a document prints it."""
    return Party(
        name=address.name,
        company=address.company,
        street=address.street,
        street2=address.street2,
        zip=address.zip,
        city=address.city,
        region=address.region,
        country=address.country,
    )


def language(order: Order) -> Language:
    """Return the customer's language as documents name it."""
    spoken = order.bought.locale[:2].lower()
    return spoken if spoken in WORDS else order.bought.language


def _bill_to(order: Order) -> Address:
    return order.bought.billing if order.bought.billing.street else order.bought.shipping


def _supplied_at(order: Order, now: datetime, shipment: int) -> tuple[str, str]:
    """Return the days of supply: of the first and the last parcel, else that of the invoice."""
    parcels = goods.shipments(order)
    sent = [one for n, one in parcels.items() if not shipment or n == shipment]
    days = [day_of(one.at) for one in sent] or [day_of(now)]
    return min(days), max(days)


def _check_billable(order: Order, settings: Settings) -> None:
    """No number is drawn for what could not be a proper invoice (§ 14 (4) UStG)."""
    if order.bought.difference():
        raise NeedsHuman("invoice_mismatch", "The lines do not add up to the total.")
    if not (settings.name and settings.street and settings.city):
        raise NeedsHuman("sender_missing", "The merchant's name and address are not set.")
    if not (settings.tax_number or settings.vat_id):
        raise NeedsHuman("tax_number_missing", "Neither tax number nor VAT id is set.")


def _corrected(order: Order, amount: Money, return_id: str = "") -> tuple[LineItem, ...]:
    """Return the returned pieces, or all that was bought, brought to the sum of a correction."""
    whole = [(line, line.quantity, line.total.minor) for line in order.bought.lines]
    parts = list(_returned(order, return_id)) if amount != order.bought.total else []
    if parts and amount.minor > sum(minor for _, _, minor in parts):
        parts += [part for part in whole if part[0].kind in BESIDE]
    parts = parts or whole
    shares = split(amount, [minor for _, _, minor in parts])
    return tuple(
        replace(line, quantity=quantity, total=share, discount=None)
        for (line, quantity, _), share in zip(parts, shares, strict=True)
        if share
    )


def _deducted(order: Order, return_id: str) -> str:
    """Say what was deducted of a return for lost value, and why; empty if nothing was."""
    back = (x for x in order.all(ReturnReceived) if return_id and x.return_id == return_id)
    fact = next(back, None)
    if fact is None or fact.deduction is None:
        return ""
    lost = formats.money(fact.deduction, language(order))
    text = WORDS[language(order)]["return_less"]
    return text.format(amount=lost, reason=fact.deduction_reason)


def _returned(order: Order, return_id: str) -> Iterator[tuple[LineItem, int, int]]:
    """Yield line, pieces and their price of a return."""
    items, prices = {line.id: line for line in order.bought.lines}, order.bought.prices()
    for fact in order.all(ReturnReceived):
        for piece in fact.lines if fact.return_id == return_id else ():
            if line := items.get(piece.line_id):
                price = prices[line.id].minor * piece.quantity // line.quantity
                yield line, piece.quantity, price


class Priced:
    """Lines and charges as the document shows them, gross or net, and the tax they hold."""

    def __init__(self, lines: Iterable[LineItem], currency: str, *, is_gross: bool) -> None:
        """Work all of it out from what the customer pays for each line."""
        self._is_gross, lines = is_gross, tuple(lines)
        items = [line for line in lines if line.kind is LineKind.PRODUCT]
        others = [line for line in lines if line.kind is not LineKind.PRODUCT and line.total]
        cards = [line for line in others if line.kind is LineKind.GIFT_CARD and not line.tax_rate]
        self.redeemed = -sum(card.total.minor for card in cards)
        others = [line for line in others if line not in cards]
        every = [(line.tax_rate, line.total.minor) for line in [*items, *others]]
        self.taxes = tax_summary(every, currency)
        shown = [amount for _, amount in every] if self._is_gross else net_amounts(every, currency)
        self.lines = tuple(
            self._line(position, line, amount)
            for position, (line, amount) in enumerate(zip(items, shown, strict=False), 1)
        )
        self.charges = tuple(
            Charge(
                kind=cast("ChargeKind", line.kind.value),
                amount=amount,
                tax_rate=plain_rate(line.tax_rate),
                name=line.name,
            )
            for line, amount in zip(
                [*others, *cards],
                [*shown[len(items) :], *(card.total.minor for card in cards)],
                strict=True,
            )
        )

    def _line(self, position: int, line: LineItem, amount: int) -> Line:
        discount = line.discount.minor if line.discount and self._is_gross else 0
        return Line(
            position=position,
            name=line.name,
            sku=line.sku or "",
            quantity=line.quantity,
            unit_price=round((amount + discount) / line.quantity),
            total=amount,
            discount=discount,
            tax_rate=plain_rate(line.tax_rate),
        )
