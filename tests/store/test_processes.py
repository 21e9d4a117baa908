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

from chalicelib.documents.settling import day_of
from chalicelib.domain import events, goods
from chalicelib.domain.order import Order
from chalicelib.runtime import clock
from chalicelib.store.merchants import Merchants, Settings
from tests.contracts.stores import Stores, real_stores
from tests.events import bought, line, order, paid

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


def clerks(
    merchant: str, names: list[str], *, role: str = "clerk", count: int = PROCESSES
) -> Iterator[subprocess.Popen[str]]:
    """Start processes that take every n-th order each, and every fifth one all of them."""
    for number in range(count):
        mine = [x for at, x in enumerate(names) if at % count == number or at % 5 == 0]
        command = [sys.executable, "-m", f"tests.store.{role}", merchant, str(number), *mine]
        yield subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(os.environ),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )


def let_go(running: list[subprocess.Popen[str]]) -> None:
    """Let all of them begin in the same moment, and wait until they are done."""
    for process in running:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=100)[0] for process in running]
    assert [process.returncode for process in running] == [0] * len(running), told


def test_four_processes_sell_exactly_what_is_there(stores: Stores) -> None:
    """N buyers, M units, N > M: M are sold, levels are what the facts say, nobody is forgotten."""
    names = [f"o{number:03}" for number in range(len(BASKETS))]
    for name, basket in zip(names, BASKETS, strict=True):
        place(stores, name, basket)
    let_go(list(clerks(stores.merchant, names)))
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


def year() -> str:
    """Return the series of today."""
    return f"RE-{day_of(clock.now())[:4]}"


def test_eight_processes_number_200_orders_without_a_gap(stores: Stores) -> None:
    """Each order has one invoice, and the numbers are 1 to 200."""
    settings = Settings(name="Tee", street="Weg 1", zip="1", city="Hamburg", tax_number="1")
    Merchants().save_settings(stores.merchant, settings)
    names = [f"n{number:03}" for number in range(200)]
    for name in names:
        stores.place(paid(), name=name)
    let_go(list(clerks(stores.merchant, names, role="draughtsman", count=8)))
    issued = [stores.load(name).all(events.DocumentIssued) for name in names]
    invoices = [[x.number for x in facts if x.kind == "invoice"] for facts in issued]
    assert sorted(invoices) == [[f"{year()}-{number:05}"] for number in range(1, 201)]
