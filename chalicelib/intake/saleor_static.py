"""Saleor's payloads without a subscription (notices by mail apps): other names, sums as text."""

from __future__ import annotations

from typing import Any

from chalicelib.intake.reading import Field

ADDRESS = {
    "first_name": "firstName",
    "last_name": "lastName",
    "company_name": "companyName",
    "street_address_1": "streetAddress1",
    "street_address_2": "streetAddress2",
    "postal_code": "postalCode",
    "city": "city",
    "country_area": "countryArea",
    "phone": "phone",
}


def is_static(order: Field) -> bool:
    """Tell whether an order is written so."""
    return order.at("total_gross_amount").value is not None


def of_static(order: Field) -> Field:
    """Return the order as a subscription would bring it; complaints name its fields."""
    currency = order.at("currency").value
    email = order.at("email").value or order.at("user_email").value
    found: dict[str, Any] = {
        "id": order.at("id").value,
        "number": order.at("number").value,
        "created": order.at("created").value,
        "updatedAt": order.at("updated_at").value,
        "status": order.at("status").text().replace(" ", "_"),
        "isPaid": order.at("is_paid").value,
        "languageCodeEnum": order.at("language_code").value,
        "userEmail": email,
        "customerNote": order.at("customer_note").value,
        "shippingMethodName": order.at("shipping_method_name").value,
        "shippingTaxRate": order.at("shipping_tax_rate").value,
        "displayGrossPrices": order.at("display_gross_prices").value,
        "total": _taxed(order, "total", currency),
        "shippingPrice": _taxed(order, "shipping_price", currency),
        "billingAddress": _address(order.at("billing_address")),
        "shippingAddress": _address(order.at("shipping_address")),
        "metadata": _metadata(order.at("metadata").value),
        "discounts": [_discount(each) for each in order.at("discounts").each()],
        "lines": [_line(line, currency) for line in order.at("lines").each()],
    }
    return Field(order.path, found)


def _taxed(field: Field, name: str, currency: object) -> dict[str, Any]:
    return {
        side: {"amount": field.at(f"{name}_{side}_amount").value, "currency": currency}
        for side in ("gross", "net")
    }


def _line(line: Field, currency: object) -> dict[str, Any]:
    return {
        "id": line.at("id").value,
        "productName": line.at("product_name").value,
        "variantName": line.at("variant_name").value,
        "productSku": line.at("product_sku").value,
        "quantity": line.at("quantity").value,
        "isShippingRequired": line.at("is_shipping_required").value,
        "taxRate": line.at("tax_rate").value,
        "totalPrice": _taxed(line, "total", currency),
    }


def _address(field: Field) -> dict[str, Any]:
    found = {name: field.at(static).value for static, name in ADDRESS.items()}
    return {**found, "country": {"code": field.at("country").value}}


def _discount(field: Field) -> dict[str, Any]:
    return {
        "id": field.at("id").value,
        "name": field.at("name").value,
        "amount": {"amount": field.at("amount_value").value or field.at("amount").value},
    }


def _metadata(found: object) -> list[dict[str, Any]]:
    pairs = found.items() if isinstance(found, dict) else ()
    return [{"key": key, "value": value} for key, value in pairs]
