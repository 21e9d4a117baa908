"""What the form of a product says, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    "product.new": "Neuer Artikel",
    "product.create": "Artikel anlegen",
    "product.edit": "Bearbeiten",
    "product.edit_title": "{sku} bearbeiten",
    "product.new_hint": "Nur die Artikelnummer ist Pflicht. Sie lässt sich später nicht ändern.",
    "product.basics": "Was es ist",
    "product.measures": "Maße und Zoll",
    "product.ean": "EAN",
    "product.bin": "Lagerplatz (etwa A-03-2; je Lager: hamburg: A-03-2, wien: B-1)",
    "product.hs_code": "HS-Code (Zolltarif)",
    "product.origin_code": "Ursprungsland (etwa DE)",
    "product.weight_g": "Gewicht (g)",
    "product.length_mm": "Länge (mm)",
    "product.width_mm": "Breite (mm)",
    "product.height_mm": "Höhe (mm)",
    "product.min_stock": "Mindestbestand",
    "product.selling": "Verkauf und Bestand",
    "product.takes_backorders": "Auch ohne Bestand verkaufen (Nachbestellung)",
    "product.takes_preorders": "Noch nicht erschienen (Vorbestellung)",
    "product.expected_on": "Erwartet am",
    "product.keeps_lots": "Chargen mit Haltbarkeitsdatum führen",
    "product.bundle": "Set aus anderen Artikeln",
    "product.bundle_hint": "Leer lassen, wenn es kein Set ist. Ein Set hat keinen eigenen Bestand.",
    "product.part": "Artikelnummer",
    "product.pieces": "Stück",
    "product.more_parts": "Mehr Zeilen",
    "product.first_count": "Erste Zählung",
    "product.first_count_hint": "Was jetzt da liegt. Leer lassen bei Sets und bei Chargen.",
    "product.keep": "Speichern",
    "product.leave": "Abbrechen",
    "product.look_again": "Noch nicht gespeichert. Bitte sehen Sie sich die markierte Angabe an.",
    "product.overtaken": "Jemand hat den Artikel inzwischen geändert. Ihre Eingaben "
    "stehen noch hier; "
    "was jetzt gespeichert ist, steht daneben. Speichern ersetzt es.",
    "product.stored": "Jetzt gespeichert: {text}",
    "product.stored_nothing": "nichts",
    "product.stored_yes": "ja",
    "product.show_it": "Diesen Artikel ansehen",
    "product.archive": "Ablegen",
    "product.archive_hint": "Der Artikel wird nicht mehr verkauft und nicht mehr "
    "gelistet. Bestand und "
    "Bewegungen bleiben; Sie können ihn jederzeit zurückholen.",
    "product.archive_button": "Ja, ablegen",
    "product.restore": "Zurückholen",
    "product.restore_hint": "Der Artikel wird wieder gelistet und verkauft.",
    "product.restore_button": "Ja, zurückholen",
    "product.created": "Angelegt.",
    "product.saved": "Gespeichert.",
    "product.archived": "Abgelegt.",
    "product.restored": "Zurückgeholt.",
    "product.kept": "Nicht abgelegt: Es sind noch Stücke für Bestellungen reserviert. Versenden "
    "oder stornieren Sie diese zuerst.",
    "products.ways": "Legen Sie einen Artikel mit dem Formular an, oder lesen Sie viele "
    "aus einer "
    "CSV-Datei ein, auch aus einer, die Ihr Shop exportiert hat.",
    "products.from_file": "Aus CSV-Datei",
}

ENGLISH: Mapping[str, str] = {
    "product.new": "New product",
    "product.create": "Create product",
    "product.edit": "Edit",
    "product.edit_title": "Edit {sku}",
    "product.new_hint": "Only the SKU is required. It cannot be changed later.",
    "product.basics": "What it is",
    "product.measures": "Size and customs",
    "product.ean": "EAN",
    "product.bin": "Bin (like A-03-2; by location: hamburg: A-03-2, wien: B-1)",
    "product.hs_code": "HS code (customs tariff)",
    "product.origin_code": "Country of origin (like DE)",
    "product.weight_g": "Weight (g)",
    "product.length_mm": "Length (mm)",
    "product.width_mm": "Width (mm)",
    "product.height_mm": "Height (mm)",
    "product.min_stock": "Minimum stock",
    "product.selling": "Selling and stock",
    "product.takes_backorders": "Sell without stock too (backorder)",
    "product.takes_preorders": "Not out yet (preorder)",
    "product.expected_on": "Expected on",
    "product.keeps_lots": "Keep lots with best-before dates",
    "product.bundle": "Bundle of other products",
    "product.bundle_hint": "Leave empty if it is no bundle. A bundle has no stock of its own.",
    "product.part": "SKU",
    "product.pieces": "Pieces",
    "product.more_parts": "More rows",
    "product.first_count": "First count",
    "product.first_count_hint": "What lies there now. Leave empty for bundles and lots.",
    "product.keep": "Save",
    "product.leave": "Cancel",
    "product.look_again": "Not saved yet. Please look at the field that is marked.",
    "product.overtaken": "Somebody has changed the product meanwhile. What you typed is "
    "still here; what "
    "is stored now stands beside it. Saving replaces it.",
    "product.stored": "Stored now: {text}",
    "product.stored_nothing": "nothing",
    "product.stored_yes": "yes",
    "product.show_it": "Look at this product",
    "product.archive": "Archive",
    "product.archive_hint": "The product is no longer sold or listed. Stock and movements "
    "stay; you can "
    "restore it at any time.",
    "product.archive_button": "Yes, archive it",
    "product.restore": "Restore",
    "product.restore_hint": "The product is listed and sold again.",
    "product.restore_button": "Yes, restore it",
    "product.created": "Created.",
    "product.saved": "Saved.",
    "product.archived": "Archived.",
    "product.restored": "Restored.",
    "product.kept": "Not archived: units are still reserved for orders. Ship or cancel "
    "those first.",
    "products.ways": "Create one with the form, or read many from a CSV file, also one "
    "that your "
    "shop has exported.",
    "products.from_file": "From a CSV file",
}
