"""What a payment connector must do, and which connectors there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

    from chalicelib.domain.deliveries import Delivery, Secrets, Verdict
    from chalicelib.runtime.http import Api

# How the header begins that hands a translator what it must know of a connection's settings.
# Nobody outside can write it: of the headers of a request only a provider's own are kept.
SETTING = "x-kontor-setting-"


class MovementKind(StrEnum):
    """What a provider's event does to the ledger."""

    AUTHORIZED = "authorized"
    RECEIVED = "received"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    CHARGED_BACK = "charged_back"
    CHARGEBACK_REVERSED = "chargeback_reversed"
    AUTHORIZATION_VOIDED = "authorization_voided"  # under the name of what was promised
    FEE = "fee"  # what the provider keeps; nobody owes more or less for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A movement of money as a provider tells it.

    `reference` names the movement at the provider for ever; `order_reference` is the shop's order
    id or number as the provider carries it (empty if it carries none); `payment` is the provider's
    name of the payment that a refund or dispute belongs to, by which its order is found too;
    `refund` is our own name of a refund that we have ordered, if the provider carries it;
    `earlier` is what was captured of `payment` before, where this is one part captured of it.
    """

    kind: MovementKind
    reference: str
    order_reference: str
    amount: Money
    booked_at: datetime
    payer: str = ""
    payment: str = ""
    refund: str = ""
    earlier: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A genuine event that moves no money, and why; `report` is what it announces, if it does."""

    reason: str
    report: str = ""


Read = Notice | Ignored


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What a connector may use to check a delivery later: the connection, and calls outside."""

    settings: Mapping[str, str]
    secrets: Secrets
    call: Callable[..., Api]


class PaymentProvider(Protocol):
    """A payment connector: pure translation, one module per provider.

    It may also have `check(settings, secrets)`, which refuses a connection that could not work,
    `SETTINGS`, the settings its translator needs, and, if its `verify` answers UNVERIFIED,
    `confirm(delivery, way)`: what may be read in place of such a delivery, for the worker; and of
    one that is genuine but `lacks(delivery)` what its provider tells only when asked.
    """

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


PROVIDERS = {
    "adyen": "chalicelib.payment.adyen",
    "klarna": "chalicelib.payment.klarna",
    "mollie": "chalicelib.payment.mollie",
    "paypal": "chalicelib.payment.paypal",
    "stripe": "chalicelib.payment.stripe",
    "sumup": "chalicelib.payment.sumup",
}


def setting(delivery: Delivery, name: str) -> str:
    """Return a setting of the delivery's connection that its connector has asked for."""
    return delivery.headers.get(f"{SETTING}{name}", "")


def needed(values: Mapping[str, str], name: str, shape: re.Pattern[str], what: str) -> None:
    """Raise Permanent(`not_set_up`) unless a value like `settings.capture` is what it must be."""
    if not shape.fullmatch(values.get(name.partition(".")[2], "").strip()):
        raise Permanent("not_set_up", f"{name}: must be {what}")


def read(delivery: Delivery) -> tuple[Read, ...]:
    """Read what a delivery tells, in the order it tells it."""
    found = provider(delivery.kind).translate(delivery)
    return found if isinstance(found, tuple) else (found,)


def provider(kind: str) -> PaymentProvider:
    """Load one connector; a Lambda imports only the one it needs."""
    return cast("PaymentProvider", import_module(PROVIDERS[kind]))
