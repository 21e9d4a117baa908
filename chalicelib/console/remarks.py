"""What the shops' orders say to a person, in German; words of a shop that we do not know stay."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from chalicelib.console.changes import MONEY
from chalicelib.domain import formats
from chalicelib.domain.money import Money

# How the connectors word their remarks; a test reads them from their source.
GERMAN: Mapping[str, str] = {
    rf"The shop gave (?P<amount>{MONEY}) of the money back\.": (
        "Der Shop hat {amount} zurückgezahlt."
    ),
    r"The shop gave a part of the money back\.": "Der Shop hat einen Teil zurückgezahlt.",
    r"The shop says that a part of the payment came, but not how much\.": (
        "Laut Shop ist ein Teil der Zahlung da, aber nicht, wie viel."
    ),
    r"The shop says that the payment was charged back\.": (
        "Laut Shop wurde die Zahlung zurückgebucht."
    ),
    r"The shop wants this order sent to (?P<count>\d+) different addresses\.": (
        "Laut Shop geht diese Bestellung an {count} verschiedene Adressen."
    ),
    r"The shop says that this is a test order: nobody has paid for it\.": (
        "Laut Shop ist das eine Testbestellung: niemand hat bezahlt."
    ),
    rf"The customer was shown (?P<shown>{MONEY}); "
    rf"the shop keeps the order as (?P<kept>{MONEY})\.": (
        "Dem Kunden wurden {shown} gezeigt; der Shop führt die Bestellung mit {kept}."
    ),
    r"The shop had not confirmed this order when it came\.": (
        "Der Shop hatte diese Bestellung noch nicht bestätigt, als sie kam."
    ),
}


def told_remarks(text: str, language: str) -> str:
    """Say one or several remarks in the reader's language."""
    for pattern, words in GERMAN.items() if language == "de" else ():
        text = re.sub(pattern, partial(_said, words), text)
    return text


def _said(words: str, found: re.Match[str]) -> str:
    return words.format_map({name: _local(value) for name, value in found.groupdict().items()})


def _local(value: str) -> str:
    if not re.fullmatch(MONEY, value):
        return value
    amount, currency = value.split(" ")
    return formats.money(Money.of(amount, currency), "de")
