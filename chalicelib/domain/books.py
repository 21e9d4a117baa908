"""An order in the books: what it costs and every movement, which together are its open item."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from chalicelib.domain import balance, events, states
from chalicelib.domain.money import Money, total

if TYPE_CHECKING:
    from chalicelib.domain.order import Order

# What an open item adds up from: charges, less what was paid or let go, plus what went back.
KINDS = (
    "orders", "dunning_fees", "received", "told_by_shop", "vouchers", "written_off", "refunded",
    "charged_back", "corrected",
)  # fmt: skip


def entries(order: Order) -> Counter[str]:
    """Return by kind what an order adds to its open item, in minor units.

    A cancelled order costs nothing any more: what was paid for it is owed back. What only the shop
    tells counts as far as no source shows it. A refund of a part of the sale corrects the invoice,
    and so do unpaid goods that came back: nobody owes that part.
    """
    found: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
    currency = order.bought.currency
    received = _sum(order, events.PaymentReceived)
    vouchers = _sum(order, events.VoucherRedeemed)
    found["received"] = -received
    found["vouchers"] = -vouchers
    found["told_by_shop"] = received + vouchers - balance.received_amount(order).minor
    found["refunded"] = total((x.amount for x in balance.refunds(order)), currency).minor
    found["charged_back"] = balance.disputed(order).minor
    if not states.is_cancelled(order):
        found["orders"] = order.bought.total.minor
        found["dunning_fees"] = balance.dunning_fees(order).minor
        found["written_off"] = -balance.forgiven(order).minor
        again = balance.given_back_while_off(order)
        parts = balance.corrections(order)[0].items()
        kept = (part for name, part in parts if name not in again)
        found["corrected"] = -total(kept, currency).minor
    return found


def open_item(order: Order) -> Money:
    """Return what the customer still owes; negative where we owe the customer."""
    return Money(minor=sum(entries(order).values()), currency=order.bought.currency)


def _sum(order: Order, kind: type[events.Movement]) -> int:
    """Add up the standing movements of a kind that a source shows."""
    return sum(x.amount.minor for x in balance.standing(order, kind) if x.source != "shop")
