"""Money in whole minor units of one currency, and the arithmetic of tax and shares."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# ISO 4217: the currencies by the number of their decimals.
_ZERO_DECIMAL = """
BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
"""
_THREE_DECIMAL = """
BHD IQD JOD KWD LYD OMR TND
"""
_HUNDREDTHS = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD
HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD
MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON
RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD
TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWL
"""
EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_ZERO_DECIMAL.split(), 0),
    **dict.fromkeys(_THREE_DECIMAL.split(), 3),
    **dict.fromkeys(_HUNDREDTHS.split(), 2),
}


def exponent(currency: str) -> int:
    """Return the number of decimals of an ISO 4217 code; ValueError for an unknown code."""
    if currency not in EXPONENTS:
        msg = f"unknown currency {currency!r}"
        raise ValueError(msg)
    return EXPONENTS[currency]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Money:
    """An amount as whole minor units (cents) of one ISO 4217 currency."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> Money:
        """Read a decimal in major units, rounding half up; ValueError if it is not a number."""
        try:
            scaled = Decimal(amount).scaleb(exponent(currency))
            minor = int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))
        except (InvalidOperation, OverflowError) as error:
            msg = f"{amount!r} is not an amount of money"
            raise ValueError(msg) from error
        return cls(minor=minor, currency=currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Return nothing, in the given currency."""
        return cls(minor=0, currency=currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with all its decimals."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        """Show as `12.34 EUR`."""
        return f"{self.amount} {self.currency}"

    def __add__(self, other: Money) -> Money:
        """Add an amount of the same currency."""
        return Money(minor=self.minor + self._same(other), currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        """Take away an amount of the same currency."""
        return Money(minor=self.minor - self._same(other), currency=self.currency)

    def __neg__(self) -> Money:
        """Turn the sign."""
        return Money(minor=-self.minor, currency=self.currency)

    def __mul__(self, factor: int) -> Money:
        """Multiply by a whole number."""
        return Money(minor=self.minor * factor, currency=self.currency)

    def __bool__(self) -> bool:
        """Tell whether there is anything at all."""
        return self.minor != 0

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            msg = f"cannot mix {self.currency} and {other.currency}"
            raise ValueError(msg)
        return other.minor


def total(parts: Iterable[Money], currency: str) -> Money:
    """Sum amounts of one currency; nothing sums to zero."""
    return sum(parts, start=Money.zero(currency))


def tax_within(gross: Money, rate: Decimal) -> Money:
    """Return the tax contained in a gross amount, rate in per cent (19 means 19 %)."""
    tax = Decimal(gross.minor) * rate / (100 + rate)
    return Money(
        minor=int(tax.quantize(Decimal(1), rounding=ROUND_HALF_UP)), currency=gross.currency
    )


def split(amount: Money, weights: Sequence[int]) -> list[Money]:
    """Divide an amount in proportion to weights by largest remainder; the parts add up exactly."""
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    exact = [Decimal(amount.minor) * weight / whole for weight in weights]
    parts = [int(value.to_integral_value(rounding="ROUND_FLOOR")) for value in exact]
    rest = amount.minor - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for index in by_remainder[:rest]:
        parts[index] += 1
    return [Money(minor=part, currency=amount.currency) for part in parts]
