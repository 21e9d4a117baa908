"""What the readers of all forms share: amounts, days and texts as banks write them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from chalicelib.domain.bank import EntryProblem
from chalicelib.domain.money import Money, exponent

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_RAW = 500
GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(?:(?:\.\d{3})+|(?:,\d{3})+)")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Unreadable(ValueError):
    """An entry that says something impossible: which field, and why."""

    def __init__(self, field: str, reason: str) -> None:
        """Name the field and the reason."""
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason

    def at(self, where: str, raw: str = "") -> EntryProblem:
        """Return the problem as it is shown and kept."""
        return EntryProblem(
            where=where, field=self.field, reason=self.reason, raw=raw[:LONGEST_RAW]
        )


def money(text: str, currency: str, field: str) -> Money:
    """Read a plain decimal such as `1234.5`; digits beyond the currency's must be zeros."""
    code = currency.strip().upper()
    try:
        amount, places = Decimal(text.strip()), exponent(code)
    except InvalidOperation:
        raise Unreadable(field, f"must be an amount, got {text!r}") from None
    except ValueError:
        raise Unreadable(field, f"{code or 'no'} currency is unknown to ISO 4217") from None
    if not amount.is_finite():
        raise Unreadable(field, f"must be an amount, got {text!r}")
    minor = amount.scaleb(places)
    if minor != minor.to_integral_value():
        raise Unreadable(field, f"{text.strip()} has more decimals than {code} has")
    return Money(minor=int(minor), currency=code)


def decimal_comma(text: str) -> str:
    """Turn `-1.234,56`, `1 234,56`, `2.000` and `1234,` into plain decimals; `1,234.56` too."""
    found = text.strip().replace("\u00a0", "").replace(" ", "").replace("'", "")
    found = found.removesuffix("EUR").removesuffix("€").replace("−", "-")
    if found.endswith(("-", "+")):
        found = found[-1] + found[:-1]
    if GROUPED.fullmatch(found):  # no currency of a bank export has three decimals
        return found.replace(".", "").replace(",", "")
    comma, point = found.rfind(","), found.rfind(".")
    if comma > point:
        return found.replace(".", "").replace(",", ".")
    return found.replace(",", "") if comma >= 0 else found


def day(read: Callable[[], date], field: str, text: str) -> date:
    """Read a day; one that no calendar has is named."""
    try:
        return read()
    except ValueError:
        raise Unreadable(field, f"{text!r} is no day of the calendar") from None


def clean(text: str | None) -> str:
    """Return a text without control characters and without blanks around it."""
    return CONTROL.sub("", text or "").strip()
