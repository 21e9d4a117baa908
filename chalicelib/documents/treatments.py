"""What an invoice says of its tax treatment: category (UNTDID 5305), reason and its code."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.documents.wording import WORDS
from chalicelib.domain.countries import country_name

if TYPE_CHECKING:
    from chalicelib.documents.facts import InvoiceFacts

# The category of what bears no tax; what bears some is S, at home and abroad (OSS).
_UNTAXED = {
    "standard": "Z",
    "oss": "Z",
    "small_business": "E",
    "intra_community": "K",
    "reverse_charge": "AE",
    "export": "G",
    "margin_goods": "E",
    "margin_art": "E",
    "margin_antiques": "E",
}
# The VATEX codes of the EU; there is none for small businesses.
_CODES = {
    "intra_community": "VATEX-EU-IC",
    "reverse_charge": "VATEX-EU-AE",
    "export": "VATEX-EU-G",
    "margin_goods": "VATEX-EU-F",
    "margin_art": "VATEX-EU-I",
    "margin_antiques": "VATEX-EU-J",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """Why no tax is shown, or whose it is."""

    text: str
    code: str = ""


def category(rate: str, treatment: str) -> str:
    """Return the VAT category code of what is taxed at a rate."""
    return "S" if Decimal(rate) > 0 else _UNTAXED[treatment]


def exemption(facts: InvoiceFacts) -> Exemption:
    """Return what the law wants said of the tax, in the customer's language."""
    text = WORDS[facts.language].get(facts.tax_treatment, "")
    where = (facts.ship_to or facts.bill_to).country or facts.sender.country
    return Exemption(
        text=text.format(country=country_name(where, facts.language)),
        code=_CODES.get(facts.tax_treatment, ""),
    )
