"""How German and English readers expect amounts, dates, quantities, rates and weights."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.domain.money import Money, exponent

if TYPE_CHECKING:
    from chalicelib.documents.facts import Language

NBSP = "\u00a0"
MINUS = "−"
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}
# Short month names that read the same in every English-speaking country.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(value: Decimal | int | str, language: Language, decimals: int | None = None) -> str:
    """Group thousands and set the decimal sign; without `decimals` idle zeros are left out."""
    exact = Decimal(value)
    text = f"{abs(exact):,.{decimals}f}" if decimals is not None else f"{abs(exact):,f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    if language == "de":
        text = text.translate({ord(","): ".", ord("."): ","})
    return MINUS + text if exact < 0 else text


def money(minor: int, currency: str, language: Language) -> str:
    """Show minor units: 1.234,56 € in German, €1,234.56 in English, CHF 12.00 for the rest."""
    amount = Money(minor=abs(minor), currency=currency).amount
    text = number(amount, language, exponent(currency))
    sign = MINUS if minor < 0 else ""
    symbol = SYMBOLS.get(currency)
    if language == "de":
        return f"{sign}{text}{NBSP}{symbol or currency}"
    return f"{sign}{symbol}{text}" if symbol else f"{sign}{currency}{NBSP}{text}"


def day(iso: str, language: Language) -> str:
    """Show an ISO date: 23.11.2026 in German, 23 Nov 2026 in English; nothing for nothing."""
    if not iso:
        return ""
    when = date.fromisoformat(iso)
    if language == "de":
        return f"{when:%d.%m.%Y}"
    return f"{when.day}{NBSP}{MONTHS[when.month - 1]}{NBSP}{when.year}"


def rate(value: str, language: Language) -> str:
    """Show a tax rate: 5,5 % in German, 5.5% in English."""
    return number(value, language) + (f"{NBSP}%" if language == "de" else "%")


def weight(grams: int, language: Language) -> str:
    """Show a weight in kilograms with at most two decimals, rounded up; nothing for nothing."""
    if not grams:
        return ""
    hundredths = -(-grams // 10)
    return f"{number(Decimal(hundredths).scaleb(-2), language)}{NBSP}kg"


def iban(value: str) -> str:
    """Group an IBAN in fours, as it is written on paper."""
    compact = "".join(value.split()).upper()
    return NBSP.join(compact[i : i + 4] for i in range(0, len(compact), 4))
