"""SumUp: what was paid in an order's checkouts.

Secrets: `api_key`. SumUp keeps neither a key nor a name of ours with a refund, so a lost answer
could not be cleared up: refunds are made at SumUp and recorded here.
Format: developer.sumup.com, checkouts API v0.1.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.providers.amounts import of_major
from chalicelib.providers.port import Paid, needed
from chalicelib.runtime.http import fixed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.providers.port import Sought
    from chalicelib.runtime.http import Api

ADDRESS = "https://api.sumup.com"


def connect(settings: Mapping[str, str], secrets: Secrets, call: Callable[..., Api]) -> Api:
    """Sign in with the key; Permanent(`not_set_up`) if there is none."""
    del settings
    return call(ADDRESS, fixed(Authorization=f"Bearer {needed(secrets, 'secrets.api_key')}"))


def payments_of(api: Api, sought: Sought) -> Iterator[Paid]:
    """Look for the checkouts of the order, and for what was paid in them."""
    for reference in sought.references:
        query = {"checkout_reference": reference}
        for checkout in api.call("GET", "/v0.1/checkouts", query=query).json():
            for one in checkout.get("transactions") or []:
                if one.get("status") == "SUCCESSFUL":
                    pair = {"value": one["amount"], "currency": one["currency"]}
                    yield Paid(
                        reference=str(one["id"]),
                        amount=of_major(pair),
                        booked_at=datetime.fromisoformat(str(one["timestamp"])),
                    )
