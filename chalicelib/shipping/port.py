"""What a carrier must do, and which carriers there are."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from chalicelib.domain.order import Address

if TYPE_CHECKING:
    from chalicelib.domain.deliveries import Secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One parcel; `reference` is the same in every attempt and unique over all merchants."""

    reference: str
    recipient: Address
    sender: Address
    weight_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The carrier's answer; `label` are the bytes of its PDF, None where we draw it ourselves."""

    tracking_number: str
    tracking_url: str
    label: bytes | None = None


class Carrier(Protocol):
    """A carrier connector.

    Registering the same reference again must give the same parcel (a unique key at the carrier,
    or a look-up by reference first): a lost answer is asked for again with the same reference.
    Raises Permanent for a refusal, NeedsHuman for an address it does not know, else Retryable.
    """

    def register(self, parcel: Parcel, secrets: Secrets, tracking_page: str) -> Registered:
        """Tell the carrier of a parcel; `tracking_page` is ours, for carriers without one."""
        ...


PROVIDERS = {"local": "chalicelib.shipping.local"}


def carrier(kind: str) -> Carrier:
    """Load one connector; a Lambda imports only the one it needs."""
    return cast("Carrier", import_module(PROVIDERS[kind]))
