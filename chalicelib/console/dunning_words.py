"""Dunning in the words of the console: letters, what stops them, and what staff may do."""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    "mail.payment_reminder": "Zahlungserinnerung",
    "mail.dunning_1": "1. Mahnung",
    "mail.dunning_2": "2. Mahnung",
    "document.payment_reminder": "Zahlungserinnerung",
    "document.dunning_1": "1. Mahnung",
    "document.dunning_2": "2. Mahnung",
    "hold.bank_missing": "Ihr Bankkonto fehlt",
    "hold.provider_not_asked": "Zahlungsanbieter prüfen",
    "next.provider_not_asked": "Sehen Sie beim Anbieter nach, dann stornieren oder freigeben.",
    "source.dunning": "Mahnung",
}

ENGLISH: Mapping[str, str] = {
    "mail.payment_reminder": "Payment reminder",
    "mail.dunning_1": "First dunning letter",
    "mail.dunning_2": "Second dunning letter",
    "document.payment_reminder": "Payment reminder",
    "document.dunning_1": "First dunning letter",
    "document.dunning_2": "Second dunning letter",
    "hold.bank_missing": "Your bank account is missing",
    "hold.provider_not_asked": "Check the payment providers",
    "next.provider_not_asked": "Look at the provider's pages, then cancel or release.",
    "source.dunning": "dunning",
}
