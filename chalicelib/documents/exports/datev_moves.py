"""How money that moved is booked: between the customer's account and that of who holds the money.

Every booking is debit and credit of one amount, so that an account that collects the payments of a
provider is at zero again once all of them were paid out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.documents.exports.accounts import Target
from chalicelib.domain import events
from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalicelib.documents.exports.accounts import Accounts
    from chalicelib.domain.payouts import Payout
    from chalicelib.store.payouts import Line

# What brings money to the customer's account, and what takes it from there again.
CREDITS = (events.PaymentReceived, events.ChargebackReversed, events.RefundFailed)
DEBITS = (events.RefundRecorded, events.ChargebackRecorded)
BOOKED_APART = frozenset({"received", "refunded", "refund_failed", "charged_back",
                          "chargeback_reversed"})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An amount from one account to another; `debit` is the one that gains it."""

    debit: Target
    credit: Target
    amount: Money
    text: str


def of_fact(
    fact: events.Movement, debtor: str, facts: Mapping[str, Any], accounts: Accounts
) -> Iterator[Move]:
    """Yield how one movement of an order's money is booked; `facts` are those of its invoice."""
    customer, amount, text = Target(account=debtor), fact.amount, fact.source
    holder = accounts.holder(fact.source)
    if isinstance(fact, events.PaymentReceived) and fact.source == "shop":
        return  # its word repeats what a provider or the bank shows
    match fact:
        case events.VoucherRedeemed():
            yield _move(accounts.named("voucher"), customer, amount, "Gutschein")
        case events.FeeCharged():
            yield _move(accounts.fees(fact.source), holder, amount, f"Gebühr {text}")
        case events.DunningFeeCharged():
            yield _move(customer, accounts.named("dunning"), amount, "Mahngebühr")
        case events.WriteOffRecorded():
            kind = "loss" if fact.kind == "loss" else "discount"
            for rate, part in _shares(amount, facts):
                yield _move(accounts.reduction(kind, facts, rate), customer, part, _WORDS[kind])
        case _ if isinstance(fact, CREDITS):
            yield _move(holder, customer, amount, text)
        case _ if isinstance(fact, DEBITS):
            yield _move(customer, holder, amount, text)


_WORDS = {"loss": "Forderungsverlust", "discount": "Skonto"}


def of_payout(payout: Payout, accounts: Accounts) -> Iterator[Move]:
    """Yield what a payout moves from the provider to the bank, on its way there."""
    holder, way = accounts.holder(payout.source), accounts.named("transit")
    if holder != way:
        yield _move(way, holder, payout.amount, f"Auszahlung {payout.source}")


def of_line(line: Line, payout: Payout, accounts: Accounts) -> Iterator[Move]:
    """Yield what a part of a payout moves that is on no order: other fees, and the unknown."""
    part, holder = line.part, accounts.holder(payout.source)
    if part.kind in {"balance", "deducted", "unread"}:
        return
    is_booked = bool(line.order_id) and line.trouble != "currency"
    is_known = is_booked and part.kind in BOOKED_APART
    fee, rest = part.fee, part.gross
    if part.kind in {"fee", "payment_fee"}:
        fee, rest = fee - part.gross, part.gross - part.gross
    # The fee of a payment stands on its order under the provider's name of it.
    if fee and not (is_booked and part.fee == fee and part.reference):
        yield _move(accounts.fees(payout.source), holder, fee, f"Gebühr {payout.source}")
    if rest and not is_known:
        yield _move(holder, accounts.named("unknown"), rest, f"Ungeklärt {payout.source}")


def undone(one: Move) -> Move:
    """Return a move the other way round."""
    return _move(one.credit, one.debit, one.amount, f"Rücknahme {one.text}")


def of_gift_card(amount: Money, debtor: str, accounts: Accounts) -> Move:
    """Return what a gift card pays that is taken off below an invoice's total; back if negative."""
    return _move(accounts.named("voucher"), Target(account=debtor), amount, "Gutschein")


def _move(debit: Target, credit: Target, amount: Money, text: str) -> Move:
    """Return a move whose amount is not negative."""
    if amount.minor < 0:
        debit, credit, amount = credit, debit, Money.zero(amount.currency) - amount
    return Move(debit=debit, credit=credit, amount=amount, text=text)


def _shares(amount: Money, facts: Mapping[str, Any]) -> Iterator[tuple[str, Money]]:
    """Yield by rate of tax what an amount takes off an invoice, which add up to the amount."""
    groups = [(str(one["rate"]), int(one["gross"])) for one in facts.get("taxes", ())]
    whole, left = sum(gross for _, gross in groups), amount.minor
    for place, (rate, gross) in enumerate(groups, 1):
        is_last = place == len(groups)
        part = left if is_last else round(amount.minor * gross / whole) if whole else 0
        left -= part
        if part:
            yield rate, Money(minor=part, currency=amount.currency)
    if not groups:
        yield "", amount
