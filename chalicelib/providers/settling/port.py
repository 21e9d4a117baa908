"""How a provider tells what it has sent to the bank, page by page, and which providers do."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.domain.payouts import Payout, PayoutPart
    from chalicelib.runtime.http import Api


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for: payouts since a moment, or in reports that the provider has announced."""

    since: datetime
    now: datetime
    reports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A page of payouts; `following` is where the next one begins, empty behind the last.

    `read` is the report that it was read of, and that need not be read again.
    """

    payouts: tuple[Payout, ...]
    following: str = ""
    read: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A page of the parts of a payout; `following` as in `Sent`."""

    parts: tuple[PayoutPart, ...]
    following: str = ""


class Payer(Protocol):
    """A provider's payouts; both calls are short, and may be repeated from the same place.

    A module may have `tells(secrets)`, where not all keys may ask, `connect` of its own, where
    payouts lie at another host than payments, and `KEEPS_BALANCE = True`, where payments stay with
    the provider until somebody draws on them.
    """

    def payouts(self, api: Api, asked: Asked, place: str) -> Sent:
        """Return a page of what has left for the bank."""
        ...

    def parts(self, api: Api, payout: Payout, before: Payout | None, place: str) -> Parts:
        """Return a page of what a payout is made of; `before` is the one before it, if known."""
        ...


PAYERS: dict[str, str] = {
    "adyen": "chalicelib.providers.settling.adyen",
    "klarna": "chalicelib.providers.settling.klarna",
    "mollie": "chalicelib.providers.settling.mollie",
    "paypal": "chalicelib.providers.settling.paypal",
    "stripe": "chalicelib.providers.settling.stripe",
    "sumup": "chalicelib.providers.settling.sumup",
}


def payer(kind: str) -> Any:  # noqa: ANN401 - a module with the functions of `Payer`
    """Load one provider's payouts; a Lambda imports only the one it needs."""
    return import_module(PAYERS[kind])


def way_to(kind: str, otherwise: Callable[..., Api]) -> Callable[..., Api]:
    """Return how to sign in where a provider's payouts lie."""
    found: Callable[..., Api] = getattr(payer(kind), "connect", otherwise)
    return found


def may_ask(kind: str, secrets: Mapping[str, str] | Secrets) -> bool:
    """Tell whether these keys may ask for payouts, as far as they show it."""
    found = payer(kind)
    return not hasattr(found, "tells") or bool(found.tells(secrets))
