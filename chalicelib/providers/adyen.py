"""Adyen: refunds by its checkout API; whether they arrive its webhook tells.

Settings: `merchant_account`, and for live payments `url_prefix`, as the Customer Area shows it;
secrets: `api_key`. Adyen can not be asked for a refund or for an order's payments: a lost answer is
resolved by sending the same key, which it answers as the first time for at least seven days.
Format: docs.adyen.com, Checkout API v71 (refunds) and API idempotency.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chalicelib.domain.errors import Permanent
from chalicelib.providers.amounts import to_minor
from chalicelib.providers.port import Refunded, State, garbled, needed
from chalicelib.runtime.http import fixed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.providers.port import Wanted
    from chalicelib.runtime.http import Api

TEST = "https://checkout-test.adyen.com/v71"
LIVE = "https://{}-checkout-live.adyenpayments.com/checkout/v71"
PREFIX = re.compile(r"[0-9a-z]{8,40}(-[0-9A-Za-z]{1,40})?")
# Where Adyen counts otherwise than ISO 4217, as in its events.
MINOR_DIGITS = {"CLP": 2, "CVE": 0, "IDR": 0, "ISK": 2}
KEY_DAYS = 6  # one less than it says


def connect(settings: Mapping[str, str], secrets: Secrets, call: Callable[..., Api]) -> Api:
    """Sign in with the key; without a prefix it is Adyen's test system."""
    account, prefix = needed(settings, "settings.merchant_account"), settings.get("url_prefix", "")
    if prefix.strip() and not PREFIX.fullmatch(prefix.strip()):
        text = "settings.url_prefix: must be like 1797a841fbb37ca7-AdyenDemo"
        raise Permanent("not_set_up", text)
    key = needed(secrets, "secrets.api_key")
    address = LIVE.format(prefix.strip()) if prefix.strip() else TEST
    return Checkout(call(address, fixed(x_api_key=key)), account)


class Checkout:
    """The checkout API of one merchant account."""

    def __init__(self, api: Api, account: str) -> None:
        """Take the way to Adyen and the account all calls name."""
        self.call, self.account = api.call, account


def refund(api: Api, wanted: Wanted) -> Refunded:
    """Have a part of a payment given back, or all of it; it is accepted, not yet done."""
    data = {
        "merchantAccount": getattr(api, "account", ""),
        "amount": {
            "value": to_minor(wanted.amount, MINOR_DIGITS),
            "currency": wanted.amount.currency,
        },
        "reference": wanted.refund_id,
    }
    path, headers = f"/payments/{wanted.payment}/refunds", {"Idempotency-Key": wanted.key}
    found = api.call("POST", path, data=data, headers=headers).json()
    if not isinstance(found, dict) or not found.get("pspReference"):
        raise garbled("pspReference")
    return Refunded(reference=str(found["pspReference"]), state=State.PENDING)
