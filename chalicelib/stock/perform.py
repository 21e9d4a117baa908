"""Turns the step's commands into facts; the store moves the levels together with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain.commands import (
    Command,
    IssueStock,
    PutAwayReturn,
    ReleaseStock,
    ReserveStock,
)
from chalicelib.domain.events import (
    Fact,
    Shortage,
    StockIssued,
    StockReleased,
    StockReserved,
    StockReturned,
    StockShort,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chalicelib.domain.events import Units
    from chalicelib.domain.order import Order
    from chalicelib.domain.product import Product
    from chalicelib.stock.port import Shelf


def perform(order: Order, command: Command, now: datetime, *, shelf: Shelf) -> Iterator[Fact]:
    """Return the facts of one command; they count only once the levels moved with them."""
    match command:
        case ReserveStock():
            products = shelf.products(
                order.merchant_id,
                {unit.sku for unit in command.units},
                {unit.location for unit in command.units},
            )
            yield from _reserve(order, command.units, products, now)
        case ReleaseStock():
            yield StockReleased(at=now, units=command.units)
        case IssueStock():
            yield StockIssued(at=now, shipment=command.shipment, units=command.units)
        case PutAwayReturn():
            yield StockReturned(at=now, return_id=command.return_id, units=command.units)


def _reserve(
    order: Order, units: tuple[Units, ...], products: Mapping[str, Product], now: datetime
) -> Iterator[Fact]:
    missing = tuple(_shortages(units, products))
    if not missing:
        yield StockReserved(at=now, units=tuple(_available(units, products)))
        return
    if order.policy.partial_reservation and (there := tuple(_available(units, products))):
        yield StockReserved(at=now, units=there)
    yield StockShort(at=now, missing=missing)


def _shortages(units: tuple[Units, ...], products: Mapping[str, Product]) -> Iterator[Shortage]:
    for unit in units:
        product = products.get(unit.sku)
        there = max(product.at(unit.location).available, 0) if product else None
        if there is None or there < unit.quantity:
            yield Shortage(sku=unit.sku, wanted=unit.quantity, available=there)


def _available(units: tuple[Units, ...], products: Mapping[str, Product]) -> Iterator[Units]:
    for unit in units:
        product = products.get(unit.sku)
        if product and (quantity := min(unit.quantity, product.at(unit.location).available)) > 0:
            yield replace(unit, quantity=quantity, weight_g=product.weight_g)
