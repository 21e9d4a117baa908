"""What came in and went out by source: the sums of a merchant's day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chalicelib.domain import events
from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable

# What each fact adds to, and whether it takes away from it.
EFFECTS: dict[type[events.Movement], tuple[str, int]] = {
    events.PaymentReceived: ("received", 1),
    events.VoucherRedeemed: ("vouchers", 1),
    events.RefundRecorded: ("refunded", 1),
    events.RefundFailed: ("refunded", -1),
    events.ChargebackRecorded: ("charged_back", 1),
    events.ChargebackReversed: ("charged_back", -1),
    events.FeeCharged: ("fees", 1),
    events.WriteOffRecorded: ("written_off", 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """The movements of one source in one currency, in minor units; `count` is of payments."""

    source: str
    currency: str
    count: int = 0
    received: int = 0
    vouchers: int = 0
    refunded: int = 0
    charged_back: int = 0
    fees: int = 0
    written_off: int = 0

    @property
    def is_told(self) -> bool:
        """Tell whether only the shop says so: its word repeats what a provider or bank shows."""
        return self.source == "shop"

    @property
    def net(self) -> int:
        """What is left of what came in."""
        return self.received - self.refunded - self.charged_back - self.fees

    def __add__(self, other: Taking) -> Taking:
        """Add the movements of the same source and currency."""
        names = ("count", "received", "vouchers", "refunded", "charged_back", "fees", "written_off")
        return replace(self, **{name: getattr(self, name) + getattr(other, name) for name in names})

    def money(self, name: str) -> Money:
        """Return one of the sums as money."""
        return Money(minor=getattr(self, name), currency=self.currency)


Takings = dict[tuple[str, str], Taking]


def taking_of(fact: events.Fact, *, sign: int = 1) -> Taking | None:
    """Return what one fact adds; None for a fact that moves no money. `sign` -1 takes it back."""
    if not isinstance(fact, events.Movement) or type(fact) not in EFFECTS:
        return None
    name, way = EFFECTS[type(fact)]
    empty = Taking(source=fact.source, currency=fact.amount.currency)
    count = sign if isinstance(fact, events.PaymentReceived) else 0
    sums: dict[str, Any] = {name: sign * way * fact.amount.minor}
    return replace(empty, count=count, **sums)


def summed(takings: Iterable[Taking]) -> Takings:
    """Add up takings by source and currency."""
    found: Takings = {}
    for one in takings:
        key = (one.source, one.currency)
        found[key] = found[key] + one if key in found else one
    return found


def taken_by(facts: Iterable[events.Fact], past: Iterable[events.Fact] = ()) -> Takings:
    """Add up what facts move; one that undoes a movement takes back what `past` tells of it."""
    known, found = tuple(past), list[Taking]()
    for fact in facts:
        if isinstance(fact, events.MovementUndone):
            name = (fact.of_source, fact.of_reference)
            undone = (x for x in known if isinstance(x, events.Movement))
            these = [x for x in undone if (x.source, x.reference) == name]
            found += filter(None, (taking_of(one, sign=-1) for one in these))
        elif one := taking_of(fact):
            found.append(one)
    return summed(found)
