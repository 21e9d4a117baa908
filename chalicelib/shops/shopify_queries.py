"""What we ask Shopify, in its own language: one document for each call."""

from __future__ import annotations

SHOP = "query { shop { name } }"

# Reading an order costs points for every object named, so orders are listed by their ids first
# and read one by one: no list of whole orders stays below the 1,000 points a query may cost.
LIST = """
query Orders($first: Int!, $after: String, $query: String!) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes { id }
    pageInfo { hasNextPage endCursor }
  }
  ordersCount(query: $query) { count }
}"""

MONEY = "{ shopMoney { amount currencyCode } }"
TAXES = f"taxLines {{ title rate priceSet {MONEY} }}"
DISCOUNTS = f"discountAllocations {{ allocatedAmountSet {MONEY} }}"
ADDRESS = """{
  firstName lastName name company address1 address2 zip city province provinceCode
  country countryCodeV2 phone
}"""
LINES = f"""{{
  nodes {{
    id name title variantTitle sku quantity currentQuantity requiresShipping
    originalUnitPriceSet {MONEY} {DISCOUNTS} {TAXES} lineItemGroup {{ id title quantity }}
  }}
  pageInfo {{ hasNextPage endCursor }}
}}"""
# What the customer was shown may be in another currency than the shop's.
SHOWN = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
TOTALS = f"totalPriceSet {SHOWN} " + " ".join(
    f"{name} {MONEY}"
    for name in (
        "currentTotalPriceSet",
        "totalTaxSet",
        "currentTotalTaxSet",
        "totalOutstandingSet",
        "totalTipReceivedSet",
        "originalTotalDutiesSet",
        "currentTotalDutiesSet",
        "originalTotalAdditionalFeesSet",
        "currentTotalAdditionalFeesSet",
        "totalRefundedSet",
    )
)
SHIPPING = f"""{{
  nodes {{
    id title code isRemoved originalPriceSet {MONEY} discountedPriceSet {MONEY}
    {DISCOUNTS} {TAXES}
  }}
}}"""
ORDER = f"""
query Order($id: ID!, $lines: Int!, $after: String) {{
  order(id: $id) {{
    id legacyResourceId name createdAt updatedAt cancelledAt cancelReason test
    currencyCode presentmentCurrencyCode taxesIncluded
    displayFinancialStatus displayFulfillmentStatus
    email phone customerLocale note poNumber paymentGatewayNames
    customAttributes {{ key value }}
    customer {{ defaultEmailAddress {{ emailAddress }} }}
    billingAddress {ADDRESS} shippingAddress {ADDRESS}
    {TOTALS} {TAXES}
    shippingLines(first: 5, includeRemovals: true) {SHIPPING}
    lineItems(first: $lines, after: $after) {LINES}
  }}
}}"""

MORE_LINES = f"""
query Lines($id: ID!, $lines: Int!, $after: String) {{
  order(id: $id) {{ lineItems(first: $lines, after: $after) {LINES} }}
}}"""

WEBHOOKS = """
query Webhooks($after: String) {
  webhookSubscriptions(first: 100, after: $after) {
    nodes { id topic uri }
    pageInfo { hasNextPage endCursor }
  }
}"""

SUBSCRIBE = """
mutation Subscribe($topic: WebhookSubscriptionTopic!, $to: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $to) {
    webhookSubscription { id }
    userErrors { field message }
  }
}"""

TOLD = """
query Told($id: ID!) {
  order(id: $id) { id fulfillments(first: 50) { id status trackingInfo(first: 10) { number } } }
}"""

TOLD_LINES = """
query ToldLines($id: ID!, $after: String) {
  fulfillment(id: $id) {
    fulfillmentLineItems(first: 100, after: $after) {
      nodes { quantity lineItem { id sku } }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""

TO_SHIP = """
query ToShip($id: ID!) {
  order(id: $id) {
    fulfillmentOrders(first: 50) {
      nodes { id status assignedLocation { location { id } } }
    }
  }
}"""

TO_SHIP_LINES = """
query ToShipLines($id: ID!, $after: String) {
  fulfillmentOrder(id: $id) {
    lineItems(first: 100, after: $after) {
      nodes { id remainingQuantity lineItem { id sku } }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""

SHIP = """
mutation Ship($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id }
    userErrors { field message }
  }
}"""

TRACK = """
mutation Track($id: ID!, $tracking: FulfillmentTrackingInput!) {
  fulfillmentTrackingInfoUpdate(
    fulfillmentId: $id, trackingInfoInput: $tracking, notifyCustomer: false
  ) {
    fulfillment { id }
    userErrors { field message }
  }
}"""

CANCELLED = "query Cancelled($id: ID!) { order(id: $id) { id cancelledAt } }"

CANCEL = """
mutation Cancel($id: ID!, $reason: OrderCancelReason!, $note: String) {
  orderCancel(
    orderId: $id, reason: $reason, staffNote: $note, restock: false, notifyCustomer: false,
    refundMethod: { originalPaymentMethodsRefund: false }
  ) {
    job { id }
    orderCancelUserErrors { field message code }
  }
}"""

LOCATIONS = "query { locations(first: 50) { nodes { id isActive fulfillsOnlineOrders } } }"

ITEMS = """
query Items($query: String!, $location: ID!, $after: String) {
  inventoryItems(first: 50, query: $query, after: $after) {
    nodes {
      id sku tracked
      inventoryLevel(locationId: $location) { quantities(names: ["available"]) { quantity } }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

SET_LEVELS = """
mutation SetLevels($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    userErrors { code field message }
  }
}"""
