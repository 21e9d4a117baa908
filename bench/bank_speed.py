"""How long a statement of 10,000 entries takes against 50,000 open orders, and what it costs.

The orders lie in their table as the functions leave them: a row of facts, and a head in the list of
the unpaid. The streams are off, so that nothing but the jobs function works: what a payment causes
afterwards is no part of the matching. The file goes the way of every large one: upload, call, job.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from bench import house
from bench.bank_month import Booking, Month, month
from bench.meter import Invocation, Meter
from chalicelib.domain import events
from chalicelib.domain.order import Address, Bought, LineItem, Order
from chalicelib.payment.matching.items import OpenItem
from chalicelib.store.order_rows import OrderRow, event_row, key_of
from chalicelib.store.orders import Head, head_of
from local.caller import Caller, RefusedError

ORDERS = 50_000
ENTRIES = 10_000
MERCHANT = "bank"
GIVE_UP = 900.0  # seconds
PAUSE = 0.5
AT_ONCE = 25  # rows DynamoDB takes in one call
CREATED = 201
ACCOUNT = "DE02120300000000202051"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """A statement, from the call that starts it to the last entry; `looks` saw it go on."""

    orders: int
    entries: int
    seconds: float
    matched: int
    looks: int
    calls: float
    cpu_ms: float
    most_mb: float


def measure(home: Path, orders: int = ORDERS, entries: int = ENTRIES) -> Speed:
    """Match a statement in a house of its own."""
    made = month(orders)
    bookings = made.bookings[:entries]
    with house.metered(home) as running:
        _quiet(running)
        root = Caller(running.stack.url, running.stack.root_token)
        caller = Caller(running.stack.url, root.put(f"/v1/merchants/{MERCHANT}")["token"])
        _write(running, rows(made))
        meter = Meter(running.lines)
        began = time.monotonic()
        job, looks = _finish(caller, _start(caller, statement(bookings)), began + GIVE_UP)
        seconds = time.monotonic() - began
        meter.await_quiet()
        return _speed(meter.read(), job, orders=orders, seconds=seconds, looks=looks)


def _speed(
    ran: list[Invocation], job: dict[str, Any], *, orders: int, seconds: float, looks: int
) -> Speed:
    mine = [one for one in ran if one.function == "jobs"]
    return Speed(
        orders=orders,
        entries=job["total"],
        seconds=seconds,
        matched=job["result"]["matched"],
        looks=looks,
        calls=sum(call.get("requests", 1) for one in mine for call in one.calls),
        cpu_ms=sum(one.own_cpu_ms for one in mine),
        most_mb=max(one.most_mb for one in mine),
    )


def _quiet(running: house.House) -> None:
    client = running.stack.engine.client("lambda")
    for one in client.list_event_source_mappings()["EventSourceMappings"]:
        if ":dynamodb:" in one["EventSourceArn"]:
            client.update_event_source_mapping(UUID=one["UUID"], Enabled=False)


def _write(running: house.House, items: Iterable[dict[str, Any]]) -> None:
    client, table = running.stack.engine.client("dynamodb"), running.tables["orders"]
    rest = iter(items)
    while chunk := list(islice(rest, AT_ONCE)):
        requests = [{"PutRequest": {"Item": item}} for item in chunk]
        client.batch_write_item(RequestItems={table: requests})


def rows(made: Month) -> Iterator[dict[str, Any]]:
    """Yield the rows of the orders that wait: facts and head of each."""
    now = datetime(2026, 11, 1, tzinfo=UTC)
    for item in made.items:
        order = _order(item, now)
        yield event_row(order, order.facts, bought=order.bought).serialize()
        yield _head_row(order, head_of(order, now)).serialize()


def _order(item: OpenItem, at: datetime) -> Order:
    number, invoice = item.references
    line = LineItem(
        id="1", sku="SKU-1", name="A thing", quantity=1, unit_price=item.outstanding,
        total=item.outstanding, tax=item.outstanding, tax_rate=Decimal(19),
    )  # fmt: skip
    who = Address(
        name=item.names[0], street="Lindenallee 5", zip="50667", city="Köln", country="DE"
    )
    bought = Bought(
        connection_id="shop", external_id=number, number=number, placed_at=at, modified_at=at,
        currency=item.outstanding.currency, total=item.outstanding, prices_include_tax=True,
        lines=(line,), billing=who, shipping=who, email=item.customer,
    )  # fmt: skip
    issued = events.DocumentIssued(
        at=at, kind="invoice", number=invoice, issued_on=at.date(), key=invoice, sha256=invoice
    )
    received = events.OrderReceived(
        at=at, delivery_id=number, policy=events.Policy(), access_token=number
    )
    empty = Order(merchant_id=MERCHANT, id=item.order_id, bought=bought)
    return empty.plus([received, events.OrderAccepted(at=at), issued])


def _head_row(order: Order, head: Head) -> OrderRow:
    return OrderRow(
        key_of(order.merchant_id, order.id), "HEAD", list=f"{MERCHANT}#{head.worklist}",
        since=head.since, merchant=MERCHANT, number=head.number, summary=head.summary,
        version=head.version, merchant_open=MERCHANT, wake_at=head.since,
    )  # fmt: skip


def statement(bookings: Iterable[Booking]) -> bytes:
    """Write transactions as camt.053.001.08."""
    entries = "".join(map(_entry, bookings))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        f"<Stmt><Id>1</Id><Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>EUR</Ccy></Acct>{entries}"
        "</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _entry(booking: Booking) -> str:
    one = booking.transaction
    texts = "".join(f"<Ustrd>{escape(piece)}</Ustrd>" for piece in one.pieces)
    account = f"<DbtrAcct><Id><IBAN>{one.iban}</IBAN></Id></DbtrAcct>" if one.iban else ""
    return (
        f'<Ntry><Amt Ccy="EUR">{one.amount.amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{one.booked_on}</Dt></BookgDt>"
        f"<ValDt><Dt>{one.value_on}</Dt></ValDt><AcctSvcrRef>NONREF</AcctSvcrRef>"
        "<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties>"
        f"<Dbtr><Pty><Nm>{escape(one.name)}</Nm></Pty></Dbtr>{account}</RltdPties>"
        f"<RmtInf>{texts}</RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def _start(caller: Caller, file: bytes) -> str:
    place = caller.post("/v1/uploads", {"bytes": len(file)})
    put = urllib.request.Request(place["url"], data=file, method="PUT", headers=place["headers"])
    urllib.request.urlopen(put, timeout=60).close()
    path = f"/v1/bank-statements?upload_id={place['upload_id']}"
    headers = {"Authorization": f"Bearer {caller.token}", "Content-Type": "application/xml"}
    status, answer = caller.send("POST", path, b"", headers)
    if status != CREATED:
        raise RefusedError(path, status, answer.decode())
    return str(json.loads(answer)["id"])


def _finish(caller: Caller, job_id: str, until: float) -> tuple[dict[str, Any], int]:
    """Wait for the job; returns it, and how many different counts of done entries were seen."""
    seen: set[int] = set()
    job: dict[str, Any] = {"state": "waiting"}
    while job["state"] not in {"done", "failed"} and time.monotonic() < until:
        job = caller.get(f"/v1/jobs/{job_id}")
        seen.add(job["done"])
        time.sleep(PAUSE)
    if job["state"] != "done":
        raise RefusedError(job_id, job["state"], str(job.get("reason")))
    return job, len(seen)
