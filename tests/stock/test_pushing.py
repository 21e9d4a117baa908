"""The nightly push: every product once, however many there are, and wherever it was interrupted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.product import Product
from chalicelib.runtime.changes import Change
from chalicelib.stock import pushing
from chalicelib.store.jobs import Job, new_job
from tests.events import NOW

SKUS = [f"S{number:04}" for number in range(450)]


class Catalogue:
    """Products by SKU."""

    def page(self, merchant_id: str, *, limit: int, after: str = "") -> list[Product]:
        """Return the next products."""
        return [Product(sku=sku) for sku in SKUS if sku > after][:limit]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Change, str]]:
    """Return what is sent, with its occasion."""
    found: list[tuple[Change, str]] = []

    def announce(changes: Iterable[Change], occasion: str) -> None:
        found.extend((change, occasion) for change in changes)

    monkeypatch.setattr(pushing, "Products", Catalogue)
    monkeypatch.setattr(pushing, "announce", announce)
    return found


def run(job: Job) -> Job:
    """Work at a job until it is done."""
    while not job.is_over:
        job = pushing.advance(job, NOW)
    return job


def test_every_product_is_told_again_once(sent: list[tuple[Change, str]]) -> None:
    """To the one shop that the job is about, fifty to a message."""
    job = run(new_job("demo", "push_levels", NOW, subject="demo-woo", is_standing=True))
    assert (job.done, job.total, job.cursor) == (450, 450, {})
    assert [sku for change, _ in sent for sku in change.skus] == SKUS
    assert {change.connection_id for change, _ in sent} == {"demo-woo"}
    assert all(change.again for change, _ in sent)
    assert max(len(change.skus) for change, _ in sent) == 50


def test_each_night_is_an_occasion_of_its_own(sent: list[tuple[Change, str]]) -> None:
    """The queue drops what it was sent minutes before; a slice that is repeated is dropped."""
    job = new_job("demo", "push_levels", NOW, subject="demo-woo", is_standing=True)
    for each in (job, job):
        pushing.advance(each, NOW)
    first = {occasion for _, occasion in sent}
    assert len(first) == 1
    pushing.advance(replace(job, began_at=NOW + timedelta(days=1)), NOW)
    assert {occasion for _, occasion in sent} != first
