"""Many orders in one batch: numbered in one write, and each done by itself all the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.documents.decide import decide_at_work
from chalicelib.documents.perform import Desk
from chalicelib.documents.together import Together
from chalicelib.domain import events
from chalicelib.domain.commands import WakeUp
from chalicelib.domain.order import Order
from chalicelib.runtime.step import Step
from chalicelib.store.documents import Numbers
from chalicelib.store.merchants import Settings
from tests.events import NOW, order, paid
from tests.fakes import Database, FakeArchive, FakeNumbers, FakeOrders, Fuse
from tests.histories import cancelled

SETTINGS = Settings(name="Teehaus", street="Weg 1", zip="20354", city="Hamburg", tax_number="1")


@pytest.fixture(autouse=True)
def plain_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print facts as text: what the paper looks like is tested elsewhere."""
    monkeypatch.setattr(
        "chalicelib.documents.perform.render", lambda _, facts: repr(facts).encode()
    )


class House:
    """The documents step over stores in memory, with some paid orders."""

    def __init__(self, *names: str) -> None:
        self.fuse = Fuse()
        self.orders = FakeOrders(Database(), self.fuse)
        self.numbers = FakeNumbers(self.fuse)
        for name in names:
            one = order(paid())
            self.orders.create(replace(one, id=name, facts=(), version=0), one.facts)
        desk = Desk(
            archive=FakeArchive(self.fuse), numbers=self.numbers, settings_of=lambda _: SETTINGS
        )
        step = Step(
            name="documents",
            decide=decide_at_work,
            perform=desk.perform,
            orders=self.orders,
            now=lambda: NOW,
        )
        self.together = Together(step=step, desk=desk, numbers=self.numbers)

    def run(self, *names: str) -> list[WakeUp]:
        return self.together.run([wake(name) for name in names])

    def invoices(self, *names: str) -> list[str]:
        found = [self.orders.load("demo", name) for name in names]
        return [x.number for one in found if one for x in one.all(events.DocumentIssued)]

    def order(self, name: str) -> Order:
        found = self.orders.load("demo", name)
        assert found
        return found


def wake(name: str) -> WakeUp:
    """Return a wake-up for an order."""
    return WakeUp(step="documents", merchant_id="demo", order_id=name)


def test_the_invoices_of_a_batch_are_numbered_in_one_write() -> None:
    """In the order of the messages, whatever else the orders need."""
    house = House("a", "b", "c")
    assert house.run("c", "a", "b") == []
    assert house.fuse.touches.count("numbers.write") == 1
    assert house.invoices("c", "a", "b") == [f"RE-2026-0000{n}" for n in (1, 2, 3)]


def test_a_number_is_finished_though_its_order_was_cancelled_before_it_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The process dies after the draw: the invoice is filed all the same, and taken back."""
    house = House("a", "b")
    monkeypatch.setattr("chalicelib.documents.perform.render", None)
    assert house.run("a", "b") == [wake("a"), wake("b")]
    monkeypatch.undo()
    monkeypatch.setattr("chalicelib.documents.perform.render", lambda *_: b"%PDF")
    house.orders.record(house.order("a"), [cancelled()])
    house.run("a")
    [invoice] = house.order("a").all(events.DocumentIssued)
    assert (invoice.kind, invoice.number) == ("invoice", "RE-2026-00001")
    assert house.numbers.documents["demo", "DOC#a#invoice#"].filed
    house.run("a")
    assert house.invoices("a") == ["RE-2026-00001"]


def test_a_cancelled_order_without_a_number_gets_none() -> None:
    """Asking for what was drawn draws nothing."""
    house = House("a")
    house.orders.record(house.order("a"), [cancelled()])
    house.run("a")
    assert (house.invoices("a"), house.numbers.last) == ([], {})


def test_a_lone_order_costs_no_second_look() -> None:
    """It is loaded once and draws its number itself."""
    house = House("a")
    house.run("a")
    assert house.fuse.touches.count("orders.load") == 1
    assert house.invoices("a") == ["RE-2026-00001"]


def test_where_the_common_write_fails_each_order_draws_for_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody waits for what went wrong with others."""
    house = House("a", "b")
    real = Numbers.draw_many

    def fails_for_many(self: Numbers, merchant_id: str, **more: Any) -> Any:
        if len(more["drafts"]) > 1:
            raise ValueError
        return real(self, merchant_id, **more)

    monkeypatch.setattr(FakeNumbers, "draw_many", fails_for_many)
    assert house.run("a", "b") == []
    assert house.invoices("a", "b") == ["RE-2026-00001", "RE-2026-00002"]


def test_an_order_that_cannot_be_read_comes_back_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its neighbours have their invoices, without a gap."""
    house = House("a", "b", "c")
    load = house.orders.load

    def breaks(merchant_id: str, name: str) -> Any:
        if name == "b":
            raise ValueError
        return load(merchant_id, name)

    monkeypatch.setattr(house.orders, "load", breaks)
    assert house.run("a", "b", "c") == [wake("b")]
    monkeypatch.undo()
    assert house.invoices("a", "c") == ["RE-2026-00001", "RE-2026-00002"]
