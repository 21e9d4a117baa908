"""What a shop's own interface can do, and which shops we can call.

Each module in here is one shop: how to sign in, how to page through its orders, and how to tell it
of parcels, cancellations and stock. It leaves out the functions its shop has no call for. What a
shop sends to us is read in `chalicelib.intake`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from chalicelib.domain.errors import Permanent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.runtime.http import Api

RATE = re.compile(r"\d{1,2}(\.\d{1,2})?")  # per cent


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Raw orders as the shop gives them, oldest change first.

    `headers` are handed to the translator with each body, as a webhook's would be; `cursor` asks
    for the next page and is empty on the last; `total` is how many there are in all, if it says so.
    """

    bodies: tuple[bytes, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    cursor: str = ""
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelLine:
    """Pieces of one line, by the shop's own id of the line."""

    line_id: str
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What left the house: `is_last` says that with it all goods of the order are gone."""

    order_id: str  # the shop's own id of the order
    order_number: str
    number: int
    carrier: str
    tracking_number: str
    tracking_url: str
    shipped_at: datetime
    lines: tuple[ParcelLine, ...]
    is_last: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What may be sold of a SKU; `before` is what we told this shop last, None if never."""

    sku: str
    available: int
    before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelsTold:
    """Which levels the shop took; `unknown` are SKUs it does not have, `refused` why by SKU.

    `moved` are SKUs whose level there is no longer what we told last, with what it is: the shop
    has sold since, so the caller hears of its orders first and tells again.
    """

    taken: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, int] = field(default_factory=dict)


class Shop(Protocol):
    """A shop's interface; every function may raise Retryable (outside down) or Permanent (4xx)."""

    def connect(self, settings: Mapping[str, str], secrets: Secrets) -> Api:
        """Return the way to this shop; Permanent(`not_set_up`) names what is missing.

        A module that says `ROTATES = True` also takes where to keep the newest refresh token.
        """
        ...

    def check(self, api: Api) -> str:
        """Ask something harmless and return the shop's own name."""
        ...

    def orders(self, api: Api, *, since: datetime, until: datetime, cursor: str = "") -> Page:
        """Return one page of the orders that were changed between two moments."""
        ...

    def open_orders(self, api: Api, *, cursor: str = "") -> Page:
        """Return one page of the orders that are not finished, for the first import."""
        ...

    def register(self, api: Api, *, address: str, secret: str) -> Sequence[str]:
        """Have the shop call our webhook, once per topic; returns the topics it now sends."""
        ...

    def ship(self, api: Api, parcel: Parcel) -> str:
        """Tell of a parcel, once: it asks before where telling twice would make two."""
        ...

    def cancel(self, api: Api, order_id: str, reason: str) -> str:
        """Have the order cancelled; one that is cancelled already is left so."""
        ...

    def set_levels(self, api: Api, levels: Sequence[Level]) -> LevelsTold:
        """Tell what may be sold, with the shop's compare-and-set where it has one."""
        ...


PROVIDERS: dict[str, str] = {
    "saleor": "chalicelib.shops.saleor",
    "shopify": "chalicelib.shops.shopify",
    "woocommerce": "chalicelib.shops.woocommerce",
    "shopware": "chalicelib.shops.shopware",
    "ebay": "chalicelib.shops.ebay",
    "amazon": "chalicelib.shops.amazon",
    "etsy": "chalicelib.shops.etsy",
}


def needed(values: Mapping[str, str], name: str) -> str:
    """Return what a connection must have, by a name like `secrets.api_key`."""
    if value := values.get(name.partition(".")[2], "").strip():
        return value
    raise Permanent("not_set_up", f"{name}: must be given")


def own_rate(settings: Mapping[str, str]) -> str:
    """Return the seller's VAT in per cent, which a marketplace does not tell."""
    rate = needed(settings, "settings.tax_rate").replace(",", ".")
    if not RATE.fullmatch(rate):
        text = f"settings.tax_rate: must be a rate in per cent like 19, is {rate!r}"
        raise Permanent("not_set_up", text)
    return rate


def shop(kind: str) -> Any:  # noqa: ANN401 - a module with some of the functions of `Shop`
    """Load one shop's interface; a Lambda imports only the one it needs."""
    return import_module(PROVIDERS[kind])


def can(kind: str, what: str) -> bool:
    """Tell whether we can do this (`orders`, `ship`, `set_levels`, …) at a kind of shop."""
    return kind in PROVIDERS and hasattr(shop(kind), what)


def takes_our_secret(kind: str) -> bool:
    """Tell whether webhooks are registered with a secret of ours; some shops only know their own.

    Such a module says `OWN_SECRET = True`; the merchant copies the secret to us.
    """
    return can(kind, "register") and not getattr(shop(kind), "OWN_SECRET", False)
