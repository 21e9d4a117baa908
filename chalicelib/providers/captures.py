"""What Mollie captured of one payment in parts, read alike whether it tells us or is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.domain.fields import Field
    from chalicelib.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One capture; `earlier` is what was captured of the same payment before it."""

    reference: str
    amount: Money
    earlier: Money
    captured_at: datetime


def captured(payment: Field, money: Callable[[Field], Money]) -> list[Part]:
    """Return the captures of a payment, the oldest first.

    None where Mollie tells none or the first took all: such a payment is known by its own name.
    """
    whole, sum_of = money(payment.at("amount")), payment.at("amountCaptured")
    counted = money(sum_of) if sum_of.value is not None else whole - whole
    found, before = list[Part](), whole - whole
    for at, name, one in sorted(_told(payment), key=lambda told: told[:2]):
        amount = money(one.at("amount"))
        if amount.currency != counted.currency or amount.currency != whole.currency:
            one.at("amount").refuse(f"must be in {whole.currency} as its payment")
        # What is still pending counts once Mollie counts it.
        if amount and (one.at("status").text() != "pending" or before + amount <= counted):
            found.append(Part(reference=name, amount=amount, earlier=before, captured_at=at))
            before += amount
    return [] if len(found) == 1 and before == whole else found


def _told(payment: Field) -> list[tuple[datetime, str, Field]]:
    """Return what was captured and has not failed, with when and under which name."""
    told = []
    for one in payment.at("_embedded").at("captures").each():
        at = one.at("createdAt").needed()
        if one.at("status").text() != "failed":
            told.append((at.moment() or at.refuse("must be a moment"), one.at("id").name(), one))
    return told
