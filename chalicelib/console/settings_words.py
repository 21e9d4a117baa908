"""What the page of settings says beside its fields, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    "settings.title": "Einstellungen",
    "settings.save": "Speichern",
    "settings.saved": "Gespeichert. Neue Bestellungen und Dokumente richten sich danach.",
    "settings.look_again": "Nicht gespeichert: Bitte sehen Sie sich die markierten Felder an.",
    "settings.no_logo": "Noch kein Logo.",
    "settings.logo_off": "Logo entfernen",
    "settings.preview": "Vorschau, ohne zu speichern",
    "settings.more_locations": "Weiterer Standort",
    "settings.more_accounts": "Weiteres Konto",
    "settings.more_series": "Weiterer Shop",
    "settings.frozen": "Regeln gelten für neue Bestellungen; laufende behalten ihre.",
    "settings.section.company": "Firma",
    "settings.section.tax": "Steuer und Bank",
    "settings.section.look": "Aussehen",
    "settings.section.payments": "Zahlungen",
    "settings.section.reminders": "Erinnerungen",
    "settings.section.bookkeeping": "Buchführung",
    "settings.section.documents": "Dokumente",
    "settings.section.mails": "E-Mails",
    "settings.section.shipping": "Versand",
    "settings.section.selling": "Verfügbarkeit",
    "settings.section.locations": "Standorte",
    "settings.section.accounts": "Konten",
    "settings.section.series": "Nummern je Shop",
    "settings.hint.accounts": "Eigene Konten statt der des Kontenrahmens: 19 oder 7 für Erlöse,"
    " oss:AT für ein Land, clearing:stripe für einen Zahlungsdienst, fees:stripe für dessen"
    " Gebühren. Eine leere Zeile entfällt.",
    "settings.hint.series": "Ein Shop mit eigenen Belegnummern. Was leer ist, gilt wie unter"
    " Dokumente.",
    "settings.hint.company": "Steht auf Rechnungen, in E-Mails und auf der Seite des Kunden.",
    "settings.hint.tax": "Pflichtangaben auf Rechnungen, und wohin Ihre Kunden überweisen.",
    "settings.hint.look": "So sehen Dokumente, E-Mails und die Seite des Kunden aus.",
    "settings.hint.payments": "Wann eine Zahlung als vollständig gilt und was von selbst gebucht"
    " wird.",
    "settings.hint.reminders": "Wann Kunden an ihre Zahlung erinnert werden.",
    "settings.hint.bookkeeping": "Für die DATEV-Buchungsstapel unter Belege, Exporte.",
    "settings.hint.documents": "Nummern, Texte und Zeitpunkt der Dokumente.",
    "settings.hint.mails": "Wovon Ihre Kunden hören.",
    "settings.hint.shipping": "Wann und woher versandt wird.",
    "settings.hint.selling": "Was Shops über Ihren Bestand erfahren.",
    "settings.hint.locations": "Wo Ihre Ware liegt. Ein Kürzel bleibt, wie es ist: Der Bestand"
    " hängt daran.",
}

ENGLISH: Mapping[str, str] = {
    "settings.title": "Settings",
    "settings.save": "Save",
    "settings.saved": "Saved. New orders and documents follow it.",
    "settings.look_again": "Not saved: please look at the marked fields.",
    "settings.no_logo": "No logo yet.",
    "settings.logo_off": "Remove the logo",
    "settings.preview": "Preview without saving",
    "settings.more_locations": "One more location",
    "settings.more_accounts": "One more account",
    "settings.more_series": "One more shop",
    "settings.frozen": "Rules are for new orders; those on their way keep theirs.",
    "settings.section.company": "Company",
    "settings.section.tax": "Tax and bank",
    "settings.section.look": "Look",
    "settings.section.payments": "Payments",
    "settings.section.reminders": "Reminders",
    "settings.section.bookkeeping": "Bookkeeping",
    "settings.section.documents": "Documents",
    "settings.section.mails": "Mails",
    "settings.section.shipping": "Shipping",
    "settings.section.selling": "Availability",
    "settings.section.locations": "Locations",
    "settings.section.accounts": "Accounts",
    "settings.section.series": "Numbers by shop",
    "settings.hint.accounts": "Accounts of your own in place of the chart's: 19 or 7 for revenue,"
    " oss:AT for a country, clearing:stripe for a provider, fees:stripe for its fees. An empty row"
    " is left out.",
    "settings.hint.series": "A shop with numbers of its own. What is empty is as under Documents.",
    "settings.hint.company": "Stands on invoices, in mails and on the customer's page.",
    "settings.hint.tax": "What invoices must say, and where your customers send their money.",
    "settings.hint.look": "How documents, mails and the customer's page look.",
    "settings.hint.payments": "When a payment is complete, and what is booked by itself.",
    "settings.hint.reminders": "When customers are reminded of their payment.",
    "settings.hint.bookkeeping": "For the DATEV booking batches under Documents, Exports.",
    "settings.hint.documents": "Numbers, texts and time of documents.",
    "settings.hint.mails": "What your customers hear of.",
    "settings.hint.shipping": "When orders are shipped, and from where.",
    "settings.hint.selling": "What shops hear of your stock.",
    "settings.hint.locations": "Where your goods lie. A short name stays as it is: the stock hangs"
    " on it.",
}
