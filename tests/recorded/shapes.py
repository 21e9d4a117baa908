"""Where each shop keeps what every order has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Shape:
    """The fields of a shop's order; `plain` is a recorded order without anything to settle.

    A name with points leads into objects: `total.gross.amount`.
    """

    plain: str
    lines: str = "line_items"
    total: str = "total"
    currency: tuple[str, ...] = ("currency",)
    extras: tuple[str, ...] = ()  # other fields that become lines
    name: str = "name"  # of a line
    line_id: str = "id"
    changed: str = ""  # when the order was changed last

    def told(self, body: dict[str, Any]) -> Any:
        """Return the total that a body tells."""
        place = body
        for name in self.total.split("."):
            place = place[name]
        return place

    def with_total(self, body: dict[str, Any], value: Any) -> dict[str, Any]:
        """Put another total into a body."""
        *way, last = self.total.split(".")
        place = body
        for name in way:
            place = place[name]
        place[last] = value
        return body

    def with_currency(self, body: dict[str, Any], value: Any) -> dict[str, Any]:
        """Put another currency into a body."""
        *way, last = self.currency
        place = body
        for name in way:
            place = place[name]
        place[last] = value
        return body


SHAPES = {
    "woocommerce": Shape(
        plain="net-b2b-vat-id", extras=("shipping_lines", "fee_lines"), changed="date_modified_gmt"
    ),
    "shopify": Shape(
        plain="gross-two-rates-discount-unpaid",
        total="total_price",
        extras=("shipping_lines",),
        changed="updated_at",
    ),
    "shopware": Shape(
        plain="net-two-rates-two-deliveries",
        lines="lineItems",
        total="amountTotal",
        currency=("currency", "isoCode"),
        name="label",
        changed="updatedAt",
    ),
    "saleor": Shape(
        plain="gross-two-rates-voucher",
        lines="lines",
        total="total.gross.amount",
        currency=("total", "gross", "currency"),
        extras=("shippingPrice", "shippingMethodName"),
        name="productName",
        changed="updatedAt",
    ),
    "generic": Shape(
        plain="gross-two-rates-discount",
        lines="lines",
        extras=("shipping", "fees", "deposits", "discounts", "gift_cards"),
        changed="modified_at",
    ),
    "ebay": Shape(
        plain="delivery-and-discount",
        lines="lineItems",
        total="pricingSummary.total.value",
        currency=("pricingSummary", "total", "currency"),
        extras=("pricingSummary.deliveryCost", "pricingSummary.priceDiscount"),
        line_id="lineItemId",
        name="title",
        changed="lastModifiedDate",
    ),
}
