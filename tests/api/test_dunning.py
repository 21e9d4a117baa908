"""Dunning by the API: what comes next, what a person may do, and the list for collection."""

from __future__ import annotations

import csv
from datetime import timedelta
from urllib.request import urlopen

import pytest

from chalicelib.domain import events
from chalicelib.runtime import clock
from chalicelib.store.orders import Orders
from tests.api.conftest import Caller
from tests.console.samples import dunned
from tests.events import NOW, bought

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let forty days have passed."""
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=40))


def test_dunning_is_told_and_done_by_hand(call: Caller) -> None:
    """Which letter is next; a wish appends its facts, and what makes no sense is refused."""
    call.place(what=bought(payment_method="bacs"))
    told = call.get("/v1/orders/o1/dunning")
    assert (told["next"], told["stopped_by"]) == ("payment_reminder", "")
    assert call("POST", "/v1/orders/o1/dunning", {"do": "remind", "by": "Erika"}).status == 200
    (letter,) = call.get("/v1/orders/o1/dunning")["letters"]
    assert (letter["kind"], letter["by"]) == ("payment_reminder", "Erika")
    assert call("POST", "/v1/orders/o1/dunning", {"do": "waive"}).problem() == (422, "no_fee")
    assert call("POST", "/v1/orders/o1/dunning", {"do": "dance"}).problem() == (400, "bad_field")
    stop = {"do": "stop", "text": "Pays on Monday."}
    assert call("POST", "/v1/orders/o1/dunning", stop).status == 200
    assert call.get("/v1/orders/o1/dunning")["stopped_by"] == "stopped"
    again = call("POST", "/v1/orders/o1/dunning", {"do": "remind"})
    assert again.problem() == (422, "dunning_stopped")


def test_what_is_due_for_collection_is_a_table(call: Caller) -> None:
    """Who owes what since when, with every letter's day; what is handed over is not in it."""
    one = dunned()
    placed = call.place(*one.facts[2:], what=one.bought, policy=one.policy)
    Orders().project(placed, None, clock.now())
    handed = events.CollectionHandedOver(at=NOW, by="staff")
    call.place(*one.facts[2:], handed, name="o2", what=one.bought, policy=one.policy)
    told = call.get("/v1/exports/collection")
    with urlopen(told["url"], timeout=10) as answer:
        rows = list(csv.DictReader(answer.read().decode("utf-8-sig").splitlines(), delimiter=";"))
    (row,) = rows
    assert (row["name"], row["invoice_number"]) == ("Anna Beispiel", "RE-42")
    assert (row["total"], row["fees"], row["open"]) == ("10,00", "2,50", "12,50")
    assert (row["due_on"], row["last_deadline"]) == ("2026-11-30", "2026-12-13")
    assert row["dunning_2_on"] == "2026-11-23"
    assert "/v1/documents/o1-" in row["documents"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dunning_levels", 4), ("reminder_days", -1), ("dunning_days", 0),
        ("dunning_fee_1", -100), ("dunning_fee_2", 4001),
    ],
)  # fmt: skip
def test_settings_that_mean_nothing_are_refused(call: Caller, field: str, value: int) -> None:
    """The answer names the field."""
    answer = call("PUT", "/v1/settings", {"policy": {field: value}})
    assert answer.problem() == (400, "bad_field")
    assert answer.json["field"] == f"policy.{field}"
