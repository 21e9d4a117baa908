"""VAT ids of the EU by their form; whether one is valid today only the tax office knows."""

from __future__ import annotations

import re

# What follows the prefix (Directive 2006/112/EC, and the forms that VIES accepts).
_FORMS = {
    "AT": r"U\d{8}", "BE": r"[01]\d{9}", "BG": r"\d{9,10}", "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}", "DE": r"[1-9]\d{8}", "DK": r"\d{8}", "EE": r"\d{9}", "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]", "FI": r"\d{8}", "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "HR": r"\d{11}", "HU": r"\d{8}", "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}", "IT": r"\d{11}",
    "LT": r"\d{9}(\d{3})?", "LU": r"\d{8}", "LV": r"\d{11}", "MT": r"\d{8}",
    "NL": r"[A-Z0-9+*]{10}\d{2}", "PL": r"\d{10}", "PT": r"\d{9}", "RO": r"\d{2,10}",
    "SE": r"\d{12}", "SI": r"\d{8}", "SK": r"\d{10}", "XI": r"\d{9}(\d{3})?|(GD|HA)\d{3}",
}  # fmt: skip
_COUNTRIES = {"EL": "GR", "XI": "GB"}


def compact(text: str) -> str:
    """Return a VAT id as it is compared: without spaces, dots and hyphens, in capitals."""
    return re.sub(r"[\s.-]", "", text).upper()


def is_vat_id(text: str) -> bool:
    """Tell whether a text has the form of its country's VAT ids, without spaces."""
    form = _FORMS.get(text[:2])
    return bool(form and re.fullmatch(form, text[2:]))


def is_mistyped(text: str) -> bool:
    """Tell whether a text cannot be a VAT id: an EU country's has its form, others have letters."""
    return not is_vat_id(text) and (not text[:2].isalpha() or text[:2] in _FORMS)


def country_of(vat_id: str) -> str:
    """Return the country whose prefix a VAT id bears, as ISO 3166-1."""
    prefix = vat_id[:2].upper()
    return _COUNTRIES.get(prefix, prefix)
