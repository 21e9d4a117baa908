"""What is wrong with a row or a field, in German: said in English where it is found."""

from __future__ import annotations

import re

_GERMAN = {
    r"must be an object": "muss ein Objekt sein",
    r"must be a list": "muss eine Liste sein",
    r"must be text": "muss Text sein",
    r"must be JSON.*": "muss JSON sein",
    r"must be given, in at most (\d+) characters": "fehlt oder ist länger als {0} Zeichen",
    r"must be given, here or for the whole order": "fehlt, auch für die ganze Bestellung",
    r"must be given": "fehlt",
    r"at least (\d+) characters, no blanks": "mindestens {0} Zeichen, ohne Leerzeichen",
    r"must be an address on the internet": "muss eine Adresse im Internet sein",
    r"must be on or off": "muss on oder off sein",
    r"must be like (\S+)": "muss wie {0} sein",
    r"must be a rate in per cent like 19": "muss ein Satz in Prozent sein, etwa 19",
    r"one of (.*)": "eines von: {0}",
    r"(.*) is no address like (\S+)": "{0} ist keine Adresse wie {1}",
    r"since: must be a day .*": "Seit: muss ein Tag sein",
    r"since: must not be in the future": "Seit: liegt in der Zukunft",
    r"must be a number": "muss eine Zahl sein",
    r"must be a number below a million millions": "ist eine zu große Zahl",
    r"must be a number, with a comma before.*": "muss eine Zahl mit Komma sein, wie in der übrigen"
    " Datei",
    r"must be a number, with a point before.*": "muss eine Zahl mit Punkt sein, wie in der übrigen"
    " Datei",
    r"must be a whole number above 0": "muss eine ganze Zahl über 0 sein",
    r"must be a whole number, 0 or more": "muss eine ganze Zahl ab 0 sein",
    r"must be a currency of ISO 4217": "muss eine Währung sein, etwa EUR",
    r"must be (\w+) like the order": "muss {0} sein wie die Bestellung",
    r"must be one of (.*)": "muss eines davon sein: {0}",
    r"must be a date and time of ISO 8601": "muss ein Zeitpunkt nach ISO 8601 sein",
    r"must be a tax rate in per cent.*": "muss ein Steuersatz in Prozent sein, von 0 bis unter 100",
    r"must not be negative": "darf nicht negativ sein",
    r"must not be negative: more is .*": "wäre negativ: Es wird mehr abgezogen, als da ist",
    r"must not be more than the line costs": "darf nicht mehr sein, als die Position kostet",
    r"must be at most (\d+) lines": "darf höchstens {0} Positionen haben",
    r"must be a code of ISO 3166-1 with two letters": "muss ein Ländercode wie DE sein",
    r"must be a country's name or its code.*": "muss ein Land oder sein Code mit zwei Buchstaben"
    " sein",
    r"must be as in row (\d+) of the same order": "muss wie in Zeile {0} derselben Bestellung sein",
    r"must say to which order the row belongs": "fehlt: Zu welcher Bestellung gehört die Zeile?",
    r"has (\d+) cells, the header has (\d+)": "hat {0} Zellen, die Kopfzeile hat {1}",
    r"must be yes or no": "muss ja oder nein sein",
    r"must be a day such as.*": "muss ein Tag sein, etwa 23.11.2026, mit oder ohne Uhrzeit",
    r"can be two days.*": "kann zwei Tage bedeuten: bitte als 23.11.2026 schreiben",
    r"is no day of the calendar": "ist kein Tag des Kalenders",
    r"must have a time such as.*": "muss eine Uhrzeit wie 14:30 haben",
    r"must be 1 to 80 characters.*": "muss 1 bis 80 Zeichen haben, keines davon #",
    r"must be 8, 12, 13 or 14 digits": "muss 8, 12, 13 oder 14 Ziffern haben",
    r"must be 6 to 11 digits": "muss 6 bis 11 Ziffern haben",
    r"must be letters, digits and hyphens": "darf nur Buchstaben, Ziffern und Bindestriche haben",
    r"must be below (\d+)": "muss unter {0} liegen",
    r"must be between (\d+) and (\d+)": "muss zwischen {0} und {1} liegen",
    r"must be such as `2 x A, B`.*": "muss wie „2 x A, B“ sein: Artikelnummern mit ihren Mengen",
    r"is in row (\d+) already, with.*": "steht schon in Zeile {0}, mit demselben Lagerort",
    r"must be (\d+) or more: so many.*": "muss mindestens {0} sein: So viele sind für Bestellungen"
    " reserviert",
    r"must be empty: a bundle has no.*": "muss leer sein: Ein Set hat keinen eigenen Bestand",
    r"must be empty: the lots are.*": "muss leer sein: Chargen werden einzeln gezählt",
    r"must be no: (\d+) are set.*": "muss nein sein: {0} sind für Bestellungen reserviert",
    r"must be products that there are": "müssen Artikel sein, die es gibt",
    r"must name each SKU once, at most (\d+)": "muss jeden Artikel einmal nennen, höchstens {0}",
    r"(.*) goes round in a circle\.?": "{0} dreht sich im Kreis",
    r"(.*) is deeper than (\d+) bundles\.?": "{0} ist tiefer als {1} Sets",
    # --- settings
    r"is no IBAN, a digit.*": "ist keine IBAN: Vielleicht fehlt eine Ziffer oder ist falsch",
    r"must be a rate in per cent like (\S+)": "muss ein Satz in Prozent sein, etwa {0}",
    r"must be a PNG of at most (\d+) kB": "muss ein PNG mit höchstens {0} kB sein",
    r"unknown: one of (.*), or such as oss:AT": "unbekannt: eines von {0}, oder etwa oss:AT",
    r"must be an account such as 8400, or 8400/3 with a tax key": "muss ein Konto wie 8400 sein,"
    " oder 8400/3 mit einem Steuerschlüssel",
    r"choose a shop": "bitte einen Shop wählen",
    r"1 to 40 of a-z, 0-9 and -, each once": "1 bis 40 Zeichen aus a-z, 0-9 und -, jedes Kürzel"
    " einmal",
    r"between (\d+) and (\d+)": "muss zwischen {0} und {1} liegen",
    r"name at least one": "mindestens ein Standort",
    r"(\S+\.) and 16 to 64 of.*": "muss mit {0} beginnen, dann 16 bis"
    " 64 Buchstaben, Ziffern, - und _",
    # --- the form of a product
    r"1 to 80 characters, none of them #": "muss 1 bis 80 Zeichen haben, keines davon #",
    r"at most (\d+) characters": "hat höchstens {0} Zeichen",
    r"at most (\d+)": "sind höchstens {0}",
    r"must be a country such as DE": "muss ein Land wie DE sein",
    r"must not be negative, and below (\d+)": "muss ab 0 und unter {0} sein",
    r"a bundle has no units of its own": "muss leer sein: Ein Set hat keinen eigenen Bestand",
    r"name each SKU once": "muss jeden Artikel nur einmal nennen",
    r"there is no '(.*)'": "„{0}“ gibt es nicht",
    r"is there already": "gibt es schon",
    r"(\d+) are set aside for orders": "{0} sind für Bestellungen reserviert",
    r"was not written: more units.*": "wurde nicht geschrieben: Inzwischen sind mehr reserviert",
    r"(\d+) problems: nothing was imported\.": "{0} Fehler: Es wurde nichts importiert.",
    # --- the archive and the files of it
    r"(\S+): number, facts and link do not.*": "{0}: Nummer, Inhalt und Verkettung passen nicht"
    " zusammen: Der Eintrag wurde geändert.",
    r"The order was cancelled before.*": "Die Bestellung wurde storniert, bevor der Beleg"
    " geschrieben war.",
    r"(\S+): the entry before it is missing.*": "{0}: Der Eintrag davor fehlt oder wurde geändert.",
    r"(\S+): the last entries of the series.*": "{0}: Die letzten Einträge des Nummernkreises"
    " fehlen oder wurden geändert.",
    r"(\S+): the facts are not those.*": "{0}: Der Inhalt ist nicht der, für den die Nummer"
    " vergeben wurde.",
    r"(\S+): the document does not lie.*": "{0}: Die Datei liegt nicht mehr im Archiv.",
    r"(\S+): the document's bytes.*": "{0}: Die Datei ist nicht mehr die, die abgelegt wurde.",
    r"(\S+): the number is drawn, its.*": "{0}: Die Nummer ist vergeben, der Beleg noch nicht"
    " geschrieben.",
    r"(\S+): bookings of (\S+) for a document of (\S+)\.": "{0}: Buchungen über {1} für einen Beleg"
    " über {2}.",
    r"(\S+): is in (\w+), enter the rate of exchange\.": "{0}: Der Beleg lautet auf {1}, bitte den"
    " Kurs nachtragen.",
    r"(\S+): the facts are missing\.": "{0}: Der Inhalt des Belegs fehlt.",
    r"(\d+) bookings: DATEV takes (\d+).*": "{0} Buchungen: DATEV nimmt höchstens {1} je Stapel,"
    " bitte weniger Tage wählen.",
    # --- the whole file
    r"has ([\d.]+) MB, at most (\d+) MB are taken: split it": "hat {0} MB, höchstens {1} MB sind"
    " möglich: bitte teilen",
    r"is an Excel workbook or an archive.*": "ist eine Excel-Mappe oder ein Archiv: bitte als CSV"
    " speichern",
    r"is empty": "ist leer",
    r"is not text": "ist kein Text",
    r"has a header, but no rows": "hat eine Kopfzeile, aber keine Zeilen",
    r"has no header in its first row": "hat in der ersten Zeile keine Kopfzeile",
    r"has (\d+) columns, at most (\d+) are taken": "hat {0} Spalten, höchstens {1} sind möglich",
    r"has more than (\d+) rows: split it": "hat mehr als {0} Zeilen: bitte teilen",
    r"row (\d+) has a cell of more than (\d+) characters": "hat in Zeile {0} eine Zelle über {1}"
    " Zeichen",
    r"row (\d+) cannot be read.*": "ist in Zeile {0} nicht lesbar",
}
GERMAN = {re.compile(pattern): text for pattern, text in _GERMAN.items()}
MISSING = "missing"


def reason(language: str, text: str) -> str:
    """Say a complaint in the reader's language; one nobody has translated stays as it is."""
    if language != "de":
        return text
    words, is_shown, shown = text.rpartition(", is ")
    if not is_shown:
        words, shown = text, ""
    for pattern, german in GERMAN.items():
        if found := pattern.fullmatch(words):
            said = german.format(*found.groups())
            is_plain = not shown or shown == MISSING
            return said if is_plain else f"{said}; da steht {shown}"
    return text


def complaint(language: str, text: str) -> str:
    """Say a complaint that may begin with the field it is about, which keeps its name."""
    field, _, words = text.rstrip(".").partition(": ")
    said = reason(language, words)
    return f"{field}: {said}" if said != words else reason(language, text)
