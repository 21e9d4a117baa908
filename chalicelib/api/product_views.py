"""Products as the API and the console show them, and how they are found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.api.catalogue import EAN, places
from chalicelib.api.paging import bad_cursor, read_key
from chalicelib.domain import bundles
from chalicelib.store import codec
from chalicelib.store.products import Products
from chalicelib.store.stock import Shelf

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from chalicelib.domain.levels import Level
    from chalicelib.domain.lots import Lot
    from chalicelib.domain.product import Product

Found = tuple[list["Product"], Any]


def views(merchant_id: str, products: Sequence[Product]) -> list[dict[str, Any]]:
    """Return products with what of them may be sold; bundles by their parts."""
    known = {product.sku: product for product in products}
    at = places(merchant_id)

    def read(skus: Collection[str]) -> dict[str, Product]:
        missing = [sku for sku in skus if sku not in known]
        return {**known, **(Shelf().products(merchant_id, missing, at) if missing else {})}

    made = [product.sku for product in products if product.parts]
    whole = bundles.unfold(made, read) if made else {}
    return [_view(x, bundles.available(x.sku, whole) if x.parts else x.available) for x in products]


def view(merchant_id: str, product: Product) -> dict[str, Any]:
    """Return one product, with its lots where they are kept."""
    shown = views(merchant_id, [product])[0]
    if product.lots:
        shown["batches"] = [_lot(one) for one in Shelf().lots(merchant_id, product.sku)]
    return shown


def _lot(lot: Lot) -> dict[str, Any]:
    return {
        "lot": lot.name,
        "best_before": lot.best_before.isoformat() if lot.best_before else None,
        "location": lot.location,
        "on_hand": lot.on_hand,
        "reserved": lot.reserved,
    }


def _view(product: Product, available: int) -> dict[str, Any]:
    described = {name: x for name, x in codec.plain(product).items() if name != "levels"}
    return {
        **described,
        "parts": [{"sku": part.sku, "quantity": part.quantity} for part in product.parts],
        "location": product.levels[0].location if product.levels else "main",
        "on_hand": product.on_hand,
        "reserved": product.reserved,
        "available": available,
        "levels": [level_view(level) for level in product.levels],
    }


def level_view(level: Level) -> dict[str, Any]:
    """Return what lies at one location."""
    return {
        "location": level.location,
        "on_hand": level.on_hand,
        "reserved": level.reserved,
        "available": level.available,
    }


def search(merchant_id: str, params: Mapping[str, str], *, limit: int, cursor: Any) -> Found:  # noqa: ANN401
    """Return a page of products and where the next begins.

    `below_minimum=1`: those of which too few may be sold. `search`: an EAN, else what begins a SKU,
    then what begins a name. `archived=1`: those put away too.
    """
    text = params.get("search", "").strip()
    if params.get("below_minimum") == "1":
        names = ("pk", "sk", "merchant_low")
        start = read_key(cursor, names, pk=merchant_id, merchant_low=merchant_id)
        skus, after = Products().low(merchant_id, limit=limit, start=start)
        return _read(merchant_id, skus), after
    if EAN.fullmatch(text) and (skus := Products().with_ean(merchant_id, text, limit=limit)):
        return _read(merchant_id, skus), None
    if text and isinstance(cursor, dict) and "name_key" in cursor:
        return _named(merchant_id, text, limit=limit, cursor=cursor)
    archived = params.get("archived") == "1"
    found = Products().page(
        merchant_id, limit=limit, after=_after(cursor), prefix=text, archived=archived
    )
    if len(found) == limit:
        return found, {"after": found[-1].sku}
    named, after = _named(merchant_id, text, limit=limit, cursor=None) if text else ([], None)
    return [*found, *named], after


def _after(cursor: Any) -> str:  # noqa: ANN401 - whatever callers send
    """Return the SKU behind which a page begins; 400 if callers made the cursor up."""
    if cursor is None:
        return ""
    if not isinstance(cursor, dict) or cursor.keys() != {"after"}:
        raise bad_cursor()
    if not isinstance(cursor["after"], str) or not cursor["after"]:
        raise bad_cursor()
    return cursor["after"]


def _named(merchant_id: str, text: str, *, limit: int, cursor: Any) -> Found:  # noqa: ANN401
    names = ("pk", "sk", "merchant", "name_key")
    start = read_key(cursor, names, pk=merchant_id, merchant=merchant_id)
    skus, after = Products().named(merchant_id, text, limit=limit, start=start)
    # Those whose SKU begins so have been told already.
    return _read(merchant_id, [sku for sku in skus if not sku.startswith(text)]), after


def _read(merchant_id: str, skus: Collection[str]) -> list[Product]:
    found = Shelf().products(merchant_id, skus, places(merchant_id))
    return [found[sku] for sku in skus if sku in found and not found[sku].archived]
