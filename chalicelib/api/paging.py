"""Lists are pages: `{"items": […], "next": cursor or null}`; a cursor is opaque to callers."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from chalicelib.api.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MOST = 100
USUAL = 50


def limit_of(params: Mapping[str, str]) -> int:
    """Read `limit`, at most a hundred."""
    text = params.get("limit", str(USUAL))
    if not text.isdecimal() or not 0 < int(text) <= MOST:
        raise Problem(400, "bad_field", f"limit: must be between 1 and {MOST}.", field="limit")
    return int(text)


def write_cursor(value: object) -> str | None:
    """Return a cursor as callers get it; None at the end of the list."""
    if not value:
        return None
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def read_cursor(params: Mapping[str, str]) -> Any:  # noqa: ANN401 - what write_cursor was given
    """Read the cursor a caller sends back; None at the beginning."""
    text = params.get("cursor", "")
    try:
        return json.loads(base64.urlsafe_b64decode(text)) if text else None
    except (binascii.Error, ValueError) as error:
        raise bad_cursor() from error


def read_key(value: Any, names: Collection[str], **fixed: str) -> dict[str, Any] | None:  # noqa: ANN401
    """Return a key of the database out of a cursor; 400 if callers made it up.

    `names` are its attributes, `fixed` the values that they must not change.
    """
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() != set(names):
        raise bad_cursor()
    for name, text in value.items():
        is_text = isinstance(text, dict) and text.keys() == {"S"} and isinstance(text["S"], str)
        if not is_text or not text["S"] or text["S"] != fixed.get(name, text["S"]):
            raise bad_cursor()
    return value


def bad_cursor() -> Problem:
    """Return the problem of a cursor that we never gave."""
    return Problem(400, "bad_field", "cursor: is not one of ours.", field="cursor")
