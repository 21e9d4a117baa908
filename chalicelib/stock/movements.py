"""Every change of a level becomes a movement, and word to the shops that keep levels too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.domain.errors import Retryable
from chalicelib.runtime.changes import announce, changes_of
from chalicelib.runtime.logging import log
from chalicelib.runtime.settings import connections_of, settings_of
from chalicelib.shops.reach import takes_levels
from chalicelib.stock.arriving import all_arrived
from chalicelib.store.movements import Movements, movements_of
from chalicelib.store.offers import Parts, parts_of
from chalicelib.store.products import Products
from chalicelib.store.stock import place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from chalicelib.domain.levels import Movement
    from chalicelib.runtime.changes import Change
    from chalicelib.store.connections import Connection

    Image = Mapping[str, Any]

bp = Blueprint(__name__)


@dataclass(slots=True, kw_only=True)
class Seen:
    """What a batch of the stream says of one merchant.

    `bundles` are those that are made differently: of what they were made, and of what they are.
    """

    movements: list[Movement] = field(default_factory=list)
    changed: dict[str, None] = field(default_factory=dict)
    bundles: dict[str, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    risen: dict[str, None] = field(default_factory=dict)


def read(records: Iterable[Mapping[str, Any]]) -> dict[str, Seen]:
    """Return by merchant what has moved, and the SKUs of which more or less may be sold now."""
    seen: dict[str, Seen] = {}
    for record in records:
        images = record["dynamodb"]
        old, new = images.get("OldImage"), images.get("NewImage")
        key = images["Keys"]
        mine = seen.setdefault(key["pk"]["S"], Seen())
        try:
            _see(mine, place_of(key["sk"]["S"])[0], old, new)
        except Exception:  # noqa: BLE001 - one row that we fail on keeps no other waiting
            log.exception("cannot read a change", step="movements", key=key)
    return seen


def _see(mine: Seen, sku: str, old: Image | None, new: Image | None) -> None:
    if _is_other_offer(old, new):
        mine.changed[sku] = None
    if _available(new) > _available(old):
        mine.risen[sku] = None
    mine.movements += movements_of(old, new)
    was, parts = parts_of(old), parts_of(new)
    if was != parts:
        before, _ = mine.bundles.get(sku, (was, parts))
        mine.bundles[sku] = (before | was, parts)


def _is_other_offer(old: Image | None, new: Image | None) -> bool:
    """Tell whether a change may be seen in a shop: of a level, or of the product's description."""
    return any((old or {}).get(name) != (new or {}).get(name) for name in ("available", "data"))


def _available(image: Image | None) -> int:
    return int((image or {}).get("available", {"N": "0"})["N"])


class Herald:
    """Keeps the movements of a batch and sends word of it to the shops that want it."""

    def __init__(
        self,
        *,
        movements: Movements,
        parts: Parts,
        connections_of: Callable[[str], list[Connection]],
        announce: Callable[[Iterable[Change], str], None],
        note_low: Callable[[str, Collection[str]], None],
        arrived: Callable[[str, Collection[str]], None],
    ) -> None:
        """Take where movements are kept, how word is sent, and who looks after a SKU."""
        self._note_low, self._arrived = note_low, arrived
        self._movements, self._parts = movements, parts
        self._connections_of, self._announce = connections_of, announce

    def take(self, records: list[dict[str, Any]]) -> dict[str, Any]:
        """Do what a batch asks for; what cannot be done just now comes back as a whole."""
        if not records:
            return {"batchItemFailures": []}
        first, last = (str(records[end]["dynamodb"]["SequenceNumber"]) for end in (0, -1))
        try:
            for merchant_id, seen in read(records).items():
                self._movements.write_all(merchant_id, seen.movements)
                for bundle, (was, parts) in seen.bundles.items():
                    self._parts.note(merchant_id, bundle, parts, was)
                # A batch that comes back may have grown: its word must not be taken for the first.
                self._announce(self._changes(merchant_id, seen.changed), f"{first}-{last}")
                self._note_low(merchant_id, seen.changed)
                self._arrived(merchant_id, seen.risen)
        except Retryable:
            log.exception("comes back", step="movements")
            return {"batchItemFailures": [{"itemIdentifier": first}]}
        return {"batchItemFailures": []}

    def _changes(self, merchant_id: str, changed: Iterable[str]) -> Iterator[Change]:
        """Yield word for each shop that wants it, of the bundles made of what has changed too."""
        skus = list(changed)
        wanted = [one for one in self._connections_of(merchant_id) if skus and takes_levels(one)]
        if wanted:
            skus += self._parts.bundles_with(merchant_id, skus)
        for connection in wanted:
            yield from changes_of(merchant_id, connection.id, skus)


def note_low(merchant_id: str, skus: Collection[str]) -> None:
    """Mark what is below its minimum, over all of a merchant's locations."""
    places = [one.id for one in settings_of(merchant_id).locations]
    Products().note_lows(merchant_id, skus, places)


herald = Herald(
    movements=Movements(),
    parts=Parts(),
    connections_of=connections_of,
    announce=announce,
    note_low=note_low,
    arrived=all_arrived,
)


@bp.on_dynamodb_record(stream_arn="arn:placeholder:stock", name="movements", batch_size=100)
def movements(event: Any) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Keep what has moved and tell the shops."""
    return herald.take(event.to_dict()["Records"])
