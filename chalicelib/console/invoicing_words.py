"""The form of an invoice in the words of the console."""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    "invoicing.title": "Rechnung an",
    "invoicing.change": "Was auf der Rechnung stehen soll",
    "invoicing.reference": "Leitweg-ID oder Käuferreferenz",
    "invoicing.reference_hint": "Behörden nennen sie mit der Bestellung. Wer eine Leitweg-ID hat, "
    "bekommt eine XRechnung.",
    "invoicing.order": "Bestellnummer des Kunden",
    "invoicing.order_hint": "Steht auf der Rechnung unter Ihre Referenz (BT-13).",
    "invoicing.vat_hint": "Leer heißt: wie im Shop angegeben.",
    "invoicing.form": "Form der Rechnung",
    "invoicing.vat_id": "USt-IdNr. des Kunden",
    "invoicing.until": "Zu ändern, bis die Rechnung ausgestellt ist.",
    "invoicing.save": "Festlegen",
    "invoice_form.": "wie in den Einstellungen",
    "invoice_form.pdf": "PDF",
    "invoice_form.zugferd": "ZUGFeRD (PDF mit XML)",
    "invoice_form.xrechnung_cii": "XRechnung (CII)",
    "invoice_form.xrechnung_ubl": "XRechnung (UBL)",
    "done.invoicing": "Die Rechnung wird so ausgestellt.",
    "problem.already_invoiced": "Die Rechnung ist schon ausgestellt.",
    "problem.bad_field.buyer_reference": "Das stimmt so nicht: Die letzten beiden Ziffern einer "
    "Leitweg-ID prüfen den Rest, und mehr als 46 Zeichen hat keine.",
    "problem.bad_field.vat_id": "So sieht keine USt-IdNr. dieses Landes aus.",
    "problem.bad_field.order_reference": "Mehr als 60 Zeichen hat keine Bestellnummer.",
    "problem.bad_field.form": "Wählen Sie eine Form aus der Liste.",
}

ENGLISH: Mapping[str, str] = {
    "invoicing.title": "Invoice to",
    "invoicing.change": "What is to be on the invoice",
    "invoicing.reference": "Leitweg-ID or buyer reference",
    "invoicing.reference_hint": "Public buyers name it with their order. Whoever has a Leitweg-ID "
    "gets an XRechnung.",
    "invoicing.order": "The customer’s own order number",
    "invoicing.order_hint": "It stands on the invoice as Your reference (BT-13).",
    "invoicing.vat_hint": "Empty means: as the shop says.",
    "invoicing.form": "Form of the invoice",
    "invoicing.vat_id": "The customer’s VAT ID",
    "invoicing.until": "It can be changed until the invoice is issued.",
    "invoicing.save": "Use this",
    "invoice_form.": "as in the settings",
    "invoice_form.pdf": "PDF",
    "invoice_form.zugferd": "ZUGFeRD (PDF with XML)",
    "invoice_form.xrechnung_cii": "XRechnung (CII)",
    "invoice_form.xrechnung_ubl": "XRechnung (UBL)",
    "done.invoicing": "The invoice will be issued like this.",
    "problem.already_invoiced": "The invoice is issued already.",
    "problem.bad_field.buyer_reference": "That is not right: the last two digits of a Leitweg-ID "
    "check the rest, and none has more than 46 characters.",
    "problem.bad_field.vat_id": "No VAT ID of that country looks like this.",
    "problem.bad_field.order_reference": "No order number has more than 60 characters.",
    "problem.bad_field.form": "Choose a form from the list.",
}
