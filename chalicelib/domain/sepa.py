"""SEPA: which accounts can be paid to, and which signs its messages hold."""

from __future__ import annotations

import re
import unicodedata

# The length of an IBAN in every country of the SEPA scheme (EPC409-09, list of countries).
LENGTHS = {
    "AD": 24, "AL": 28, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
    "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21,
    "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27,
    "MD": 24, "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24,
    "RS": 22, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "VA": 22,
}  # fmt: skip
SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
CREDITOR = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{3}[A-Z0-9]{1,28}")
BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
# What German banks write in place of signs that the scheme does not have.
INSTEAD = str.maketrans(
    {
        "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ẞ": "SS",
        "æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
        "&": "+", "€": "EUR", "–": "-", "—": "-", "’": "'", "‘": "'", "“": "'", "”": "'", "„": "'",
        "*": ".", "$": ".", "%": ".", "_": "-", ";": ",", "!": ".", '"': "'", "#": " ", "@": "(at)",
    }
)  # fmt: skip
FOREIGN = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")


def compact(iban: str) -> str:
    """Return an IBAN as machines write it."""
    return "".join(iban.split()).upper()


def is_iban(text: str) -> bool:
    """Tell whether this is the IBAN of an account that SEPA reaches: length and check digits."""
    iban = compact(text)
    if not iban.isascii() or not SHAPE.fullmatch(iban) or len(iban) != LENGTHS.get(iban[:2]):
        return False
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def is_creditor_id(text: str) -> bool:
    """Tell whether this is a creditor identifier (Gläubiger-ID): its check digits are right."""
    name = compact(text)
    if not name.isascii() or not CREDITOR.fullmatch(name):
        return False
    # The three signs of the business behind the check digits do not count.
    return int("".join(str(int(sign, 36)) for sign in name[7:] + name[:4])) % 97 == 1


def is_bic(text: str) -> bool:
    """Tell whether this has the shape of a BIC."""
    return bool(BIC.fullmatch(text))


def plain(text: str, longest: int) -> str:
    """Return a text in the signs of SEPA (EPC217-08), cut to its longest.

    What has no counterpart becomes a point, and what a field may not begin or end with is dropped.
    """
    composed = unicodedata.normalize("NFC", text).translate(INSTEAD)
    bare = "".join(
        x for x in unicodedata.normalize("NFKD", composed) if not unicodedata.combining(x)
    )
    line = " ".join(FOREIGN.sub(".", " ".join(bare.split())).split())
    while "//" in line:
        line = line.replace("//", "/")
    return line.strip("/ ")[:longest].rstrip("/ ")
