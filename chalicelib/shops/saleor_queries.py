"""What we ask Saleor, in its own language; the same order by poll and by webhook."""

from __future__ import annotations

MONEY = "{ gross { amount currency } net { amount currency } }"
ADDRESS = """{
  firstName lastName companyName streetAddress1 streetAddress2 postalCode city countryArea
  country { code } phone
}"""
ORDER = f"""
fragment Bought on Order {{
  id number created updatedAt status paymentStatus isPaid languageCodeEnum
  userEmail customerNote shippingMethodName shippingTaxRate displayGrossPrices
  channel {{ slug currencyCode }}
  total {MONEY} undiscountedTotal {MONEY} shippingPrice {MONEY}
  totalCaptured {{ amount currency }} totalRefunded {{ amount currency }}
  billingAddress {ADDRESS} shippingAddress {ADDRESS}
  metadata {{ key value }}
  discounts {{ id type name amount {{ amount currency }} }}
  giftCards {{ id last4CodeChars }}
  payments {{ gateway paymentMethodType chargeStatus }}
  lines {{
    id productName variantName productSku quantity quantityFulfilled isShippingRequired
    taxRate unitPrice {MONEY} undiscountedUnitPrice {MONEY} totalPrice {MONEY}
  }}
}}"""

# The events that tell of an order, with the types that carry it in a subscription.
EVENTS = {
    "ORDER_CREATED": "OrderCreated",
    "ORDER_CONFIRMED": "OrderConfirmed",
    "ORDER_PAID": "OrderPaid",
    "ORDER_FULLY_PAID": "OrderFullyPaid",
    "ORDER_REFUNDED": "OrderRefunded",
    "ORDER_FULLY_REFUNDED": "OrderFullyRefunded",
    "ORDER_UPDATED": "OrderUpdated",
    "ORDER_CANCELLED": "OrderCancelled",
    "ORDER_EXPIRED": "OrderExpired",
    "ORDER_FULFILLED": "OrderFulfilled",
}
SUBSCRIPTION = (
    "subscription { event { issuedAt version "
    + " ".join(f"... on {name} {{ order {{ ...Bought }} }}" for name in EVENTS.values())
    + f" }} }}{ORDER}"
)

SHOP = "query { shop { name } }"

LIST = f"""
query Orders($first: Int!, $after: String, $filter: OrderFilterInput) {{
  orders(
    first: $first, after: $after, filter: $filter,
    sortBy: {{ field: LAST_MODIFIED_AT, direction: ASC }}
  ) {{
    totalCount
    edges {{ node {{ ...Bought }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}{ORDER}"""

WEBHOOKS = """
query Webhooks {
  app { webhooks { id targetUrl isActive subscriptionQuery asyncEvents { eventType } } }
}"""

REGISTER = """
mutation Register($input: WebhookCreateInput!) {
  webhookCreate(input: $input) { webhook { id } errors { field message code } }
}"""

RENEW = """
mutation Renew($id: ID!, $input: WebhookUpdateInput!) {
  webhookUpdate(id: $id, input: $input) { webhook { id } errors { field message code } }
}"""

TO_SHIP = """
query ToShip($id: ID!) {
  order(id: $id) {
    id number status
    lines {
      id productSku quantityToFulfill
      allocations { quantity warehouse { id } }
      variant { stocks { warehouse { id } } }
    }
    fulfillments { id status trackingNumber lines { quantity orderLine { id } } }
  }
}"""

SHIP = """
mutation Ship($order: ID!, $input: OrderFulfillInput!) {
  orderFulfill(order: $order, input: $input) {
    fulfillments { id }
    errors { field message code }
  }
}"""

TRACK = """
mutation Track($id: ID!, $number: String!) {
  orderFulfillmentUpdateTracking(
    id: $id, input: { trackingNumber: $number, notifyCustomer: false }
  ) {
    fulfillment { id }
    errors { field message code }
  }
}"""

CANCEL = """
mutation Cancel($id: ID!) {
  orderCancel(id: $id) { order { id } errors { field message code } }
}"""

VARIANTS = """
query Variants($skus: [String!], $first: Int!, $after: String) {
  productVariants(filter: { sku: $skus }, first: $first, after: $after) {
    edges {
      node { id sku trackInventory stocks { warehouse { id } quantity quantityAllocated } }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

WAREHOUSES = "query { warehouses(first: 100) { edges { node { id } } } }"

SET_LEVELS = """
mutation SetLevels($stocks: [StockBulkUpdateInput!]!) {
  stockBulkUpdate(stocks: $stocks, errorPolicy: REJECT_FAILED_ROWS) {
    results { errors { field message code } }
    errors { field message code }
  }
}"""
