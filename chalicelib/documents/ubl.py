"""OASIS UBL 2.1: the other syntax of XRechnung; a 381 is a document of its own there.

The order of elements is that of the schema; empty ones are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.documents.markup import NOTHING, Markup, document, tag
from chalicelib.documents.profiles import GTIN, PROCESS, guideline

if TYPE_CHECKING:
    from decimal import Decimal

    from chalicelib.documents.einvoice import Adjustment, EInvoice, Item, Tax
    from chalicelib.documents.facts import Party
    from chalicelib.documents.traders import Trader

_OASIS = "urn:oasis:names:specification:ubl:schema:xsd:"
_PIECES = "H87"
_CREDIT_NOTE = "381"


def written(invoice: EInvoice) -> str:
    """Return the invoice, or the credit note, as an XML file."""
    is_credit = invoice.type_code == _CREDIT_NOTE
    root = "CreditNote" if is_credit else "Invoice"
    namespaces = {
        "": f"{_OASIS}{root}-2",
        "cac": f"{_OASIS}CommonAggregateComponents-2",
        "cbc": f"{_OASIS}CommonBasicComponents-2",
    }
    return document(root, namespaces, *_head(invoice, root), *_body(invoice, root))


def _head(invoice: EInvoice, root: str) -> tuple[Markup, ...]:
    # A credit note has no due date of its own.
    due = invoice.due_on if root == "Invoice" else ""
    return (
        tag("cbc:CustomizationID", guideline(is_xrechnung=invoice.is_xrechnung)),
        tag("cbc:ProfileID", PROCESS),
        tag("cbc:ID", invoice.number),
        tag("cbc:IssueDate", invoice.issued_on),
        tag("cbc:DueDate", due),
        tag(f"cbc:{root}TypeCode", invoice.type_code),
        *(tag("cbc:Note", note) for note in invoice.notes),
        tag("cbc:DocumentCurrencyCode", invoice.currency),
        tag("cbc:TaxCurrencyCode", invoice.home_currency),
        tag("cbc:BuyerReference", invoice.buyer_reference),
    )


def _body(invoice: EInvoice, root: str) -> tuple[Markup, ...]:
    return (
        _period(invoice),
        tag(
            "cac:OrderReference",
            tag("cbc:ID", invoice.order_number),
            tag("cbc:SalesOrderID", invoice.sales_order),
        ),
        _original(invoice),
        tag("cac:AccountingSupplierParty", _party(invoice.seller)),
        tag("cac:AccountingCustomerParty", _party(invoice.buyer)),
        _delivery(invoice),
        _means(invoice),
        tag("cac:PaymentTerms", tag("cbc:Note", invoice.terms)),
        *(_adjustment(adjustment, invoice) for adjustment in invoice.adjustments),
        *_taxes(invoice),
        _sums(invoice),
        *(_line(item, invoice.currency, root) for item in invoice.items),
    )


def _amount(name: str, value: Decimal, currency: str) -> Markup:
    return tag(f"cbc:{name}", f"{value:f}", currencyID=currency)


def _period(invoice: EInvoice) -> Markup:
    if not invoice.supplied_until:
        return NOTHING
    return tag(
        "cac:InvoicePeriod",
        tag("cbc:StartDate", invoice.supplied_on),
        tag("cbc:EndDate", invoice.supplied_until),
    )


def _original(invoice: EInvoice) -> Markup:
    if invoice.original is None:
        return NOTHING
    return tag(
        "cac:BillingReference",
        tag(
            "cac:InvoiceDocumentReference",
            tag("cbc:ID", invoice.original.number),
            tag("cbc:IssueDate", invoice.original.issued_on),
        ),
    )


def _party(trader: Trader) -> Markup:
    return tag(
        "cac:Party",
        tag("cbc:EndpointID", trader.address, schemeID=trader.address_scheme),
        tag("cac:PartyIdentification", tag("cbc:ID", trader.id)),
        _address("PostalAddress", trader.place),
        _registered(trader.vat_id, "VAT"),
        _registered(trader.tax_number, "FC"),
        tag(
            "cac:PartyLegalEntity",
            tag("cbc:RegistrationName", trader.name),
            tag("cbc:CompanyID", trader.legal_id),
            tag("cbc:CompanyLegalForm", trader.legal),
        ),
        tag(
            "cac:Contact",
            tag("cbc:Name", trader.contact),
            tag("cbc:Telephone", trader.phone),
            tag("cbc:ElectronicMail", trader.email),
        ),
    )


def _registered(number: str, scheme: str) -> Markup:
    if not number:
        return NOTHING
    return tag(
        "cac:PartyTaxScheme",
        tag("cbc:CompanyID", number),
        tag("cac:TaxScheme", tag("cbc:ID", scheme)),
    )


def _address(name: str, place: Party) -> Markup:
    return tag(
        f"cac:{name}",
        tag("cbc:StreetName", place.street),
        tag("cbc:AdditionalStreetName", place.street2),
        tag("cbc:CityName", place.city),
        tag("cbc:PostalZone", place.zip),
        tag("cbc:CountrySubentity", place.region),
        tag("cac:Country", tag("cbc:IdentificationCode", place.country)),
    )


def _delivery(invoice: EInvoice) -> Markup:
    return tag(
        "cac:Delivery",
        tag("cbc:ActualDeliveryDate", invoice.supplied_until or invoice.supplied_on),
        tag("cac:DeliveryLocation", _address("Address", invoice.receiver.place)),
        tag("cac:DeliveryParty", tag("cac:PartyName", tag("cbc:Name", invoice.receiver.name))),
    )


def _means(invoice: EInvoice) -> Markup:
    means = invoice.means
    return tag(
        "cac:PaymentMeans",
        tag("cbc:PaymentMeansCode", means.code, **({"name": means.text} if means.text else {})),
        tag("cbc:PaymentID", means.reference),
        tag(
            "cac:PayeeFinancialAccount",
            tag("cbc:ID", means.iban),
            tag("cbc:Name", means.holder),
            tag("cac:FinancialInstitutionBranch", tag("cbc:ID", means.bic)),
        ),
    )


def _category(name: str, category: str, rate: str, *reasons: Markup) -> Markup:
    return tag(
        f"cac:{name}",
        tag("cbc:ID", category),
        tag("cbc:Percent", rate),
        *reasons,
        tag("cac:TaxScheme", tag("cbc:ID", "VAT")),
    )


def _adjustment(adjustment: Adjustment, invoice: EInvoice) -> Markup:
    return tag(
        "cac:AllowanceCharge",
        tag("cbc:ChargeIndicator", "true" if adjustment.is_charge else "false"),
        tag("cbc:AllowanceChargeReasonCode", adjustment.reason_code),
        tag("cbc:AllowanceChargeReason", adjustment.reason),
        _amount("Amount", adjustment.amount, invoice.currency),
        _category("TaxCategory", adjustment.category, adjustment.rate),
    )


def _taxes(invoice: EInvoice) -> tuple[Markup, ...]:
    home = NOTHING
    if invoice.home_tax is not None:
        home = tag("cac:TaxTotal", _amount("TaxAmount", invoice.home_tax, invoice.home_currency))
    whole = tag(
        "cac:TaxTotal",
        _amount("TaxAmount", invoice.sums.tax, invoice.currency),
        *(_tax(tax, invoice.currency) for tax in invoice.taxes),
    )
    return (whole, home)


def _tax(tax: Tax, currency: str) -> Markup:
    return tag(
        "cac:TaxSubtotal",
        _amount("TaxableAmount", tax.net, currency),
        _amount("TaxAmount", tax.tax, currency),
        _category(
            "TaxCategory",
            tax.category,
            tax.rate,
            tag("cbc:TaxExemptionReasonCode", tax.reason_code),
            tag("cbc:TaxExemptionReason", tax.reason),
        ),
    )


def _sums(invoice: EInvoice) -> Markup:
    sums, currency = invoice.sums, invoice.currency
    return tag(
        "cac:LegalMonetaryTotal",
        _amount("LineExtensionAmount", sums.lines, currency),
        _amount("TaxExclusiveAmount", sums.net, currency),
        _amount("TaxInclusiveAmount", sums.gross, currency),
        _amount("AllowanceTotalAmount", sums.allowances, currency),
        _amount("ChargeTotalAmount", sums.charges, currency),
        _amount("PrepaidAmount", sums.paid, currency),
        _amount("PayableAmount", sums.due, currency),
    )


def _line(item: Item, currency: str, root: str) -> Markup:
    quantity = "Credited" if root == "CreditNote" else "Invoiced"
    off = tag(
        "cac:AllowanceCharge",
        tag("cbc:ChargeIndicator", "false"),
        tag("cbc:AllowanceChargeReasonCode", "95"),
        _amount("Amount", item.discount, currency),
    )
    return tag(
        f"cac:{root}Line",
        tag("cbc:ID", item.position),
        tag(f"cbc:{quantity}Quantity", f"{item.quantity}", unitCode=_PIECES),
        _amount("LineExtensionAmount", item.net, currency),
        off if item.discount else NOTHING,
        tag(
            "cac:Item",
            tag("cbc:Description", item.details),
            tag("cbc:Name", item.name),
            tag("cac:SellersItemIdentification", tag("cbc:ID", item.sku)),
            tag("cac:StandardItemIdentification", tag("cbc:ID", item.ean, schemeID=GTIN)),
            _category("ClassifiedTaxCategory", item.category, item.rate),
        ),
        tag("cac:Price", _amount("PriceAmount", item.price, currency)),
    )
