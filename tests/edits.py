"""One order as a shop changes it: each version a minute newer than the one before."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from tests.events import woocommerce_order

# Each version by its name: minutes after the first, pieces, further articles, and its state.
VERSIONS: dict[str, tuple[int, int, tuple[str, ...], str]] = {
    "fewer": (1, 1, (), "pending"),
    "more": (2, 3, (), "pending"),
    "added": (3, 3, ("TEE-2",), "pending"),
    "moved": (4, 3, ("TEE-2",), "pending"),
    "off": (5, 3, ("TEE-2",), "cancelled"),
    "back": (6, 2, (), "pending"),
}
TAX = Decimal("0.19")
SHIPPING = Decimal("4.90")


def version(name: str, number: int = 727) -> bytes:
    """Return the body of a version; pieces of 17.01 each, carriage 4.90."""
    minutes, quantity, others, status = VERSIONS[name]
    body: dict[str, Any] = json.loads(woocommerce_order(number=number, status=status))
    first = body["line_items"][0]
    lines = [_priced(first, quantity)]
    lines += [_priced(first | {"id": 2, "sku": sku}, 1) for sku in others]
    taxes = sum((Decimal(x["total_tax"]) for x in lines), start=Decimal("0.78"))
    nets = sum((Decimal(x["total"]) for x in lines), start=Decimal("4.12"))
    body.update(
        line_items=lines,
        total=str(nets + taxes),
        total_tax=str(taxes),
        date_modified_gmt=f"2026-11-23T07:{55 + minutes // 5}:{minutes % 5 * 10 + 2:02}",
    )
    if name in {"moved", "off", "back"}:
        body["shipping"]["address_1"] = "Seestr. 1"
    return json.dumps(body).encode()


def _priced(line: dict[str, Any], quantity: int) -> dict[str, Any]:
    gross = Decimal("17.01") * quantity
    tax = (gross * TAX / (1 + TAX)).quantize(Decimal("0.01"))
    net, told = str(gross - tax), str(tax)
    taxes = [{"id": 1, "total": told, "subtotal": told}]
    return line | {
        "quantity": quantity, "subtotal": net, "subtotal_tax": told, "total": net,
        "total_tax": told, "taxes": taxes, "price": float(Decimal(net) / quantity),
    }  # fmt: skip
