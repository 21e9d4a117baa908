"""Files of transfers: each refund is in one file, and paid once the bank has it."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain import events
from chalicelib.domain.errors import Retryable
from chalicelib.flow.jobs import advance
from chalicelib.runtime.settings import settings_of
from chalicelib.store.bucket import Bucket
from chalicelib.store.jobs import Jobs
from chalicelib.store.merchants import Merchants, Settings
from chalicelib.store.orders import Orders
from chalicelib.store.transfers import Transfers
from tests.api.conftest import Caller
from tests.events import NOW, eur
from tests.payment.test_credit_transfer import read as read_xml

pytestmark = pytest.mark.engine
IBAN = "DE02120300000000202051"


@pytest.fixture(autouse=True)
def bucket(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Keep the bucket's objects in memory."""
    kept: dict[str, bytes] = {}
    monkeypatch.setattr(Bucket, "put", lambda _, key, data: kept.update({key: data}))
    monkeypatch.setattr(Bucket, "link", lambda _, key, **__: f"https://files.example/{key}")
    return kept


@pytest.fixture
def call(call: Caller) -> Caller:
    """Return a merchant that has told its account."""
    Merchants().save_settings(call.merchant, Settings(name="Blattwerk", iban=IBAN, language="de"))
    settings_of.forget()
    return call


def waiting(call: Caller, name: str = "KRONE", amount: str = "5", order: str = "o1") -> None:
    """Have a refund on the list."""
    came = events.PaymentReceived(
        at=NOW, source="bank", reference="e1", amount=eur("20"), booked_at=NOW
    )
    request = events.RefundRequested(
        at=NOW, refund_id=name, amount=eur(amount), way="transfer", source="bank", payment="e1",
        iban="AT611904300234573201", holder="Anna Müller", by="Ute",
    )  # fmt: skip
    listed = events.RefundListed(at=NOW, refund_id=name)
    placed = call.place(came, request, listed, name=order)
    Transfers().put(placed, request, NOW)


def make(call: Caller, **body: Any) -> Any:
    """Make a file."""
    return call("POST", "/v1/transfers/file", body)


def test_what_waits_is_put_into_a_file_once(call: Caller, bucket: dict[str, bytes]) -> None:
    """Made again, there is nothing left to pay."""
    waiting(call)
    waiting(call, "KRTWO", "7.50", "o2")
    assert [x["id"] for x in call.get("/v1/transfers")["items"]] == ["KRONE", "KRTWO"]
    made = make(call)
    assert made.status == 201
    file = made.json
    assert (file["state"], file["transfers"], file["amount"]["amount"]) == ("ready", 2, "12.50")
    (data,) = bucket.values()
    assert file["url"].endswith(f"{file['id']}.xml")
    assert read_xml(data)["GrpHdr"]["MsgId"] == file["id"]
    assert make(call).problem() == (409, "nothing_to_transfer")
    listed = call.get("/v1/transfers")
    assert (listed["items"], [x["id"] for x in listed["files"]]) == ([], [file["id"]])
    assert len(call.get(f"/v1/transfers/files/{file['id']}")["items"]) == 2


def test_with_the_bank_it_is_paid_and_can_not_be_undone(call: Caller) -> None:
    """The refund's name is the end-to-end id, so the statement tells of the same."""
    waiting(call)
    path = f"/v1/transfers/files/{make(call).json['id']}"
    for _ in range(2):
        assert call("POST", f"{path}/confirm", {}).json["state"] == "sent"
    order = Orders().load(call.merchant, "o1")
    assert order
    (paid,) = order.all(events.RefundRecorded)
    assert (paid.source, paid.reference, paid.refund_id) == ("bank", "KRONE", "KRONE")
    assert (paid.amount, paid.payment, paid.by) == (eur("5"), "e1", "Ute")
    assert call("POST", f"{path}/undo", {}).problem() == (409, "sent")


def test_a_file_that_is_not_sent_can_be_undone(call: Caller) -> None:
    """What it held waits again, and the next file has it."""
    waiting(call)
    first = make(call).json["id"]
    path = f"/v1/transfers/files/{first}"
    for _ in range(2):
        assert call("POST", f"{path}/undo", {}).json["state"] == "undone"
    assert call("POST", f"{path}/confirm", {}).problem() == (409, "not_ready")
    second = make(call).json
    assert (second["transfers"], second["id"] == first) == (1, False)
    assert call("POST", f"{path}/undo", {}).json["url"] is None
    assert call.get("/v1/transfers")["items"] == []


def test_what_the_statement_has_shown_is_paid_whatever_is_pressed(call: Caller) -> None:
    """Undoing the file would pay it twice."""
    waiting(call)
    file = make(call).json["id"]
    order = Orders().load(call.merchant, "o1")
    assert order
    shown = events.RefundRecorded(
        at=NOW, source="bank", reference="KRONE", amount=eur("5"), booked_at=NOW, refund_id="KRONE"
    )
    Orders().record(order, [shown])
    assert call("POST", f"/v1/transfers/files/{file}/undo", {}).problem() == (409, "sent")


def test_what_an_undone_file_has_paid_all_the_same_is_not_paid_again(call: Caller) -> None:
    """The bank had the file, the statement says so: it leaves the list."""
    waiting(call)
    file = make(call).json["id"]
    assert call("POST", f"/v1/transfers/files/{file}/undo", {}).json["state"] == "undone"
    order = Orders().load(call.merchant, "o1")
    assert order
    shown = events.RefundRecorded(
        at=NOW, source="bank", reference="KRONE", amount=eur("5"), booked_at=NOW, refund_id="KRONE"
    )
    Orders().record(order, [shown])
    assert make(call).problem() == (409, "nothing_to_transfer")
    assert call.get("/v1/transfers")["items"] == []


def test_a_file_that_a_crash_left_half_made_is_finished(
    call: Caller, monkeypatch: pytest.MonkeyPatch, bucket: dict[str, bytes]
) -> None:
    """It holds what it had claimed, and what came since is in the next."""
    waiting(call)

    def down(*_: Any) -> None:
        raise Retryable("archive", "S3 is away")

    with monkeypatch.context() as broken:
        broken.setattr(Bucket, "put", down)
        assert make(call).status == 503
    waiting(call, "KRTWO", "7.50", "o2")
    assert (make(call).json["transfers"], len(bucket)) == (1, 1)
    assert make(call).json["amount"]["amount"] == "7.50"


def test_what_a_crash_left_of_a_confirmation_is_done_by_itself(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is not done before all its refunds are, and a job looks after it."""
    waiting(call)
    waiting(call, "KRTWO", "7.50", "o2")
    file = make(call).json["id"]
    record, path = Orders.record, f"/v1/transfers/files/{file}"

    def dying(orders: Orders, order: Any, facts: Any) -> Any:
        if order.id == "o2":
            raise Retryable("database", "DynamoDB is away")
        return record(orders, order, facts)

    with monkeypatch.context() as broken:
        broken.setattr(Orders, "record", dying)
        assert call("POST", f"{path}/confirm", {}).status == 503
    assert [len(refunds(call, name)) for name in ("o1", "o2")] == [1, 0]
    assert call.get(path)["state"] == "sending"
    assert call("POST", f"{path}/undo", {}).problem() == (409, "sent")
    finished(call)
    assert [len(refunds(call, name)) for name in ("o1", "o2")] == [1, 1]
    assert call.get(path)["state"] == "sent"


def test_what_a_crash_left_of_an_undoing_waits_again(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No refund stays in a file that is none any more."""
    waiting(call)
    file = make(call).json["id"]

    def down(*_: Any) -> None:
        raise Retryable("database", "DynamoDB is away")

    with monkeypatch.context() as broken:
        broken.setattr(Transfers, "free", down)
        assert call("POST", f"/v1/transfers/files/{file}/undo", {}).status == 503
    assert call.get("/v1/transfers")["items"] == []
    finished(call)
    assert [one["id"] for one in call.get("/v1/transfers")["items"]] == ["KRONE"]


def by_hand(call: Caller, amount: str, **more: Any) -> Any:
    """Say that a refund of the order `o1` was paid."""
    body = {"amount": {"amount": amount, "currency": "EUR"}, "way": "record", **more}
    return call("POST", "/v1/orders/o1/refunds", body)


@pytest.mark.parametrize("said", [{"reference": "by hand"}, {"reference": "KRONE"}])
def test_what_a_person_has_transferred_is_in_no_file(call: Caller, said: Any) -> None:
    """Booked as paid, by the same amount or its name, it leaves the list, though all was asked."""
    waiting(call, amount="20")
    assert by_hand(call, "20", **said).status == 201
    (paid,) = refunds(call, "o1")
    assert (paid.refund_id, paid.payment) == ("KRONE", "e1")
    assert call.get("/v1/transfers")["items"] == []
    assert by_hand(call, "20", **said).status == 201
    assert len(refunds(call, "o1")) == 1


def test_another_sum_that_is_paid_by_hand_is_another_refund(call: Caller) -> None:
    """The list keeps what it has, and never more goes back than came."""
    waiting(call)
    assert by_hand(call, "4", reference="a").status == 201
    assert [one["id"] for one in call.get("/v1/transfers")["items"]] == ["KRONE"]
    assert by_hand(call, "15.01", reference="b").problem() == (422, "too_much")


def test_what_is_in_a_file_is_not_paid_by_hand(call: Caller) -> None:
    """The bank may have the file: it would be paid twice."""
    waiting(call)
    file = make(call).json["id"]
    assert by_hand(call, "5", reference="a").problem() == (409, "in_file")
    assert call("POST", f"/v1/transfers/files/{file}/undo", {}).json["state"] == "undone"
    assert by_hand(call, "5", reference="a").status == 201
    assert call.get("/v1/transfers")["items"] == []


def refunds(call: Caller, name: str) -> tuple[events.RefundRecorded, ...]:
    """Return the refunds that an order knows of."""
    order = Orders().load(call.merchant, name)
    return order.all(events.RefundRecorded) if order else ()


def finished(call: Caller) -> None:
    """Let the job do what was left."""
    (job,) = [one for one in Jobs().list(call.merchant) if one.kind == "transfer_file"]
    assert advance(job, NOW).is_over


@pytest.mark.parametrize(
    ("body", "field"),
    [({"format": "pain.002"}, "format"), ({"pay_on": "soon"}, "pay_on"),
     ({"pay_on": "2020-01-01"}, "pay_on")],
)  # fmt: skip
def test_a_bad_wish_is_refused_by_its_field(call: Caller, body: Any, field: str) -> None:
    """And nothing is claimed."""
    waiting(call)
    assert make(call, **body).json["field"] == field
    assert len(call.get("/v1/transfers")["items"]) == 1


def test_without_an_account_of_our_own_no_file_is_made(call: Caller) -> None:
    """The setting that is missing is named."""
    Merchants().save_settings(call.merchant, Settings(name="Blattwerk"))
    settings_of.forget()
    waiting(call)
    told = make(call)
    assert (told.problem(), told.json["field"]) == ((422, "no_account"), "settings.iban")


def test_another_merchant_sees_and_touches_nothing(call: Caller) -> None:
    """Not the list, not the file."""
    waiting(call)
    file = make(call).json["id"]
    other = call.other()
    assert other.get("/v1/transfers") == {"items": [], "files": [], "next": None}
    for way in ("confirm", "undo"):
        assert other("POST", f"/v1/transfers/files/{file}/{way}", {}).status == 404
    assert other("GET", f"/v1/transfers/files/{file}").status == 404
