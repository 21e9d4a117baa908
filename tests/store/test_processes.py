"""Several processes against the real engine: exactly as many units are sold as there are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.domain import events, goods
from chalicelib.domain.order import Order
from tests.contracts.stores import Stores, real_stores
from tests.events import bought, line, order

pytestmark = pytest.mark.engine
ROOT = Path(__file__).parents[2]
PROCESSES = 4
SHELF = {"HOT": 40, "A": 21, "B": 16}
# 60 buyers of one unit that 40 get, and 45 of two SKUs of each of which there are too few.
BASKETS = [{"HOT": 1}] * 60 + [{"A": 1}, {"A": 1, "B": 1}, {"B": 2}] * 15


@pytest.fixture
def stores(merchant: str) -> Stores:
    """Return the stores of the product, with units on the shelf."""
    found = real_stores(merchant)
    for sku, units in SHELF.items():
        found.shelve(sku, units)
    return found


def place(stores: Stores, name: str, basket: dict[str, int]) -> Order:
    """Take in an order."""
    what = bought(*(line(sku, quantity=count) for sku, count in basket.items()))
    first = order(what=what)
    empty = replace(first, merchant_id=stores.merchant, id=name, facts=(), version=0)
    created: Order = stores.orders.create(empty, first.facts)
    return created


def clerks(merchant: str, names: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Start processes that take every fourth order each, and every fifth one all of them."""
    for number in range(PROCESSES):
        mine = [x for at, x in enumerate(names) if at % PROCESSES == number or at % 5 == 0]
        command = [sys.executable, "-m", "tests.store.clerk", merchant, str(number), *mine]
        yield subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(os.environ),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )


def test_four_processes_sell_exactly_what_is_there(stores: Stores) -> None:
    """N buyers, M units, N > M: M are sold, levels are what the facts say, nobody is forgotten."""
    names = [f"o{number:03}" for number in range(len(BASKETS))]
    for name, basket in zip(names, BASKETS, strict=True):
        place(stores, name, basket)
    running = list(clerks(stores.merchant, names))
    for process in running:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES, told
    orders = [stores.load(name) for name in names]
    sold = Counter[str]()
    for one in orders:
        sold.update({sku: count for (sku, _), count in goods.reserved(one).items()})
    assert sold["HOT"] == SHELF["HOT"]
    for sku, units in SHELF.items():
        assert stores.level(sku) == (units - sold[sku], sold[sku])
    for one in orders:
        served, short = one.all(events.StockReserved), one.all(events.StockShort)
        assert (len(served), len(short)) in {(1, 0), (0, 1)}
        missing = goods.unreserved(one)
        assert not missing or any(stores.level(sku)[0] < n for sku, n in missing.items())
