"""A shop on Etsy in memory: receipts listed by time and count, and parcels told of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from chalicelib.runtime.http import Reply
from tests.recorded.reading import recorded
from tests.shops.outside import Outside, reply

BY = {"updated": "updated_timestamp", "created": "created_timestamp"}
SLUGS = {"dhl-germany", "dpd-de", "gls", "ups", "hermes-de", "other"}


@dataclass
class Shop(Outside):
    """Receipts by their ids; every parcel that is told of sends the buyer a mail."""

    settings: ClassVar = {"shop_id": "42", "tax_rate": "19"}
    secrets: ClassVar = {
        "keystring": "keystring-1",
        "shared_secret": "shared-1",
        "refresh_token": "42.refresh-1",
    }
    shop_id: str = "42"
    tax_rate: str = "19"
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    mails: list[str] = field(default_factory=list)

    def add(self, number: int, changed: datetime, *, is_open: bool = True) -> str:
        """Have a receipt."""
        receipt = recorded("etsy", "coupon-gift-variations")
        stamp = int(changed.timestamp())
        receipt.update(receipt_id=number, created_timestamp=stamp, updated_timestamp=stamp)
        receipt.update(is_shipped=not is_open, shipments=[])
        self.receipts[str(number)] = receipt
        return str(number)

    def touch(self, order_id: str, changed: datetime) -> None:
        """Change a receipt."""
        self.receipts[order_id]["updated_timestamp"] = int(changed.timestamp())

    def state(self, order_id: str) -> str:
        """Say it in the contract's words."""
        return "shipped" if self.receipts[order_id]["is_shipped"] else "open"

    def parcels(self, order_id: str) -> list[str]:
        """Return the tracking numbers that the buyer sees."""
        return [each["tracking_code"] for each in self.receipts[order_id]["shipments"]]

    def answer(self, method: str, path: str, query: dict[str, str], data: Any) -> Reply:
        """Find who answers."""
        way = path.strip("/").split("/")
        assert way[:2] == ["shops", "42"]
        if len(way) == 2:
            return reply({"shop_id": 42, "shop_name": "Der Laden"})
        if len(way) == 3:
            return self._listed(query)
        if method == "POST":
            return self._tracked(self.receipts[way[3]], data)
        return reply(self.receipts[way[3]])

    def _listed(self, query: dict[str, str]) -> Reply:
        by = BY[query.get("sort_on", "created")]
        least = int(query.get("min_last_modified", query.get("min_created", 0)))
        most = int(query.get("max_last_modified", 10**11))
        rows = [one for one in self.receipts.values() if least <= one[by] <= most]
        if (query.get("was_paid"), query.get("was_shipped")) == ("true", "false"):
            rows = [one for one in rows if not one["is_shipped"] and one["is_paid"]]
        rows.sort(key=lambda one: (one[by], one["receipt_id"]))
        start = int(query.get("offset", 0))
        assert int(query["limit"]) <= 100
        return reply({"count": len(rows), "results": rows[start : start + int(query["limit"])]})

    def _tracked(self, receipt: dict[str, Any], data: dict[str, str]) -> Reply:
        receipt["is_shipped"] = True
        self.mails.append(str(receipt["receipt_id"]))
        if data and data["carrier_name"] in SLUGS:
            number = {"receipt_shipping_id": 5500 + len(self.mails)}
            receipt["shipments"].append({**number, **data})
        return reply(receipt)
