"""What a statement costs: few calls for many entries, and none for orders that are paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib.domain.events import NoteAdded
from chalicelib.store.orders import Orders
from tests.api.conftest import Caller
from tests.api.test_statements import camt, counts, entry, payment, place, quiet, send
from tests.events import NOW

__all__ = ["quiet"]  # a fixture of the other tests of statements
pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("aws")]


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Count the calls of the database by their kind."""
    made, call = Counter[str](), BaseClient._make_api_call

    def watched(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        made[operation] += 1
        return call(client, operation, parameters)

    with monkeypatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", watched)
        yield made


def test_many_entries_are_one_write_and_no_order_is_read(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it cost more calls when as many orders are paid already."""
    numbers = [str(number) for number in range(10421, 10441)]
    for number in numbers:
        place(call, number)
    with counted(monkeypatch) as first:
        told = counts(send(call, camt(*[entry("10.00", f"Nr {n}", f"Payer {n}") for n in numbers])))
    assert told == {"entries": 20, "booked": 20, "matched": 20}
    assert first["TransactWriteItems"] == 1
    assert first["GetItem"] + first["Query"] + first["BatchGetItem"] < len(numbers)
    later = [str(number) for number in range(10521, 10541)]
    for number in later:
        place(call, number)
    with counted(monkeypatch) as second:
        told = counts(send(call, camt(*[entry("10.00", f"Nr {n}", f"Payer {n}") for n in later])))
    assert told["matched"] == 20
    assert second["Query"] <= first["Query"]
    assert second["TransactWriteItems"] == first["TransactWriteItems"]


def test_an_order_that_went_on_behind_its_list_is_read_and_booked(call: Caller) -> None:
    """Its version is refused once; then the order itself is asked, and nothing is overwritten."""
    order = place(call, "10421")
    found = Orders().load(call.merchant, order)
    assert found
    Orders().append(found, [NoteAdded(at=NOW, text="calls back", by="staff")])
    assert counts(send(call, camt(entry("10.00", "Bestellung 10421"))))["matched"] == 1
    assert payment(call, "o10421") == "paid"
    after = Orders().load(call.merchant, order)
    assert after
    assert [note.text for note in after.all(NoteAdded)] == ["calls back"]
    assert after.version == found.version + 2
