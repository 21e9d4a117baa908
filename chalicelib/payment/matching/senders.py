"""Whether a transaction is what a provider pays out, by how banks write who sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.payment.matching.names import words

if TYPE_CHECKING:
    from chalicelib.domain.bank import BankTransaction

# Providers whose name people bear, too, and what else stands in the name of the provider.
NAMESAKES = {
    "mollie": frozenset({"mollie", "payments", "stichting", "stg", "bv", "nv", "amsterdam", "nl"})
}


def is_provider(one: BankTransaction, providers: frozenset[str]) -> bool:
    """Tell whether the sender is a provider, and nobody who is called like one."""
    seen = words(one.name) | words(one.ultimate_name)
    found = seen & providers
    return any(seen <= NAMESAKES[name] if name in NAMESAKES else True for name in found)


def is_unnamed_payout(one: BankTransaction, providers: frozenset[str]) -> bool:
    """Tell whether the text names a provider, where the bank does not say who sends it."""
    is_unnamed = not words(one.name) and not words(one.ultimate_name)
    return is_unnamed and bool(words(one.remittance) & providers)
