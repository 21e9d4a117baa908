"""The shop has changed an order: what is different, and what may be taken over as things stand."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from chalicelib.domain import bills, events, goods, states

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import Bought, LineItem, Order

# What the customer and the lists are told by; it never touches goods, money or parcels.
CONTACT = {"email": "e-mail address", "phone": "phone number", "note": "note"}


def changes(old: Bought, new: Bought) -> tuple[str, ...]:
    """Name what is different in words; how it was paid and in which language is no change."""
    return (*_money_changes(old, new), *_other_changes(old, new), *_line_changes(old, new))


def is_about_goods(old: Bought, new: Bought) -> bool:
    """Tell whether the customer pays or gets something else than before."""
    return bool([*_money_changes(old, new), *_line_changes(old, new)])


def newest(order: Order) -> datetime:
    """Return the moment of the newest version of the shop that the order knows of."""
    told = (
        fact.modified_at
        for fact in order.facts
        if isinstance(
            fact,
            events.OrderRevised
            | events.ShopChangeReported
            | events.OrderCancelled
            | events.OrderReinstated,
        )
    )
    return max([order.bought.modified_at, *(moment for moment in told if moment)])


def since(order: Order) -> datetime:
    """Return from when on what was bought is as it is now."""
    last = order.last(events.OrderRevised)
    return last.at if last and last.changes else order.received.at


def takeable(order: Order, new: Bought) -> Bought:
    """Return what was bought with as much of the shop's version as nothing stands against.

    An invoice stands against lines, sums and the billing address, a delivery note against those
    and, until its parcel is labelled, against the delivery address.
    """
    if not goods.delivery_notes(order) and not _stands_by(order, new):
        return new
    old = order.bought
    moves = may_redirect(order)
    return replace(
        old,
        modified_at=new.modified_at,
        shipping=new.shipping if moves else old.shipping,
        email=new.email,
        phone=new.phone,
        note=new.note,
        locale=new.locale,
        payment_method=new.payment_method,
    )


def _stands_by(order: Order, new: Bought) -> bool:
    """Tell whether an invoice, or money in another currency, binds us to what was bought."""
    has_money = order.has(events.Movement)
    is_other_currency = new.currency != order.bought.currency and has_money
    return is_other_currency or bills.standing(order) is not None


def may_redirect(order: Order) -> bool:
    """Tell whether a parcel is still to come, and none is under way with the old address."""
    noted, parcels = goods.delivery_notes(order), goods.shipments(order)
    is_under_way = any(
        number not in parcels
        or not (parcels[number].has_label or states.document(order, "label", str(number)))
        for number in noted
    )
    return not noted or (not is_under_way and not goods.is_all_shipped(order))


def last_report(order: Order) -> events.ShopChangeReported | None:
    """Return the newest change that was not taken over, unless both have agreed since."""
    for fact in reversed(order.facts):
        if isinstance(fact, events.OrderRevised):
            return None
        if isinstance(fact, events.ShopChangeReported):
            return fact
    return None


def open_report(order: Order) -> events.ShopChangeReported | None:
    """Return the newest change in the shop that nobody has answered yet."""
    last = last_report(order)
    return None if last and order.is_released("changed_in_shop", after=last.at) else last


def is_free(order: Order) -> bool:
    """Tell whether a person can take over what the shop has changed."""
    new = order.reported
    return new is not None and open_report(order) is not None and not obstacle(order, new)


def obstacle(order: Order, new: Bought) -> str:
    """Return why a person can not take the shop's version over; empty when they can."""
    if _stands_by(order, new) and binds(order.bought, new):
        return "invoice_issued"
    return in_the_way(order, new)


def in_the_way(order: Order, new: Bought) -> str:
    """Return what keeps a version from being taken over even if the invoice is corrected."""
    if new.currency != order.bought.currency and order.has(events.Movement):
        return "other_currency"
    after = {line.id: line for line in new.lines}
    for line_id, pieces in goods.assigned(order).items():
        before = next((line for line in order.bought.lines if line.id == line_id), None)
        now = after.get(line_id)
        if now is None or now.quantity < pieces or (before and before.sku != now.sku):
            return "already_packed"
    if new.shipping != order.bought.shipping and not may_redirect(order):
        return "already_packed"
    return ""


def kept(order: Order, new: Bought) -> Bought:
    """Return the shop's version, billed to whom a person has said, unless the shop changed that."""
    said = order.last(events.BillingCorrected)
    if said is None or mark(new) != said.instead_of:
        return new
    return replace(new, billing=order.bought.billing, vat_id=order.bought.vat_id)


def mark(bought: Bought) -> str:
    """Return a mark of whom an order is billed to, by which a change of it is known."""
    said = (*(getattr(bought.billing, x.name) for x in fields(bought.billing)), bought.vat_id)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def shop_mark(order: Order, old: Bought) -> str:
    """Return the mark of whom the shop bills, of what a person may have put right before."""
    said, found = order.last(events.BillingCorrected), mark(old)
    return said.instead_of if said and said.became == found else found


def binds(old: Bought, new: Bought) -> bool:
    """Tell whether something differs that an invoice says."""
    names = ("billing", "vat_id", "buyer_reference", "invoice_form")
    return is_about_goods(old, new) or any(getattr(old, x) != getattr(new, x) for x in names)


def _money_changes(old: Bought, new: Bought) -> Iterator[str]:
    if old.total != new.total:
        yield f"total {old.total} → {new.total}"


def _other_changes(old: Bought, new: Bought) -> Iterator[str]:
    if old.shipping != new.shipping:
        yield "delivery address"
    if old.billing != new.billing:
        yield "billing address"
    if old.vat_id != new.vat_id:
        yield "VAT id"
    if old.buyer_reference != new.buyer_reference:
        yield "buyer reference"
    if old.invoice_form != new.invoice_form:
        yield "form of the invoice"
    if old.number != new.number:
        yield f"order number {old.number} → {new.number}"
    for name, words in CONTACT.items():
        if getattr(old, name) != getattr(new, name):
            yield words


def _line_changes(old: Bought, new: Bought) -> Iterator[str]:
    before = {line.id: line for line in old.lines}
    after = {line.id: line for line in new.lines}
    for line_id in sorted(before.keys() | after.keys()):
        yield from _line_change(before.get(line_id), after.get(line_id))


def _line_change(old: LineItem | None, new: LineItem | None) -> Iterator[str]:
    if old is None or new is None:
        if new is not None:
            yield f"line added: {new.quantity} × {new.name}"
        if old is not None:
            yield f"line removed: {old.quantity} × {old.name}"
        return
    if old.quantity != new.quantity:
        yield f"quantity of {new.name}: {old.quantity} → {new.quantity}"
    elif old.total != new.total:
        yield f"price of {new.name}: {old.total} → {new.total}"
    if (old.sku, old.name) != (new.sku, new.name):
        yield f"article {old.name} ({old.sku or '–'}) → {new.name} ({new.sku or '–'})"
