"""What becomes of a transaction: booked, suggested or left to wait, and what that rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chalicelib.domain.money import Money
from chalicelib.payment import outgoing
from chalicelib.payment.matching.items import Share
from chalicelib.store.bank import Entry, Part, Proposal, State

if TYPE_CHECKING:
    from chalicelib.payment.matching.engine import Matcher
    from chalicelib.payment.matching.items import Match


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A transaction as it shall be written, and what each of its orders owed when it was judged.

    `after` tells how many appends each of them had then; without it they must be loaded first.
    """

    entry: Entry
    owed: Mapping[str, Money] = field(default_factory=dict)
    after: Mapping[str, int] = field(default_factory=dict)
    customers: frozenset[str] = frozenset()


def judged(merchant_id: str, entry: Entry, matcher: Matcher) -> Judged:
    """Decide what becomes of a transaction, and count what is open down."""
    one = entry.transaction
    if one.amount.minor <= 0:
        threshold = matcher.rules.threshold
        return Judged(entry=outgoing.judged(merchant_id, entry, threshold), owed={})
    if drawn := collected(merchant_id, entry):
        matcher.paid([Share(order_id=p.order_id, amount=p.amount) for p in drawn.parts])
        return Judged(entry=replace(entry, state=State.BOOKED, booked=drawn, suggestions=()))
    verdict = matcher.match(one)
    if verdict.is_payout:
        return Judged(entry=replace(entry, state=State.PAYOUT, suggestions=()), owed={})
    if verdict.booked is None:
        proposals = tuple(_proposal(match, matcher) for match in verdict.suggestions)
        state = State.SUGGESTED if proposals else State.UNMATCHED
        return Judged(entry=replace(entry, state=state, suggestions=proposals), owed={})
    proposal = _proposal(verdict.booked, matcher)
    items = [item for part in proposal.parts if (item := matcher.item(part.order_id))]
    versions = [item.version for item in items]
    matcher.paid(verdict.booked.shares)
    return Judged(
        entry=replace(entry, state=State.BOOKED, booked=proposal, suggestions=()),
        owed={item.order_id: item.outstanding for item in items},
        after={item.order_id: item.version for item in items} if all(versions) else {},
        customers=frozenset(
            item.customer for item in items if item.customer and one.iban not in item.accounts
        ),
    )


def _proposal(match: Match, matcher: Matcher) -> Proposal:
    parts = []
    for share in match.shares:
        item = matcher.item(share.order_id)
        is_discount = bool(item and item.discounted == share.amount)
        why = "discount" if is_discount else "tolerance"
        parts.append(
            Part(
                order_id=share.order_id,
                number=item.references[0] if item else "",
                amount=share.amount,
                forgiven=share.forgiven,
                why=why if share.forgiven else "",
            )
        )
    return Proposal(parts=tuple(parts), score=match.score, reasons=match.reasons)


def collected(merchant_id: str, entry: Entry) -> Proposal | None:
    """Return the order of a debit of ours that the bank has collected, by its end-to-end id."""
    one = entry.transaction
    debit = outgoing.drawn(merchant_id, one)
    if debit is None or debit.amount != one.amount:
        return None
    part = Part(order_id=debit.order_id, number=debit.number, amount=debit.amount)
    return Proposal(
        parts=(part,), score=100, reasons=(f"direct debit {debit.id}", "amount to the cent")
    )
