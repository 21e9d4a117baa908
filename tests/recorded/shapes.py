"""Where each shop keeps what every order has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Shape:
    """The fields of a shop's order; `plain` is a recorded order without anything to settle.

    A name with points leads into objects: `total.gross.amount`, `product.title`.
    """

    plain: str
    lines: str = "line_items"
    total: str = "total"
    currency: tuple[str, ...] = ("currency",)
    extras: tuple[str, ...] = ()  # other fields that become lines
    name: str = "name"  # of a line
    line_id: str = "id"
    quantity: str = "quantity"  # of a line
    changed: str = ""  # when the order was changed last
    scale: int = 100  # what the written total is to be multiplied with to get cents

    def told(self, body: dict[str, Any]) -> Any:
        """Return the total that a body tells."""
        place = body
        for name in self.total.split("."):
            place = place[name]
        return place

    def with_total(self, body: dict[str, Any], value: Any) -> dict[str, Any]:
        """Put another total into a body."""
        return _put(body, self.total.split("."), value)

    def with_currency(self, body: dict[str, Any], value: Any) -> dict[str, Any]:
        """Put another currency into a body."""
        return _put(body, self.currency, value)

    def with_name(self, body: dict[str, Any], value: Any) -> dict[str, Any]:
        """Give the first line of a body another name."""
        _put(body[self.lines][0], self.name.split("."), value)
        return body


def _put(body: dict[str, Any], way: Sequence[str], value: Any) -> dict[str, Any]:
    place = body
    for name in way[:-1]:
        place = place[name]
    place[way[-1]] = value
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
    "amazon": Shape(
        plain="gross-no-tax-told",
        lines="orderItems",
        total="proceeds.grandTotal.amount",
        currency=("proceeds", "grandTotal", "currencyCode"),
        extras=("proceeds.breakdowns",),
        name="product.title",
        line_id="orderItemId",
        quantity="quantityOrdered",
        changed="lastUpdatedTime",
    ),
    "etsy": Shape(
        plain="coupon-gift-variations",
        lines="transactions",
        total="grandtotal.amount",
        currency=("grandtotal", "currency_code"),
        extras=("total_shipping_cost", "discount_amt", "gift_wrap_price"),
        name="title",
        line_id="transaction_id",
        changed="updated_timestamp",
        scale=1,
    ),
}
