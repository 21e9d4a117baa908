"""A product's movements and their audit, as the API and the console show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.api.catalogue import place, places
from chalicelib.api.paging import bad_cursor
from chalicelib.domain.audit import Audit, audit
from chalicelib.store import codec
from chalicelib.store.movements import Movements
from chalicelib.store.tables import stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.domain.levels import Movement
    from chalicelib.domain.product import Product

# More movements than this are not read in one call; the audit says so.
MOST = 20_000


def page(
    merchant_id: str,
    product: Product,
    *,
    location: str,
    limit: int,
    cursor: Any,  # noqa: ANN401
) -> tuple[list[Movement], dict[str, int] | None]:
    """Return movements, newest first, of one location or of all, and where the next page begins."""
    at = [place(merchant_id, location)] if location else _everywhere(merchant_id, product)
    before = dict.fromkeys(at, 0)
    if cursor is not None:
        if not isinstance(cursor, dict) or cursor.keys() != before.keys():
            raise bad_cursor()
        if not all(isinstance(seq, int) and seq >= 0 for seq in cursor.values()):
            raise bad_cursor()
        before = cursor
    found = Movements().page(merchant_id, product.sku, before, limit=limit)
    after = {**before, **{one.location: one.seq for one in found}}
    return found, after if len(found) == limit else None


def audits(merchant_id: str, product: Product) -> list[Audit]:
    """Recompute every level of a product from its movements."""
    levels = [product.at(name) for name in _everywhere(merchant_id, product)]
    known = Movements()
    return [audit(x, known.all(merchant_id, product.sku, x.location, most=MOST)) for x in levels]


def movement_view(moved: Movement) -> dict[str, Any]:
    """Return one movement."""
    return {**codec.plain(moved), "at": stamp(moved.at)}


def audit_view(found: Sequence[Audit]) -> dict[str, Any]:
    """Return the audit of a product."""
    levels = [{**codec.plain(one), "is_sound": one.is_sound} for one in found]
    return {"is_sound": all(one.is_sound for one in found), "levels": levels}


def _everywhere(merchant_id: str, product: Product) -> list[str]:
    return list(dict.fromkeys([*places(merchant_id), *(x.location for x in product.levels)]))
