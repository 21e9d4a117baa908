"""What the pages say of long work, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    "jobs.title": "Vorgänge",
    "jobs.empty": "Noch nichts. Importe und Abrufe der Shops erscheinen hier.",
    "jobs.updated": "Zuletzt",
    "jobs.progress": "{done} von {total}",
    "jobs.done": "{done} bearbeitet",
    "jobs.problems": "{count} Zeilen mit Fehlern",
    "jobs.first": "Die ersten {count} davon:",
    "jobs.row": "Zeile",
    "jobs.field": "Feld",
    "jobs.reason": "Grund",
    "jobs.tries": "Wird gleich noch einmal versucht.",
    "job.poll": "Bestellungen abrufen",
    "job.import_open": "Offene Bestellungen übernehmen",
    "job.register": "Webhooks anmelden",
    "job.check": "Verbindung prüfen",
    "job.import_orders": "Bestellungen aus einer Datei",
    "job.import_products": "Artikel aus einer Datei",
    "job.push_levels": "Alle Bestände an den Shop",
    "job.arrivals": "Ware für wartende Bestellungen",
    "hold.unknown_kind": "Unbekannter Vorgang",
    "job_state.waiting": "wartet",
    "job_state.running": "läuft",
    "job_state.done": "fertig",
    "job_state.failed": "gescheitert",
}

ENGLISH: Mapping[str, str] = {
    "jobs.title": "Jobs",
    "jobs.empty": "Nothing yet. Imports and polls of the shops appear here.",
    "jobs.updated": "Last",
    "jobs.progress": "{done} of {total}",
    "jobs.done": "{done} done",
    "jobs.problems": "{count} rows with errors",
    "jobs.first": "The first {count} of them:",
    "jobs.row": "Row",
    "jobs.field": "Field",
    "jobs.reason": "Reason",
    "jobs.tries": "It will be tried again in a moment.",
    "job.poll": "Fetch orders",
    "job.import_open": "Take over open orders",
    "job.register": "Register webhooks",
    "job.check": "Test the connection",
    "job.import_orders": "Orders from a file",
    "job.import_products": "Products from a file",
    "job.push_levels": "All stock levels to the shop",
    "job.arrivals": "Goods for waiting orders",
    "hold.unknown_kind": "Unknown job",
    "job_state.waiting": "waiting",
    "job_state.running": "running",
    "job_state.done": "done",
    "job_state.failed": "failed",
}
