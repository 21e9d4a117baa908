"""What pays a customer back; today a person does, and records it."""

from __future__ import annotations

from typing import Protocol

from chalicelib.domain.money import Money


class Payout(Protocol):
    """Sends money back the way it came."""

    def refund(self, reference: str, amount: Money, key: str) -> str:
        """Refund a payment and return the provider's reference; the key makes a repeat harmless."""
        ...


PROVIDERS: dict[str, str] = {}
