"""What people do to the shelf: goods received, corrected, counted, taken back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from chalicelib.api.catalogue import existing, place
from chalicelib.api.problems import Problem
from chalicelib.domain.errors import Conflict
from chalicelib.domain.levels import Cause
from chalicelib.domain.lots import Lot
from chalicelib.runtime import clock
from chalicelib.store import lots as lot_rows
from chalicelib.store.stock import Shelf

if TYPE_CHECKING:
    from chalicelib.domain.product import Product

KINDS = ("receipt", "correction", "count", "return")
LONGEST = 200
MOST = 1_000_000_000
LOT = re.compile(r"[^#\s][^#]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Units that came or went by `difference`; for a `count`, what lies there (`on_hand`).

    Where a product's lots are kept, all of it is about the `lot` named.
    """

    sku: str
    kind: str = "correction"
    difference: int | None = None
    on_hand: int | None = None
    location: str = ""
    reason: str = ""
    by: str = "api"
    lot: str = ""
    best_before: date | None = None


def adjust(merchant_id: str, new: Adjustment) -> Product:
    """Change a level and say why; returns the product as it is then."""
    _check(new)
    product = existing(merchant_id, new.sku)
    if product.parts:
        raise Problem(422, "bundle", "sku: a bundle has no units of its own.", field="sku")
    level = product.at(place(merchant_id, new.location))
    cause = Cause(
        kind=new.kind,
        at=clock.now(),
        reason=new.reason.strip(),
        by=new.by.strip(),
        lot=new.lot if product.lots else "",
    )
    if product.lots:
        _adjust_lot(merchant_id, new, level.location, cause)
        return existing(merchant_id, new.sku)
    if new.kind == "count":
        if (new.on_hand or 0) < level.reserved:
            text = f"on_hand: {level.reserved} are set aside for orders."
            raise Problem(422, "reserved", text, field="on_hand")
        Shelf().count(merchant_id, new.sku, level, new.on_hand or 0, cause)
        return existing(merchant_id, new.sku)
    try:
        Shelf().adjust(merchant_id, new.sku, level.location, new.difference or 0, cause)
    except Conflict as error:
        text = "difference: more than is available."
        raise Problem(422, "too_few", text, field="difference") from error
    return existing(merchant_id, new.sku)


def _adjust_lot(merchant_id: str, new: Adjustment, location: str, cause: Cause) -> None:
    """Change a lot and its level; a new lot begins with a receipt or a count."""
    if not LOT.fullmatch(new.lot):
        text = "lot: 1 to 40 characters, none of them #; the lots of this product are kept."
        raise Problem(400, "bad_field", text, field="lot")
    lots = Shelf().lots(merchant_id, new.sku, location)
    found = next((one for one in lots if one.name == new.lot), None)
    lot = found or Lot(name=new.lot, location=location, best_before=new.best_before)
    if found and new.best_before and new.best_before != found.best_before:
        text = f"best_before: this lot has {found.best_before}."
        raise Problem(422, "other_lot", text, field="best_before")
    difference = new.difference or 0
    if new.kind == "count":
        difference = (new.on_hand or 0) - lot.on_hand
    if lot.available + difference < 0:
        field = "on_hand" if new.kind == "count" else "difference"
        raise Problem(422, "too_few", f"{field}: more than is available.", field=field)
    lot_rows.adjust(merchant_id, new.sku, lot, difference, cause)


def _check(new: Adjustment) -> None:
    """Refuse what cannot be; the problem names the field."""
    field, reason = "", ""
    told = new.on_hand if new.kind == "count" else new.difference
    name = "on_hand" if new.kind == "count" else "difference"
    if new.kind not in KINDS:
        field, reason = "kind", f"one of {', '.join(KINDS)}"
    elif told is None:
        field, reason = name, f"is missing; a {new.kind} needs it"
    elif abs(told) >= MOST or (new.kind == "count" and told < 0):
        field, reason = name, f"must not be negative, and below {MOST}"
    elif new.kind in {"receipt", "return"} and told <= 0:
        field, reason = name, f"must be above zero for a {new.kind}"
    elif new.kind == "correction" and told == 0:
        field, reason = name, "must not be zero"
    for words in ("reason", "by"):
        if len(getattr(new, words)) > LONGEST:
            field, reason = words, f"at most {LONGEST} characters"
    if field:
        raise Problem(400, "bad_field", f"{field}: {reason}.", field=field)
