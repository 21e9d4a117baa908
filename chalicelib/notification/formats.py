"""How German and English readers expect amounts, dates, rates, IBANs and countries in mails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from chalicelib.domain.money import Money, exponent

NBSP = "\u00a0"
MINUS = "−"
SYMBOLS: Mapping[str, str] = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}
MONTHS = "January February March April May June July August September October November December"

# Our shops write to people in central Europe: a date near midnight reads as it does on their wall.
HOME = ZoneInfo("Europe/Berlin")


def number(value: Decimal, language: str, decimals: int) -> str:
    """Group thousands and set the decimal sign."""
    text = f"{abs(value):,.{decimals}f}"
    if language == "de":
        text = text.translate({ord(","): ".", ord("."): ","})
    return MINUS + text if value < 0 else text


def money(amount: Money, language: str) -> str:
    """Show 1.234,56 € in German and €1,234.56 in English; CHF 12.00 for the rest."""
    text = number(abs(amount.amount), language, exponent(amount.currency))
    sign, symbol = (MINUS if amount.minor < 0 else ""), SYMBOLS.get(amount.currency)
    if language == "de":
        return f"{sign}{text}{NBSP}{symbol or amount.currency}"
    return f"{sign}{symbol}{text}" if symbol else f"{sign}{amount.currency}{NBSP}{text}"


def rate(value: Decimal, language: str) -> str:
    """Show a tax rate in per cent without idle zeros: 5,5 % or 5.5%."""
    decimals = max(0, -int(value.normalize().as_tuple().exponent))
    return number(value, language, decimals) + (f"{NBSP}%" if language == "de" else "%")


def day(moment: datetime, language: str) -> str:
    """Show a date: 23.11.2026 or 23 November 2026."""
    at = moment.astimezone(HOME)
    if language == "de":
        return f"{at:%d.%m.%Y}"
    return f"{at.day}{NBSP}{MONTHS.split()[at.month - 1]}{NBSP}{at.year}"


def iban(value: str) -> str:
    """Group an IBAN in fours, as it is written on paper."""
    compact = "".join(value.split()).upper()
    return " ".join(compact[i : i + 4] for i in range(0, len(compact), 4))
