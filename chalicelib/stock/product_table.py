"""Products from the rows of a table: what each row says of a product, and of its units."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from chalicelib.domain import bins
from chalicelib.domain.product import Part
from chalicelib.runtime import cells
from chalicelib.runtime.cells import BadCell
from chalicelib.runtime.importing import Choice, RowProblem
from chalicelib.runtime.sheets import guess as guessed
from chalicelib.runtime.sheets import normal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from chalicelib.runtime.sheets import Row, Sheet

SKU = re.compile(r"[^#\s][^#]{0,79}")
EAN = re.compile(r"\d{8}|\d{12,14}")
HS_CODE = re.compile(r"\d{6,11}")
LOCATION = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
PART = re.compile(r"(?:(\d{1,4}) ?[x×*] ?)?(\S.*)")
LONGEST_NAME = 500
MOST = 1_000_000_000  # pieces, grams or millimetres
MOST_PARTS = 50
SHOWN = 40
FIELDS = (
    "sku", "name", "ean", "weight_g", "length_mm", "width_mm", "height_mm", "hs_code", "origin",
    "bin", "on_hand", "location", "min_stock", "parts", "backorder", "preorder", "expected_on",
    "lots", "archived", "weight_kg", "length_cm", "width_cm", "height_cm",
)  # fmt: skip
_NAMES = {
    "sku": "Artikelnummer|Artikel-Nr|Art-Nr|ArtNr|Variant SKU|Item SKU|Product SKU|Bestellnummer|"
    "Artikelnr",
    "name": "Name|Title|Bezeichnung|Artikelname|Artikelbezeichnung|Produktname|Product|Titel|"
    "Product Name|Artikel",
    "ean": "EAN|GTIN|Barcode|Variant Barcode|EAN-Code|EAN13|EAN/GTIN|GTIN UPC EAN or ISBN",
    "weight_g": "Weight (g)|Gewicht (g)|Gewicht in g|Variant Grams|Gewicht g|Grams",
    "weight_kg": "Weight (kg)|Gewicht (kg)|Gewicht in kg|Gewicht|Weight|Versandgewicht",
    "length_mm": "Length (mm)|Länge (mm)|Länge in mm",
    "width_mm": "Width (mm)|Breite (mm)|Breite in mm",
    "height_mm": "Height (mm)|Höhe (mm)|Höhe in mm",
    "length_cm": "Length (cm)|Länge (cm)|Länge in cm|Länge|Length",
    "width_cm": "Width (cm)|Breite (cm)|Breite in cm|Breite|Width",
    "height_cm": "Height (cm)|Höhe (cm)|Höhe in cm|Höhe|Height",
    "hs_code": "HS Code|Zolltarifnummer|Taric|TARIC-Code|Warennummer|Harmonized System Code",
    "origin": "Origin|Country of origin|Ursprungsland|Herkunftsland|Herkunft",
    "bin": "Bin|Fach|Regalplatz|Stellplatz|Lagerfach|Bin location|Shelf",
    "on_hand": "On hand|Stock|Quantity|Bestand|Lagerbestand|Menge|Variant Inventory Qty|Inventory|"
    "Lagermenge|Anzahl|Stock Quantity|Qty",
    "location": "Location|Lager|Lagerort|Lagerplatz|Warehouse",
    "min_stock": "Min stock|Mindestbestand|Meldebestand|Reorder level|Low stock amount",
    "parts": "Parts|Bundle|Bestandteile|Stückliste|Set-Artikel|Components",
    "backorder": "Backorder|Backorders allowed|Nachlieferbar|Überverkauf|Überverkäufe",
    "preorder": "Preorder|Vorbestellung|Vorbestellbar",
    "expected_on": "Expected on|Erwartet am|Lieferbar ab|Lieferdatum|Available from",
    "archived": "Archived|Archiviert|Inaktiv",
    "lots": "Lots|Chargen|Chargenpflichtig|Batches",
}
NAMES = {normal(name): name for name in FIELDS} | {
    normal(name): field for field, names in _NAMES.items() for name in names.split("|")
}


@dataclass(slots=True, kw_only=True)
class TableProduct:
    """One row: what it says of its product, and how many units lie at a location (None: silent)."""

    row: int
    sku: str
    given: dict[str, Any] = field(default_factory=dict)
    on_hand: int | None = None
    location: str = ""
    problems: list[RowProblem] = field(default_factory=list)


def guess(header: Sequence[str]) -> dict[str, str]:
    """Guess by column what it holds."""
    return guessed(header, NAMES)


def products(sheet: Sheet, choice: Choice) -> Iterator[TableProduct]:
    """Yield what each row says; a SKU may come once per location.

    A row that names no location means the one that was chosen, or the first one: the empty text.
    """
    names = {name: column for column, name in choice.columns.items() if name}
    places = {name: sheet.header.index(column) for name, column in names.items()}
    seen: dict[tuple[str, str], int] = {}
    for row in sheet.rows:
        found = _product(row, names, places, sheet.decimal)
        found.location = found.location or choice.location
        first = seen.setdefault((found.sku, found.location), row.number)
        if found.sku and first != row.number:
            text = f"is in row {first} already, with the same location"
            found.problems.append(RowProblem(row=row.number, column=names["sku"], text=text))
        if any(row.cells[len(sheet.header) :]):
            text = f"has {len(row.cells)} cells, the header has {len(sheet.header)}"
            found.problems.append(RowProblem(row=row.number, column="", text=text))
        yield found


def _product(
    row: Row, names: Mapping[str, str], places: Mapping[str, int], decimal: str
) -> TableProduct:
    def text(name: str) -> str:
        place = places.get(name, -1)
        return row.cells[place] if 0 <= place < len(row.cells) else ""

    found = TableProduct(row=row.number, sku="")
    for name, how in READERS.items():
        said = text(name)
        if not said and name != "sku":
            continue
        try:
            value = how(said, decimal)
        except BadCell as error:
            words = f"{error}, is {said[:SHOWN]!r}" if said else f"{error}, is missing"
            problem = RowProblem(row=row.number, column=names.get(name, name), text=words)
            found.problems.append(problem)
            continue
        if name in {"sku", "on_hand", "location"}:
            setattr(found, name, value)
        else:
            found.given[UNITS.get(name, (name, 1))[0]] = value
    return found


def _matching(pattern: re.Pattern[str], reason: str) -> Callable[[str, str], str]:
    def read(text: str, decimal: str) -> str:
        del decimal
        if not pattern.fullmatch(text):
            raise BadCell(reason)
        return text

    return read


def _name(text: str, decimal: str) -> str:
    del decimal
    return text[:LONGEST_NAME]


def _bin(text: str, decimal: str) -> str:
    del decimal
    if len(text) > bins.LONGEST:
        reason = f"at most {bins.LONGEST} characters"
        raise BadCell(reason)
    return text


def _ean(text: str, decimal: str) -> str:
    return _matching(EAN, "must be 8, 12, 13 or 14 digits")(text.replace(" ", ""), decimal)


def _hs_code(text: str, decimal: str) -> str:
    plain = text.replace(" ", "").replace(".", "")
    return _matching(HS_CODE, "must be 6 to 11 digits")(plain, decimal)


def _location(text: str, decimal: str) -> str:
    return _matching(LOCATION, "must be letters, digits and hyphens")(text.lower(), decimal)


def _whole(text: str, decimal: str) -> int:
    found = cells.whole(text, decimal)
    if found >= MOST:
        reason = f"must be below {MOST}"
        raise BadCell(reason)
    return found


def _scaled(factor: int) -> Callable[[str, str], int]:
    def read(text: str, decimal: str) -> int:
        found = cells.number(text.lower().removesuffix("kg").removesuffix("cm"), decimal) * factor
        if not 0 <= found < MOST:
            reason = f"must be between 0 and {MOST // factor}"
            raise BadCell(reason)
        return int(found.to_integral_value(rounding="ROUND_HALF_UP"))

    return read


def _country(text: str, decimal: str) -> str:
    del decimal
    return cells.country(text)


def _flag(text: str, decimal: str) -> bool:
    del decimal
    # A well-known shop asks its customers too, and so knows a third answer.
    return text.strip().lower() == "notify" or cells.flag(text)


def _day(text: str, decimal: str) -> date:
    del decimal
    return cells.day(text)


def _parts(text: str, decimal: str) -> tuple[Part, ...]:
    """Read `2 x A, B`: two pieces of A and one of B."""
    del decimal
    found = []
    for each in re.split(r"[,|]", text):
        part = PART.fullmatch(each.strip())
        if part is None or int(part[1] or 1) < 1 or not SKU.fullmatch(part[2]):
            reason = "must be such as `2 x A, B`: SKUs with their quantities"
            raise BadCell(reason)
        found.append(Part(sku=part[2], quantity=int(part[1] or 1)))
    if len({part.sku for part in found}) < len(found) or len(found) > MOST_PARTS:
        reason = f"must name each SKU once, at most {MOST_PARTS}"
        raise BadCell(reason)
    return tuple(found)


# What is written in larger units than we keep.
UNITS: dict[str, tuple[str, int]] = {
    "weight_kg": ("weight_g", 1000),
    "length_cm": ("length_mm", 10),
    "width_cm": ("width_mm", 10),
    "height_cm": ("height_mm", 10),
}
READERS: dict[str, Callable[[str, str], Any]] = {
    "sku": _matching(SKU, "must be 1 to 80 characters, none of them #"),
    "name": _name,
    "bin": _bin,
    "ean": _ean,
    "hs_code": _hs_code,
    "origin": _country,
    "on_hand": _whole,
    "location": _location,
    "min_stock": _whole,
    "parts": _parts,
    "backorder": _flag,
    "preorder": _flag,
    "expected_on": _day,
    "lots": _flag,
    "archived": _flag,
    **{name: _scaled(factor) for name, (_, factor) in UNITS.items()},
    **dict.fromkeys(("weight_g", "length_mm", "width_mm", "height_mm"), _whole),
}
