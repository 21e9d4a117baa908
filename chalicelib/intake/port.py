"""What a shop connector must do, and which connectors there are."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from chalicelib.domain.money import Money
from chalicelib.domain.order import Bought

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Delivery, Secrets, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A shop's order as of `bought.modified_at`, with what the shop says happened to it.

    `paid` is the sum that the shop has received so far, `paid_at` when the newest payment came;
    `fulfilled` means that all goods are gone. `remarks` are what a person must look at before the
    order goes on, one sentence each; the same sentence is shown once. Where a shop counts all goods
    as gone with the first parcel that it hears of, `is_sent_by_first` says so. `is_promised` says
    that the money is authorized, not captured; None where the shop does not tell.
    """

    bought: Bought
    paid: Money | None = None
    payment_reference: str = ""
    fulfilled: bool = False
    cancelled: bool = False
    cancel_reason: str = ""
    remarks: tuple[str, ...] = ()
    paid_at: datetime | None = None
    is_sent_by_first: bool = False
    is_promised: bool | None = None

    @property
    def is_bare(self) -> bool:
        """A cancellation or deletion that tells nothing of the order but its id."""
        return self.cancelled and not self.bought.lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A genuine delivery that is not about an order we handle, and why."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A genuine delivery that names an order without holding it: it must be read at the shop."""

    external_id: str
    reason: str


class Shop(Protocol):
    """A shop connector: pure translation, one module per kind of shop."""

    def verify(
        self, raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime
    ) -> Verdict:
        """Check the signature over the raw bytes; UNVERIFIED if only `verify_later` can.

        A module may also have `verify_later(delivery, api) -> Verdict`, which checks what the
        webhook could not, with a key fetched over the shop's own `api`, and `stranger(delivery,
        settings) -> str`, which names the shop that a genuine delivery is of, if it is another.
        """
        ...

    def delivery_key(self, raw: bytes, headers: Mapping[str, str]) -> str:
        """Return what makes a repeated delivery the same one."""
        ...

    def translate(self, delivery: Delivery) -> Snapshot | Ignored | Hint:
        """Read an order; Permanent(`bad_payload`) names the field and the reason."""
        ...


PROVIDERS = {
    "woocommerce": "chalicelib.intake.woocommerce",
    "shopify": "chalicelib.intake.shopify",
    "saleor": "chalicelib.intake.saleor",
    "shopware": "chalicelib.intake.shopware",
    "generic": "chalicelib.intake.generic",
    "ebay": "chalicelib.intake.ebay",
    "amazon": "chalicelib.intake.amazon",
    "etsy": "chalicelib.intake.etsy",
}


def shop(kind: str) -> Shop:
    """Load one connector; a Lambda imports only the one it needs."""
    return cast("Shop", import_module(PROVIDERS[kind]))
