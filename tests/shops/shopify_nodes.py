"""The same order twice: a webhook's body, and the node that GraphQL gives for it."""

from __future__ import annotations

from typing import Any


def bag(amount: Any, order: dict[str, Any], shown: Any = None) -> dict[str, Any]:
    """Write a sum in the shop's and in the customer's currency, with GraphQL's idle zero."""
    text = f"{float(amount):.1f}" if float(amount) == round(float(amount), 1) else str(amount)
    return {
        "shopMoney": {"amount": text, "currencyCode": order["currency"]},
        "presentmentMoney": {
            "amount": str(shown or amount),
            "currencyCode": order["presentment_currency"],
        },
    }


def node(order: dict[str, Any]) -> dict[str, Any]:
    """Return what the Admin API says of an order whose webhook we recorded."""
    return {
        "id": f"gid://shopify/Order/{order['id']}",
        "legacyResourceId": str(order["id"]),
        "name": order["name"],
        "createdAt": order["created_at"],
        "updatedAt": order["updated_at"],
        "cancelledAt": order["cancelled_at"],
        "cancelReason": order["cancel_reason"] and order["cancel_reason"].upper(),
        "test": order["test"],
        "currencyCode": order["currency"],
        "presentmentCurrencyCode": order["presentment_currency"],
        "taxesIncluded": order["taxes_included"],
        "displayFinancialStatus": order["financial_status"].upper(),
        "displayFulfillmentStatus": _fulfillment(order["fulfillment_status"]),
        "email": order["email"] or None,
        "phone": order["phone"],
        "customerLocale": order["customer_locale"],
        "note": order["note"],
        "poNumber": order["po_number"],
        "paymentGatewayNames": order["payment_gateway_names"],
        "customAttributes": [
            {"key": each["name"], "value": each["value"]} for each in order["note_attributes"]
        ],
        "customer": _customer(order.get("customer")),
        "billingAddress": _address(order.get("billing_address")),
        "shippingAddress": _address(order.get("shipping_address")),
        "totalPriceSet": bag(order["total_price"], order, _shown(order)),
        "currentTotalPriceSet": bag(order["current_total_price"], order),
        "totalTaxSet": bag(order["total_tax"], order),
        "currentTotalTaxSet": bag(order["current_total_tax"], order),
        "totalOutstandingSet": bag(order["total_outstanding"], order),
        "totalTipReceivedSet": bag(order["total_tip_received"], order),
        "originalTotalDutiesSet": _set(order["original_total_duties_set"], order),
        "currentTotalDutiesSet": _set(order["current_total_duties_set"], order),
        "originalTotalAdditionalFeesSet": _set(order["original_total_additional_fees_set"], order),
        "currentTotalAdditionalFeesSet": _set(order["current_total_additional_fees_set"], order),
        "totalRefundedSet": bag(_refunded(order), order),
        "taxLines": _taxes(order["tax_lines"], order),
        "shippingLines": {"nodes": [_carriage(line, order) for line in order["shipping_lines"]]},
        "lineItems": {"nodes": [_line(line, order) for line in order["line_items"]]},
    }


def _line(line: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    groups = {each["id"]: each for each in order.get("line_item_groups") or ()}
    group = groups.get(line.get("sales_line_item_group_id"))
    return {
        "id": f"gid://shopify/LineItem/{line['id']}",
        "name": line["name"],
        "title": line["title"],
        "variantTitle": line["variant_title"],
        "sku": line["sku"],
        "quantity": line["quantity"],
        "currentQuantity": line["current_quantity"],
        "requiresShipping": line["requires_shipping"],
        "originalUnitPriceSet": bag(line["price"], order),
        "discountAllocations": _discounts(line, order),
        "taxLines": _taxes(line["tax_lines"], order),
        "lineItemGroup": group
        and {
            "id": f"gid://shopify/LineItemGroup/{group['id']}",
            "title": group["title"],
            "quantity": group["quantity"],
        },
    }


def _carriage(line: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/ShippingLine/{line['id']}",
        "title": line["title"],
        "code": line["code"],
        "isRemoved": line["is_removed"],
        "originalPriceSet": bag(line["price"], order),
        "discountedPriceSet": bag(line["discounted_price"], order),
        "discountAllocations": _discounts(line, order),
        "taxLines": _taxes(line["tax_lines"], order),
    }


def _discounts(line: dict[str, Any], order: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"allocatedAmountSet": bag(x["amount"], order)} for x in line["discount_allocations"]]


def _taxes(lines: list[dict[str, Any]], order: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"title": each["title"], "rate": each["rate"], "priceSet": bag(each["price"], order)}
        for each in lines
    ]


def _set(money: dict[str, Any] | None, order: dict[str, Any]) -> dict[str, Any] | None:
    return bag(money["shop_money"]["amount"], order) if money else None


def _shown(order: dict[str, Any]) -> Any:
    return order["total_price_set"]["presentment_money"]["amount"]


def _refunded(order: dict[str, Any]) -> str:
    payments = [x for refund in order["refunds"] for x in refund["transactions"]]
    return str(sum(float(x["amount"]) for x in payments if x["status"] == "success"))


def _customer(customer: dict[str, Any] | None) -> dict[str, Any] | None:
    email = (customer or {}).get("email")
    return customer and {"defaultEmailAddress": email and {"emailAddress": email}}


def _address(address: dict[str, Any] | None) -> dict[str, Any] | None:
    return address and {
        "firstName": address["first_name"],
        "lastName": address["last_name"],
        "name": address["name"],
        "company": address["company"],
        "address1": address["address1"],
        "address2": address["address2"],
        "zip": address["zip"],
        "city": address["city"],
        "province": address["province"],
        "provinceCode": address["province_code"],
        "country": address["country"],
        "countryCodeV2": address["country_code"],
        "phone": address["phone"],
    }


def _fulfillment(status: str | None) -> str:
    return {None: "UNFULFILLED", "partial": "PARTIALLY_FULFILLED"}.get(status, str(status).upper())
