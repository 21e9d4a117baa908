"""Gives the house a history: rows of a finished order, copied under other names.

The rows are those that the functions themselves wrote for a reference order, its head, its facts
and its deliveries. Copies differ in their keys and the order's number only, and event rows carry
`wakes = 0`, so that the stream's filter drops them. They are written straight into the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from bench.house import House
from bench.merchant import NAME

Item = dict[str, dict[str, Any]]
AT_ONCE = 25  # rows DynamoDB takes in one call
FIRST = 100_000


class History:
    """Copies of one finished order."""

    def __init__(self, house: House, order: dict[str, Any]) -> None:
        """Read the rows of a finished order."""
        self._client = house.stack.engine.client("dynamodb")
        tables = house.tables
        self._orders, self._documents = tables["orders"], tables["documents"]
        self._inbox = tables["inbox"]
        self._name: str = order["id"]
        self._number: str = order["number"]
        self._rows = {
            self._orders: self._partition(self._orders, f"{NAME}#{order['id']}"),
            self._documents: self._partition(self._documents, NAME, f"DOC#{order['id']}"),
            self._inbox: self._deliveries(order),
        }
        self._written = 0

    def grow(self, count: int, tell: Callable[[int], None]) -> None:
        """Write copies until there are `count` finished orders."""
        while self._written < count:
            upto = min(count, self._written + 1000)
            places = range(FIRST + self._written, FIRST + upto)
            for table, rows in self._rows.items():
                self._write(table, (self._copy(row, n) for n in places for row in rows))
            self._written = upto
            tell(self._written)

    def rows_each(self) -> int:
        """Return how many rows an order is."""
        return sum(map(len, self._rows.values()))

    def _copy(self, row: Item, place: int) -> Item:
        """Return a row under another order's name; lengths stay what they are."""
        name = f"o{place:020d}"
        copy = {
            key: {"S": value["S"].replace(self._name, name)} if "S" in value else value
            for key, value in row.items()
        }
        if "number" in copy and copy["sk"]["S"] == "HEAD":
            copy["number"] = {"S": f"{place:0{len(self._number)}d}"}
        if "wakes" in copy:
            copy["wakes"] = {"N": "0"}
        if "body" in copy:  # a delivery
            copy["sk"] = {"S": f"{place:06d}{copy['sk']['S'][6:]}"}
            copy.pop("step", None)
        return copy

    def _partition(self, table: str, key: str, begins: str = "") -> list[Item]:
        names: dict[str, Any] = {":pk": {"S": key}}
        condition = "pk = :pk"
        if begins:
            names[":sk"] = {"S": begins}
            condition += " and begins_with(sk, :sk)"
        found = self._client.query(
            TableName=table,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=names,
        )
        items: list[Item] = found["Items"]
        return items

    def _deliveries(self, order: dict[str, Any]) -> list[Item]:
        """Return a delivery of the shop, and one of the payment provider."""
        found = self._client.scan(TableName=self._inbox)["Items"]
        shop = f"{NAME}#{order['connection_id']}"
        mine = [row for row in found if row["pk"]["S"] == shop][:1]
        return mine + [row for row in found if row["pk"]["S"] != shop][:1]

    def _write(self, table: str, rows: Iterable[Item]) -> None:
        for chunk in _chunks(rows):
            requests = [{"PutRequest": {"Item": row}} for row in chunk]
            self._client.batch_write_item(RequestItems={table: requests})


def _chunks(rows: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(rows)
    while chunk := list(islice(rest, AT_ONCE)):
        yield chunk
