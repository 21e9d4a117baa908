"""How German (`de`) and English readers expect amounts, dates, rates, weights and IBANs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from chalicelib.domain.money import Money, exponent

NBSP = "\u00a0"
MINUS = "−"
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}
# Short month names that read the same in every English-speaking country.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Our merchants and their customers live in central Europe: a day is what it is on their wall.
HOME = ZoneInfo("Europe/Berlin")


def money(amount: Money, language: str) -> str:
    """Show 1.234,56 € in German, €1,234.56 in English, CHF 12.00 for the rest."""
    text = _number(abs(amount.amount), language, exponent(amount.currency))
    sign, symbol = (MINUS if amount.minor < 0 else ""), SYMBOLS.get(amount.currency)
    if language == "de":
        return f"{sign}{text}{NBSP}{symbol or amount.currency}"
    return f"{sign}{symbol}{text}" if symbol else f"{sign}{amount.currency}{NBSP}{text}"


def day(when: date, language: str) -> str:
    """Show a date, or the day of a moment at home: 23.11.2026 in German, 23 Nov 2026 in English."""
    at = when.astimezone(HOME) if isinstance(when, datetime) else when
    if language == "de":
        return f"{at:%d.%m.%Y}"
    return f"{at.day}{NBSP}{MONTHS[at.month - 1]}{NBSP}{at.year}"


def rate(value: Decimal, language: str) -> str:
    """Show a tax rate in per cent without idle zeros: 5,5 % in German, 5.5% in English."""
    return _number(value, language) + (f"{NBSP}%" if language == "de" else "%")


def weight(grams: int, language: str) -> str:
    """Show a weight in kilograms with at most two decimals, rounded up; nothing for nothing."""
    if not grams:
        return ""
    hundredths = -(-grams // 10)
    return f"{_number(Decimal(hundredths).scaleb(-2), language)}{NBSP}kg"


def iban(value: str) -> str:
    """Group an IBAN in fours, as it is written on paper."""
    compact = "".join(value.split()).upper()
    return " ".join(compact[i : i + 4] for i in range(0, len(compact), 4))


def _number(value: Decimal, language: str, decimals: int | None = None) -> str:
    """Group thousands and set the decimal sign; without `decimals` idle zeros are left out."""
    text = f"{value:,f}" if decimals is None else f"{value:,.{decimals}f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.translate({ord(","): ".", ord("."): ","}) if language == "de" else text
