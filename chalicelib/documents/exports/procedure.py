"""The description of procedure (Verfahrensdokumentation, GoBD Rz. 151 – 155) of a merchant.

It is German, for German tax offices read it, and made of the settings that really apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.documents import numbers
from chalicelib.store.bucket import KEEP_YEARS

if TYPE_CHECKING:
    from datetime import date

    from chalicelib.store.merchants import Settings

_LOCKS = {
    "off": "Die Sperre ist ausgeschaltet (Test- oder Entwicklungsbetrieb).",
    "GOVERNANCE": "Sperre GOVERNANCE: nur mit besonderer Berechtigung vor Ablauf aufhebbar.",
    "COMPLIANCE": "Sperre COMPLIANCE: von niemandem vor Ablauf aufhebbar oder verkürzbar.",
}
_INVOICE_ON = {
    "payment": "mit dem Zahlungseingang",
    "acceptance": "mit der Annahme der Bestellung",
    "shipment": "mit dem Versand",
    "delivery": "mit dem Versand, für jede von mehreren Lieferungen eine",
}
_SHIP_ON = {"payment": "nach Zahlungseingang", "acceptance": "nach Annahme (Kauf auf Rechnung)"}


def text(settings: Settings, merchant_id: str, *, lock_mode: str, on: date) -> str:
    """Return the description as Markdown."""
    return "\n".join(
        [
            *_about(settings, merchant_id, on),
            *_course(settings),
            *_series(settings, on),
            *_archive(lock_mode),
            *_access(),
            *_bookings(settings),
        ]
    )


def _about(settings: Settings, merchant_id: str, on: date) -> list[str]:
    rows = {
        "Unternehmen": settings.name,
        "Anschrift": f"{settings.street}, {settings.zip} {settings.city}, {settings.country}",
        "Vertreten durch": settings.manager,
        "Register": settings.register,
        "Steuernummer": settings.tax_number,
        "Umsatzsteuer-ID": settings.vat_id,
        "Kleinunternehmer (§ 19 UStG)": "ja" if settings.small_business else "nein",
        "Mandant im System": merchant_id,
        "Stand": f"{on:%d.%m.%Y}",
    }
    lines = [f"| {name} | {_cell(value)} |" for name, value in rows.items() if value]
    return [
        "# Verfahrensdokumentation: Belege im Onlinehandel",
        "",
        "Aus den Einstellungen erzeugt, die an diesem Tag galten. Frühere Stände liegen in",
        "früheren Prüfpaketen.",
        "",
        "| | |",
        "| --- | --- |",
        *lines,
        "",
    ]


def _course(settings: Settings) -> list[str]:
    policy = settings.policy
    return [
        "## 1. Ablauf",
        "",
        "1. Bestellungen gehen aus den Shops ein (Webhook und Abruf); die rohe Nachricht wird",
        "   unverändert gespeichert, jede Bestellung entsteht genau einmal.",
        "2. Alles, was mit einer Bestellung geschieht, ist ein unveränderlicher Eintrag mit Zeit",
        "   und Urheber; Zustände werden daraus errechnet, nie überschrieben.",
        f"3. Die Rechnung entsteht {_INVOICE_ON.get(policy.invoice_on, policy.invoice_on)},",
        f"   versandt wird {_SHIP_ON.get(policy.ship_on, policy.ship_on)}.",
        f"   Zahlungsziel: {policy.payment_days} Tage.",
        "4. Pflichtangaben (§ 14 UStG) und Summen werden geprüft, bevor eine Nummer vergeben wird.",
        "5. Rechnungen werden nie geändert: Erstattungen und Stornos sind eigene Belege, die das",
        "   Original nennen.",
        "",
    ]


def _series(settings: Settings, on: date) -> list[str]:
    formats = [
        ("Rechnungen", settings.invoice_series),
        ("Korrekturen", settings.credit_note_series),
    ]
    for one in settings.shop_series:
        formats += [(f"Rechnungen {one.connection_id}", one.invoice_series)]
        formats += [(f"Korrekturen {one.connection_id}", one.credit_note_series)]
    rows = [
        f"| {what} | `{numbers.whole(template)}` | {numbers.series(template, on).number(1)} |"
        for what, template in formats
        if template
    ]
    return [
        "## 2. Nummernkreise",
        "",
        "| Belege | Format | erste Nummer heute |",
        "| --- | --- | --- |",
        *rows,
        "",
        "Die Nummer, alle Angaben des Belegs und die Zuordnung zur Bestellung werden in einem",
        "einzigen unteilbaren Schreibvorgang festgehalten; dadurch entstehen weder Lücken noch",
        "Doppelungen. Eine Nummer, deren Beleg noch nicht fertig ist, steht als offen im Register.",
        "",
    ]


def _archive(lock_mode: str) -> list[str]:
    return [
        "## 3. Aufbewahrung und Unveränderbarkeit",
        "",
        "* Der Beleg wird aus den festgehaltenen Angaben erzeugt; dieselben Angaben ergeben",
        "  dieselben Bytes. Abgelegt wird die Datei, die der Kunde erhält.",
        "* Das Register hält zu jedem Beleg den SHA-256 der Datei und der Angaben. Jeder Eintrag",
        "  ist mit seinem Vorgänger verkettet: SHA-256 aus Kettenwert des Vorgängers, Nummer und",
        "  SHA-256 der Angaben. Eine Änderung oder ein fehlender Eintrag fällt bei der Prüfung auf",
        "  (`chain-check.txt` in diesem Paket).",
        f"* Aufbewahrt wird bis zum 31.12. des {KEEP_YEARS}. Jahres nach dem Belegjahr",
        "  (§ 14b UStG).",
        f"* {_LOCKS.get(lock_mode, lock_mode)}",
        "* Der Speicher ist verschlüsselt, versioniert und nicht öffentlich; Tabellen haben",
        "  Löschschutz und Wiederherstellung auf die Sekunde für 35 Tage.",
        "",
    ]


def _access() -> list[str]:
    return [
        "## 4. Zugriff",
        "",
        "* Mitarbeitende melden sich mit dem Schlüssel des Mandanten an; ein Mandant erreicht nie",
        "  Daten eines anderen. Kundinnen und Kunden sehen ihre Bestellung über einen geheimen",
        "  Link.",
        "* Jede Funktion hat eigene, geringste Rechte; keine darf Belege oder Einträge löschen.",
        "* Für die Prüfung (§ 147 Abs. 6 AO): Register als Tabelle (`register.csv`, beschrieben in",
        "  `index.xml`), die Belege im Ordner `documents`, Prüfbericht der Kette.",
        "",
    ]


def _bookings(settings: Settings) -> list[str]:
    own = ", ".join(f"{name} → {account}" for name, account in settings.datev_accounts.items())
    return [
        "## 5. Übergabe an die Buchführung",
        "",
        f"Buchungsstapel im DATEV-Format (EXTF 700, Version 13), {settings.datev_chart},",
        f"Debitor {settings.datev_debtor}"
        + (" nach Anfangsbuchstaben." if settings.datev_debtors == "letter" else "."),
        f"Eigene Konten: {own or 'keine'}.",
        "",
    ]


def _cell(value: str) -> str:
    return " ".join(value.split()).replace("|", "/")
