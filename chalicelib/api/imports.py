"""Imports of tables: what a file would make, row by row, and the job that makes it."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Response

from chalicelib.api.auth import merchant
from chalicelib.api.jobs import started
from chalicelib.api.media import TABLES
from chalicelib.api.money_views import money
from chalicelib.api.new_orders import source
from chalicelib.api.problems import Problem, answered
from chalicelib.api.uploads import check_size, fetched, kept, sent
from chalicelib.domain.money import Money
from chalicelib.runtime import clock, sheets
from chalicelib.runtime.cells import YES
from chalicelib.runtime.importing import Choice, begun, opened
from chalicelib.runtime.texts import DELIMITERS
from chalicelib.store.jobs import Jobs, new_job

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.runtime.sheets import Sheet
    from chalicelib.store.jobs import Job

bp = Blueprint(__name__)
# Each module has FIELDS, guess(header), view(…) and, for the job, advance(job, now).
KINDS = {
    "orders": "chalicelib.intake.importing",
    "products": "chalicelib.stock.importing",
}
SHOWN = 200  # orders or products in a preview
PROBLEMS = 1000
LOOKED_AT = 20_000  # rows that a call has time for; the import itself looks at all of them
SAMPLES = 3


@bp.route("/v1/orders/import", methods=["POST"], content_types=TABLES)
@answered
def orders() -> Response:
    """Import orders from a CSV file, all or none; with `preview` only look at its rows."""
    return _answer("orders")


@bp.route("/v1/products/import", methods=["POST"], content_types=TABLES)
@answered
def products() -> Response:
    """Import products from a CSV file, all or none; with `preview` only look at its rows."""
    return _answer("products")


def _answer(kind: str) -> Response:
    merchant_id = merchant(bp.current_request)
    data, params = sent(bp.current_request)
    if upload_id := params.get("upload_id", ""):
        data = fetched(merchant_id, upload_id)
    check_size(len(data))
    sheet, choice = read(kind, merchant_id, data, params)
    upload_id = upload_id or kept(merchant_id, data)
    if params.get("preview", "").lower() in YES:
        return Response(
            {"upload_id": upload_id, **preview(kind, merchant_id, sheet, choice)}, status_code=200
        )
    job = start(kind, merchant_id, upload_id, data, choice)
    return started(job)


# Of files that name none: a column or the parameter says it otherwise.
USUAL_CURRENCY = "EUR"


def read(
    kind: str, merchant_id: str, data: bytes, params: Mapping[str, str]
) -> tuple[Sheet, Choice]:
    """Return the table and what was chosen or guessed for it; the problem names what is wrong."""
    choice = Choice(
        delimiter=_one_of(params, "delimiter", (*DELIMITERS, "tab")).replace("tab", "\t"),
        decimal=_one_of(params, "decimal", sheets.DECIMALS),
        currency=params.get("currency", "").strip().upper() or USUAL_CURRENCY,
        tax_rate=params.get("tax_rate", "").strip().replace(",", "."),
        prices_include_tax=params.get("prices_include_tax", "1").lower() in YES,
        location=params.get("location", "").strip(),
    )
    if kind == "orders":
        named = params.get("connection_id", "")
        choice = replace(choice, connection_id=source(merchant_id, named).id)
    sheet = opened(data, choice)
    return sheet, replace(choice, columns=columns(kind, sheet, params.get("mapping", "")))


def columns(kind: str, sheet: Sheet, mapping: str) -> dict[str, str]:
    """Return what each column holds: as chosen, else as guessed from its name."""
    importer = import_module(KINDS[kind])
    guessed: dict[str, str] = importer.guess(sheet.header)
    if not mapping:
        return guessed
    given = _mapping(mapping)
    for column, field in given.items():
        if column not in sheet.header:
            raise _bad("mapping", f"the file has no column {column!r}")
        if field and field not in importer.FIELDS:
            raise _bad("mapping", f"there is no field {field!r}")
    chosen = [field for field in given.values() if field]
    if twice := {field for field in chosen if chosen.count(field) > 1}:
        raise _bad("mapping", f"two columns hold {', '.join(sorted(twice))}")
    kept_guesses = {name: field for name, field in guessed.items() if field not in chosen}
    return {name: given.get(name, kept_guesses.get(name, "")) for name in sheet.header}


def preview(kind: str, merchant_id: str, sheet: Sheet, choice: Choice) -> dict[str, Any]:
    """Return how a file was read, what it would make, and the problem of every row."""
    importer = import_module(KINDS[kind])
    looked_at = replace(sheet, rows=sheet.rows[:LOOKED_AT])
    seen = importer.view(merchant_id, looked_at, choice, most=SHOWN)
    found = seen["problems"]
    return {
        "file": {
            "rows": len(sheet.rows),
            "looked_at": len(looked_at.rows),
            "encoding": sheet.encoding,
            "delimiter": sheet.delimiter,
            "decimal": sheet.decimal,
        },
        "columns": [
            {"name": name, "field": choice.columns[name], "samples": _samples(sheet, place)}
            for place, name in enumerate(sheet.header)
        ],
        "fields": list(importer.FIELDS),
        "found": seen["found"],
        "items": [_plain(item) for item in seen["items"]],
        "problem_count": len(found),
        "problems": [
            {"row": one.row, "column": one.column, "text": one.text} for one in found[:PROBLEMS]
        ],
    }


def start(kind: str, merchant_id: str, upload_id: str, data: bytes, choice: Choice) -> Job:
    """Start the job that imports a file."""
    job = new_job(merchant_id, f"import_{kind}", clock.now(), subject=upload_id)
    return Jobs().start(begun(job, data, choice))


def _samples(sheet: Sheet, place: int) -> list[str]:
    cells = (row.cells[place] for row in sheet.rows[:SHOWN] if place < len(row.cells))
    return [cell[:80] for cell in cells if cell][:SAMPLES]


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    plain = {
        name: money(value) if isinstance(value, Money) else value for name, value in item.items()
    }
    return plain | {"rows": list(item["rows"])}


def _mapping(text: str) -> dict[str, str]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise _bad("mapping", "must be JSON, columns with their fields") from error
    if not isinstance(given, dict) or not all(isinstance(x, str) for x in given.values()):
        raise _bad("mapping", "must be JSON, columns with their fields")
    return given


def written(mapping: Mapping[str, str]) -> str:
    """Write a mapping of columns as the parameter that names it."""
    return json.dumps(mapping)


def _one_of(params: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    value = params.get(name, "")
    if value and value not in words:
        raise _bad(name, f"one of {' '.join(words).strip()}")
    return value


def _bad(field: str, reason: str) -> Problem:
    return Problem(400, "bad_field", f"{field}: {reason}.", field=field)
