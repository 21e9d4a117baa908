"""What the description of the API says of bodies and parameters that no dataclass describes."""

from __future__ import annotations

from typing import Any

from chalicelib.intake.schema import EXAMPLE, order_schema

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

# What an operation has beside its path and its answers.
MORE: dict[tuple[str, str], Part] = {
    ("POST", "/v1/orders"): {
        "parameters": [CONNECTION, KEY],
        "requestBody": _json("Order", EXAMPLE),
        "responses": {
            "201": {"description": "The order, just made; `Location` is its address."},
            "200": {"description": "The order, which was known."},
            "422": {"description": "`field` is wrong for the reason in `detail`; nothing is kept."},
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
