"""Shopware 6: the Admin API, signed in to as our app in the shop or as an integration.

Webhooks come with the app alone: those of an integration would not be signed. A payment or a
delivery that changes leaves the order's own time alone, so its parts are asked for theirs. The shop
has no compare-and-set for stock; versions before 6.6 take open orders off what we set once more.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.domain.errors import Permanent
from chalicelib.runtime.http import HttpApi
from chalicelib.runtime.oauth import bearer, client_credentials
from chalicelib.shops.port import LevelsTold, Page, needed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.runtime.http import Api
    from chalicelib.shops.port import Level, Parcel

SIZE = 50
BATCH = 100
STOREFRONT = "8a243080f92e4c719546314b577cf82b"  # the kind of sales channel that is a shop
CHANGES = (
    "createdAt",
    "updatedAt",
    "transactions.createdAt",
    "transactions.updatedAt",
    "deliveries.updatedAt",
    "addresses.updatedAt",
    "orderCustomer.updatedAt",
)
ASSOCIATIONS: dict[str, Any] = {
    "currency": {},
    "orderCustomer": {},
    "stateMachineState": {},
    "language": {"associations": {"locale": {}}},
    "billingAddress": {"associations": {"country": {}, "countryState": {}}},
    "lineItems": {},
    "transactions": {"associations": {"stateMachineState": {}, "paymentMethod": {}}},
    "deliveries": {
        "associations": {
            "stateMachineState": {},
            "shippingMethod": {},
            "shippingOrderAddress": {"associations": {"country": {}, "countryState": {}}},
        }
    },
}
UNDONE = ("open", "in_progress")
UNSENT = ("open", "shipped_partially")


def connect(settings: Mapping[str, str], secrets: Secrets) -> Api:
    """Sign in with the credentials that the shop gave our app, or those of an integration."""
    base = needed(settings, "settings.base_url").rstrip("/")
    client = needed(secrets, "secrets.client_id")
    secret = needed(secrets, "secrets.client_secret")
    grant = client_credentials(f"{base}/api/oauth/token", client, secret, is_json=True)
    return HttpApi(base, bearer(grant))


def check(api: Api) -> str:
    """See that orders may be read; the name is that of the first storefront."""
    _search(api, "order", limit=1, includes={"order": ["id"]})
    wanted = [_is("typeId", STOREFRONT), _is("active", value=True)]
    found = _search(api, "sales-channel", limit=1, filter=wanted)["data"]
    return str(found[0]["translated"]["name"]) if found else ""


def orders(api: Api, *, since: datetime, until: datetime, cursor: str = "") -> Page:
    """Return what was changed in between, in itself or in its parts."""
    span = {"gte": _text(since), "lt": _text(until)}
    ranges = [{"type": "range", "field": field, "parameters": span} for field in CHANGES]
    return _page(api, [{"type": "multi", "operator": "or", "queries": ranges}], cursor)


def open_orders(api: Api, *, cursor: str = "") -> Page:
    """Return what is neither done nor sent: many shops leave the order open when all is sent."""
    unsent = [
        _any("deliveries.stateMachineState.technicalName", UNSENT),
        _is("deliveries.id", None),
    ]
    wanted = [
        _any("stateMachineState.technicalName", UNDONE),
        {"type": "multi", "operator": "or", "queries": unsent},
    ]
    return _page(api, wanted, cursor)


def _page(api: Api, wanted: list[dict[str, Any]], cursor: str) -> Page:
    """Return the orders after the one that the cursor names by its running number.

    Counted pages would shift while an order changes and leaves the list.
    """
    data = {
        "filter": [*wanted, *_after(cursor)],
        "sort": [{"field": "autoIncrement", "order": "ASC"}],
        "associations": ASSOCIATIONS,
        "limit": SIZE,
        "total-count-mode": 0 if cursor else 1,
    }
    reply = api.call("POST", "/api/search/order", data=data)
    try:
        found = msgspec.json.decode(reply.body, type=_Found)
        numbers = [msgspec.json.decode(raw, type=_Numbered).autoIncrement for raw in found.data]
    except msgspec.DecodeError as error:
        raise Permanent("outside_answer", f"orders: no list of orders ({error})") from error
    return Page(
        bodies=tuple(map(bytes, found.data)),
        cursor=str(numbers[-1]) if len(numbers) == SIZE else "",
        total=None if cursor else found.total,
    )


class _Found(msgspec.Struct):
    data: list[msgspec.Raw]
    total: int | None = None


class _Numbered(msgspec.Struct):
    autoIncrement: int  # noqa: N815 - the shop's spelling


def _after(cursor: str) -> Iterator[dict[str, Any]]:
    if cursor:
        yield {"type": "range", "field": "autoIncrement", "parameters": {"gt": int(cursor)}}


def _text(moment: datetime) -> str:
    """Write a moment as the shop's database does: some of them read no offset."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.000")


def _is(field: str, value: object) -> dict[str, Any]:
    return {"type": "equals", "field": field, "value": value}


def _any(field: str, values: Sequence[str]) -> dict[str, Any]:
    return {"type": "equalsAny", "field": field, "value": list(values)}


def _search(api: Api, entity: str, **criteria: object) -> Any:  # noqa: ANN401 - JSON
    return api.call("POST", f"/api/search/{entity}", data=criteria).json()


def register(api: Api, *, address: str, secret: str) -> Sequence[str]:
    """Switch the app's webhooks on again where the shop gave them up; returns their events.

    The app brings them and their secret along: without it there is nothing to switch on.
    """
    del secret
    found = _search(api, "webhook", filter=[_is("url", address)], limit=BATCH)["data"]
    if not found:
        text = "The shop has no webhook of ours: install the app with this connection's manifest."
        raise Permanent("not_set_up", text)
    for hook in found:
        if not hook["active"]:
            data = {"active": True, "errorCount": 0}
            api.call("PATCH", f"/api/webhook/{hook['id']}", data=data)
    return sorted({hook["eventName"] for hook in found})


def _order(api: Api, order_id: str) -> Any:  # noqa: ANN401 - JSON
    """Return the states of an order and of its deliveries; None if the shop has none of this id."""
    state: dict[str, Any] = {"stateMachineState": {}}
    parts = {**state, "deliveries": {"associations": state}}
    found = _search(api, "order", ids=[order_id], limit=1, associations=parts)["data"]
    return found[0] if found else None


def ship(api: Api, parcel: Parcel) -> str:
    """Add the tracking number to the delivery; with the last parcel all of it is shipped."""
    order = _order(api, parcel.order_id)
    # A delivery with negative costs is a discount on the carriage.
    real = [x for x in (order or {}).get("deliveries") or [] if _costs(x) >= 0]
    if not real:
        text = f"The shop has no delivery of order {parcel.order_number} to be shipped."
        raise Permanent("outside_refused", text)
    codes = list(real[0].get("trackingCodes") or [])
    if parcel.tracking_number and parcel.tracking_number not in codes:
        data = {"trackingCodes": [*codes, parcel.tracking_number]}
        api.call("PATCH", f"/api/order-delivery/{real[0]['id']}", data=data)
    for delivery in real if parcel.is_last else real[:1]:
        state = _state(delivery)
        if parcel.is_last and state in UNSENT:
            api.call("POST", f"/api/_action/order_delivery/{delivery['id']}/state/ship")
        elif not parcel.is_last and state == "open":
            api.call("POST", f"/api/_action/order_delivery/{delivery['id']}/state/ship_partially")
    return str(real[0]["id"])


def _costs(delivery: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a number
    return (delivery.get("shippingCosts") or {}).get("totalPrice") or 0


def _state(part: Mapping[str, Any]) -> str:
    return str(part["stateMachineState"]["technicalName"])


def cancel(api: Api, order_id: str, reason: str) -> str:
    """Cancel the order; the shop keeps no reason with it."""
    del reason
    order = _order(api, order_id)
    if order is None:
        return "deleted"
    if _state(order) != "cancelled":
        api.call("POST", f"/api/_action/order/{order_id}/state/cancel")
    return "cancelled"


def set_levels(api: Api, levels: Sequence[Level]) -> LevelsTold:
    """Set the stock of products and variants by their numbers; a right one is left alone."""
    found: dict[str, Any] = {}
    for start in range(0, len(levels), BATCH):
        skus = [level.sku for level in levels[start : start + BATCH]]
        shown = {"product": ["id", "productNumber", "stock"]}
        wanted = [_any("productNumber", skus)]
        answer = _search(api, "product", filter=wanted, limit=BATCH, includes=shown)
        found |= {_same(product["productNumber"]): product for product in answer["data"]}
    known = [level for level in levels if _same(level.sku) in found]
    wrong = [level for level in known if found[_same(level.sku)]["stock"] != level.available]
    refused: dict[str, str] = {}
    for start in range(0, len(wrong), BATCH):
        refused |= _written(api, wrong[start : start + BATCH], found)
    return LevelsTold(
        taken=tuple(level.sku for level in known if level.sku not in refused),
        unknown=tuple(level.sku for level in levels if _same(level.sku) not in found),
        refused=refused,
    )


def _same(sku: str) -> str:
    """Return what two spellings share that are the same to the shop's database."""
    return sku.strip().casefold()


def _written(api: Api, levels: Sequence[Level], found: Mapping[str, Any]) -> dict[str, str]:
    """Write levels at once; the shop takes all or none, so a refused lot is tried one by one."""
    payload = [{"id": found[_same(level.sku)]["id"], "stock": level.available} for level in levels]
    data = {"levels": {"entity": "product", "action": "upsert", "payload": payload}}
    reply = api.call(
        "POST",
        "/api/_action/sync",
        data=data,
        headers={"indexing-behavior": "use-queue-indexing"},
        allow=(HTTPStatus.BAD_REQUEST,),
    )
    if reply.status != HTTPStatus.BAD_REQUEST:
        return {}
    if len(levels) == 1:
        errors = reply.json().get("errors") or [{}]
        return {levels[0].sku: str(errors[0].get("detail") or "refused")}
    refused: dict[str, str] = {}
    for level in levels:
        refused |= _written(api, [level], found)
    return refused
