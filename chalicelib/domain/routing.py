"""From which location the units of an order come.

`nearest` goes by what an address tells without a map: the customer's country first, then the most
leading characters that both postcodes share, then the merchant's priority.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.domain.product import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chalicelib.domain.order import Address
    from chalicelib.domain.values import Location, Policy

Units = dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Pieces that are wanted; each takes the units of its parts from one location."""

    sku: str
    quantity: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """Pieces of a demand at a location."""

    demand: Demand
    location: str
    quantity: int


def ranked(locations: Iterable[Location], policy: Policy, to: Address) -> list[str]:
    """Return the locations to ask, the best first; only that one if there is no fallback."""

    def nearness(location: Location) -> tuple[bool, int]:
        if policy.routing != "nearest" or location.country != to.country:
            return (policy.routing == "nearest", 0)
        return (False, -_shared(_plain(location.zip), _plain(to.zip)))

    best = sorted(locations, key=lambda one: (*nearness(one), one.priority, one.id))
    return [one.id for one in (best if policy.fallback else best[:1])]


def allocate(
    demands: Iterable[Demand],
    there: Mapping[tuple[str, str], int],
    at: Sequence[str],
    *,
    split: bool,
) -> list[Pick]:
    """Return what to take from where, as much as there is, of `there` by (sku, location).

    Without `split` all comes from the first location that has everything, else from the one that
    has the most pieces.
    """
    demands = list(demands)
    if split or len(at) <= 1:
        return pack(demands, there, at)
    tries = [pack(demands, there, [location]) for location in at]
    return max(tries, key=lambda picks: sum(pick.quantity for pick in picks), default=[])


def pack(
    demands: Iterable[Demand], there: Mapping[tuple[str, str], int], at: Sequence[str]
) -> list[Pick]:
    """Fill demands from locations in order; those of the most parts choose first."""
    free, picks = Counter(there), []
    for demand in sorted(demands, key=lambda one: (-len(one.parts), one.sku)):
        left = demand.quantity
        for location in at:
            fits = min((free[x.sku, location] // x.quantity for x in demand.parts), default=0)
            if (quantity := min(left, fits)) > 0:
                picks.append(Pick(demand=demand, location=location, quantity=quantity))
                free.subtract(units([picks[-1]]))
                left -= quantity
    return picks


def units(picks: Iterable[Pick]) -> Counter[tuple[str, str]]:
    """Return the units that picks take, by (sku, location)."""
    count: Counter[tuple[str, str]] = Counter()
    for pick in picks:
        for part in pick.demand.parts:
            count[part.sku, pick.location] += part.quantity * pick.quantity
    return count


def _shared(one: str, other: str) -> int:
    """Count the leading characters that two texts have in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _plain(postcode: str) -> str:
    return "".join(postcode.upper().split())
