"""Imports of products: all or none, never over a reservation, and twenty thousand in good time."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.domain.levels import Cause
from chalicelib.domain.product import Part, Product
from chalicelib.domain.values import Location
from chalicelib.runtime import sheets
from chalicelib.runtime.importing import Choice, begun, key_of
from chalicelib.runtime.settings import settings_of
from chalicelib.stock import importing
from chalicelib.store import product_batches
from chalicelib.store.bucket import Bucket
from chalicelib.store.jobs import Job, new_job
from chalicelib.store.merchants import Merchants, Settings
from chalicelib.store.products import Products
from chalicelib.store.stock import Move, Shelf, StockRow, level_change, stock_key

pytestmark = pytest.mark.engine

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEAD = "sku;name;on_hand;location\n"


@pytest.fixture(autouse=True)
def two_places(merchant: str) -> None:
    """Give the merchant a second location."""
    settings = Settings(locations=(Location(), Location(id="halle", priority=2)))
    Merchants().save_settings(merchant, settings)
    settings_of.forget()


def started(merchant: str, text: str) -> Job:
    """Put a file where uploads lie, and return the job that imports it."""
    data = text.encode()
    job = new_job(merchant, "import_products", NOW, subject=f"u{abs(hash(text))}")
    Bucket().put(key_of(merchant, job.subject), data)
    choice = Choice(columns=importing.guess(sheets.read(data).header))
    return replace(begun(job, data, choice), state="running")


def run(job: Job) -> Job:
    """Advance a job to its end."""
    while not job.is_over:
        job = importing.advance(job, NOW)
    return job


def imported(merchant: str, rows: str) -> Job:
    """Import rows at once."""
    return run(started(merchant, HEAD + rows))


def product(merchant: str, sku: str, *places: str) -> Product:
    """Read a product."""
    return Shelf().products(merchant, [sku], places or ("main",))[sku]


def reserve(merchant: str, sku: str, count: int) -> None:
    """Set units aside, as an order does."""
    cause = Cause(kind="reservation", at=NOW, order_id="o1")
    actions, condition = level_change(Move(available=-count, reserved=count, cause=cause))
    StockRow(merchant, stock_key(sku, "main")).update(actions, condition=condition)


def issue(merchant: str, sku: str, count: int) -> None:
    """Let units leave the house."""
    cause = Cause(kind="sale", at=NOW, order_id="o1")
    actions, condition = level_change(Move(available=0, reserved=-count, cause=cause))
    StockRow(merchant, stock_key(sku, "main")).update(actions, condition=condition)


def counts(job: Job) -> tuple[int, int, int]:
    """Return how many are new, changed and as they were."""
    return job.result["new"], job.result["changed"], job.result["known"]


def test_products_come_in_with_their_units(merchant: str) -> None:
    """New ones, at several locations; the level says why it is what it is."""
    job = imported(merchant, "A;Kanne;5;main\nA;;2;halle\nB;Buch;;\n")
    assert (job.state, counts(job)) == ("done", (2, 0, 0))
    kanne = product(merchant, "A", "main", "halle")
    assert (kanne.name, kanne.on_hand) == ("Kanne", 7)
    level = kanne.at("main")
    assert (level.available, level.seq) == (5, 1)
    assert level.cause == Cause(kind="count", at=NOW, reason="import", by=f"job {job.id}")
    assert product(merchant, "B").levels == ()


def test_twice_is_once_and_an_empty_cell_says_nothing(merchant: str) -> None:
    """No write, no movement; a row without a name leaves the name as it is."""
    imported(merchant, "A;Kanne;5;main\nB;Buch;1;main\n")
    assert counts(imported(merchant, "A;Kanne;5;main\nB;Buch;1;main\n")) == (0, 0, 2)
    assert counts(imported(merchant, "A;;;\nB;;3;main\n")) == (0, 1, 1)
    assert (product(merchant, "A").name, product(merchant, "A").at("main").seq) == ("Kanne", 1)
    assert (product(merchant, "B").name, product(merchant, "B").at("main").seq) == ("Buch", 2)


def test_units_that_are_set_aside_stay_so(merchant: str) -> None:
    """A count moves what may be sold by the difference; fewer than are set aside are refused."""
    imported(merchant, "A;Kanne;5;main\n")
    reserve(merchant, "A", 3)
    imported(merchant, "A;Kanne;9;main\n")
    level = product(merchant, "A").at("main")
    assert (level.available, level.reserved, level.on_hand) == (6, 3, 9)
    job = imported(merchant, "B;neu;1;main\nA;Kanne;2;main\n")
    assert job.state == "failed"
    assert [(one.row, one.field) for one in job.problems] == [(3, "on_hand")]
    assert "3 or more: so many are set aside" in job.problems[0].text
    assert product(merchant, "A").on_hand == 9
    assert "B" not in Shelf().products(merchant, ["B"], ["main"])


def test_a_sale_between_reading_and_writing_is_not_undone(
    merchant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The level is read again, and moved from where it is then."""
    imported(merchant, "A;Kanne;5;main\nB;Buch;5;main\n")
    sold = iter([True])
    plan = product_batches._plan

    def plan_slowly(change: product_batches.Change, seen: Product | None) -> product_batches._Plan:
        if next(sold, False):
            reserve(merchant, "A", 2)
            issue(merchant, "A", 1)
        return plan(change, seen)

    monkeypatch.setattr(product_batches, "_plan", plan_slowly)
    assert counts(imported(merchant, "A;Kanne;10;main\nB;Buch;6;main\n")) == (0, 2, 0)
    level = product(merchant, "A").at("main")
    assert (level.available, level.reserved, level.seq) == (9, 1, 4)
    assert product(merchant, "B").on_hand == 6


def test_a_count_that_became_too_low_is_told_and_writes_the_others(
    merchant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was sold after the check is not taken back: the row is named."""
    imported(merchant, "A;Kanne;5;main\n")
    job = importing.advance(started(merchant, HEAD + "A;Kanne;1;main\nB;Buch;2;main\n"), NOW)
    reserve(merchant, "A", 4)
    job = run(job)
    assert (job.state, counts(job)) == ("done", (1, 0, 0))
    assert [(one.row, one.field) for one in job.problems] == [(2, "on_hand")]
    assert product(merchant, "A").reserved == 4


def test_the_view_tells_new_from_known(merchant: str) -> None:
    """And every problem."""
    imported(merchant, "A;Kanne;5;main\n")
    sheet = sheets.read((HEAD + "A;;7;main\nB;Buch;x;main\nC;Neu;1;\n").encode())
    choice = Choice(columns=importing.guess(sheet.header))
    seen = importing.view(merchant, sheet, choice, most=200)
    assert [(item["sku"], item["name"], item["state"]) for item in seen["items"]] == [
        ("A", "Kanne", "known"), ("B", "Buch", "wrong"), ("C", "Neu", "new"),
    ]  # fmt: skip
    assert [(one.row, one.column) for one in seen["problems"]] == [(3, "on_hand")]


def faults(merchant: str, text: str) -> list[tuple[int, str, str]]:
    """Return what stands against a table."""
    sheet = sheets.read(text.encode())
    choice = Choice(columns=importing.guess(sheet.header))
    seen = importing.view(merchant, sheet, choice, most=200)
    return [(one.row, one.column, one.text) for one in seen["problems"]]


def test_bundles_are_made_of_what_there_is(merchant: str) -> None:
    """In the shop or in the same file; never of themselves, and without units of their own."""
    head = "sku;name;on_hand;parts\n"
    imported(merchant, "A;Kanne;5;main\n")
    job = run(started(merchant, head + "SET;Set;;2 x A, B\nB;Buch;1;\n"))
    assert job.state == "done"
    assert product(merchant, "SET").parts == (Part(sku="A", quantity=2), Part(sku="B"))
    assert faults(merchant, head + "X;x;;A, NONE\nY;y;3;A\nSET;;7;\n") == [
        (2, "parts", "must be products that there are, is 'NONE'"),
        (3, "on_hand", "must be empty: a bundle has no units of its own, is '3'"),
        (4, "on_hand", "must be empty: a bundle has no units of its own, is '7'"),
    ]
    [(row, column, text)] = faults(merchant, head + "A;;;SET\n")
    assert (row, column) == (2, "parts")
    assert text.endswith("goes round in a circle.")


def test_a_location_must_be_one_of_the_merchants(merchant: str) -> None:
    """Units cannot lie where nothing is; no location means the first."""
    found = faults(merchant, HEAD + "A;x;1;keller\nB;x;1;\n")
    assert found == [(2, "location", "must be one of main, halle, is 'keller'")]
    imported(merchant, "B;x;1;\n")
    assert product(merchant, "B").at("main").on_hand == 1


def test_a_product_kept_by_lot_is_not_counted_as_a_whole(merchant: str) -> None:
    """Nobody could say which lot the units belong to; the count that is there already may stand."""
    head = "sku;lots;on_hand\n"
    assert run(started(merchant, head + "A;ja;\n")).state == "done"
    assert faults(merchant, head + "A;;0\n") == []
    assert faults(merchant, head + "A;;4\nB;ja;1\n") == [
        (2, "on_hand", "must be empty: the lots are counted one by one, is '4'"),
        (3, "on_hand", "must be empty: the lots are counted one by one, is '1'"),
    ]


def test_what_is_set_aside_is_not_put_away(merchant: str) -> None:
    """An archived product can no longer be sent."""
    imported(merchant, "A;Kanne;5;main\n")
    reserve(merchant, "A", 2)
    assert faults(merchant, "sku;archived\nA;ja\n") == [
        (2, "archived", "must be no: 2 are set aside for orders"),
    ]  # fmt: skip


def test_two_thousand_products_come_in_at_a_rate_of_twenty_thousand_in_two_minutes(
    merchant: str,
) -> None:
    """With progress in between; all of them are there afterwards."""
    rows = "".join(f"SKU-{n:05};Artikel {n};{n % 90};main\n" for n in range(2000))
    job = started(merchant, HEAD + rows)
    began, seen = time.monotonic(), []
    while not job.is_over:
        job = importing.advance(job, NOW)
        seen.append(job.done)
    assert time.monotonic() - began < 12
    assert seen == [0, 500, 1000, 1500, 2000]
    assert counts(job) == (2000, 0, 0)
    assert len(Products().page(merchant, limit=3000)) == 2000
