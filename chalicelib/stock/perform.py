"""Turns the step's commands into facts; the store moves the levels together with them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.domain import bundles, goods, routing
from chalicelib.domain.commands import (
    Command,
    IssueStock,
    PutAwayReturn,
    ReleaseStock,
    ReserveStock,
)
from chalicelib.domain.events import (
    BundleOpened,
    Fact,
    Shortage,
    StockIssued,
    StockReleased,
    StockReserved,
    StockReturned,
    StockShort,
    Units,
)
from chalicelib.domain.lots import first_expired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from chalicelib.domain.events import Location
    from chalicelib.domain.order import Order
    from chalicelib.domain.product import Product
    from chalicelib.domain.routing import Demand
    from chalicelib.stock.port import Shelf

    LocationsOf = Callable[[str], Sequence[Location]]


def perform(
    order: Order, command: Command, now: datetime, *, shelf: Shelf, locations_of: LocationsOf
) -> Iterator[Fact]:
    """Return the facts of one command; they count only once the levels moved with them."""
    match command:
        case ReserveStock():
            yield from _reserve(order, now, shelf, locations_of(order.merchant_id))
        case ReleaseStock():
            yield StockReleased(at=now, units=command.units, reason=command.reason)
        case IssueStock():
            yield StockIssued(at=now, shipment=command.shipment, units=command.units)
        case PutAwayReturn():
            yield StockReturned(at=now, return_id=command.return_id, units=command.units)


def _reserve(
    order: Order, now: datetime, shelf: Shelf, locations: Sequence[Location]
) -> Iterator[Fact]:
    at = [location.id for location in locations]
    skus = {part.sku for demand in goods.open_demands(order) for part in demand.parts}
    known = bundles.unfold(skus, lambda some: shelf.products(order.merchant_id, some, at))
    opened = tuple(_opened(skus, known, now))
    yield from opened
    order = order.plus(opened)
    ranked = _allowed(order, routing.ranked(locations, order.policy, order.bought.shipping))
    units, missing = _taken(order, known, ranked)
    if units and (order.policy.partial_reservation or not missing):
        chosen = tuple(_in_lots(order.merchant_id, units, known, shelf))
        yield StockReserved(at=now, units=chosen)
    if missing:
        read = partial(shelf.products, order.merchant_id, locations=at)
        yield StockShort(at=now, missing=tuple(_suggested(missing, read)))


def _in_lots(
    merchant_id: str, units: Iterable[Units], known: Mapping[str, Product], shelf: Shelf
) -> Iterator[Units]:
    """Choose the lots where they are kept: what expires first is set aside first."""
    for unit in units:
        if known[unit.sku].lots:
            there = shelf.lots(merchant_id, unit.sku, unit.location)
            yield from first_expired(unit, there)
        else:
            yield unit


def _suggested(
    missing: Sequence[Shortage], read: Callable[[set[str]], Mapping[str, Product]]
) -> Iterator[Shortage]:
    """Name a known SKU beside each unknown one that differs from it in case or blanks only."""
    near = {one.sku: _spellings(one.sku) for one in missing if one.available is None}
    known = read({text for texts in near.values() for text in texts}) if near else {}
    for one in missing:
        found = next((text for text in near.get(one.sku, ()) if text in known), "")
        yield replace(one, suggestion=found)


def _spellings(sku: str) -> list[str]:
    """Return other ways in which a SKU may have been typed."""
    bare = "".join(sku.split())
    ways = (bare, bare.upper(), bare.lower(), bare.capitalize(), bare.swapcase())
    return [text for text in dict.fromkeys(ways) if text and text != sku]


def _opened(skus: Iterable[str], known: Mapping[str, Product], now: datetime) -> Iterator[Fact]:
    """Freeze what the bundles are made of; an order is packed as it was bought."""
    for sku in sorted(skus):
        if sku in known and known[sku].parts:
            yield BundleOpened(at=now, sku=sku, parts=tuple(bundles.contents(sku, known)))


def _allowed(order: Order, ranked: list[str]) -> list[str]:
    """Leave the locations that may serve this order: without split, those that already do."""
    used = {location for _, location in goods.free(order)}
    return [place for place in ranked if order.policy.split or not used or place in used]


def _taken(
    order: Order, known: Mapping[str, Product], ranked: list[str]
) -> tuple[tuple[Units, ...], tuple[Shortage, ...]]:
    """Return what to take from the shelves, and what is missing there."""
    wanted = goods.open_demands(order)
    there = {
        (sku, place): max(product.at(place).available, 0)
        for sku, product in known.items()
        for place in ranked
    }
    picks = routing.allocate(wanted, there, ranked, split=order.policy.split)
    taken = routing.units(picks)
    units = tuple(
        Units(
            sku=sku,
            location=place,
            quantity=count,
            weight_g=known[sku].weight_g,
            ean=known[sku].ean,
        )
        for (sku, place), count in sorted(taken.items())
    )
    places = ranked if order.policy.split else [*{pick.location for pick in picks}] or ranked[:1]
    return units, tuple(_missing(wanted, taken, known, places))


def _missing(
    wanted: Sequence[Demand],
    taken: Mapping[tuple[str, str], int],
    known: Mapping[str, Product],
    places: Sequence[str],
) -> Iterator[Shortage]:
    """Yield what these locations have too little of; where each SKU is there, all not taken."""
    need = Counter[str]()
    for demand in wanted:
        need.update({part.sku: part.quantity * demand.quantity for part in demand.parts})
    left = need.copy()
    for (sku, _), count in taken.items():
        left[sku] -= count
    rest = [_shortage(sku, need[sku], known.get(sku), places) for sku in sorted(+left)]
    yield from [one for one in rest if one.available is None or one.available < one.wanted] or rest


def _shortage(sku: str, wanted: int, product: Product | None, places: Sequence[str]) -> Shortage:
    if product is None:
        return Shortage(sku=sku, wanted=wanted, available=None)
    return Shortage(
        sku=sku,
        wanted=wanted,
        available=sum(max(product.at(place).available, 0) for place in places),
        backorder=product.backorder or product.preorder,
        expected_on=product.expected_on,
    )
