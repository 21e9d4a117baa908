"""N buyers, M units, several workers at once: exactly M are sold, and first come is first served.

Workers take batches from one queue and meet at every read and every conditional write; they die
before and after writes, messages come twice and again, orders are cancelled, sent and taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from chalicelib.domain import events, goods
from chalicelib.runtime.logging import log
from chalicelib.store.allocation import Append
from tests.fakes import Fuse
from tests.interleaving import Turns
from tests.market import Basket, Market

RUNS = 1000
# Dice do not shrink: the first run that fails is told as it is, within seconds.
PHASES = (Phase.explicit, Phase.generate)
SKUS = "ABC"

seeds = st.integers(0, 2**32 - 1)
baskets = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 3), min_size=1)
shelves = st.fixed_dictionaries({sku: st.integers(0, 6) for sku in SKUS})


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> None:
    """Refusals are what this is about; nobody needs to read of each."""
    log.setLevel("CRITICAL")


@dataclass
class Turn:
    """What an order had got by its write: its units, or what it was short of."""

    received: datetime
    got: Counter[str]
    short: dict[str, tuple[int, int]]


def turn_of(append: Append) -> Turn:
    """Read a write of one order."""
    got: Counter[str] = Counter()
    short: dict[str, tuple[int, int]] = {}
    for fact in append.new:
        if isinstance(fact, events.StockReserved):
            got.update({unit.sku: unit.quantity for unit in fact.units})
        elif isinstance(fact, events.StockShort):
            short = {one.sku: (one.wanted, one.available or 0) for one in fact.missing}
    return Turn(received=append.order.received.at, got=got, short=short)


def first_come_first_served(written: Sequence[Append]) -> None:
    """Check that in one write nobody got units that somebody before him waits for without reason.

    Whoever came first wanted more than was there; those after him shared no more than that.
    """
    turns = [turn_of(append) for append in written]
    assert [turn.received for turn in turns] == sorted(turn.received for turn in turns)
    for place, turn in enumerate(turns):
        for sku, (wanted, there) in turn.short.items():
            assert wanted > there
            after = sum(later.got[sku] for later in turns[place + 1 :])
            assert after <= there + freed_after(written[place + 1 :], sku)


def freed_after(written: Sequence[Append], sku: str) -> int:
    """Count the units that these orders let go or brought back."""
    facts = [fact for one in written for fact in one.new]
    kinds = (events.StockReleased, events.StockReturned)
    units = [unit for fact in facts if isinstance(fact, kinds) for unit in fact.units]
    return sum(unit.quantity for unit in units if unit.sku == sku)


@settings(max_examples=RUNS, phases=PHASES)
@given(shelves, st.lists(baskets, min_size=2, max_size=9), st.integers(1, 6), seeds)
def test_many_workers_sell_exactly_what_is_there(
    shelf: Basket, wanted: list[Basket], size: int, seed: int
) -> None:
    """Whatever happens in between, levels are what the facts say and nobody waits for nothing."""
    chance = Random(seed)  # noqa: S311 - dice
    turns = Turns(chance, deadly=0.03)
    market = Market(shelf, wanted, turns, chance)
    turns.run(
        partial(market.worker, size), partial(market.worker, size), partial(market.worker, 2),
        partial(market.meddler, 4),
    )  # fmt: skip
    market.finish()
    market.account()
    market.settle()
    market.account()
    market.account_for_who_waits()
    for written in market.book.written:
        first_come_first_served(written)


@settings(max_examples=200, phases=PHASES)
@given(shelves, st.lists(baskets, min_size=1, max_size=12), st.integers(1, 20), seeds)
def test_one_worker_serves_its_queue_like_a_clerk(
    shelf: Basket, wanted: list[Basket], size: int, seed: int
) -> None:
    """In batches or one by one: each gets what is there at his turn, whole or not at all."""
    market = Market(shelf, wanted, Fuse(), Random(seed))  # noqa: S311 - dice
    market.worker(size)
    left = Counter(shelf)
    for one, basket in zip(market.orders(), wanted, strict=True):
        fits = all(left[sku] >= count for sku, count in basket.items())
        left.subtract(basket if fits else {})
        assert (not goods.unreserved(one)) is fits
    market.account()


@settings(max_examples=200, phases=PHASES)
@given(st.integers(0, 8), st.integers(1, 12), st.integers(1, 6), seeds)
def test_of_n_buyers_m_get_one_unit_each(units: int, more: int, size: int, seed: int) -> None:
    """N buyers, M units, N > M: exactly M are sold, by three workers that die now and then."""
    chance = Random(seed)  # noqa: S311 - dice
    turns = Turns(chance, deadly=0.05)
    market = Market({"A": units}, [{"A": 1}] * (units + more), turns, chance)
    works: list[Callable[[], None]] = [partial(market.worker, size)] * 3
    turns.run(*works)
    market.finish()
    assert sum(not goods.unreserved(one) for one in market.orders()) == units
    level = market.database.levels["demo", "A", "main"]
    assert (level.available, level.reserved) == (0, units)
