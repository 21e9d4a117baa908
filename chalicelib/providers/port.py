"""What a payment provider's own interface can do, and which ones we can call.

Each module in here is one provider: how to sign in, how to pay money back, and how to ask what was
paid or given back. What a provider sends to us is read in `chalicelib.payment`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from chalicelib.domain.errors import Permanent, Retryable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.domain.money import Money
    from chalicelib.runtime.http import Api

# The name of the field in which a provider keeps our name of a refund, where it keeps one.
MARK = "kontor_refund"
# Under which names shops and their plugins put the order into a payment.
ORDER_KEYS = ("order_id", "order_number", "orderId", "orderNumber", "order", "order_name")
MISSING = 404


class State(StrEnum):
    """What became of a refund at the provider; `pending` is accepted and on its way."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A refund we want: `key` is the same for every attempt, until one was plainly refused.

    `payment` is the provider's name of what is given back, `number` the order's for the customer.
    `since` is when it was first tried, `known` are refunds of the order that are others.
    """

    refund_id: str
    key: str
    payment: str
    amount: Money
    number: str
    since: datetime
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """A refund as the provider knows it; `reference` is what its webhook calls it, too."""

    reference: str
    state: State
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsure:
    """A provider cannot tell whether it has paid a refund, and why.

    The same key may be sent again for `days`: it would pay once. 0: nothing may be sent again.
    """

    days: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """An order whose payments are asked for: as its shop calls it, and payments known of it."""

    references: tuple[str, ...]
    since: datetime
    until: datetime
    payments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment as the provider knows it; `is_promise` where it is not yet captured.

    `earlier` is what was captured of `payment` before, where this is a part captured of it.
    """

    reference: str
    amount: Money
    booked_at: datetime
    is_promise: bool = False
    payment: str = ""
    earlier: Money | None = None


class Provider(Protocol):
    """A provider's interface; functions may raise Retryable (away) or Permanent (a 4xx).

    A module leaves out what its provider has no call for, and has `IS_SEARCHED = False` where an
    order's payments are found by their own names only, not by the order's. Without `find_refund`
    the provider must take the same key for the same refund for at least `KEY_DAYS` days. With
    `QUIET` it may tell of a refund so much later than it was made.
    """

    def connect(
        self, settings: Mapping[str, str], secrets: Secrets, call: Callable[..., Api]
    ) -> Api:
        """Return the way to this provider; Permanent(`not_set_up`) names what is missing."""
        ...

    def refund(self, api: Api, wanted: Wanted) -> Refunded:
        """Pay money back, once per key."""
        ...

    def find_refund(self, api: Api, wanted: Wanted) -> Refunded | Unsure | None:
        """Look for a refund whose answer was lost, by our name of it; None: there is none."""
        ...

    def payments_of(self, api: Api, sought: Sought) -> Iterator[Paid]:
        """Yield what was paid or promised for an order, by its reference or known payments."""
        ...


PROVIDERS: dict[str, str] = {
    "adyen": "chalicelib.providers.adyen",
    "klarna": "chalicelib.providers.klarna",
    "mollie": "chalicelib.providers.mollie",
    "paypal": "chalicelib.providers.paypal",
    "stripe": "chalicelib.providers.stripe",
    "sumup": "chalicelib.providers.sumup",
}


def needed(values: Mapping[str, str], name: str) -> str:
    """Return what a connection must have, by a name like `secrets.api_key`."""
    if value := values.get(name.partition(".")[2], "").strip():
        return value
    raise Permanent("not_set_up", f"{name}: must be given")


def provider(kind: str) -> Any:  # noqa: ANN401 - a module with some of the functions of `Provider`
    """Load one provider's interface; a Lambda imports only the one it needs."""
    return import_module(PROVIDERS[kind])


def can(kind: str, what: str) -> bool:
    """Tell whether we can do this (`refund`, `payments_of`, …) at a kind of provider."""
    return kind in PROVIDERS and hasattr(provider(kind), what)


def garbled(name: str) -> Retryable:
    """Return what to raise for an answer that lacks what it must have."""
    return Retryable("outside_garbled", f"The provider answered without {name}.")
