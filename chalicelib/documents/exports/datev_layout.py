"""DATEV's format of booking batches: EXTF 700, category 21, version 13.

https://developer.datev.de/datev/platform/de/dtvf/formate/buchungsstapel
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

ENCODING = "cp1252"
END = "\r\n"
_PAIRS = [f"{what} {n}" for n in range(1, 9) for what in ("Beleginfo - Art", "Beleginfo - Inhalt")]
_MORE = [
    f"{what} {n}"
    for n in range(1, 21)
    for what in ("Zusatzinformation - Art", "Zusatzinformation- Inhalt")
]
COLUMNS = (
    "Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs", "Basis-Umsatz",
    "WKZ Basis-Umsatz", "Konto", "Gegenkonto (ohne BU-Schlüssel)", "BU-Schlüssel", "Belegdatum",
    "Belegfeld 1", "Belegfeld 2", "Skonto", "Buchungstext", "Postensperre",
    "Diverse Adressnummer", "Geschäftspartnerbank", "Sachverhalt", "Zinssperre", "Beleglink",
    *_PAIRS,
    "KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "Kost-Menge", "EU-Land u. UStID (Bestimmung)",
    "EU-Steuersatz (Bestimmung)", "Abw. Versteuerungsart", "Sachverhalt L+L",
    "Funktionsergänzung L+L", "BU 49 Hauptfunktionstyp", "BU 49 Hauptfunktionsnummer",
    "BU 49 Funktionsergänzung",
    *_MORE,
    "Stück", "Gewicht", "Zahlweise", "Forderungsart", "Veranlagungsjahr", "Zugeordnete Fälligkeit",
    "Skontotyp", "Auftragsnummer", "Buchungstyp", "USt-Schlüssel (Anzahlungen)",
    "EU-Land (Anzahlungen)", "Sachverhalt L+L (Anzahlungen)", "EU-Steuersatz (Anzahlungen)",
    "Erlöskonto (Anzahlungen)", "Herkunft-Kz", "Buchungs GUID", "KOST-Datum",
    "SEPA-Mandatsreferenz", "Skontosperre", "Gesellschaftername", "Beteiligtennummer",
    "Identifikationsnummer", "Zeichnernummer", "Postensperre bis", "Bezeichnung SoBil-Sachverhalt",
    "Kennzeichen SoBil-Buchung", "Festschreibung", "Leistungsdatum", "Datum Zuord. Steuerperiode",
    "Fälligkeit", "Generalumkehr (GU)", "Steuersatz", "Land", "Abrechnungsreferenz",
    "BVV-Position", "EU-Land u. UStID (Ursprung)", "EU-Steuersatz (Ursprung)", "Abw. Skontokonto",
)  # fmt: skip
_PLACE = {name: index for index, name in enumerate(COLUMNS)}
# Fields that stand in quotation marks; all others are numbers and dates.
TEXTS = frozenset(
    {
        "Soll/Haben-Kennzeichen", "WKZ Umsatz", "WKZ Basis-Umsatz", "BU-Schlüssel", "Belegfeld 1",
        "Belegfeld 2", "Buchungstext", "Diverse Adressnummer", "Beleglink", *_PAIRS,
        "KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "EU-Land u. UStID (Bestimmung)",
        "Abw. Versteuerungsart", *_MORE, "Forderungsart", "Auftragsnummer", "Buchungstyp",
        "EU-Land (Anzahlungen)", "Herkunft-Kz", "Buchungs GUID", "SEPA-Mandatsreferenz",
        "Gesellschaftername", "Identifikationsnummer", "Zeichnernummer",
        "Bezeichnung SoBil-Sachverhalt", "Generalumkehr (GU)", "Land", "Abrechnungsreferenz",
        "EU-Land u. UStID (Ursprung)",
    }
)  # fmt: skip
_NO_NUMBER = re.compile(r"[^\w$%/-]", re.ASCII)  # signs that DATEV takes in no document number


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Whose bookings these are and which days they are of."""

    consultant: int
    client: int
    year_start: date
    since: date
    until: date
    account_length: int
    chart: str  # 03 or 04
    title: str
    made_at: datetime


def head(batch: Batch) -> str:
    """Return the two lines that every batch begins with."""
    fields = (
        '"EXTF"', "700", "21", '"Buchungsstapel"', "13", f"{batch.made_at:%Y%m%d%H%M%S}000", "",
        '"RE"', '""', '""', str(batch.consultant), str(batch.client), f"{batch.year_start:%Y%m%d}",
        str(batch.account_length), f"{batch.since:%Y%m%d}", f"{batch.until:%Y%m%d}",
        _quoted(batch.title[:30]), '""', "1", "0", "0", '"EUR"', "", '""', "", "",
        f'"{batch.chart}"', "", "", '""', '""',
    )  # fmt: skip
    return ";".join(fields) + END + ";".join(COLUMNS) + END


def line(fields: Mapping[str, str]) -> str:
    """Return a booking; fields that are not named stay empty."""
    cells = ['""' if name in TEXTS else "" for name in COLUMNS]
    for name, value in fields.items():
        cells[_PLACE[name]] = _quoted(value) if name in TEXTS else value
    return ";".join(cells) + END


def encoded(text: str) -> bytes:
    """Return text in DATEV's character set; what it does not know becomes a question mark."""
    return text.encode(ENCODING, "replace")


def reference(number: str) -> str:
    """Return a document's number as DATEV takes it, at most 36 signs."""
    return _NO_NUMBER.sub("-", number)[:36]


def _quoted(text: str) -> str:
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return '"' + plain.replace('"', '""') + '"'
