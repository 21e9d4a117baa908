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
    "fact.CollectionHandedOver": "An ein Inkassounternehmen übergeben",
    "hold.bank_missing": "Ihr Bankkonto fehlt",
    "hold.collection_due": "Letzte Frist verstrichen",
    "hold.in_collection": "Im Inkasso",
    "hold.written_off": "Als Verlust ausgebucht",
    "hold.dunning_stopped": "Mahnlauf angehalten",
    "text.collection_due": "{open} von {total} sind nach allen Mahnungen nicht bezahlt.",
    "text.in_collection": "{open} von {total} treibt ein Inkassounternehmen ein.",
    "text.written_off": "{amount} sind als Verlust ausgebucht, darum geht keine Ware hinaus.",
    "next.payment_overdue.by_itself": "Der Kunde wird von selbst erinnert.",
    "next.collection_due": "Übergeben Sie die Forderung ans Inkasso, oder buchen Sie sie aus.",
    "next.in_collection": "Buchen Sie, was ausgezahlt wird, oder buchen Sie den Rest aus.",
    "next.written_off": "Stornieren Sie die Bestellung.",
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
    "fact.CollectionHandedOver": "Handed over to a collection agency",
    "hold.bank_missing": "Your bank account is missing",
    "hold.collection_due": "Last deadline is over",
    "hold.in_collection": "In collection",
    "hold.written_off": "Written off as lost",
    "hold.dunning_stopped": "Dunning stopped",
    "text.collection_due": "{open} of {total} are not paid after all letters.",
    "text.in_collection": "An agency is collecting {open} of {total}.",
    "text.written_off": "{amount} were written off as lost, so no goods leave.",
    "next.payment_overdue.by_itself": "The customer is reminded by itself.",
    "next.collection_due": "Hand it over for collection, or write it off.",
    "next.in_collection": "Book what the agency pays out, or write off the rest.",
    "next.written_off": "Cancel the order.",
    "hold.provider_not_asked": "Check the payment providers",
    "next.provider_not_asked": "Look at the provider's pages, then cancel or release.",
    "source.dunning": "dunning",
}
