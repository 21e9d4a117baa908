"""A flash sale: 500 orders for one SKU at once, beside 500 orders for 500 different SKUs.

The orders lie in their table as intake leaves them, accepted; their wake-ups wait in the stock
queue of the deployed house until all are there. Then the function is let loose on them. The streams
are off, so that nothing but the stock function works. A transaction keeps its rows for 10 ms, and
who comes in between is refused, as on AWS.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from bench import house
from bench.meter import Invocation, Meter, UnfinishedError
from chalicelib.domain import events
from chalicelib.domain.money import Money
from chalicelib.domain.order import Bought, LineItem, Order
from chalicelib.domain.product import Product
from chalicelib.store.order_rows import event_row
from chalicelib.store.products import described
from chalicelib.store.stock import StockRow, stock_key

ORDERS = 500
UNITS = 450  # of the hot SKU: fifty come too late
ROUNDS = 3
TRANSACTION_MS = "10"
MERCHANT = "flash"
PATIENCE = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What became of orders that came at once, and what that took."""

    orders: int
    skus: int
    reserved: int
    short: int
    seconds: float
    writes: int  # transactions that touch a level, refused ones included
    refused: int
    write_units: float
    calls: float
    cpu_ms: float
    most: int  # orders in the largest batch

    @property
    def lost(self) -> int:
        """Orders that nobody answered."""
        return self.orders - self.reserved - self.short

    @property
    def per_second(self) -> float:
        """Orders answered in a second."""
        return (self.orders - self.lost) / self.seconds

    @property
    def conflicts(self) -> float:
        """Refused transactions for each order."""
        return self.refused / self.orders

    @property
    def key_units(self) -> float:
        """Write units on the hottest level's row for each order of its SKU."""
        # Of one SKU all these transactions touch the one row; of many each row is touched once.
        return 2 * self.writes / self.orders if self.skus == 1 else 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """Sales of one SKU and of many, in turns."""

    hot: list[Sale]
    cold: list[Sale]

    @classmethod
    def of(cls, turns: Iterable[tuple[Sale, Sale]]) -> Flash:
        """Take the sales as they came: one of the hot SKU, one of many, and so on."""
        hot, cold = zip(*turns, strict=True)
        return cls(hot=list(hot), cold=list(cold))

    def slower(self) -> float:
        """Return how many times as fast the orders of many SKUs are answered."""
        return median(x.per_second for x in self.cold) / median(x.per_second for x in self.hot)

    def key_units(self) -> float:
        """Return the write units of the hottest row for each order."""
        return median(sale.key_units for sale in self.hot)

    def conflicts(self) -> float:
        """Return the refused transactions for each order of the hot SKU."""
        return median(sale.conflicts for sale in self.hot)

    def lost(self) -> float:
        """Return how many orders were never answered, or sold beyond what was there."""
        over = sum(max(sale.reserved - UNITS, 0) for sale in self.hot)
        return over + sum(sale.lost for sale in (*self.hot, *self.cold))


def measure(home: Path) -> Flash:
    """Run a house of its own for the sales."""
    with _slow_transactions(), house.metered(home) as running:
        market = Market(running)
        market.sale("warm", ["WARM"] * 100, 100)
        return Flash.of(_turns(market))


def _turns(market: Market) -> Iterator[tuple[Sale, Sale]]:
    for turn in range(ROUNDS):
        yield (
            market.sale(f"hot{turn}", [f"HOT{turn}"] * ORDERS, UNITS),
            market.sale(f"cold{turn}", [f"C{turn}-{number}" for number in range(ORDERS)], 1),
        )


@contextmanager
def _slow_transactions() -> Iterator[None]:
    os.environ["KONTOR_TRANSACTION_MS"] = TRANSACTION_MS
    try:
        yield
    finally:
        del os.environ["KONTOR_TRANSACTION_MS"]


class Market:
    """The stock function of a house, with everything else at rest."""

    def __init__(self, running: house.House) -> None:
        """Switch the streams off."""
        self._tables, self._meter = running.tables, Meter(running.lines)
        engine = running.stack.engine
        self._rows, self._sqs = engine.client("dynamodb"), engine.client("sqs")
        self._lambda = engine.client("lambda")
        self._queue = running.environment("stock")["STOCK_QUEUE"]
        mappings = self._lambda.list_event_source_mappings()["EventSourceMappings"]
        for one in mappings:
            if ":dynamodb:" in one["EventSourceArn"]:
                self._switch(one["UUID"], on=False)
        [self._stock] = [
            one["UUID"] for one in mappings if one["EventSourceArn"].endswith("-stock")
        ]

    def sale(self, name: str, skus: list[str], units: int) -> Sale:
        """Let one order for each of these SKUs come at once; `units` are there of each SKU."""
        self._switch(self._stock, on=False)
        self._write("stock", _shelf(dict.fromkeys(skus), units))
        orders = list(_orders(name, skus))
        self._write("orders", (_row(order) for order in orders))
        for ten in _chunks(orders, 10):
            entries = [{"Id": one.id, "MessageBody": _wake(one)} for one in ten]
            self._sqs.send_message_batch(QueueUrl=self._queue, Entries=entries)
        self._meter.restart()
        self._switch(self._stock, on=True)
        self._await_empty()
        self._meter.await_quiet()
        found = [self._answer(order) for order in orders]
        return sale_of(self._meter.read(), found, skus=len({*skus}))

    def _switch(self, mapping: str, *, on: bool) -> None:
        self._lambda.update_event_source_mapping(UUID=mapping, Enabled=on)

    def _write(self, table: str, rows: Iterable[dict[str, Any]]) -> None:
        for chunk in _chunks(rows, 25):
            requests = [{"PutRequest": {"Item": row}} for row in chunk]
            self._rows.batch_write_item(RequestItems={self._tables[table]: requests})

    def _await_empty(self) -> None:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        patience = time.monotonic() + PATIENCE
        while time.monotonic() < patience:
            found = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=names)
            if not any(int(count) for count in found["Attributes"].values()):
                return
            time.sleep(0.1)
        raise UnfinishedError(found["Attributes"])

    def _answer(self, order: Order) -> str:
        """Return the fact that answers an order, as its row names it."""
        key = {"pk": {"S": f"{MERCHANT}#{order.id}"}, "sk": {"S": "EVENT#0002"}}
        found = self._rows.get_item(TableName=self._tables["orders"], Key=key).get("Item")
        return str(json.loads(found["facts"]["S"])[0]["fact"]) if found else ""


def sale_of(invocations: list[Invocation], answers: list[str], *, skus: int) -> Sale:
    """Add up what the stock function did."""
    mine = [one for one in invocations if one.function == "stock"]
    calls = [call for one in mine for call in one.calls]
    writes = [
        call
        for call in calls
        if call["operation"] == "TransactWriteItems" and "stock" in call["target"].lower()
    ]
    return Sale(
        orders=len(answers),
        skus=skus,
        reserved=answers.count("StockReserved"),
        short=answers.count("StockShort"),
        seconds=max(one.at for one in mine) - min(one.at - one.ms / 1000 for one in mine),
        writes=len(writes),
        refused=sum("failed" in call for call in calls),
        write_units=sum(call.get("write", 0) for call in calls),
        calls=sum(call["requests"] for call in calls),
        cpu_ms=sum(one.own_cpu_ms for one in mine),
        most=max(one.records for one in mine),
    )


def _orders(name: str, skus: list[str]) -> Iterator[Order]:
    """Yield accepted orders of one piece each, a millisecond after each other."""
    began, price = datetime.now(UTC).replace(microsecond=0), Money.of("10.00", "EUR")
    for number, sku in enumerate(skus):
        at = began + timedelta(milliseconds=number)
        line = LineItem(
            id="1", sku=sku, name="A thing everybody wants", quantity=1, unit_price=price,
            total=price, tax=Money.of("1.60", "EUR"), tax_rate=Decimal(19),
        )  # fmt: skip
        what = Bought(
            connection_id="flash", external_id=f"{name}-{number}", number=f"{name}-{number}",
            placed_at=at, modified_at=at, currency="EUR", total=price, prices_include_tax=True,
            lines=(line,),
        )  # fmt: skip
        received = events.OrderReceived(
            at=at, delivery_id=str(number), policy=events.Policy(), access_token=str(number)
        )
        empty = Order(merchant_id=MERCHANT, id=f"{name}-{number:04}", bought=what)
        yield empty.plus([received, events.OrderAccepted(at=at)])


def _row(order: Order) -> dict[str, Any]:
    row: dict[str, Any] = event_row(order, order.facts, bought=order.bought).serialize()
    return row


def _shelf(skus: Iterable[str], units: int) -> Iterator[dict[str, Any]]:
    for sku in skus:
        product = StockRow(MERCHANT, stock_key(sku), data=described(Product(sku=sku)))
        level = StockRow(MERCHANT, stock_key(sku, "main"), available=units, reserved=0, seq=1)
        yield product.serialize()
        yield level.serialize()


def _wake(order: Order) -> str:
    return json.dumps({"step": "stock", "merchant_id": MERCHANT, "order_id": order.id})


def _chunks(things: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(things)
    while chunk := list(islice(rest, size)):
        yield chunk
