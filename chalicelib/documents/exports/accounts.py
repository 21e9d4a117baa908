"""Which accounts an invoice is booked to, in the charts SKR03 and SKR04."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from chalicelib.domain.vat_rates import is_eu

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.store.merchants import Settings

# Accounts by what they are for; those of 19 and 7 per cent know their tax themselves. `clearing`
# is where a provider's money lies until it is on its way (`transit`) to the bank.
CHARTS: dict[str, dict[str, str]] = {
    "03": {
        "19": "8400", "7": "8300", "0": "8200", "eu_19": "8315", "eu_7": "8310", "oss": "8320",
        "intra_community": "8125", "reverse_charge": "8337", "export": "8120",
        "small_business": "8195", "margin": "8193", "other": "8200",
        "transit": "1360", "unknown": "1590", "voucher": "1796", "fees": "4970", "dunning": "2700",
        "discount": "8730", "discount_19": "8736", "discount_7": "8731",
        "loss": "2400", "loss_19": "2406", "loss_7": "2401",
        "clearing:stripe": "1361", "clearing:paypal": "1362", "clearing:mollie": "1363",
        "clearing:klarna": "1364", "clearing:adyen": "1365", "clearing:sumup": "1366",
    },
    "04": {
        "19": "4400", "7": "4300", "0": "4200", "eu_19": "4315", "eu_7": "4310", "oss": "4320",
        "intra_community": "4125", "reverse_charge": "4337", "export": "4120",
        "small_business": "4185", "margin": "4138", "other": "4200",
        "transit": "1460", "unknown": "1370", "voucher": "3786", "fees": "6855", "dunning": "4830",
        "discount": "4730", "discount_19": "4736", "discount_7": "4731",
        "loss": "6930", "loss_19": "6936", "loss_7": "6931",
        "clearing:stripe": "1461", "clearing:paypal": "1462", "clearing:mollie": "1463",
        "clearing:klarna": "1464", "clearing:adyen": "1465", "clearing:sumup": "1466",
    },
}  # fmt: skip
NAMES = (*CHARTS["03"], "debtor")
ACCOUNT = re.compile(
    r"[1-9]\d{3,7}(?:/\d{1,4})?"
)  # with a tax key behind the slash, if it needs one
# Behind these a name follows: a country, or a source of money.
OPEN = ("oss:", "clearing:", "fees:")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HOME_RATES = {Decimal(19), Decimal(7)}
_ALIKE = str.maketrans("ÄÖÜÉÈÁÀÓÒÚÇŁŚŠŽØÅÆ", "AOUEEAAOOUCLSSZOAA")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A revenue account with its tax key, and the country and rate of tax paid elsewhere."""

    account: str
    key: str = ""
    country: str = ""  # with the customer's VAT id behind it where that is asked for
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The merchant's accounts: a standard chart with what he has named himself."""

    chart: str
    length: int
    debtor: str
    is_by_letter: bool
    own: Mapping[str, str]

    @classmethod
    def of(cls, settings: Settings) -> Accounts:
        """Return the accounts that the settings name."""
        return cls(
            chart=settings.datev_chart.removeprefix("SKR"),
            length=settings.datev_account_length,
            debtor=settings.datev_debtor,
            is_by_letter=settings.datev_debtors == "letter",
            own=settings.datev_accounts,
        )

    def debtor_of(self, name: str) -> str:
        """Return the customer's account: one for all, or one for each first letter."""
        if not self.is_by_letter:
            return self.debtor
        first = name.strip()[:1].upper().translate(_ALIKE)
        place = LETTERS.find(first) + 1 if first else 0
        step = 10 ** (len(self.debtor) - 3)
        return str(int(self.debtor) + place * step)

    def target(self, facts: Mapping[str, Any], rate: str) -> Target:
        """Return where the part of a document is booked that is taxed at a rate."""
        treatment = str(facts.get("tax_treatment") or "standard")
        country = _destination(facts)
        per_cent = _decimal(rate)
        home = str(facts.get("sender", {}).get("country") or "DE")
        if treatment == "intra_community":
            vat_id = str(facts.get("vat_id") or "")
            has_country = vat_id[:2].isalpha()
            return self._named(treatment, country=vat_id if has_country else country + vat_id)
        if treatment in {"export", "reverse_charge", "small_business"}:
            return self._named(treatment)
        if treatment.startswith("margin"):
            return self._named("margin")
        is_abroad = is_eu(country) and country != home
        if is_abroad and per_cent and (treatment == "oss" or per_cent not in HOME_RATES):
            return self._named(
                f"oss:{country}", "oss", country=country, rate=f"{per_cent:.2f}".replace(".", ",")
            )
        name = f"{per_cent.normalize():f}"
        return self._named(f"eu_{name}" if is_abroad else name, name, "other")

    def holder(self, source: str) -> Target:
        """Return who holds the money of a source: a provider, or the bank's entries in transit."""
        name = f"clearing:{source}"
        return self.named(name if self._has(name) else "transit")

    def holders(self) -> set[str]:
        """Return the accounts of all providers."""
        names = {name for name in (*CHARTS[self.chart], *self.own) if name.startswith("clearing:")}
        return {self.named(name).account for name in names}

    def fees(self, source: str) -> Target:
        """Return where the fees of a source are booked."""
        name = f"fees:{source}"
        return self.named(name if self._has(name) else "fees")

    def reduction(self, kind: str, facts: Mapping[str, Any], rate: str) -> Target:
        """Return where a cash discount or a loss is booked, with the tax that it takes back.

        What was sold without German tax of its own rate is taken back where it was booked.
        """
        treatment, sale = str(facts.get("tax_treatment") or "standard"), self.target(facts, rate)
        name = f"{kind}_{_decimal(rate).normalize():f}"
        if not rate or treatment == "small_business":
            return self.named(kind)
        is_plain = treatment == "standard" and not sale.country and self._has(name)
        return self.named(name) if is_plain else sale

    def named(self, name: str) -> Target:
        """Return the account for something."""
        return self._named(name)

    def _has(self, name: str) -> bool:
        return bool(self.own.get(name)) or name in CHARTS[self.chart]

    def _named(self, *names: str, country: str = "", rate: str = "") -> Target:
        """Return the first account that is named, by the merchant or else by the chart."""
        chart = CHARTS[self.chart]
        found = next(
            own or chart[name] for name in names if (own := self.own.get(name)) or name in chart
        )
        account, _, key = found.partition("/")
        return Target(account=account.ljust(self.length, "0"), key=key, country=country, rate=rate)


def _destination(facts: Mapping[str, Any]) -> str:
    """Return the country that goods go to."""
    for party in (facts.get("ship_to"), facts.get("bill_to")):
        if party and party.get("country"):
            return str(party["country"])
    return ""


def _decimal(rate: str) -> Decimal:
    try:
        return Decimal(rate)
    except InvalidOperation:
        return Decimal(0)
