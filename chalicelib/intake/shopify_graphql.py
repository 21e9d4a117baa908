"""Shopify's GraphQL orders in the words of its webhooks, so that both are read alike."""

from __future__ import annotations

import re
from typing import Any

from chalicelib.intake.reading import Field

HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
GID = re.compile(r"gid://shopify/\w+/([^?]+)(\?.*)?")
# What has another name in a webhook, beside the other spelling of all names.
RENAMED = {
    "allocated_amount": "amount",
    "country_code_v2": "country_code",
    "currency_code": "currency",
    "custom_attributes": "note_attributes",
    "display_financial_status": "financial_status",
    "display_fulfillment_status": "fulfillment_status",
    "key": "name",
    "original_price": "price",
    "original_unit_price": "price",
    "presentment_currency_code": "presentment_currency",
}


def as_webhook(node: Field) -> Field:
    """Return an order's node as the webhook of the same order would write it.

    Complaints about a field name it as the webhook does.
    """
    try:
        return Field(node.path, _value(node.value))
    except RecursionError:
        node.refuse("must not be nested so deep")


def _object(node: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in node.items():
        key = HUMP.sub("_", name).lower()
        key = RENAMED.get(key, key)
        if key.endswith("_set"):
            found[key] = _value(value)
            amount = key.removesuffix("_set")
            found[RENAMED.get(amount, amount)] = _amount(value)
        else:
            found[key] = _value(value)
    if isinstance(found.get("id"), str) and (gid := GID.fullmatch(found["id"])):
        found["id"] = gid[1]
    return found


def _value(value: object) -> Any:  # noqa: ANN401 - JSON is any
    """Return a value with the webhook's names in it; a connection is the list of its nodes."""
    if isinstance(value, list):
        return [_value(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "nodes" in value:
        return _value(value["nodes"])
    edges = value.get("edges")
    if isinstance(edges, list):
        return [_value(each.get("node") if isinstance(each, dict) else each) for each in edges]
    return _object(value)


def _amount(bag: object) -> object:
    """Return a sum in the shop's own currency; what is no bag of money stays for the reader."""
    if not isinstance(bag, dict):
        return bag
    money = bag.get("shopMoney")
    return money.get("amount") if isinstance(money, dict) else money
