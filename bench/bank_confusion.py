"""What the matching makes of the month made up in `bank_month`: its table of confusion."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bench.bank_month import BESIDE, Booking, Month, month
from chalicelib.payment.matching.engine import Matcher
from chalicelib.payment.matching.items import Match, Verdict

OUTCOMES = ("booked right", "booked wrong", "suggested right", "suggested wrong", "unmatched")
TRUE_CLASSES = ("pays one order", "pays several orders", "pays no open order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """How often each true class met each outcome."""

    counts: dict[tuple[str, str], int]

    def of(self, outcome: str, *classes: str) -> int:
        """Add up an outcome, of all classes or of some."""
        return sum(self.counts.get((one, outcome), 0) for one in classes or TRUE_CLASSES)

    def automatic(self) -> float:
        """Return how many of 100 customers' payments are booked on the right orders by itself."""
        paying = TRUE_CLASSES[:2]
        every = sum(self.of(outcome, *paying) for outcome in OUTCOMES)
        return 100 * self.of("booked right", *paying) / every

    def wrong(self) -> int:
        """Return how many transactions are booked where they do not belong."""
        return self.of("booked wrong")


def measure(made: Month | None = None) -> Confusion:
    """Match the month in the order of its statement."""
    made = made or month()
    matcher, counts = Matcher(made.items), Counter[tuple[str, str]]()
    for booking in made.bookings:
        verdict = matcher.match(booking.transaction)
        counts[_class(booking), _outcome(booking, verdict)] += 1
        if verdict.booked:
            matcher.paid(verdict.booked.shares)
    return Confusion(counts=dict(counts))


def _class(booking: Booking) -> str:
    if booking.habit in BESIDE:
        return TRUE_CLASSES[2]
    return TRUE_CLASSES[len(booking.orders) > 1]


def _outcome(booking: Booking, verdict: Verdict) -> str:
    if verdict.booked:
        return "booked right" if _is_right(booking, verdict.booked) else "booked wrong"
    if verdict.suggestions:
        is_right = any(_is_right(booking, match) for match in verdict.suggestions)
        return "suggested right" if is_right else "suggested wrong"
    return "unmatched"


def _is_right(booking: Booking, match: Match) -> bool:
    return {share.order_id for share in match.shares} == {*booking.orders}
