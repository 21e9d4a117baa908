"""Country names in mails, for where European shops send parcels (names: Unicode CLDR)."""

from __future__ import annotations

from collections.abc import Mapping

NAMES: Mapping[str, tuple[str, str]] = {
    "AD": ("Andorra", "Andorra"),
    "AL": ("Albanien", "Albania"),
    "AT": ("Österreich", "Austria"),
    "AU": ("Australien", "Australia"),
    "BA": ("Bosnien und Herzegowina", "Bosnia & Herzegovina"),
    "BE": ("Belgien", "Belgium"),
    "BG": ("Bulgarien", "Bulgaria"),
    "BY": ("Belarus", "Belarus"),
    "CA": ("Kanada", "Canada"),
    "CH": ("Schweiz", "Switzerland"),
    "CN": ("China", "China"),
    "CY": ("Zypern", "Cyprus"),
    "CZ": ("Tschechien", "Czechia"),
    "DE": ("Deutschland", "Germany"),
    "DK": ("Dänemark", "Denmark"),
    "EE": ("Estland", "Estonia"),
    "ES": ("Spanien", "Spain"),
    "FI": ("Finnland", "Finland"),
    "FR": ("Frankreich", "France"),
    "GB": ("Vereinigtes Königreich", "United Kingdom"),
    "GI": ("Gibraltar", "Gibraltar"),
    "GR": ("Griechenland", "Greece"),
    "HR": ("Kroatien", "Croatia"),
    "HU": ("Ungarn", "Hungary"),
    "IE": ("Irland", "Ireland"),
    "IS": ("Island", "Iceland"),
    "IT": ("Italien", "Italy"),
    "JP": ("Japan", "Japan"),
    "LI": ("Liechtenstein", "Liechtenstein"),
    "LT": ("Litauen", "Lithuania"),
    "LU": ("Luxemburg", "Luxembourg"),
    "LV": ("Lettland", "Latvia"),
    "MC": ("Monaco", "Monaco"),
    "MD": ("Republik Moldau", "Moldova"),
    "ME": ("Montenegro", "Montenegro"),
    "MK": ("Nordmazedonien", "North Macedonia"),
    "MT": ("Malta", "Malta"),
    "NL": ("Niederlande", "Netherlands"),
    "NO": ("Norwegen", "Norway"),
    "PL": ("Polen", "Poland"),
    "PT": ("Portugal", "Portugal"),
    "RO": ("Rumänien", "Romania"),
    "RS": ("Serbien", "Serbia"),
    "RU": ("Russland", "Russia"),
    "SE": ("Schweden", "Sweden"),
    "SI": ("Slowenien", "Slovenia"),
    "SK": ("Slowakei", "Slovakia"),
    "SM": ("San Marino", "San Marino"),
    "TR": ("Türkei", "Türkiye"),
    "UA": ("Ukraine", "Ukraine"),
    "US": ("Vereinigte Staaten", "United States"),
}


def country(code: str, language: str) -> str:
    """Return a country's name in German (`de`) or English; the code itself if it is another."""
    german, english = NAMES.get(code.upper(), (code, code))
    return german if language == "de" else english
