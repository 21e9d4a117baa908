"""Tables that people send and take away: CSV as spreadsheets and shop tools write it."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from chalicelib.domain.errors import Permanent
from chalicelib.runtime.texts import decoded, delimiter_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MB = 1024 * 1024
MOST_BYTES = 25 * MB
MOST_ROWS = 100_000
MOST_COLUMNS = 200
LONGEST_CELL = 20_000
DECIMALS = (",", ".")
LOOKED_AT = 2000  # rows that decide how a file writes its numbers
ZIPPED = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
WITH_COMMA = re.compile(r"-?(\d+|\d{1,3}(\.\d{3})+),(\d{1,2}|\d{4,})")
WITH_POINT = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+)\.(\d{1,2}|\d{4,})")
# How spreadsheets are told that a cell is text; Excel itself writes numbers with zeros so.
AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMERIC = re.compile(r"-?\d+([.,]\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row by its number in the spreadsheet, where the header is row 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table, and how its file was written; every column has a name of its own."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str
    delimiter: str
    decimal: str


def read(data: bytes, *, delimiter: str = "", decimal: str = "") -> Sheet:
    """Read a CSV file; Permanent `bad_file` says what is wrong with the whole of it."""
    if len(data) > MOST_BYTES:
        refuse_size(len(data))
    text, encoding = _decoded(data)
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        text, delimiter = rest, delimiter or first.strip()[-1]
    delimiter = delimiter or delimiter_of(text)
    rows = _rows(text, delimiter)
    header = _header(rows[0].cells)
    body = tuple(row for row in rows[1:] if any(row.cells))
    if not body:
        _refuse("has a header, but no rows")
    return Sheet(
        header=header,
        rows=body,
        encoding=encoding,
        delimiter=delimiter,
        decimal=decimal or _decimal(body, delimiter),
    )


def refuse_size(size: int) -> NoReturn:
    """Refuse a file for its size, in words."""
    _refuse(f"has {size / MB:.1f} MB, at most {MOST_BYTES // MB} MB are taken: split it")


def _refuse(reason: str) -> NoReturn:
    raise Permanent("bad_file", f"file: {reason}")


def _decoded(data: bytes) -> tuple[str, str]:
    if data.startswith((ZIPPED, OLD_EXCEL)):
        _refuse("is an Excel workbook or an archive: save the sheet as CSV")
    try:
        text, name = decoded(data)
    except UnicodeDecodeError as error:
        _refuse(f"is no UTF-16, as it says: {error}")
    if not text.strip():
        _refuse("is empty")
    if "\0" in text:
        _refuse("is not text")
    return text, name


def _rows(text: str, delimiter: str) -> list[Row]:
    found: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, 1):
            if number > MOST_ROWS + 1:
                _refuse(f"has more than {MOST_ROWS} rows: split it")
            row = Row(number=number, cells=tuple(map(plain, cells)))
            if any(len(cell) > LONGEST_CELL for cell in row.cells):
                _refuse(f"row {number} has a cell of more than {LONGEST_CELL} characters")
            found.append(row)
    except csv.Error as error:
        _refuse(f"row {len(found) + 1} cannot be read ({error})")
    return found


def _header(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns; one that comes twice gets a number."""
    if len(cells) > MOST_COLUMNS:
        _refuse(f"has {len(cells)} columns, at most {MOST_COLUMNS} are taken")
    if not any(cells):
        _refuse("has no header in its first row")
    seen: Counter[str] = Counter()
    names = []
    for place, cell in enumerate(cells, 1):
        name = cell or f"column {place}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def _decimal(rows: Sequence[Row], delimiter: str) -> str:
    """Return the decimal sign that the file's numbers show; Germans part cells by semicolons."""
    cells = [cell for row in rows[:LOOKED_AT] for cell in row.cells]
    comma = sum(bool(WITH_COMMA.fullmatch(cell)) for cell in cells)
    point = sum(bool(WITH_POINT.fullmatch(cell)) for cell in cells)
    if comma == point:
        return "," if delimiter == ";" else "."
    return "," if comma > point else "."


def plain(cell: str) -> str:
    """Return a cell without what only tells a spreadsheet that it is text."""
    cell = cell.strip()
    if marked := AS_TEXT.fullmatch(cell):
        return marked[1].strip()
    return cell[1:].strip() if cell[:1] == "'" and cell[1:2] in FORMULA else cell


def normal(name: str) -> str:
    """Return a column's name as it is compared: lower case letters and digits."""
    name = name.lower().replace("ß", "ss")
    for umlaut, spelled in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        name = name.replace(umlaut, spelled)
    return "".join(sign for sign in name if sign.isalnum())


def guess(header: Iterable[str], names: Mapping[str, str]) -> dict[str, str]:
    """Guess by column what it holds; `names` are normal names, the first column of a kind counts.

    A column nobody knows holds nothing: the empty text.
    """
    found: dict[str, str] = {}
    for column in header:
        meant = names.get(normal(column), "")
        found[column] = meant if meant not in found.values() else ""
    return found


def write(rows: Iterable[Iterable[object]], *, delimiter: str = ";") -> str:
    """Write rows as CSV; no cell can start a formula in a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([_harmless(str(cell)) for cell in row] for row in rows)
    return out.getvalue()


def _harmless(cell: str) -> str:
    is_formula = cell.startswith(FORMULA) and not NUMERIC.fullmatch(cell)
    return f"'{cell}" if is_formula else cell
