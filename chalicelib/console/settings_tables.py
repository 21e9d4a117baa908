"""Settings that are tables: places, accounts by what they are for, and series of shops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.api.problems import Problem
from chalicelib.console.settings_fields import LOCATION, Setting
from chalicelib.documents.exports import datev

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A field of the settings with its columns; a row without its `marks` is left out.

    `read` makes the field of rows, `rows` makes rows of the field.
    """

    field: str
    columns: tuple[Setting, ...]
    marks: tuple[str, ...]
    read: Callable[[list[Row]], Any]
    rows: Callable[[Any], list[Mapping[str, Any]]] = list
    most: int = 20


def whole(text: str, field: str) -> int:
    """Read a number that is 0 or more; the problem names the field."""
    if not text.isascii() or not text.isdecimal():
        detail = f"{field}: must be a whole number, 0 or more."
        raise Problem(400, "bad_field", detail, field=field)
    return int(text)


def _places(rows: list[Row]) -> list[dict[str, Any]]:
    return [
        {
            **row,
            "country": row["country"] or "DE",
            "priority": whole(row["priority"] or "1", f"locations[{at}].priority"),
        }
        for at, row in enumerate(rows)
    ]


def _accounts(rows: list[Row]) -> dict[str, str]:
    found: dict[str, str] = {}
    for at, row in enumerate(rows):
        field = f"datev_accounts[{at}]"
        wrong = datev.account_fault(row["use"], row["account"])
        if row["use"] in found:
            wrong = ("use", "is there already")
        if wrong:
            place = f"{field}.{wrong[0]}"
            raise Problem(400, "bad_field", f"{place}: {wrong[1]}.", field=place)
        found[row["use"]] = row["account"]
    return found


def _series(rows: list[Row]) -> list[Row]:
    seen: set[str] = set()
    for at, row in enumerate(rows):
        place, shop = f"shop_series[{at}].connection_id", row["connection_id"]
        if not shop or shop in seen:
            text = "is there already" if shop else "choose a shop"
            raise Problem(400, "bad_field", f"{place}: {text}.", field=place)
        seen.add(shop)
    return rows


TABLES: Mapping[str, Table] = {
    "locations": Table(
        field="locations", columns=LOCATION, marks=("id", "name", "street", "zip", "city"),
        read=_places,
    ),
    "accounts": Table(
        field="datev_accounts",
        columns=(
            Setting(name="use", german="Wofür", english="For", size=40),
            Setting(name="account", german="Konto, mit /Schlüssel", english="Account, with /key",
                    size=13),
        ),
        marks=("use", "account"),
        read=_accounts,
        rows=lambda kept: [{"use": use, "account": account} for use, account in kept.items()],
        most=60,
    ),
    "series": Table(
        field="shop_series",
        columns=(
            Setting(name="connection_id", german="Shop", english="Shop"),
            Setting(name="invoice_series", german="Rechnungsnummern", english="Invoice numbers",
                    size=60),
            Setting(name="credit_note_series", german="Nummern der Korrekturen",
                    english="Credit note numbers", size=60),
        ),
        marks=("connection_id", "invoice_series", "credit_note_series"),
        read=_series,
    ),
}  # fmt: skip
