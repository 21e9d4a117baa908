"""UN/CEFACT Cross Industry Invoice: the syntax of ZUGFeRD / Factur-X and of XRechnung's CII.

The order of elements is that of the schema D16B; empty ones are left out.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.documents.markup import NOTHING, Markup, document, tag
from chalicelib.documents.profiles import GTIN, PROCESS, guideline

if TYPE_CHECKING:
    from chalicelib.documents.einvoice import Adjustment, EInvoice, Item, Sums, Tax
    from chalicelib.documents.facts import Party
    from chalicelib.documents.traders import Trader

_UN = "urn:un:unece:uncefact:data:"
NAMESPACES = {
    "rsm": f"{_UN}standard:CrossIndustryInvoice:100",
    "ram": f"{_UN}standard:ReusableAggregateBusinessInformationEntity:100",
    "qdt": f"{_UN}standard:QualifiedDataType:100",
    "udt": f"{_UN}standard:UnqualifiedDataType:100",
}
_PIECES = "H87"


def written(invoice: EInvoice) -> str:
    """Return the invoice as an XML file."""
    process = invoice.is_xrechnung and tag(
        "ram:BusinessProcessSpecifiedDocumentContextParameter", tag("ram:ID", PROCESS)
    )
    context = tag(
        "rsm:ExchangedDocumentContext",
        process or NOTHING,
        tag(
            "ram:GuidelineSpecifiedDocumentContextParameter",
            tag("ram:ID", guideline(is_xrechnung=invoice.is_xrechnung)),
        ),
    )
    head = tag(
        "rsm:ExchangedDocument",
        tag("ram:ID", invoice.number),
        tag("ram:TypeCode", invoice.type_code),
        tag("ram:IssueDateTime", _day(invoice.issued_on)),
        *(tag("ram:IncludedNote", tag("ram:Content", note)) for note in invoice.notes),
    )
    trade = tag(
        "rsm:SupplyChainTradeTransaction",
        *(_line(item) for item in invoice.items),
        _agreement(invoice),
        _delivery(invoice),
        _settlement(invoice),
    )
    return document("rsm:CrossIndustryInvoice", NAMESPACES, context, head, trade)


def _amount(name: str, value: Decimal, **attributes: str) -> Markup:
    return tag(f"ram:{name}", f"{value:f}", **attributes)


def _day(iso: str, name: str = "udt:DateTimeString") -> Markup:
    return tag(name, iso.replace("-", ""), format="102")


def _line(item: Item) -> Markup:
    off = tag(
        "ram:SpecifiedTradeAllowanceCharge",
        tag("ram:ChargeIndicator", tag("udt:Indicator", "false")),
        _amount("ActualAmount", item.discount),
        tag("ram:ReasonCode", "95"),
    )
    return tag(
        "ram:IncludedSupplyChainTradeLineItem",
        tag("ram:AssociatedDocumentLineDocument", tag("ram:LineID", item.position)),
        tag(
            "ram:SpecifiedTradeProduct",
            tag("ram:GlobalID", item.ean, schemeID=GTIN),
            tag("ram:SellerAssignedID", item.sku),
            tag("ram:Name", item.name),
            tag("ram:Description", item.details),
        ),
        tag(
            "ram:SpecifiedLineTradeAgreement",
            tag("ram:NetPriceProductTradePrice", _amount("ChargeAmount", item.price)),
        ),
        tag(
            "ram:SpecifiedLineTradeDelivery",
            tag("ram:BilledQuantity", f"{item.quantity}", unitCode=_PIECES),
        ),
        tag(
            "ram:SpecifiedLineTradeSettlement",
            tag("ram:ApplicableTradeTax", *_taxed(item.category, item.rate)),
            off if item.discount else NOTHING,
            tag(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                _amount("LineTotalAmount", item.net),
            ),
        ),
    )


def _taxed(category: str, rate: str) -> tuple[Markup, Markup, Markup]:
    return (
        tag("ram:TypeCode", "VAT"),
        tag("ram:CategoryCode", category),
        tag("ram:RateApplicablePercent", rate),
    )


def _agreement(invoice: EInvoice) -> Markup:
    return tag(
        "ram:ApplicableHeaderTradeAgreement",
        tag("ram:BuyerReference", invoice.buyer_reference),
        _party("SellerTradeParty", invoice.seller),
        _party("BuyerTradeParty", invoice.buyer),
        tag("ram:SellerOrderReferencedDocument", tag("ram:IssuerAssignedID", invoice.sales_order)),
        tag("ram:BuyerOrderReferencedDocument", tag("ram:IssuerAssignedID", invoice.order_number)),
    )


def _party(name: str, trader: Trader) -> Markup:
    return tag(
        f"ram:{name}",
        tag("ram:ID", trader.id),
        tag("ram:Name", trader.name),
        tag("ram:Description", trader.legal),
        tag("ram:SpecifiedLegalOrganization", tag("ram:ID", trader.legal_id)),
        tag(
            "ram:DefinedTradeContact",
            tag("ram:PersonName", trader.contact),
            tag("ram:TelephoneUniversalCommunication", tag("ram:CompleteNumber", trader.phone)),
            tag("ram:EmailURIUniversalCommunication", tag("ram:URIID", trader.email)),
        ),
        _address(trader.place),
        tag(
            "ram:URIUniversalCommunication",
            tag("ram:URIID", trader.address, schemeID=trader.address_scheme),
        ),
        tag("ram:SpecifiedTaxRegistration", tag("ram:ID", trader.tax_number, schemeID="FC")),
        tag("ram:SpecifiedTaxRegistration", tag("ram:ID", trader.vat_id, schemeID="VA")),
    )


def _address(place: Party) -> Markup:
    return tag(
        "ram:PostalTradeAddress",
        tag("ram:PostcodeCode", place.zip),
        tag("ram:LineOne", place.street),
        tag("ram:LineTwo", place.street2),
        tag("ram:CityName", place.city),
        tag("ram:CountryID", place.country),
        tag("ram:CountrySubDivisionName", place.region),
    )


def _delivery(invoice: EInvoice) -> Markup:
    last = invoice.supplied_until or invoice.supplied_on
    return tag(
        "ram:ApplicableHeaderTradeDelivery",
        tag(
            "ram:ShipToTradeParty",
            tag("ram:Name", invoice.receiver.name),
            _address(invoice.receiver.place),
        ),
        tag(
            "ram:ActualDeliverySupplyChainEvent",
            tag("ram:OccurrenceDateTime", _day(last)),
        ),
    )


def _settlement(invoice: EInvoice) -> Markup:
    original = invoice.original
    return tag(
        "ram:ApplicableHeaderTradeSettlement",
        tag("ram:PaymentReference", invoice.means.reference),
        tag("ram:TaxCurrencyCode", invoice.home_currency),
        tag("ram:InvoiceCurrencyCode", invoice.currency),
        _means(invoice),
        *(_tax(tax) for tax in invoice.taxes),
        _period(invoice),
        *(_adjustment(adjustment) for adjustment in invoice.adjustments),
        tag(
            "ram:SpecifiedTradePaymentTerms",
            tag("ram:Description", invoice.terms),
            tag("ram:DueDateDateTime", _day(invoice.due_on)),
        ),
        _summation(invoice, invoice.sums),
        tag(
            "ram:InvoiceReferencedDocument",
            tag("ram:IssuerAssignedID", original.number),
            tag(
                "ram:FormattedIssueDateTime",
                _day(original.issued_on, "qdt:DateTimeString"),
            ),
        )
        if original
        else NOTHING,
    )


def _means(invoice: EInvoice) -> Markup:
    means = invoice.means
    return tag(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        tag("ram:TypeCode", means.code),
        tag("ram:Information", means.text),
        tag(
            "ram:PayeePartyCreditorFinancialAccount",
            tag("ram:IBANID", means.iban),
            tag("ram:AccountName", means.holder),
        ),
        tag("ram:PayeeSpecifiedCreditorFinancialInstitution", tag("ram:BICID", means.bic)),
    )


def _tax(tax: Tax) -> Markup:
    return tag(
        "ram:ApplicableTradeTax",
        _amount("CalculatedAmount", tax.tax),
        tag("ram:TypeCode", "VAT"),
        tag("ram:ExemptionReason", tax.reason),
        _amount("BasisAmount", tax.net),
        tag("ram:CategoryCode", tax.category),
        tag("ram:ExemptionReasonCode", tax.reason_code),
        tag("ram:RateApplicablePercent", tax.rate),
    )


def _period(invoice: EInvoice) -> Markup:
    if not invoice.supplied_until:
        return NOTHING
    return tag(
        "ram:BillingSpecifiedPeriod",
        tag("ram:StartDateTime", _day(invoice.supplied_on)),
        tag("ram:EndDateTime", _day(invoice.supplied_until)),
    )


def _adjustment(adjustment: Adjustment) -> Markup:
    return tag(
        "ram:SpecifiedTradeAllowanceCharge",
        tag(
            "ram:ChargeIndicator",
            tag("udt:Indicator", "true" if adjustment.is_charge else "false"),
        ),
        _amount("ActualAmount", adjustment.amount),
        tag("ram:ReasonCode", adjustment.reason_code),
        tag("ram:Reason", adjustment.reason),
        tag("ram:CategoryTradeTax", *_taxed(adjustment.category, adjustment.rate)),
    )


def _summation(invoice: EInvoice, sums: Sums) -> Markup:
    home = NOTHING
    if invoice.home_tax is not None:
        home = _amount("TaxTotalAmount", invoice.home_tax, currencyID=invoice.home_currency)
    return tag(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        _amount("LineTotalAmount", sums.lines),
        _amount("ChargeTotalAmount", sums.charges),
        _amount("AllowanceTotalAmount", sums.allowances),
        _amount("TaxBasisTotalAmount", sums.net),
        _amount("TaxTotalAmount", sums.tax, currencyID=invoice.currency),
        home,
        _amount("GrandTotalAmount", sums.gross),
        _amount("TotalPrepaidAmount", sums.paid),
        _amount("DuePayableAmount", sums.due),
    )
