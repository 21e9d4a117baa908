"""What each shop was told of a product: how many it may sell, and since when it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.api.auth import merchant
from chalicelib.api.problems import answered
from chalicelib.shops.reach import takes_levels
from chalicelib.store.connections import Connections
from chalicelib.store.tables import stamp
from chalicelib.store.told import ToldLevels

if TYPE_CHECKING:
    from chalicelib.store.connections import Connection
    from chalicelib.store.told import Told

bp = Blueprint(__name__)


@bp.route("/v1/products/{sku}/shops", methods=["GET"])
@answered
def shops(sku: str) -> Any:  # noqa: ANN401 - JSON
    """Say what each shop that is told levels knows of a product."""
    return {"items": told_view(merchant(bp.current_request), sku), "next": None}


def told_view(merchant_id: str, sku: str) -> list[dict[str, Any]]:
    """Return, for each shop that is told levels, what it knows of a SKU, and why if it refuses.

    `state` is told, waiting (not told yet), unknown (the shop does not have the SKU) or refused.
    """
    joined = [one for one in Connections().list(merchant_id) if takes_levels(one)]
    known = ToldLevels().of(merchant_id, sku, [one.id for one in joined])
    return [_view(one, known.get(one.id), sku) for one in joined]


def _view(connection: Connection, told: Told | None, sku: str) -> dict[str, Any]:
    trouble = connection.levels
    refused = trouble.refused.get(sku) or trouble.text if trouble else ""
    return {
        "connection_id": connection.id,
        "name": connection.name,
        "state": _state(told, refused),
        "available": told.available if told else None,
        "told_at": stamp(told.at) if told else None,
        "refused": refused,
    }


def _state(told: Told | None, refused: str) -> str:
    if refused:
        return "refused"
    if told is None:
        return "waiting"
    return "unknown" if told.available is None else "told"
