"""Shopify's parcels: told as fulfillments, one for each location, each piece once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.domain.errors import Permanent
from chalicelib.shops import shopify_queries as queries
from chalicelib.shops.graphql import Ask, Json, every, settled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chalicelib.shops.port import Parcel, ParcelLine

# Fulfillment orders of which something may still be sent.
SENDABLE = frozenset({"OPEN", "IN_PROGRESS"})


def ship(ask: Ask, name: str, parcel: Parcel) -> str:
    """Tell of a parcel: what of it was told before under its number is not told again."""
    told, known = _told(ask, name, parcel.tracking_number)
    open_lines = list(_open_lines(ask, name))
    ids = known[-1:]
    for location in dict.fromkeys(line.location for line in open_lines):
        here = [line for line in open_lines if line.location == location]
        groups = _claim(here, parcel.lines, told)
        if groups:
            ids.append(_fulfill(ask, parcel, groups))
    return ids[-1] if ids else _track(ask, name, parcel)


def _track(ask: Ask, name: str, parcel: Parcel) -> str:
    """Give the number to a fulfillment that somebody made in the shop without one."""
    made = ask(queries.TOLD, id=name)["order"]["fulfillments"]
    numbers = [[info["number"] for info in each["trackingInfo"] if info["number"]] for each in made]
    known = zip(made, numbers, strict=True)
    bare = [each for each, told in known if not told and each["status"] != "CANCELLED"]
    if not bare or not parcel.tracking_number:
        text = f"Shopify has nothing left to send of order {parcel.order_number}."
        raise Permanent("outside_refused", text)
    found = str(bare[-1]["id"])
    answer = ask(queries.TRACK, id=found, tracking=_tracking(parcel))
    settled(answer["fulfillmentTrackingInfoUpdate"], "userErrors")
    return found


@dataclass(slots=True, kw_only=True)
class _OpenLine:
    """What of an order's line still waits to be sent, and from where."""

    group: str
    location: str
    id: str
    line_id: str
    sku: str
    left: int


def _open_lines(ask: Ask, name: str) -> Iterator[_OpenLine]:
    groups = (ask(queries.TO_SHIP, id=name)["order"] or {}).get("fulfillmentOrders") or {}
    for group in groups.get("nodes", []):
        if group["status"] not in SENDABLE:
            continue
        place = ((group.get("assignedLocation") or {}).get("location") or {}).get("id", "")
        for line in _pages(
            ask, queries.TO_SHIP_LINES, "fulfillmentOrder", "lineItems", group["id"]
        ):
            yield _OpenLine(
                group=group["id"],
                location=str(place),
                id=line["id"],
                line_id=_number(line["lineItem"]["id"]),
                sku=line["lineItem"].get("sku") or "",
                left=int(line["remainingQuantity"]),
            )


def _told(ask: Ask, name: str, number: str) -> tuple[dict[str, int], list[str]]:
    """Count what was sent under this tracking number already, by line, and name the reports."""
    found = ask(queries.TOLD, id=name)["order"]
    if found is None:
        raise Permanent("outside_refused", "Shopify does not know this order any more.")
    ids = [
        str(each["id"])
        for each in found["fulfillments"]
        if each["status"] != "CANCELLED"
        and number
        and any(info["number"] == number for info in each["trackingInfo"])
    ]
    told: dict[str, int] = {}
    for each in ids:
        for line in _pages(ask, queries.TOLD_LINES, "fulfillment", "fulfillmentLineItems", each):
            line_id = _number(line["lineItem"]["id"])
            told[line_id] = told.get(line_id, 0) + int(line["quantity"])
    return told, ids


def _pages(ask: Ask, query: str, what: str, nodes: str, name: str) -> Iterator[Json]:
    return every(lambda cursor: (ask(query, id=name, after=cursor)[what] or {}).get(nodes))


def _claim(
    lines: Sequence[_OpenLine], wanted: Sequence[ParcelLine], told: dict[str, int]
) -> dict[str, list[Json]]:
    """Take the parcel's pieces from the waiting lines; what is taken counts as told."""
    groups: dict[str, list[Json]] = {}
    for piece in wanted:
        name = piece.line_id.partition(".")[0]  # a number after it tells two of one id apart
        for line in lines:
            if line.line_id != name and not (piece.sku and piece.sku == line.sku):
                continue
            taken = min(line.left, piece.quantity - told.get(name, 0))
            if taken > 0:
                line.left -= taken
                told[name] = told.get(name, 0) + taken
                groups.setdefault(line.group, []).append({"id": line.id, "quantity": taken})
    return groups


def _fulfill(ask: Ask, parcel: Parcel, groups: Mapping[str, list[Json]]) -> str:
    fulfillment = {
        "lineItemsByFulfillmentOrder": [
            {"fulfillmentOrderId": group, "fulfillmentOrderLineItems": lines}
            for group, lines in groups.items()
        ],
        "trackingInfo": _tracking(parcel),
        "notifyCustomer": False,  # the customer hears of it from us
    }
    answer = ask(queries.SHIP, fulfillment=fulfillment)["fulfillmentCreate"]
    return str(settled(answer, "userErrors")["fulfillment"]["id"])


def _tracking(parcel: Parcel) -> Json:
    known = {
        "company": parcel.carrier,
        "number": parcel.tracking_number,
        "url": parcel.tracking_url,
    }
    return {name: text for name, text in known.items() if text}


def _number(gid: str) -> str:
    return gid.rpartition("/")[2].partition("?")[0]
