"""Shopify's stock: levels by SKU, each set only where it is still what we told last."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib.domain.errors import Permanent
from chalicelib.shops import shopify_queries as queries
from chalicelib.shops.graphql import Ask, Json, every, words
from chalicelib.shops.port import LevelsTold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.shops.port import Level

BATCH = 50
STALE = frozenset({"CHANGE_FROM_QUANTITY_STALE", "COMPARE_QUANTITY_STALE"})


@dataclass(slots=True, kw_only=True)
class _Told:
    """What has become of each SKU so far."""

    taken: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """A level to set at one of Shopify's items; `held` is what stood there when we looked."""

    level: Level
    item: str
    held: int


def set_levels(ask: Ask, levels: Sequence[Level], location: str) -> LevelsTold:
    """Set what may be sold at a location (empty: the first active one).

    A level the shop changed since we told it last is left to the caller.
    Shopify takes a set of levels as a whole or not at all, so those it names are taken out and the
    rest is sent again.
    """
    told = _Told()
    place = _location(ask, location)
    for start in range(0, len(levels), BATCH):
        targets = _targets(ask, levels[start : start + BATCH], place, told)
        while targets:
            targets = _send(ask, targets, place, told)
    names = dict.fromkeys(told.taken)
    return LevelsTold(
        taken=tuple(sku for sku in names if sku not in told.refused and sku not in told.moved),
        unknown=tuple(told.unknown),
        refused=told.refused,
        moved=told.moved,
    )


def _location(ask: Ask, name: str) -> str:
    if name:
        return name if name.startswith("gid://") else f"gid://shopify/Location/{name}"
    found = [each for each in ask(queries.LOCATIONS)["locations"]["nodes"] if each["isActive"]]
    found.sort(key=lambda each: not each.get("fulfillsOnlineOrders"))
    if not found:
        raise Permanent("not_set_up", "The shop has no active location to keep stock at.")
    return str(found[0]["id"])


def _targets(ask: Ask, levels: Sequence[Level], place: str, told: _Told) -> list[_Target]:
    """Find Shopify's items by SKU; one SKU at several items is set at each of them."""
    wanted = " OR ".join(f"sku:{_quoted(level.sku)}" for level in levels)
    items: dict[str, list[Json]] = {}
    for item in every(
        lambda cursor: ask(queries.ITEMS, query=wanted, location=place, after=cursor)[
            "inventoryItems"
        ]
    ):
        items.setdefault((item.get("sku") or "").strip().casefold(), []).append(item)
    found = []
    for level in levels:
        there = items.get(level.sku.strip().casefold(), [])
        if not there:
            told.unknown.append(level.sku)
        for item in there:
            found += _target(item, level, told)
    return found


def _target(item: Json, level: Level, told: _Told) -> list[_Target]:
    if not item["tracked"]:
        told.refused[level.sku] = "Shopify does not count the stock of this product."
        return []
    if item["inventoryLevel"] is None:
        told.refused[level.sku] = "Shopify does not stock this product at the location."
        return []
    quantities = item["inventoryLevel"]["quantities"]
    held = int(quantities[0]["quantity"]) if quantities else 0
    if held == level.available:
        told.taken.append(level.sku)
        return []
    return [_Target(level=level, item=str(item["id"]), held=held)]


def _send(ask: Ask, targets: Sequence[_Target], place: str, told: _Told) -> list[_Target]:
    """Send the levels; returns those to send again without the ones that were refused."""
    quantities = [
        {
            "inventoryItemId": each.item,
            "locationId": place,
            "quantity": each.level.available,
            "changeFromQuantity": each.level.before,  # null: whatever stands there
        }
        for each in targets
    ]
    data = {"name": "available", "reason": "correction", "quantities": quantities}
    answer = ask(queries.SET_LEVELS, input=data, key=str(uuid.uuid4()))
    errors = answer["inventorySetQuantities"]["userErrors"]
    if not errors:
        told.taken += [each.level.sku for each in targets]
        return []
    refused = {_index(error): error for error in errors}
    if not refused.keys() <= set(range(len(targets))):
        raise Permanent("outside_refused", words(errors))
    for index, error in refused.items():
        _refuse(targets[index], error, told)
    return [each for index, each in enumerate(targets) if index not in refused]


def _refuse(target: _Target, error: Mapping[str, object], told: _Told) -> None:
    if error.get("code") in STALE:
        told.moved[target.level.sku] = target.held
    else:
        told.refused[target.level.sku] = words([dict(error)])


def _index(error: Mapping[str, object]) -> int:
    """Return which of the quantities an error is about; -1 if it does not say."""
    way = error.get("field")
    numbers = [str(step) for step in way if str(step).isdigit()] if isinstance(way, list) else []
    return int(numbers[0]) if numbers else -1


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
