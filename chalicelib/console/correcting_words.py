"""The correction of an invoice in the words of the console."""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    "correcting.title": "Rechnungsdaten",
    "correcting.change": "Rechnungsdaten ändern",
    "correcting.fix": "Rechnung berichtigen",
    "correcting.hint": "{number} wird mit einer Rechnungskorrektur ganz aufgehoben, und eine neue "
    "Rechnung mit diesen Angaben wird ausgestellt.",
    "correcting.mailed": "Der Kunde bekommt beide in einer E-Mail an {to}.",
    "correcting.before": "Die Rechnung wird mit diesen Angaben ausgestellt.",
    "correcting.does": "{number} wird mit einer Rechnungskorrektur ganz aufgehoben, und eine neue "
    "Rechnung über {total} wird ausgestellt; der Kunde bekommt beide.",
    "correcting.to_be_paid": "Danach sind {amount} zu zahlen.",
    "correcting.to_be_refunded": "Danach sind {amount} zu erstatten.",
    "correcting.name": "Name",
    "correcting.company": "Firma",
    "correcting.street": "Straße und Hausnummer",
    "correcting.street2": "Zusatz",
    "correcting.zip": "PLZ",
    "correcting.city": "Ort",
    "correcting.region": "Region",
    "correcting.country": "Land (zwei Buchstaben)",
    "correcting.vat_id": "USt-IdNr.",
    "correcting.buyer_reference": "Referenz des Käufers",
    "correcting.order_reference": "Bestellnummer des Käufers",
    "correcting.reason": "Warum (nur für uns)",
    "correcting.save": "Speichern",
    "correcting.corrected": "berichtigt durch {numbers}",
    "correcting.replaced": "ersetzt durch {number}",
    "correcting.corrects": "zu {number}",
    "credit.tell": "Guthaben mitteilen",
    "done.credit-balance": "Der Kunde bekommt ein Schreiben zu seinem Guthaben.",
    "problem.nothing_held": "Es ist nichts zu viel bezahlt.",
    "problem.already_told": "Der Kunde weiß schon von diesem Guthaben.",
    "done.correct-invoice": "Ist notiert; die Belege werden gerade geschrieben.",
    "problem.order_cancelled": "Die Bestellung ist storniert: Ihre Rechnung wird ohnehin "
    "aufgehoben.",
    "problem.invoice_underway": "Die Rechnung wird gerade geschrieben. Bitte in einer Minute noch "
    "einmal.",
    "problem.already_corrected": "Die Rechnung ist nach einer Erstattung schon berichtigt und kann "
    "nicht mehr ersetzt werden.",
    "problem.billed_by_delivery": "Jede Lieferung hat ihre eigene Rechnung; solche berichtigen nur "
    "Erstattungen.",
    "problem.nothing_to_correct": "So steht es schon auf der Rechnung.",
    "problem.other_currency": "Der Shop hat die Währung gewechselt, und es ist schon Geld da.",
    "problem.bad_field.billing_address.name": "Nennen Sie eine Person oder eine Firma.",
    "problem.bad_field.billing_address.street": "Die Straße fehlt oder ist zu lang.",
    "problem.bad_field.billing_address.city": "Der Ort fehlt oder ist zu lang.",
    "problem.bad_field.billing_address.country": "Zwei Buchstaben, etwa DE.",
    "problem.bad_field.vat_id": "So sieht keine USt-IdNr. aus (etwa DE123456789).",
}

ENGLISH: Mapping[str, str] = {
    "correcting.title": "Billing details",
    "correcting.change": "Change the billing details",
    "correcting.fix": "Correct the invoice",
    "correcting.hint": "{number} is cancelled in full by a correction, and a new invoice with "
    "these details is issued.",
    "correcting.mailed": "The customer gets both in one mail to {to}.",
    "correcting.before": "The invoice is issued with these details.",
    "correcting.does": "{number} is cancelled in full by a correction, and a new invoice for "
    "{total} is issued; the customer gets both.",
    "correcting.to_be_paid": "After that {amount} remains to be paid.",
    "correcting.to_be_refunded": "After that {amount} is to be refunded.",
    "correcting.name": "Name",
    "correcting.company": "Company",
    "correcting.street": "Street and number",
    "correcting.street2": "Further line",
    "correcting.zip": "Postcode",
    "correcting.city": "City",
    "correcting.region": "Region",
    "correcting.country": "Country (two letters)",
    "correcting.vat_id": "VAT ID",
    "correcting.buyer_reference": "Buyer reference",
    "correcting.order_reference": "The buyer’s order number",
    "correcting.reason": "Why (only for us)",
    "correcting.save": "Save",
    "correcting.corrected": "corrected by {numbers}",
    "correcting.replaced": "replaced by {number}",
    "correcting.corrects": "on {number}",
    "credit.tell": "Tell the customer",
    "done.credit-balance": "The customer gets a letter about the credit balance.",
    "problem.nothing_held": "Nothing was paid too much.",
    "problem.already_told": "The customer knows of this credit balance already.",
    "done.correct-invoice": "Noted; the documents are being written.",
    "problem.order_cancelled": "The order is cancelled: its invoice is taken back anyway.",
    "problem.invoice_underway": "The invoice is being written at this moment. Try again in a "
    "minute.",
    "problem.already_corrected": "The invoice was corrected after a refund and cannot be replaced "
    "any more.",
    "problem.billed_by_delivery": "Each delivery has an invoice of its own; only refunds correct "
    "such.",
    "problem.nothing_to_correct": "That is what the invoice says already.",
    "problem.other_currency": "The shop has changed the currency, and there is money already.",
    "problem.bad_field.billing_address.name": "Name a person or a company.",
    "problem.bad_field.billing_address.street": "The street is missing or too long.",
    "problem.bad_field.billing_address.city": "The city is missing or too long.",
    "problem.bad_field.billing_address.country": "Two letters such as DE.",
    "problem.bad_field.vat_id": "This is not what a VAT ID looks like (such as DE123456789).",
}
