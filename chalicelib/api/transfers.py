"""Refunds that the bank transfers: what waits, and the files to upload at the bank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.api.auth import merchant
from chalicelib.api.money_views import money
from chalicelib.api.orders import STAFF
from chalicelib.api.payments import refusing
from chalicelib.api.problems import answered, body_as
from chalicelib.domain.money import Money, total
from chalicelib.payment import transfers
from chalicelib.payment.transfers import MOST
from chalicelib.runtime import clock
from chalicelib.runtime.settings import settings_of
from chalicelib.store.bucket import Bucket
from chalicelib.store.tables import stamp
from chalicelib.store.transfers import FileState, Transfer, TransferFile, Transfers

bp = Blueprint(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file of what waits; without a day it is paid today."""

    format: str = ""
    pay_on: str = ""
    by: str = STAFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who does it."""

    by: str = STAFF


@bp.route("/v1/transfers", methods=["GET"])
@answered
def index() -> Any:  # noqa: ANN401 - JSON
    """List the refunds that wait to be transferred, and the newest files."""
    return listed(merchant(bp.current_request))


def listed(merchant_id: str) -> dict[str, Any]:
    """Return what waits, as much as one file holds, and the newest files."""
    waiting = Transfers().waiting(merchant_id, limit=MOST)
    return {
        "items": [transfer_view(one) for one in waiting],
        "files": [file_view(file) for file in Transfers().files(merchant_id)],
        "next": None,
    }


def sum_of(items: list[dict[str, Any]]) -> dict[str, str]:
    """Add up what waits, as the API shows it."""
    return money(total((Money.of(**one["amount"]) for one in items), "EUR"))


@bp.route("/v1/transfers/file", methods=["POST"])
@answered
def create() -> Response:
    """Make a SEPA file (pain.001) of what waits; answers with where to fetch it."""
    merchant_id = merchant(bp.current_request)
    new = body_as(bp.current_request.raw_body or b"{}", NewFile)
    return Response(file_view(made(merchant_id, new)), status_code=201)


def made(merchant_id: str, new: NewFile) -> TransferFile:
    """Make a file; the problem names the setting or field that stands against it."""
    with refusing("file"):
        return transfers.make(
            merchant_id,
            settings_of(merchant_id),
            version=new.format,
            pay_on=new.pay_on,
            by=new.by,
            now=clock.now(),
        )


@bp.route("/v1/transfers/files/{file_id}", methods=["GET"])
@answered
def read(file_id: str) -> Any:  # noqa: ANN401 - JSON
    """Return a file with a fresh link, and what is in it."""
    merchant_id = merchant(bp.current_request)
    with refusing("file"):
        file = transfers.file_of(merchant_id, file_id)
    inside = [Transfers().load(merchant_id, name) for name in file.refunds]
    return {**file_view(file), "items": [transfer_view(one) for one in inside if one]}


@bp.route("/v1/transfers/files/{file_id}/confirm", methods=["POST"])
@answered
def confirm(file_id: str) -> Any:  # noqa: ANN401 - JSON
    """Say that the bank has the file: its refunds are paid."""
    merchant_id = merchant(bp.current_request)
    who = body_as(bp.current_request.raw_body or b"{}", Person)
    with refusing("file"):
        return file_view(transfers.send(merchant_id, file_id, by=who.by, now=clock.now()))


@bp.route("/v1/transfers/files/{file_id}/undo", methods=["POST"])
@answered
def undo(file_id: str) -> Any:  # noqa: ANN401 - JSON
    """Take a file back that the bank has not got; its refunds wait again."""
    merchant_id = merchant(bp.current_request)
    who = body_as(bp.current_request.raw_body or b"{}", Person)
    with refusing("file"):
        return file_view(transfers.undo(merchant_id, file_id, by=who.by, now=clock.now()))


def transfer_view(one: Transfer) -> dict[str, Any]:
    """Show a refund that the bank shall transfer."""
    return {
        "id": one.refund_id,
        "order_id": one.order_id,
        "number": one.number,
        "amount": money(one.amount),
        "holder": one.holder,
        "iban": one.iban,
        "since": stamp(one.since),
    }


def file_view(file: TransferFile) -> dict[str, Any]:
    """Show a file; its link opens for a quarter of an hour, unless it was undone."""
    is_there = file.key and file.state in {FileState.READY, FileState.SENDING, FileState.SENT}
    name = f"{file.id}.xml"
    return {
        "id": file.id,
        "state": file.state,
        "format": file.format,
        "made_at": stamp(file.made_at),
        "pay_on": file.pay_on,
        "amount": money(file.amount),
        "transfers": len(file.refunds),
        "url": Bucket().link(file.key, filename=name, kind="application/xml") if is_there else None,
    }
