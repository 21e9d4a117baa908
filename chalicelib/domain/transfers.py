"""Which orders are paid by bank transfer to the merchant, by what their shop calls the payment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chalicelib.domain import balance

if TYPE_CHECKING:
    from chalicelib.domain.order import Order

# What shops call a payment that the customer makes by bank transfer (WooCommerce: bacs).
BY_BANK = re.compile(
    r"bacs|bank|vorkasse|vorauskasse|überweis|ueberweis|transfer|prepay|advance|invoice|rechnung"
)
# Who collects the money for the merchant, also when it is called an invoice or a transfer.
BY_OTHERS = re.compile(
    r"klarna|paypal|ratepay|riverty|afterpay|arvato|billie|mondu|unzer|payone|amazon|sofort|giropay"
    r"|trustly|stripe|mollie|adyen|online.?bank|debit|sepa.?dd|lastschrift|einzug|bancontact"
)


def is_by_transfer(order: Order) -> bool:
    """Tell whether the customer pays by a transfer of their own, or nobody knows how."""
    method = order.bought.payment_method.lower()
    is_ours = not method or (BY_BANK.search(method) and not BY_OTHERS.search(method))
    return bool(is_ours) and not balance.is_promised(order)


def is_prepaid(order: Order) -> bool:
    """Tell whether the money is to come before the goods leave."""
    return order.policy.ship_on == "payment"
