"""Products made of others: what one of them takes from the shelf, and how many there could be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.product import Part, Product

# How many bundles may lie within each other.
DEPTH = 3

Read = Callable[[Collection[str]], Mapping[str, Product]]


def unfold(skus: Iterable[str], read: Read) -> dict[str, Product]:
    """Read products with all that they are made of, one read a depth."""
    known: dict[str, Product] = {}
    wanted = set(skus)
    for _ in range(DEPTH + 1):
        if not wanted:
            break
        known |= read(wanted)
        parts = {x.sku for sku in wanted & known.keys() for x in known[sku].parts}
        wanted = parts - known.keys()
    return known


def contents(sku: str, known: Mapping[str, Product], above: tuple[str, ...] = ()) -> list[Part]:
    """Return what one piece takes from the shelf, by SKU; NeedsHuman where that has no end."""
    product = known.get(sku)
    if product is None or not product.parts:
        return [Part(sku=sku, name=product.name if product else "")]
    path = " → ".join((*above, sku))
    if sku in above:
        raise NeedsHuman("bundle_circle", f"parts: {path} goes round in a circle.")
    if len(above) >= DEPTH:
        raise NeedsHuman("bundle_depth", f"parts: {path} is deeper than {DEPTH} bundles.")
    count: Counter[str] = Counter()
    names: dict[str, str] = {}
    for part in product.parts:
        for leaf in contents(part.sku, known, (*above, sku)):
            count[leaf.sku] += leaf.quantity * part.quantity
            names[leaf.sku] = leaf.name
    return [Part(sku=name, quantity=count[name], name=names[name]) for name in sorted(count)]


def available(sku: str, known: Mapping[str, Product]) -> int:
    """Return how many pieces could be sold: a bundle is packed where all its parts lie."""
    parts = contents(sku, known)
    places = {level.location for x in parts if x.sku in known for level in known[x.sku].levels}
    return sum(
        min(_at(known, x.sku, place) // x.quantity for x in parts) for place in sorted(places)
    )


def _at(known: Mapping[str, Product], sku: str, location: str) -> int:
    return max(known[sku].at(location).available, 0) if sku in known else 0
