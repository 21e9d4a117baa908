"""What the description of the API says of bodies and parameters that no dataclass describes."""

from __future__ import annotations

from typing import Any

from chalicelib.intake.schema import EXAMPLE, order_schema
from chalicelib.runtime.sheets import MB, MOST_BYTES, MOST_COLUMNS, MOST_ROWS
from chalicelib.store.bank import State

Part = dict[str, Any]
PLACE = "#/components/schemas"


def _query(name: str, says: str, schema: Part | None = None) -> Part:
    schema = schema or {"type": "string"}
    return {"name": name, "in": "query", "description": says, "schema": schema}


def _json(schema: str, example: object) -> Part:
    content = {"schema": {"$ref": f"{PLACE}/{schema}"}, "example": example}
    return {"required": True, "content": {"application/json": content}}


CONNECTION = _query(
    "connection_id",
    "Your generic connection; without one, the connection `API` that every merchant has.",
)
KEY: Part = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same body is the same order; with another body it is"
    " refused (422). Without one, the order's `external_id` is the key.",
    "schema": {"type": "string", "maxLength": 255},
}

PAGED = [
    _query("limit", "Items in a page.", {"type": "integer", "minimum": 1, "maximum": 100}),
    _query("cursor", "`next` of the page before."),
]
TEXT: Part = {"type": "string", "format": "binary"}
TABLE = (
    "CSV, parted by comma, semicolon, tab or bar, in UTF-8, UTF-16 or Windows-1252;"
    f" at most {MOST_BYTES // MB} MB, {MOST_ROWS} rows, {MOST_COLUMNS} columns. API Gateway takes"
    " about 4 MB in one call: larger files go to the address that POST /v1/uploads gives, and are"
    " named here by `upload_id`. A form has the file as `file`, and the parameters as fields."
)
YES: Part = {"type": "string", "enum": ["1", "0"]}
ORDER_ROWS = """number;placed_at;billing_name;sku;name;quantity;unit_price;tax_rate;total
B-1;23.11.2026 14:30;Erika Muster;KANNE;Kanne;2;17,50;19;44,90
B-1;;;BUCH;Teebuch;1;9,90;7;
"""
PRODUCT_ROWS = """sku;name;ean;weight_g;on_hand;location;min_stock
KANNE;Kanne, blau;4006381333931;850;12;main;2
"""


def _table(example: str) -> Part:
    """Return a table as the body of a call."""
    form = {"type": "object", "properties": {"file": TEXT}}
    content = {
        "text/csv": {"schema": TEXT, "example": example},
        "multipart/form-data": {"schema": form},
    }
    return {"required": False, "description": TABLE, "content": content}


# The lists of the morning; a test compares them with those that there are.
REPORTED = ("paid_since", "open", "overdue", "partly_paid", "disputes", "unmatched")
CHOICE = [
    _query("preview", "1: only look, and tell what is wrong with which row.", YES),
    _query("upload_id", "A file that was put to an upload, or looked at before."),
    _query("mapping", 'By column the field it holds, as JSON: {"Order No": "number"}; "" for none.'
           " What is not named is guessed from the column's name."),
    _query("delimiter", "Of the cells; found out if not given.",
           {"type": "string", "enum": [",", ";", "|", "tab"]}),
    _query("decimal", "Sign before the decimals; found out if not given.",
           {"type": "string", "enum": [",", "."]}),
]  # fmt: skip
STARTED: Part = {
    "202": {"description": "The job that imports the file, all or nothing; `Location` is where it"
            " tells its progress."},
    "200": {"description": "What would be made, and the problem of every row."},
    "413": {"description": "The file is too large; the limit is named."},
}  # fmt: skip

# What an operation has beside its path and its answers.
MORE: dict[tuple[str, str], Part] = {
    ("POST", "/v1/orders"): {
        "parameters": [CONNECTION, KEY],
        "requestBody": _json("Order", EXAMPLE),
        "externalDocs": {"description": "JSON Schema 2020-12", "url": "/schemas/order.json"},
        "responses": {
            "201": {"description": "The order, just made; `Location` is its address."},
            "200": {"description": "The order, which was known."},
            "422": {"description": "`field` is wrong for the reason in `detail`; nothing is kept."},
        },
    },
    ("POST", "/v1/orders/import"): {
        "parameters": [
            CONNECTION,
            *CHOICE,
            _query("currency", "Where no column names one; EUR without it."),
            _query("tax_rate", "In per cent, where no column names one."),
            _query("prices_include_tax", "0: the prices are net.", YES),
        ],
        "requestBody": _table(ORDER_ROWS),
        "responses": STARTED,
    },
    ("GET", "/v1/products"): {
        "parameters": [
            _query("search", "An EAN, or what begins a SKU or a name."),
            _query(
                "below_minimum", "1: only those of which less may be sold than `min_stock`.", YES
            ),
            _query("archived", "1: those put away too.", YES),
            *PAGED,
        ],
    },
    ("GET", "/v1/products/{sku}/movements"): {
        "parameters": [_query("location", "Only this one; all if none."), *PAGED],
    },
    ("GET", "/v1/documents"): {
        "parameters": [
            _query("kind", "Only invoice, credit_note, …; all kinds if none."),
            _query("from", "First day, such as 2026-11-01."),
            _query("to", "Last day."),
            _query("number", "What a number begins with, in place of all the others."),
            *PAGED,
        ],
    },
    ("GET", "/v1/exports/{kind}"): {
        "parameters": [
            _query("worklist", "Of orders: which; `open` if not given."),
            _query("cursor", "The `next` of the part before, where one file is not enough."),
        ],
        "responses": {
            "200": {
                "description": "`url` opens the file for a quarter of an hour: CSV in the"
                " columns that the imports read. `kind` is products, orders, or collection: the"
                " orders on account whose last deadline is over."
            },
        },
    },
    ("POST", "/v1/products/import"): {
        "parameters": [*CHOICE, _query("location", "Where no column names one; `main` if none.")],
        "requestBody": _table(PRODUCT_ROWS),
        "responses": STARTED,
    },
    ("POST", "/v1/bank-statements"): {
        "parameters": [_query("upload_id", "A file that was put to an upload.")],
        "requestBody": {
            "required": False,
            "description": "camt.052, .053 or .054, MT940 or a bank's CSV, or a ZIP of them. API"
            " Gateway takes about 4 MB in one call: larger files go to the address that POST"
            " /v1/uploads gives, and are named here by `upload_id`.",
            "content": {
                "application/xml": {"schema": TEXT},
                "application/zip": {"schema": TEXT},
                "text/plain": {"schema": TEXT},
                "text/csv": {"schema": TEXT},
                "multipart/form-data": {
                    "schema": {"type": "object", "properties": {"file": TEXT}},
                },
            },
        },
        "responses": {
            "201": {
                "description": "What became of the entries: `booked` are new, `duplicates` were"
                " known, `matched` are on their orders. `state` is done, or running: then the"
                " job at `url` goes on."
            },
            "422": {"description": "The file cannot be read, or is of a strange account."},
        },
    },
    ("GET", "/v1/payments"): {
        "parameters": [
            _query("state", "unmatched if not given.", {"type": "string", "enum": [*State]}),
            _query(
                "search",
                "Payer, text, number, account or amount, among the newest 2,000 in the state:"
                " `searched` says how many were read, `is_all` whether that is all there are.",
            ),
            *PAGED,
        ],
    },
    ("GET", "/v1/reports/payouts"): {
        "parameters": [_query("since", "A day; 35 days ago if not given."), *PAGED]
    },
    ("GET", "/v1/payouts/{payout_id}"): {"parameters": [PAGED[1]]},
    ("GET", "/v1/reports/payments"): {
        "parameters": [
            _query(
                "since",
                "A day in Berlin or a moment, at most 35 days back; yesterday if not given.",
            ),
            _query(
                "list", "Only this list, page by page.", {"type": "string", "enum": [*REPORTED]}
            ),
            *PAGED,
        ],
        "responses": {
            "200": {
                "description": "What was paid with the reasons why we believe it, and what is"
                " open, each with count and sums; `by_source` adds up the providers."
            },
        },
    },
    ("GET", "/v1/reports/reconciliation"): {
        "parameters": [*PAGED],
        "responses": {
            "200": {
                "description": "What the books add up to, and every difference: expected,"
                " found, since when, and whether it is mended."
            },
        },
    },
    ("GET", "/v1/availability"): {
        "parameters": [
            _query("sku", "Up to a hundred SKUs, parted by commas or given one by one."),
            _query("key", "The merchant's `availability_key`, in place of a token."),
        ],
        "responses": {
            "200": {"description": "How many can be sold of each, null where it is not known."},
            "304": {"description": "Nothing has changed since the `ETag` in `If-None-Match`."},
        },
    },
}


def order_schemas() -> dict[str, Any]:
    """Return the published schema of an order as parts of the description."""
    whole = order_schema("")
    parts = whole.pop("$defs")
    for name in ("$schema", "$id"):
        del whole[name]
    named = {name: f"Order_{name}" for name in parts}
    found = {"Order": whole} | {named[name]: part for name, part in parts.items()}
    return {name: _moved(part, named) for name, part in found.items()}


def _moved(value: Any, named: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    """Let references to parts of the schema lead to where the description keeps them."""
    if isinstance(value, list):
        return [_moved(each, named) for each in value]
    if not isinstance(value, dict):
        return value
    moved = {name: _moved(each, named) for name, each in value.items()}
    if isinstance(reference := moved.get("$ref"), str):
        moved["$ref"] = f"{PLACE}/{named[reference.rpartition('/')[2]]}"
    return moved
