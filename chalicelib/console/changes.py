"""What a shop has changed in an order, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from chalicelib.domain import formats
from chalicelib.domain.money import Money

MONEY = r"-?[\d.]+ [A-Z]{3}"

# How `domain.revision` words a change, and how it reads in German; a test compares them.
GERMAN: Mapping[str, str] = {
    rf"total (?P<old>{MONEY}) → (?P<new>{MONEY})": "Summe {old} → {new}",
    r"delivery address": "Lieferadresse",
    r"billing address": "Rechnungsadresse",
    r"VAT id": "USt-IdNr.",
    r"buyer reference": "Leitweg-ID oder Referenz des Käufers",
    r"form of the invoice": "Form der Rechnung",
    r"order number of the buyer": "Bestellnummer des Käufers",
    r"e-mail address": "E-Mail-Adresse",
    r"phone number": "Telefonnummer",
    r"note": "Anmerkung",
    r"order number (?P<old>.*) → (?P<new>.*)": "Bestellnummer {old} → {new}",
    r"line added: (?P<what>.*)": "neue Position: {what}",
    r"line removed: (?P<what>.*)": "Position entfernt: {what}",
    r"quantity of (?P<what>.*): (?P<old>\d+) → (?P<new>\d+)": "Menge von {what}: {old} → {new}",
    rf"price of (?P<what>.*): (?P<old>{MONEY}) → (?P<new>{MONEY})": (
        "Preis von {what}: {old} → {new}"
    ),
    r"article (?P<old>.*) → (?P<new>.*)": "Artikel {old} → {new}",
}


def told_changes(changes: Iterable[str], language: str) -> str:
    """Say what was changed; words we do not know stay as they are."""
    return "; ".join(_told(change, language) for change in changes)


def _told(change: str, language: str) -> str:
    for pattern, words in GERMAN.items() if language == "de" else ():
        if found := re.fullmatch(pattern, change, re.DOTALL):
            return words.format_map({k: _local(v) for k, v in found.groupdict().items()})
    return re.sub(MONEY, lambda found: _local(found[0], language), change)


def _local(value: str, language: str = "de") -> str:
    if not re.fullmatch(MONEY, value):
        return value
    amount, currency = value.split(" ")
    return formats.money(Money.of(amount, currency), language)
