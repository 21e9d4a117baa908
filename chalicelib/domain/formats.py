"""How readers of a language expect amounts, dates, rates, weights and IBANs; English if unknown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from chalicelib.domain.money import Money, exponent

NBSP = "\u00a0"
MINUS = "−"


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """How a language writes: signs in numbers, and patterns of an amount, a rate and a day."""

    decimal: str
    group: str
    money: str
    code: str  # an amount in a currency without a symbol
    rate: str
    day: str


# A further language is a further line here, and a file of words for its documents.
CUSTOMS = {
    "de": Custom(
        decimal=",", group=".", money="{n}\u00a0{s}", code="{n}\u00a0{s}", rate="{n}\u00a0%",
        day="{d:02}.{m:02}.{y}",
    ),
    "en": Custom(
        decimal=".", group=",", money="{s}{n}", code="{s}\u00a0{n}", rate="{n}%",
        day="{d}\u00a0{month}\u00a0{y}",
    ),
    "fr": Custom(
        decimal=",", group="\u202f", money="{n}\u00a0{s}", code="{n}\u00a0{s}", rate="{n}\u00a0%",
        day="{d:02}/{m:02}/{y}",
    ),
}  # fmt: skip
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}
# Short month names that read the same in every English-speaking country.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Our merchants and their customers live in central Europe: a day is what it is on their wall.
HOME = ZoneInfo("Europe/Berlin")
_IBAN = re.compile(r"[A-Z]{2}(0[2-9]|[1-8]\d|9[0-8])[A-Z0-9]{11,30}")


def money(amount: Money, language: str) -> str:
    """Show 1.234,56 € in German, €1,234.56 in English, CHF 12.00 for the rest."""
    text = _number(abs(amount.amount), language, exponent(amount.currency))
    sign, symbol = (MINUS if amount.minor < 0 else ""), SYMBOLS.get(amount.currency)
    custom = _custom(language)
    pattern = custom.money if symbol else custom.code
    return sign + pattern.format(n=text, s=symbol or amount.currency)


def whole(amount: Money, language: str) -> str:
    """Show an amount without decimals: 1.200 € in German, €1,200 in English."""
    text, symbol = _number(amount.amount, language, 0), SYMBOLS.get(amount.currency)
    if language == "de":
        return f"{text}{NBSP}{symbol or amount.currency}"
    return f"{symbol}{text}" if symbol else f"{amount.currency}{NBSP}{text}"


def day(when: date, language: str) -> str:
    """Show a date, or the day of a moment at home: 23.11.2026 in German, 23 Nov 2026 in English."""
    at = when.astimezone(HOME) if isinstance(when, datetime) else when
    month = MONTHS[at.month - 1]
    return _custom(language).day.format(d=at.day, m=at.month, y=at.year, month=month)


def rate(value: Decimal, language: str) -> str:
    """Show a tax rate in per cent without idle zeros: 5,5 % in German, 5.5% in English."""
    return _custom(language).rate.format(n=_number(value, language))


def number(value: Decimal, language: str) -> str:
    """Show a plain number without idle zeros: 0,9412 in German, 0.9412 in English."""
    return _number(value, language)


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


def is_iban(value: str) -> bool:
    """Check length, form, check digits 02 to 98 and ISO 7064 modulo 97-10."""
    compact = "".join(value.split()).upper()
    if not _IBAN.fullmatch(compact):
        return False
    return int("".join(str(int(sign, 36)) for sign in compact[4:] + compact[:4])) % 97 == 1


def _number(value: Decimal, language: str, decimals: int | None = None) -> str:
    """Group thousands and set the decimal sign; without `decimals` idle zeros are left out."""
    text = f"{value:,f}" if decimals is None else f"{value:,.{decimals}f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    custom = _custom(language)
    return text.translate({ord(","): custom.group, ord("."): custom.decimal})


def _custom(language: str) -> Custom:
    return CUSTOMS.get(language, CUSTOMS["en"])
