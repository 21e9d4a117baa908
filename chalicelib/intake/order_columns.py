"""What a column of an order table can hold, and how shops and their tools name such columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.runtime.sheets import guess as guessed
from chalicelib.runtime.sheets import normal

if TYPE_CHECKING:
    from collections.abc import Sequence

ADDRESS = (
    "name", "first_name", "last_name", "company", "street", "house_number", "street2", "zip",
    "city", "region", "country", "phone",
)  # fmt: skip
# Of the whole order: every row of it says the same, or only the first one says it.
WHOLE = (
    "number", "external_id", "state", "placed_at", "modified_at", "currency", "total",
    "shipping_cost", "shipping_method", "discount", "discount_name", "fee", "fee_name", "deposit",
    "gift_card", "gift_card_code", "email", "phone", "locale", "vat_id", "note",
    "payment_method", "payment_state", "paid", "paid_at", "payment_reference",
    *(f"billing_{name}" for name in ADDRESS),
    *(f"shipping_{name}" for name in ADDRESS),
)  # fmt: skip
# Of one line: each row has its own.
OF_LINE = (
    "line_id", "kind", "sku", "name", "quantity", "unit_price", "line_discount", "line_total",
    "tax_rate", "ships", "part_of",
)  # fmt: skip
FIELDS = (*WHOLE, *OF_LINE)

# Names of columns as they stand in exports of common tools, German and English.
_NAMES = {
    "number": "Order Number|Order No|Order|Bestellnummer|Bestell-Nr|Auftragsnummer|Auftrags-Nr|"
    "Rechnungsnummer Shop|Belegnummer|Verkaufsprotokollnummer|Sales Record Number|Bestellung",
    "external_id": "Order ID|order-id|Id|Bestell-ID|Externe ID|External ID|amazon-order-id|"
    "Externe Bestellnummer|AuftragsID",
    "state": "Status|Order Status|Bestellstatus|Fulfillment Status|Auftragsstatus",
    "placed_at": "Date|Order Date|Created at|purchase-date|Sale Date|Datum|Bestelldatum|"
    "Auftragsdatum|Verkaufsdatum|Placed at|Kaufdatum|Bestellt am",
    "modified_at": "Modified at|Updated at|Date Modified|Geändert am",
    "currency": "Currency|Währung|Order Currency|Waehrung",
    "total": "Total|Order Total|Gesamt|Gesamtbetrag|Gesamtsumme|Summe|Rechnungsbetrag|"
    "Endbetrag|Bestellsumme|Order Total Amount|Brutto Gesamt|Total Price",
    "shipping_cost": "Shipping|Shipping Cost|Shipping Price|Shipping Amount|Versand|Porto|"
    "Versandkosten|Order Shipping|Order Shipping Amount|Verpackung und Versand|Shipping Total",
    "shipping_method": "Shipping Method|Versandart|ship-service-level|Versandmethode",
    "discount": "Discount|Discount Amount|Rabatt|Gutschein Betrag|Cart Discount Amount|"
    "Order Discount|Nachlass|Rabattbetrag",
    "discount_name": "Discount Code|Gutscheincode|Coupon Code|Rabattcode",
    "fee": "Fee|Fees|Gebühr|Gebühren|Fee Amount|Zahlungsgebühr",
    "fee_name": "Fee Name|Gebühr Name",
    "deposit": "Deposit|Pfand",
    "gift_card": "Gift Card|Gift Card Amount|Geschenkgutschein|Gift Card Total",
    "gift_card_code": "Gift Card Code|Geschenkgutschein Code",
    "email": "Email|E-Mail|Email Address|E-Mail-Adresse|buyer-email|Customer Email|Mail|"
    "E-Mail des Käufers|Email Billing|Billing Email|Käufer E-Mail|Email (Billing)",
    "phone": "Phone|Telefon|Tel|buyer-phone-number|Telefonnummer|Phone Number|Phone (Billing)",
    "locale": "Locale|Language|Sprache",
    "vat_id": "VAT ID|VAT Number|USt-IdNr|UStID|Umsatzsteuer-ID|USt-ID|VAT",
    "note": "Note|Notes|Customer Note|Notiz|Bemerkung|Kommentar|Kundennotiz|Nachricht|"
    "Anmerkung|Kundenkommentar",
    "payment_method": "Payment Method|Zahlungsart|Zahlungsweise|Zahlungsmethode|Zahlart|"
    "Payment Method Title",
    "payment_state": "Financial Status|Payment Status|Zahlungsstatus|Bezahlt",
    "paid": "Paid|Amount Paid|Bezahlter Betrag|Paid Amount",
    "paid_at": "Paid at|Date Paid|payments-date|Bezahlt am|Zahlungsdatum|Paid Date|Zahldatum",
    "payment_reference": "Payment Reference|Transaction ID|Transaktions-ID|Transaktionsnummer|"
    "Payment ID",
    "line_id": "Line ID|order-item-id|Transaction|Positionsnummer|Position|OrderItemID",
    "kind": "Kind|Line Kind|Positionsart",
    "sku": "SKU|Lineitem sku|Item SKU|Product SKU|Artikelnummer|Artikel-Nr|Art-Nr|ArtNr|"
    "Bestandseinheit|Custom Label|seller-sku",
    "name": "Item|Item Name|Product|Product Name|Lineitem name|Title|Item Title|Artikel|"
    "Artikelname|Artikelbezeichnung|Bezeichnung|Produkt|Produktname|Beschreibung|Name",
    "quantity": "Quantity|Qty|Lineitem quantity|quantity-purchased|Menge|Anzahl|Stück|"
    "Stückzahl|Item Quantity|Quantity (- Refund)",
    "unit_price": "Price|Unit Price|Lineitem price|Item Price|Preis|Einzelpreis|Stückpreis|"
    "Item Cost|Verkaufspreis|Verkauft für|Sold For|Preis brutto|E-Preis",
    "line_discount": "Line Discount|Lineitem discount|Positionsrabatt|Item Discount|"
    "Item Discount Amount",
    "line_total": "Line Total|Item Total|Positionssumme|Zeilensumme|Gesamtpreis|Order Line Total",
    "tax_rate": "Tax Rate|VAT Rate|Steuersatz|MwSt|MwSt-Satz|USt|Mehrwertsteuer|USt-Satz|"
    "Enthaltener Mehrwertsteuersatz|Steuer %",
    "ships": "Ships|Lineitem requires shipping|Versandpflichtig",
}
_PARTS = {
    "name": "Name|Full Name|buyer-name|Buyer Name|Käufername|Kunde|Kundenname|Customer|"
    "Customer Name|Name des Käufers|Empfänger|recipient-name|Buyer",
    "first_name": "First Name|Vorname",
    "last_name": "Last Name|Nachname|Surname",
    "company": "Company|Firma|Firmenname|Company Name",
    "street": "Street|Address|Address 1|Address1|address-1|Address Line 1|Straße|Strasse|"
    "Adresse|Adresse 1|Address 1&2|Straße und Hausnummer",
    "house_number": "House Number|Hausnummer|Haus-Nr",
    "street2": "Address 2|Address2|address-2|Address Line 2|Adresszusatz|Adresse 2|Street2",
    "zip": "Zip|Zipcode|Postal Code|postal-code|Postcode|PLZ|Postleitzahl",
    "city": "City|Town|Ort|Stadt",
    "region": "State|Province|Region|Bundesland|State Code|Province Name",
    "country": "Country|Land|Country Code|Ländercode|Country Name",
    "phone": "Phone|Telefon|phone-number",
}
# What stands before or behind a part of an address to say whose it is.
_BILLING = ("", "Billing ", "Rechnung ", "Rechnungs", "Rechnungsadresse ", "Bill ", "Buyer ")
_SHIPPING = ("Shipping ", "Ship ", "ship-", "Liefer", "Lieferadresse ", "Lieferung ", "Delivery ",
             "Versand ", "Post to ")  # fmt: skip


def _known() -> dict[str, str]:
    """Return fields by the normal names of their columns; the fields' own names come first."""
    found = {normal(field): field for field in FIELDS}
    for field, names in _NAMES.items():
        for name in names.split("|"):
            found.setdefault(normal(name), field)
    for whose, marks in (("billing", _BILLING), ("shipping", _SHIPPING)):
        for part, names in _PARTS.items():
            field = f"{whose}_{part}"
            for name in names.split("|"):
                for mark in marks:
                    found.setdefault(normal(f"{mark}{name}"), field)
                found.setdefault(normal(f"{name} ({whose})"), field)
    # Marketplaces name who gets the parcel without saying that it is about the parcel.
    return found | {"recipientname": "shipping_name", "empfaenger": "shipping_name"}


NAMES = _known()
# Names that mean something else beside certain other columns.
BESIDE = {
    "lineitemname": {"name": "number"},  # Shopify: #1001
    "quantitypurchased": {"itemprice": "line_total"},  # Amazon: of all pieces
}
ITEM_NAMES = frozenset(map(normal, _NAMES["name"].split("|"))) - {"name"}


def guess(header: Sequence[str]) -> dict[str, str]:
    """Guess by column what it holds; a bare `Name` is the customer's if the goods have theirs."""
    there = {normal(column) for column in header}
    names = dict(NAMES)
    if there & ITEM_NAMES:
        names["name"] = "billing_name"
    for sign, meant in BESIDE.items():
        names |= meant if sign in there else {}
    return guessed(header, names)
