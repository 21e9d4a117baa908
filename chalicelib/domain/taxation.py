"""How a sale is taxed: by who sells, where it goes, who buys, and what the shop has charged.

The shop has decided already what the customer pays. Here it is named, for what it says on the
invoice, and doubted where it cannot be right: NeedsHuman names the field. A person may release
what is doubted, and the sale is then taxed as the order says. Not known here: special territories
(Helgoland, Canary Islands), the threshold of 10,000 €, § 13b at home, and whether a VAT id is
valid today.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib.domain import vat_ids
from chalicelib.domain.countries import country_name
from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.vat_rates import RATES, is_eu, is_rate_of

if TYPE_CHECKING:
    from collections.abc import Container
    from decimal import Decimal


class Treatment(StrEnum):
    """What an invoice says of its tax."""

    STANDARD = "standard"
    SMALL_BUSINESS = "small_business"  # § 19 UStG
    INTRA_COMMUNITY = "intra_community"  # § 4 Nr. 1 b UStG
    REVERSE_CHARGE = "reverse_charge"  # § 3a Abs. 2, § 13b UStG
    EXPORT = "export"  # § 4 Nr. 1 a UStG
    OSS = "oss"  # § 18j UStG
    MARGIN_GOODS = "margin_goods"  # § 25a UStG
    MARGIN_ART = "margin_art"
    MARGIN_ANTIQUES = "margin_antiques"


MARGINS = {"": None, "goods": Treatment.MARGIN_GOODS, "art": Treatment.MARGIN_ART,
           "antiques": Treatment.MARGIN_ANTIQUES}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """The merchant to the tax office; `margin` is what is sold by its margin: see MARGINS."""

    country: str = "DE"
    vat_id: str = ""
    is_small: bool = False
    has_oss: bool = False
    margin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What was sold: where it goes (or is used), to whom, at which rates in per cent."""

    country: str
    vat_id: str = ""
    rates: frozenset[Decimal] = frozenset()
    ships: bool = True

    @property
    def is_taxed(self) -> bool:
        """Tell whether the shop has charged any tax."""
        return any(self.rates)


def treatment(seller: Seller, sale: Sale, *, released: Container[str] = ()) -> Treatment:
    """Return how the sale is taxed; NeedsHuman with a code that is not among `released`."""
    try:
        found = _treated(seller, sale)
    except NeedsHuman as doubt:
        if doubt.code in released:
            return Treatment.STANDARD
        raise
    if found in {Treatment.INTRA_COMMUNITY, Treatment.REVERSE_CHARGE, Treatment.EXPORT}:
        _need_own_vat_id(seller)
    return found


def _treated(seller: Seller, sale: Sale) -> Treatment:
    where = sale.country or seller.country
    if seller.is_small:
        return _small(sale)
    margin = MARGINS[seller.margin]
    if margin and not all(sale.rates) and (where == seller.country or is_eu(where)):
        return margin
    if where == seller.country or not is_eu(seller.country):
        _check_rates(sale, where)
        return Treatment.STANDARD
    return _within_eu(seller, sale, where) if is_eu(where) else _beyond(sale, where)


def _small(sale: Sale) -> Treatment:
    if sale.is_taxed:
        text = f"tax_rate: {_shown(sale)} charged, but a small business (§ 19 UStG) shows no tax."
        raise NeedsHuman("tax_rate_wrong", text)
    return Treatment.SMALL_BUSINESS


def _within_eu(seller: Seller, sale: Sale, where: str) -> Treatment:
    if not sale.is_taxed:
        return _untaxed_within_eu(seller, sale, where)
    if not seller.has_oss and all(is_rate_of(rate, seller.country) for rate in sale.rates):
        return Treatment.STANDARD
    _check_rates(sale, where)
    if not seller.has_oss:
        text = (
            f"oss: {_shown(sale)} is the tax of {_name(where)}, but the settings name no "
            "registration for the One Stop Shop."
        )
        raise NeedsHuman("oss_unset", text)
    return Treatment.OSS


def _untaxed_within_eu(seller: Seller, sale: Sale, where: str) -> Treatment:
    vat_id = vat_ids.compact(sale.vat_id)
    if not vat_id:
        text = f"vat_id: no tax is charged to {_name(where)}, and the buyer's VAT id is missing."
        raise NeedsHuman("vat_id_missing", text)
    if not vat_ids.is_vat_id(vat_id):
        text = f"vat_id: {vat_id[:20]!r} does not have the form of a VAT id."
        raise NeedsHuman("vat_id_wrong", text)
    if vat_ids.country_of(vat_id) == seller.country:
        text = f"vat_id: {vat_id} is of {_name(seller.country)}, so the supply is not free of tax."
        raise NeedsHuman("vat_id_wrong", text)
    return Treatment.INTRA_COMMUNITY if sale.ships else Treatment.REVERSE_CHARGE


def _beyond(sale: Sale, where: str) -> Treatment:
    if sale.ships and sale.is_taxed:
        text = f"tax_rate: {_shown(sale)} charged, but goods to {_name(where)} are an export."
        raise NeedsHuman("tax_rate_wrong", text)
    return Treatment.EXPORT if sale.ships else Treatment.STANDARD


def _check_rates(sale: Sale, where: str) -> None:
    wrong = sorted(rate for rate in sale.rates if not is_rate_of(rate, where))
    if where in RATES and wrong:
        known = ", ".join(f"{rate:f}" for rate in RATES[where])
        text = f"tax_rate: {wrong[-1]:f} % is no rate of {_name(where)} ({known} %)."
        raise NeedsHuman("tax_rate_wrong", text)


def _need_own_vat_id(seller: Seller) -> None:
    if not vat_ids.is_vat_id(vat_ids.compact(seller.vat_id)):
        text = "settings.vat_id: a supply abroad without tax needs the merchant's own VAT id."
        raise NeedsHuman("own_vat_id_missing", text)


def _shown(sale: Sale) -> str:
    return ", ".join(f"{rate:f} %" for rate in sorted(sale.rates, reverse=True) if rate)


def _name(country: str) -> str:
    return country_name(country, "en")
