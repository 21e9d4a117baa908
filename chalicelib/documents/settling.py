"""How an invoice is settled: what was paid, and who is to pay the rest to whom, until when."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.documents.facts import Discount, Payment
from chalicelib.domain import balance, cash_discount
from chalicelib.domain.events import (
    PaymentReceived,
    RefundRecorded,
    ReturnCredited,
    VoucherRedeemed,
)
from chalicelib.domain.formats import HOME
from chalicelib.domain.transfers import is_by_transfer, is_prepaid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.domain.order import Order
    from chalicelib.store.merchants import Settings


def day_of(moment: datetime) -> str:
    """Return the calendar day of a moment where the merchant is."""
    return moment.astimezone(HOME).date().isoformat()


def paid(order: Order) -> int:
    """Return what needs no payment any more.

    That came in and was not taken back, was let go, or is corrected at once for goods that are
    back already.
    """
    came = balance.received_amount(order) - balance.disputed(order)
    return max((came + balance.granted(order) + balance.credited(order)).minor, 0)


def corrected(cause: RefundRecorded | ReturnCredited) -> Payment:
    """Say how a correction is settled: by money that went back, or by owing less."""
    if isinstance(cause, ReturnCredited):
        return Payment(state="set_off")
    return Payment(state="refunded", method=cause.source, on=day_of(cause.booked_at))


def payment(order: Order, settings: Settings, *, due: int, now: datetime) -> Payment:
    """Say how an invoice was paid, or how the rest of it is to be.

    Who pays a provider is not asked to transfer anything, for it would be paid twice.
    """
    movements = [
        *balance.standing(order, PaymentReceived),
        *balance.standing(order, VoucherRedeemed),
    ]
    reference, method = order.bought.number, order.bought.payment_method
    if due > 0 and not is_by_transfer(order):
        return Payment(state="collected", method=method, reference=reference)
    if due > 0 or not movements:
        due_on = _due_on(order, now)
        # Who should have paid already may take nothing off.
        off = discount(settings, day_of(now)) if due > 0 and due_on else None
        return Payment(state="due", due_on=due_on, reference=reference, discount=off)
    newest = max(movements, key=lambda fact: fact.at)
    is_voucher = isinstance(newest, VoucherRedeemed)
    return Payment(
        state="paid",
        method="voucher" if is_voucher else method or newest.source,
        on=day_of(newest.booked_at),
        reference=reference,
    )


def discount(settings: Settings, issued_on: str) -> Discount | None:
    """Return the cash discount of an invoice of this day, where the merchant grants one."""
    rate, days = settings.discount_percent, settings.discount_days
    if not cash_discount.is_granted(rate, days):
        return None
    until = cash_discount.last_day(date.fromisoformat(issued_on), days)
    return Discount(rate=rate, days=days, until=until.isoformat())


def granted(frozen: Mapping[str, Any]) -> cash_discount.CashDiscount | None:
    """Return what an invoice grants who pays early, as it was frozen."""
    off = (frozen.get("payment") or {}).get("discount")
    if not off:
        return None
    return cash_discount.CashDiscount(rate=off["rate"], until=date.fromisoformat(off["until"]))


def _due_on(order: Order, now: datetime) -> str:
    """Return the last day for payment; nothing once it has come, for then it is due at once.

    Who buys on account has the whole time from the invoice on.
    """
    begin = order.received.at if is_prepaid(order) else now
    last = day_of(begin + timedelta(days=order.policy.payment_days))
    return last if last > day_of(now) else ""
