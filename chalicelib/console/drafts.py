"""A product as typed into its form, read and written; nothing here knows a store."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from chalicelib.api.catalogue import MOST, MOST_PARTS, NewProduct
from chalicelib.api.problems import Problem
from chalicelib.domain.product import Part, Product

Draft = NewProduct
TEXTS = ("name", "ean", "hs_code", "origin", "bin")
NUMBERS = ("weight_g", "length_mm", "width_mm", "height_mm", "min_stock")
FLAGS = ("backorder", "preorder", "lots")
# What people put between the digits of a number that has a check digit or a tariff.
GAPS = str.maketrans("", "", " -.\u00a0")


def draft(sku: str, form: Mapping[str, str], *, archived: bool = False) -> Draft:
    """Return what was typed in; Problem where it is no number or no day."""
    plain: dict[str, Any] = {name: _whole(form.get(name, ""), name) for name in NUMBERS}
    plain |= {name: bool(form.get(name)) for name in FLAGS}
    return NewProduct(
        sku=sku,
        name=form.get("name", ""),
        ean=form.get("ean", "").translate(GAPS),
        hs_code=form.get("hs_code", "").translate(GAPS),
        origin=form.get("origin", "").upper(),
        bin=form.get("bin", ""),
        **plain,
        parts=_parts(form),
        expected_on=_day(form.get("expected_on", "")),
        archived=archived,
    )


def counts(form: Mapping[str, str], places: Collection[str]) -> dict[str, int]:
    """Return what was counted at each location that something was typed for."""
    found = {}
    for place in places:
        if text := form.get(f"count:{place}", ""):
            found[place] = _whole(text, f"count:{place}")
    return found


def typed(product: Product) -> dict[str, str]:
    """Return a product as its form shows it."""
    form = {name: getattr(product, name) for name in TEXTS}
    form |= {name: str(getattr(product, name) or "") for name in NUMBERS}
    form |= {name: "1" for name in FLAGS if getattr(product, name)}
    for place, part in enumerate(product.parts):
        form |= {f"part:{place}": part.sku, f"pieces:{place}": str(part.quantity)}
    return form | {"expected_on": product.expected_on.isoformat() if product.expected_on else ""}


def saved_otherwise(form: Mapping[str, str], product: Product) -> dict[str, str]:
    """Return by field what is stored where something else was typed."""
    stored = typed(product)
    names = [*TEXTS, *NUMBERS, *FLAGS, "expected_on"]
    there = {name: stored.get(name, "") for name in names}
    found = {name: text for name, text in there.items() if text != form.get(name, "")}
    ours = {name: text for name, text in form.items() if name.startswith(("part:", "pieces:"))}
    if _shown(ours) != _shown(stored):
        found["parts"] = _shown(stored)
    return found


def _shown(form: Mapping[str, str]) -> str:
    rows = ((form.get(f"part:{n}", ""), form.get(f"pieces:{n}", "")) for n in range(MOST_PARTS))
    return ", ".join(f"{quantity or 1} × {sku}" for sku, quantity in rows if sku)


def _parts(form: Mapping[str, str]) -> tuple[Part, ...]:
    """Return the rows that are filled in, in their order; a row of only pieces has no SKU."""
    found: list[Part] = []
    for place in range(MOST_PARTS):
        sku, pieces = form.get(f"part:{place}", ""), form.get(f"pieces:{place}", "")
        if sku or pieces:
            quantity = _whole(pieces or "1", f"parts[{len(found)}].quantity")
            found.append(Part(sku=sku, quantity=quantity))
    return tuple(found)


def _whole(text: str, field: str) -> int:
    """Read a whole number; nothing typed is none."""
    if text and not (text.isascii() and text.isdecimal()):
        detail = f"{field}: must be a whole number, 0 or more."
        raise Problem(400, "bad_field", detail, field=field)
    if len(text) > len(str(MOST)) or int(text or "0") >= MOST:
        raise Problem(400, "bad_field", f"{field}: must be below {MOST}.", field=field)
    return int(text or "0")


def _day(text: str) -> date | None:
    """Read a date as browsers send it."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        detail = "expected_on: is no day of the calendar."
        raise Problem(400, "bad_field", detail, field="expected_on") from error
