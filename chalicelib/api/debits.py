"""SEPA direct debits: mandates of customers, and the files that draw on them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.api.auth import merchant
from chalicelib.api.money_views import money
from chalicelib.api.orders import STAFF
from chalicelib.api.payments import refusing
from chalicelib.api.problems import Problem, answered, body_as, not_found
from chalicelib.api.transfers import Person
from chalicelib.domain import formats, sepa
from chalicelib.domain.errors import Conflict
from chalicelib.payment import collecting
from chalicelib.runtime import clock
from chalicelib.runtime.settings import settings_of
from chalicelib.store.bucket import Bucket
from chalicelib.store.debits import DebitFile, DebitFileState, Debits, Mandate
from chalicelib.store.tables import stamp

bp = Blueprint(__name__)
REFERENCE = re.compile(r"[A-Za-z0-9+?/:().,'-]{1,35}")
SCHEMES = ("CORE", "B2B")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMandate:
    """A customer's leave to collect by direct debit; `email` says whose orders are meant."""

    reference: str
    signed_on: str
    iban: str
    holder: str
    email: str
    scheme: str = "CORE"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDebitFile:
    """A file of what is due; without a day it is collected as early as may be."""

    format: str = ""
    collect_on: str = ""
    by: str = STAFF


@bp.route("/v1/mandates", methods=["GET"])
@answered
def mandates() -> Any:  # noqa: ANN401 - JSON
    """List the mandates that are in force."""
    found = Debits().mandates(merchant(bp.current_request))
    return {"items": [mandate_view(one) for one in found], "next": None}


@bp.route("/v1/mandates", methods=["POST"])
@answered
def create() -> Response:
    """Keep a mandate; its reference is its name for ever."""
    merchant_id = merchant(bp.current_request)
    new = body_as(bp.current_request.raw_body, NewMandate)
    return Response(mandate_view(kept(merchant_id, new)), status_code=201)


def kept(merchant_id: str, new: NewMandate) -> Mandate:
    """Write a mandate; the problem names the field that stands against it."""
    mandate = _checked(new)
    try:
        return Debits().keep_mandate(merchant_id, mandate)
    except Conflict as error:
        text = f"reference: there is a mandate {mandate.reference} already."
        raise Problem(409, "known", text, field="reference") from error


@bp.route("/v1/mandates/{reference}", methods=["DELETE"])
@answered
def revoke(reference: str) -> Any:  # noqa: ANN401 - JSON
    """Note that a customer has taken a mandate back: nothing is drawn on it any more."""
    return mandate_view(revoked(merchant(bp.current_request), reference))


def revoked(merchant_id: str, reference: str) -> Mandate:
    """Write down that a mandate was taken back today, if it was not before."""
    mandate = Debits().mandate(merchant_id, reference)
    if mandate is None:
        raise not_found("mandate")
    if mandate.revoked_on is not None:
        return mandate
    today = clock.now().astimezone(formats.HOME).date()
    return Debits().keep_mandate(merchant_id, replace(mandate, revoked_on=today))


@bp.route("/v1/direct-debits", methods=["GET"])
@answered
def index() -> Any:  # noqa: ANN401 - JSON
    """List the orders that the next file collects, and the newest files."""
    return listed(merchant(bp.current_request))


def listed(merchant_id: str) -> dict[str, Any]:
    """Return what is to be collected, as much as one file holds, and the newest files."""
    due = islice(collecting.due(merchant_id, clock.now()), collecting.MOST)
    items = [
        {
            "order_id": order.id,
            "number": order.bought.number,
            "amount": money(debit.amount),
            "mandate": debit.mandate.reference,
            "holder": debit.mandate.holder,
            "sequence": debit.mandate.sequence,
        }
        for order, debit in due
    ]
    files = [file_view(one) for one in Debits().files(merchant_id)]
    return {"items": items, "files": files, "next": None}


@bp.route("/v1/direct-debits/file", methods=["POST"])
@answered
def collect() -> Response:
    """Make a SEPA file (pain.008) of what is due; answers with where to fetch it."""
    merchant_id = merchant(bp.current_request)
    new = body_as(bp.current_request.raw_body or b"{}", NewDebitFile)
    return Response(file_view(made(merchant_id, new)), status_code=201)


def made(merchant_id: str, new: NewDebitFile) -> DebitFile:
    """Make a file; the problem names the setting or field that stands against it."""
    with refusing("file"):
        return collecting.make(
            merchant_id,
            settings_of(merchant_id),
            version=new.format,
            collect_on=new.collect_on,
            by=new.by,
            now=clock.now(),
        )


@bp.route("/v1/direct-debits/files/{file_id}/undo", methods=["POST"])
@answered
def undo(file_id: str) -> Any:  # noqa: ANN401 - JSON
    """Take a file back that the bank has not got; its orders are due again."""
    merchant_id = merchant(bp.current_request)
    who = body_as(bp.current_request.raw_body or b"{}", Person)
    return file_view(undone(merchant_id, file_id, by=who.by))


def undone(merchant_id: str, file_id: str, *, by: str) -> DebitFile:
    """Undo a file; the problem says why that can not be."""
    with refusing("file"):
        return collecting.undo(merchant_id, file_id, by=by, now=clock.now())


def _checked(new: NewMandate) -> Mandate:
    if not REFERENCE.fullmatch(new.reference):
        _refuse("reference", "1 to 35 letters, digits and +?/:().,'-")
    if not sepa.is_iban(new.iban):
        _refuse("iban", "is no IBAN that SEPA reaches, a digit may be missing or wrong")
    if not sepa.plain(new.holder, 70):
        _refuse("holder", "must be given")
    if "@" not in new.email:
        _refuse("email", "must be the address on the customer's orders")
    if new.scheme not in SCHEMES:
        _refuse("scheme", f"one of {', '.join(SCHEMES)}")
    try:
        signed_on = date.fromisoformat(new.signed_on)
    except ValueError:
        _refuse("signed_on", "must be a day like 2026-11-23")
        raise
    if signed_on > clock.now().astimezone(formats.HOME).date():
        _refuse("signed_on", "must not be in the future")
    return Mandate(
        reference=new.reference,
        signed_on=signed_on,
        iban=sepa.compact(new.iban),
        holder=new.holder.strip(),
        email=new.email.strip(),
        scheme=new.scheme,
    )


def _refuse(field: str, reason: str) -> None:
    raise Problem(400, "bad_field", f"{field}: {reason}.", field=field)


def mandate_view(one: Mandate) -> dict[str, Any]:
    """Show a mandate."""
    return {
        "reference": one.reference,
        "signed_on": one.signed_on.isoformat(),
        "iban": one.iban,
        "holder": one.holder,
        "email": one.email,
        "scheme": one.scheme,
        "sequence": one.sequence,
        "used": one.used,
        "revoked_on": one.revoked_on.isoformat() if one.revoked_on else None,
    }


def file_view(file: DebitFile) -> dict[str, Any]:
    """Show a file; its link opens for a quarter of an hour, unless it was undone."""
    name, is_there = f"{file.id}.xml", file.state is DebitFileState.READY
    return {
        "id": file.id,
        "state": file.state,
        "format": file.format,
        "made_at": stamp(file.made_at),
        "collect_on": file.collect_on.isoformat(),
        "amount": money(file.amount),
        "debits": list(file.debits),
        "url": Bucket().link(file.key, filename=name, kind="application/xml") if is_there else None,
    }
