"""A file of direct debits that never reached the bank is undone as if it had not been made."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.errors import Retryable
from chalicelib.domain.events import NoteAdded
from chalicelib.flow.jobs import advance
from chalicelib.store.bucket import Bucket
from chalicelib.store.debits import Debits
from chalicelib.store.jobs import Jobs
from chalicelib.store.orders import Orders
from tests.api.conftest import Caller
from tests.api.test_debits import MANDATE, credit, creditor, place
from tests.api.test_statements import camt, counts, quiet, send
from tests.events import NOW

__all__ = ["creditor", "quiet"]  # fixtures of other tests
pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("aws")]


def drawn(call: Caller) -> dict[str, Any]:
    """Make a file of two orders on one mandate."""
    call("POST", "/v1/mandates", MANDATE)
    place(call)
    place(call, "10422")
    made: dict[str, Any] = call("POST", "/v1/direct-debits/file", {}).json
    assert len(made["debits"]) == 2
    return made


def undo(call: Caller, file: dict[str, Any]) -> Any:
    """Undo a file."""
    return call("POST", f"/v1/direct-debits/files/{file['id']}/undo", {"by": "Ute"})


def due(call: Caller) -> list[tuple[str, str]]:
    """Return what is to be collected, and how."""
    items = call.get("/v1/direct-debits")["items"]
    return sorted((one["number"], one["sequence"]) for one in items)


def notes(call: Caller) -> list[str]:
    """Return what one of the orders was told."""
    order = Orders().load(call.merchant, "o10421")
    return [fact.text for fact in order.all(NoteAdded)] if order else []


def test_undone_its_orders_are_due_and_the_mandate_is_as_before(call: Caller) -> None:
    """The next file draws them for the first time again; doing it twice changes nothing."""
    file = drawn(call)
    assert due(call) == []
    for _ in range(2):
        told = undo(call, file)
        assert (told.json["state"], told.json["url"]) == ("undone", None)
    assert due(call) == [("10421", "FRST"), ("10422", "FRST")]
    assert call.get("/v1/mandates")["items"][0]["used"] == 0
    assert [text.split(",")[0] for text in notes(call)] == [
        f"Direct debit of 50.00 EUR on {file['collect_on']}",
        f"Direct debit of 50.00 EUR on {file['collect_on']} taken back: it was not sent.",
    ]
    again = call("POST", "/v1/direct-debits/file", {}).json
    made = Debits().file(call.merchant, again["id"])
    assert made
    assert b"<SeqTp>FRST</SeqTp>" in Bucket().read(made.key)
    assert due(call) == []


def test_what_the_bank_has_collected_is_not_undone(call: Caller) -> None:
    """It would be drawn twice."""
    file = drawn(call)
    name = next(one for one in file["debits"] if one.endswith("-10421"))
    assert counts(send(call, camt(credit(name))))["matched"] == 1
    assert undo(call, file).problem() == (409, "sent")
    assert due(call) == []
    assert undo(call, {"id": "KD-none"}).problem() == (404, "not_found")


def test_an_undoing_that_died_is_finished_by_itself(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is drawn again before the mandates are as they were, and each is counted off once."""
    file = drawn(call)
    record = Orders.record

    def dying(orders: Orders, order: Any, facts: Any) -> Any:
        if order.id == "o10422":
            raise Retryable("database", "DynamoDB is away")
        return record(orders, order, facts)

    with monkeypatch.context() as broken:
        broken.setattr(Orders, "record", dying)
        assert undo(call, file).status == 503
    assert due(call) == []
    (job,) = [one for one in Jobs().list(call.merchant) if one.kind == "debit_file"]
    for _ in range(2):
        assert advance(job, NOW).is_over
    assert due(call) == [("10421", "FRST"), ("10422", "FRST")]
    assert len(notes(call)) == 2
