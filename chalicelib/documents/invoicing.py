"""How an order's invoice is taxed and which electronic form it has, by order and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from chalicelib.documents.exchange import in_euro, rates
from chalicelib.domain import buyer, taxation, vat_ids
from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.events import HoldReleased
from chalicelib.domain.forms import FORMS, is_leitweg_id
from chalicelib.domain.money import Money, exponent
from chalicelib.domain.order import LineKind
from chalicelib.domain.taxation import Sale, Seller, Treatment

if TYPE_CHECKING:
    from chalicelib.documents.facts import EInvoiceFormat
    from chalicelib.domain.events import DocumentIssued
    from chalicelib.domain.order import Address, Order
    from chalicelib.store.merchants import Settings

HOME_CURRENCY = "EUR"
# § 33 UStDV: up to this sum, in cents, there is a short form without the buyer.
SMALL_AMOUNT = 25_000
# § 27 Abs. 38 UStG: from when businesses owe each other electronic invoices at home.
DUTY_OF_LARGE, DUTY_OF_ALL = "2027-01-01", "2028-01-01"
_MOST_DECIMALS = 2  # that EN 16931 knows


def treatment(order: Order, settings: Settings, issued: DocumentIssued | None = None) -> Treatment:
    """Return how an order is taxed; as the invoice was that is corrected."""
    if issued and issued.treatment:
        return Treatment(issued.treatment)
    bought = order.bought
    ships = bool(bought.physical())
    where = bought.shipping.country if ships else bought.billing.country
    sold = (x for x in bought.lines if x.total and x.kind is not LineKind.GIFT_CARD)
    sale = Sale(
        country=(where or bought.billing.country or bought.shipping.country).upper(),
        vat_id=buyer.vat_id(order),
        rates=frozenset(line.tax_rate for line in sold),
        ships=ships,
    )
    seller = Seller(
        country=settings.country,
        vat_id=settings.vat_id,
        is_small=settings.small_business,
        has_oss=settings.oss,
        margin=settings.margin,
    )
    released = {fact.code for fact in order.all(HoldReleased)}
    return taxation.treatment(seller, sale, released=released)


def form(
    order: Order, settings: Settings, gross: int, on: str, issued: DocumentIssued | None = None
) -> EInvoiceFormat:
    """Return the form of an invoice over `gross` on a day (ISO 8601), as the buyer may have it.

    That of the invoice which is corrected, if one is.

    A public buyer (by Leitweg-ID) gets an XRechnung; a business at home a hybrid where that is
    owed; else the buyer's wish counts, then the merchant's setting.
    """
    if issued and issued.form:
        return cast("EInvoiceFormat", issued.form)
    if exponent(order.bought.currency) > _MOST_DECIMALS or not _is_complete(order):
        return "pdf"
    wish, billed = _wish(order), _billed(order)
    if is_leitweg_id(reference(order)):
        return cast("EInvoiceFormat", wish if _is_x(wish) else settings.public_form)
    is_business = bool(billed.company or vat_ids.is_vat_id(vat_ids.compact(buyer.vat_id(order))))
    usual = settings.business_form if is_business else settings.consumer_form
    chosen = wish or usual
    if chosen == "pdf" and is_business and _is_owed(order, settings, gross, on):
        chosen = "zugferd"
    return cast("EInvoiceFormat", chosen)


def reference(order: Order) -> str:
    """Return what the buyer wants the invoice routed by: a person's word, else the shop's.

    Where an XRechnung is wanted without one, the order's number stands for it.
    """
    return buyer.reference(order) or (order.bought.number if _is_x(_wish(order)) else "")


def home_tax(tax: int, currency: str, settings: Settings) -> tuple[int | None, str]:
    """Return the tax in euro cents and the rate used, for an invoice in another currency.

    NeedsHuman if the settings have no rate (Article 91 and 230 of Directive 2006/112/EC).
    """
    if currency == HOME_CURRENCY or not tax:
        return None, ""
    try:
        rate = rates(settings.exchange_rates)[currency]
    except (KeyError, ValueError):
        text = f"settings.exchange_rates: {currency} is missing; the tax is shown in euro too."
        raise NeedsHuman("exchange_rate_missing", text) from None
    return in_euro(Money(minor=tax, currency=currency), rate), f"{rate:f}"


def _wish(order: Order) -> str:
    wish = buyer.form(order)
    return wish if wish in FORMS else ""


def _is_x(form_name: str) -> bool:
    return form_name.startswith("xrechnung")


def _billed(order: Order) -> Address:
    return order.bought.billing if order.bought.billing.street else order.bought.shipping


def _is_complete(order: Order) -> bool:
    """Tell whether there is a buyer, a place and a line, which the norm does not do without."""
    billed = _billed(order)
    has_buyer = (billed.name or billed.company) and billed.city
    return bool(has_buyer and order.bought.of_kind(LineKind.PRODUCT))


def _is_owed(order: Order, settings: Settings, gross: int, on: str) -> bool:
    """Tell whether a business at home is owed an electronic invoice on a day."""
    since = DUTY_OF_LARGE if settings.large_turnover else DUTY_OF_ALL
    is_home = settings.country == "DE" and (_billed(order).country or "DE") == "DE"
    return is_home and on >= since and gross > SMALL_AMOUNT and not settings.small_business
