"""VAT rates of the countries of the EU: the standard rate first, then the reduced ones.

As of autumn 2026 by the European Commission's database (TEDB); a test compares the table with a
package that follows it, so that a new rate is noticed by whoever updates the pins. Rates that only
islands and valleys have (Azores, Corsica, Jungholz) are left out: a person releases such an order.
"""

from __future__ import annotations

from decimal import Decimal

_RATES = {
    "AT": "20 13 10 4.9", "BE": "21 12 6", "BG": "20 9", "CY": "19 9 5 3", "CZ": "21 12",
    "DE": "19 7", "DK": "25", "EE": "24 13 9", "ES": "21 10 4", "FI": "25.5 13.5 10",
    "FR": "20 10 5.5 2.1", "GR": "24 13 6", "HR": "25 13 5", "HU": "27 18 5",
    "IE": "23 13.5 9", "IT": "22 10 5 4", "LT": "21 12 5", "LU": "17 14 8 3", "LV": "21 12 5",
    "MT": "18 12 7 5", "NL": "21 9", "PL": "23 8 5", "PT": "23 13 6", "RO": "21 11",
    "SE": "25 12 6", "SI": "22 9.5 5", "SK": "23 19 5",
}  # fmt: skip
RATES: dict[str, tuple[Decimal, ...]] = {
    country: tuple(Decimal(rate) for rate in rates.split()) for country, rates in _RATES.items()
}


def is_eu(country: str) -> bool:
    """Tell whether a country (ISO 3166-1) is in the EU's VAT area, its special parts left aside."""
    return country in RATES


def is_rate_of(rate: Decimal, country: str) -> bool:
    """Tell whether a country knows a rate; nothing taxed is possible everywhere."""
    return not rate or rate in RATES.get(country, ())
