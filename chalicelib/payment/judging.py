"""What becomes of a transaction: booked, suggested or left to wait, and what that rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chalicelib.domain.money import Money
from chalicelib.payment import outgoing
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
    owed: dict[str, Money]
    after: Mapping[str, int] = field(default_factory=dict)
    customers: frozenset[str] = frozenset()


def judged(merchant_id: str, entry: Entry, matcher: Matcher) -> Judged:
    """Decide what becomes of a transaction, and count what is open down."""
    one = entry.transaction
    if one.amount.minor <= 0:
        threshold = matcher.rules.threshold
        return Judged(entry=outgoing.judged(merchant_id, entry, threshold), owed={})
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
