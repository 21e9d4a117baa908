"""What a merchant may do with products: describe them, find them, put them away."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import TYPE_CHECKING

from chalicelib.api.problems import Problem, body_as, not_found, shaped_as
from chalicelib.domain import bins, bundles
from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.levels import Cause, Level
from chalicelib.domain.product import Part, Product
from chalicelib.runtime import clock
from chalicelib.runtime.settings import settings_of
from chalicelib.store import codec
from chalicelib.store.products import Products
from chalicelib.store.stock import Shelf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

SKU = re.compile(r"[^#\s][^#]{0,79}")
EAN = re.compile(r"\d{8}|\d{12,14}")
HS_CODE = re.compile(r"\d{6,11}")
LONGEST_NAME = 500
MOST = 1_000_000_000  # pieces, grams or millimetres
MOST_PARTS = 50
MOST_PIECES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """A product as its merchant describes it; `on_hand` is what lies at `location`.

    Grams, millimetres; `origin` is ISO 3166-1 alpha-2; `parts` make it a bundle.
    """

    sku: str = ""
    name: str = ""
    ean: str = ""
    weight_g: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    hs_code: str = ""
    origin: str = ""
    bin: str = ""
    min_stock: int = 0
    parts: tuple[Part, ...] = ()
    backorder: bool = False
    preorder: bool = False
    expected_on: date | None = None
    lots: bool = False
    archived: bool = False
    on_hand: int | None = None
    location: str = ""


def places(merchant_id: str) -> list[str]:
    """Return the ids of a merchant's locations, the first by priority first."""
    locations = settings_of(merchant_id).locations
    return [one.id for one in sorted(locations, key=lambda one: (one.priority, one.id))]


def place(merchant_id: str, name: str) -> str:
    """Return a location by its id, the first one for none; 422 for one that there is not."""
    known = places(merchant_id)
    if not name:
        return known[0]
    if name not in known:
        choice = ", ".join(known)
        raise Problem(422, "no_such_location", f"location: one of {choice}.", field="location")
    return name


def existing(merchant_id: str, sku: str) -> Product:
    """Return a product with all its levels; 404 if there is none."""
    product = Products().read(merchant_id, sku)
    if product is None:
        raise not_found("product")
    return product


def save(
    merchant_id: str, sku: str, new: NewProduct, *, seen: str | None = None, by: str = "api"
) -> Product:
    """Create or change a product, and its level where `on_hand` is told.

    Conflict if it is not stored as `seen`, where that is told: empty for one that is new.
    """
    at = place(merchant_id, new.location)
    known = Shelf().products(merchant_id, [sku], places(merchant_id)).get(sku)
    level = known.at(at) if known else Level(location=at)
    _check(sku, new, level)
    product = _product(sku, new)
    _check_parts(merchant_id, product)
    Products().put(merchant_id, product, seen=seen)
    if new.on_hand is not None and new.on_hand != level.on_hand:
        cause = Cause(kind="count", at=clock.now(), by=by)
        Shelf().count(merchant_id, sku, level, new.on_hand, cause)
    return existing(merchant_id, sku)


def change(merchant_id: str, sku: str, raw: bytes | str) -> Product:
    """Change only the fields that are named."""
    before = codec.plain(existing(merchant_id, sku))
    new = shaped_as({**before, **body_as(raw, dict)}, NewProduct)
    return save(merchant_id, sku, new)


def archive(merchant_id: str, sku: str) -> Product:
    """Put a product away: its history stays, it is sold and listed no more."""
    known = existing(merchant_id, sku)
    if known.reserved:
        text = f"{known.reserved} are set aside for orders; send or cancel those first."
        raise Problem(422, "reserved", text, field="sku")
    Products().put(merchant_id, replace(known, archived=True))
    return existing(merchant_id, sku)


def _product(sku: str, new: NewProduct) -> Product:
    names = {field.name for field in fields(Product)} - {"levels"}
    described = {name: getattr(new, name) for name in names}
    return Product(**{**described, "sku": sku, "name": new.name.strip()})


def _check(sku: str, new: NewProduct, level: Level) -> None:
    for field, reason in _faults(sku, new):
        raise Problem(400, "bad_field", f"{field}: {reason}.", field=field)
    if new.lots and new.on_hand not in {None, level.on_hand}:
        text = "on_hand: must be empty: the lots are counted one by one."
        raise Problem(422, "lots", text, field="on_hand")
    if new.on_hand is not None and new.on_hand < level.reserved:
        text = f"on_hand: {level.reserved} are set aside for orders."
        raise Problem(422, "reserved", text, field="on_hand")


def _faults(sku: str, new: NewProduct) -> Iterator[tuple[str, str]]:
    """Yield each field that cannot be, with the reason."""
    if not SKU.fullmatch(sku):
        yield "sku", "1 to 80 characters, none of them #"
    if new.sku and new.sku != sku:
        yield "sku", f"the address says {sku!r}"
    if len(new.name) > LONGEST_NAME:
        yield "name", f"at most {LONGEST_NAME} characters"
    if new.ean and not EAN.fullmatch(new.ean):
        yield "ean", "must be 8, 12, 13 or 14 digits"
    if len(new.bin) > bins.LONGEST:
        yield "bin", f"at most {bins.LONGEST} characters"
    if new.hs_code and not HS_CODE.fullmatch(new.hs_code):
        yield "hs_code", "must be 6 to 11 digits"
    if new.origin and new.origin not in COUNTRIES:
        yield "origin", "must be a country such as DE"
    for name in ("weight_g", "length_mm", "width_mm", "height_mm", "min_stock", "on_hand"):
        if not 0 <= (getattr(new, name) or 0) < MOST:
            yield name, f"must not be negative, and below {MOST}"
    yield from _faults_of_parts(new)


def _faults_of_parts(new: NewProduct) -> Iterator[tuple[str, str]]:
    if len(new.parts) > MOST_PARTS:
        yield "parts", f"at most {MOST_PARTS}"
    for index, part in enumerate(new.parts):
        if not SKU.fullmatch(part.sku):
            yield f"parts[{index}].sku", "1 to 80 characters, none of them #"
        if not 0 < part.quantity <= MOST_PIECES:
            yield f"parts[{index}].quantity", f"must be between 1 and {MOST_PIECES}"
    if new.parts and new.on_hand:
        yield "on_hand", "a bundle has no units of its own"
    if len({part.sku for part in new.parts}) < len(new.parts):
        yield "parts", "name each SKU once"


def _check_parts(merchant_id: str, product: Product) -> None:
    """Refuse a bundle of what there is not, or one without an end."""
    if not product.parts:
        return
    known = {product.sku: product}
    at = places(merchant_id)

    def read(skus: Collection[str]) -> dict[str, Product]:
        return {**Shelf().products(merchant_id, skus, at), **known}

    found = bundles.unfold([product.sku], read)
    for index, part in enumerate(product.parts):
        if part.sku not in found:
            field = f"parts[{index}].sku"
            raise Problem(422, "unknown_part", f"{field}: there is no {part.sku!r}.", field=field)
    try:
        bundles.contents(product.sku, found)
    except NeedsHuman as error:
        raise Problem(422, error.code, error.text, field="parts") from error
