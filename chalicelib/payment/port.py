"""What a payment connector must do, and which connectors there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.domain.deliveries import Delivery, Secrets, Verdict


class MovementKind(StrEnum):
    """What a provider's event does to the ledger."""

    AUTHORIZED = "authorized"
    RECEIVED = "received"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    CHARGED_BACK = "charged_back"
    CHARGEBACK_REVERSED = "chargeback_reversed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A movement of money as a provider tells it.

    `reference` names the movement at the provider for ever; `order_reference` is the shop's order
    id or number as the provider carries it (empty if it carries none); `payment` is the provider's
    name of the payment that a refund or dispute belongs to, by which its order is found too.
    """

    kind: MovementKind
    reference: str
    order_reference: str
    amount: Money
    booked_at: datetime
    payer: str = ""
    payment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A genuine event that moves no money, and why."""

    reason: str


Read = Notice | Ignored


class PaymentProvider(Protocol):
    """A payment connector: pure translation, one module per provider."""

    def verify(
        self, raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime
    ) -> Verdict:
        """Check the signature over the raw bytes."""
        ...

    def delivery_key(self, raw: bytes, headers: Mapping[str, str]) -> str:
        """Return what makes a repeated delivery the same one."""
        ...

    def translate(self, delivery: Delivery) -> Read | tuple[Read, ...]:
        """Read the movements; Permanent(`bad_payload`) names the field and the reason."""
        ...


PROVIDERS = {"stripe": "chalicelib.payment.stripe"}


def read(delivery: Delivery) -> tuple[Read, ...]:
    """Read what a delivery tells, in the order it tells it."""
    found = provider(delivery.kind).translate(delivery)
    return found if isinstance(found, tuple) else (found,)


def provider(kind: str) -> PaymentProvider:
    """Load one connector; a Lambda imports only the one it needs."""
    return cast("PaymentProvider", import_module(PROVIDERS[kind]))
