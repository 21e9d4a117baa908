"""What the page of previews says, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    "previews.title": "Vorschau der Dokumente",
    "previews.hint": "Mit Ihren gespeicherten Einstellungen. Es wird keine Nummer vergeben und "
    "nichts abgelegt.",
    "previews.kind": "Dokument",
    "previews.language": "Sprache",
    "previews.lines": "Positionen",
    "previews.number": "Oder mit den Daten dieser Bestellung (Nummer)",
    "previews.number_help": "Für Rechnung, Lieferschein, Packzettel und Pickliste.",
    "previews.make": "Vorschau zeigen",
    "previews.no_order": "Eine Bestellung mit dieser Nummer gibt es nicht.",
    "preview.invoice": "Rechnung",
    "preview.credit_note": "Rechnungskorrektur",
    "preview.cancellation": "Storno der Rechnung",
    "preview.delivery_note": "Lieferschein",
    "preview.packing_slip": "Packzettel",
    "preview.pick_list": "Pickliste",
    "preview.return_slip": "Rücksendeschein",
    "preview.credit_balance": "Guthaben",
    "preview.payment_reminder": "Zahlungserinnerung",
    "preview.dunning_1": "1. Mahnung",
    "preview.dunning_2": "2. Mahnung",
    "preview.label": "Paketlabel",
    "preview_language.de": "Deutsch",
    "preview_language.en": "Englisch",
}
ENGLISH: Mapping[str, str] = {
    "previews.title": "Preview of documents",
    "previews.hint": "With your stored settings. No number is drawn, and nothing is filed.",
    "previews.kind": "Document",
    "previews.language": "Language",
    "previews.lines": "Lines",
    "previews.number": "Or with the data of this order (number)",
    "previews.number_help": "For invoice, delivery note, packing slip and pick list.",
    "previews.make": "Show the preview",
    "previews.no_order": "There is no order with this number.",
    "preview.invoice": "Invoice",
    "preview.credit_note": "Invoice correction",
    "preview.cancellation": "Cancellation of the invoice",
    "preview.delivery_note": "Delivery note",
    "preview.packing_slip": "Packing slip",
    "preview.pick_list": "Pick list",
    "preview.return_slip": "Return slip",
    "preview.credit_balance": "Credit balance",
    "preview.payment_reminder": "Payment reminder",
    "preview.dunning_1": "First dunning letter",
    "preview.dunning_2": "Second dunning letter",
    "preview.label": "Parcel label",
    "preview_language.de": "German",
    "preview_language.en": "English",
}
